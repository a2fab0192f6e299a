# SPDX-License-Identifier: Apache-2.0
# vmlinux_h   target that writes generated/vmlinux.h, the kernel's own types as one C header
#
# They are those of a distribution's full kernel, never of the kernel that happens to run on the
# build machine: CO-RE needs a field to exist here before it can find it on the target, and the same
# source must give the same program everywhere.
#
# A type that lives in a module is not in it. Should one be needed: decompress the module from the
# cached kernel's lib/modules and run `bpftool -B vmlinux btf dump file MODULE.ko format c` on it.
execute_process(
  COMMAND ${CMAKE_SOURCE_DIR}/tools/dev/kernel.sh 6.12
  OUTPUT_VARIABLE kernel
  OUTPUT_STRIP_TRAILING_WHITESPACE
  COMMAND_ERROR_IS_FATAL ANY)

set(vmlinux_h ${CMAKE_BINARY_DIR}/generated/vmlinux.h)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/generated)

add_custom_command(
  OUTPUT ${vmlinux_h}
  COMMAND ${BPFTOOL} btf dump file ${kernel}/vmlinux format c > ${vmlinux_h}
  DEPENDS ${BPFTOOL} ${kernel}/vmlinux
  COMMENT "Writing vmlinux.h from the BTF of Debian's 6.12")

add_custom_target(vmlinux_h DEPENDS ${vmlinux_h})
