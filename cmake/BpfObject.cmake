# SPDX-License-Identifier: Apache-2.0
# add_bpf_skeleton(NAME SOURCE file.bpf.c [INCLUDES dir...] [DEPENDS file-or-target...])
#
# Compiles a BPF object and wraps it for user space. Gives
#   NAME_skel                      target to link: <NAME.skel.h> and libbpf
#   generated/skel/NAME.bpf.o      the object, for veristat and for tests that compare BTF
#   generated/skel/NAME.skel.h     the skeleton; its types are called NAME_bpf

find_program(BPF_CLANG clang-19 REQUIRED)

if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
  set(bpf_target_arch arm64)
else()
  set(bpf_target_arch x86)
endif()

function(add_bpf_skeleton name)
  cmake_parse_arguments(ARG "" "SOURCE" "INCLUDES;DEPENDS" ${ARGN})
  get_filename_component(source ${ARG_SOURCE} ABSOLUTE)

  # Ours are -I and must be clean of warnings; libbpf's and the generated ones are -isystem.
  set(includes "")
  foreach(directory IN LISTS ARG_INCLUDES)
    get_filename_component(directory ${directory} ABSOLUTE)
    list(APPEND includes -I${directory})
  endforeach()
  list(APPEND includes -isystem ${CMAKE_BINARY_DIR}/generated
                       -isystem $<TARGET_PROPERTY:gancho::libbpf,INTERFACE_INCLUDE_DIRECTORIES>)

  set(directory ${CMAKE_BINARY_DIR}/generated/skel)
  set(object ${directory}/${name}.bpf.o)
  set(skeleton ${directory}/${name}.skel.h)
  file(MAKE_DIRECTORY ${directory})

  # -g is for BTF.
  add_custom_command(
    OUTPUT ${object}
    COMMAND ${CMAKE_SOURCE_DIR}/tools/dev/bpf_object.sh ${object} ${CMAKE_BINARY_DIR} ${BPF_CLANG} -target bpf -mcpu=v3 -O2 -g -D__TARGET_ARCH_${bpf_target_arch}
            -Wall -Wextra -Wno-unused-parameter -Werror ${includes}
            -MD -MF ${object}.d -MT ${object} ${source}
    DEPENDS ${source} ${ARG_DEPENDS} vmlinux_h ${CMAKE_BINARY_DIR}/generated/vmlinux.h
    DEPFILE ${object}.d
    COMMAND_EXPAND_LISTS
    COMMENT "Compiling ${name}.bpf.o")
  add_custom_command(
    OUTPUT ${skeleton}
    COMMAND ${BPFTOOL} gen skeleton ${object} name ${name}_bpf > ${skeleton}
    DEPENDS ${object}
    COMMENT "Writing ${name}.skel.h")
  add_custom_target(${name}_skel_files DEPENDS ${skeleton})

  add_library(${name}_skel INTERFACE)
  add_dependencies(${name}_skel ${name}_skel_files)
  target_include_directories(${name}_skel SYSTEM INTERFACE ${directory})
  target_link_libraries(${name}_skel INTERFACE gancho::libbpf)
endfunction()
