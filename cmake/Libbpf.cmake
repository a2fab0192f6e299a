# SPDX-License-Identifier: Apache-2.0
# gancho::libbpf   libbpf >= 1.5, static: two libbpf in one process crash, so ours stays private
# BPFTOOL          bpftool of the same source
# VERISTAT         veristat of the same source; empty where the system's libbpf is used
#
# The script builds them into the user's cache when neither the system nor the cache has them.
execute_process(
  COMMAND ${CMAKE_SOURCE_DIR}/tools/dev/libbpf.sh
  OUTPUT_VARIABLE libbpf_prefix
  OUTPUT_STRIP_TRAILING_WHITESPACE
  COMMAND_ERROR_IS_FATAL ANY)

set(BPFTOOL ${libbpf_prefix}/bin/bpftool)
set(VERISTAT ${libbpf_prefix}/bin/veristat)
if(NOT EXISTS ${VERISTAT})
  set(VERISTAT "")
endif()
message(STATUS "libbpf: ${libbpf_prefix}")

find_package(PkgConfig REQUIRED)
pkg_check_modules(libelf REQUIRED IMPORTED_TARGET libelf)
pkg_check_modules(zlib REQUIRED IMPORTED_TARGET zlib)

add_library(gancho::libbpf STATIC IMPORTED GLOBAL)
set_target_properties(gancho::libbpf PROPERTIES
  IMPORTED_LOCATION ${libbpf_prefix}/lib/libbpf.a
  INTERFACE_INCLUDE_DIRECTORIES ${libbpf_prefix}/include
  INTERFACE_LINK_LIBRARIES "PkgConfig::libelf;PkgConfig::zlib")
