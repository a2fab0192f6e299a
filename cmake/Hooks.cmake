# SPDX-License-Identifier: Apache-2.0
# compose_hooks(LIST hooks.list OUTPUT gancho.bpf.c)
#
# Writes the one BPF source of the agent: for each line of the list a program that fills the hook's
# arguments once and calls each room's half of it. It returns 0, or hook_POINT_result(&hook) where the
# point's header (bpf/hooks/POINT.h beside the list) defines that. Runs when the list changes.
function(compose_hooks)
  cmake_parse_arguments(ARG "" "LIST;OUTPUT" "" ${ARGN})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${ARG_LIST})
  file(STRINGS ${ARG_LIST} lines REGEX "^[^#]")

  set(points "")
  set(rooms "")
  set(programs "")
  foreach(line IN LISTS lines)
    if(NOT line MATCHES "^([a-z_]+) ([A-Za-z0-9_/]+)( as ([a-z0-9_]+))?: ([a-z ]+)$")
      message(FATAL_ERROR "${ARG_LIST}: not of the form \"KIND TARGET [as POINT]: ROOM...\": ${line}")
    endif()
    set(kind ${CMAKE_MATCH_1})
    set(target ${CMAKE_MATCH_2})
    set(point "${CMAKE_MATCH_4}")
    string(REPLACE " " ";" line_rooms "${CMAKE_MATCH_5}")
    get_filename_component(name ${target} NAME)
    if(NOT point)
      set(point ${name})
    endif()
    string(REGEX REPLACE "_s$" ".s" section ${kind}) # sleepable; a name has no dots
    list(APPEND points ${point})
    list(APPEND rooms ${line_rooms})

    cmake_path(GET ARG_LIST PARENT_PATH root)
    set(header ${root}/bpf/hooks/${point}.h)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${header})
    file(STRINGS ${header} defines REGEX "define hook_${point}_result\\(")
    set(result 0)
    if(defines)
      set(result "hook_${point}_result(&hook)")
    endif()
    set(halves "")
    foreach(room IN LISTS line_rooms)
      string(APPEND halves "\t${room}__${point}(&hook);\n")
    endforeach()
    string(APPEND programs "
SEC(\"${section}/${target}\")
int ${kind}__${name}(__u64 *ctx)
{
	struct hook_${point} hook\;

	if (!fill_${name}(ctx, &hook))
		return 0\;
${halves}	return ${result}\;
}
")
  endforeach()

  list(REMOVE_DUPLICATES points)
  list(REMOVE_DUPLICATES rooms)
  set(source "/* Composed from hooks.list by cmake/Hooks.cmake. */\n#include \"core.bpf.h\"\n")
  foreach(point IN LISTS points)
    string(APPEND source "#include \"hooks/${point}.h\"\n")
  endforeach()
  foreach(room IN LISTS rooms)
    string(APPEND source "#include \"${room}/${room}.bpf.h\"\n")
  endforeach()
  string(APPEND source "\nchar LICENSE[] SEC(\"license\") = \"Dual BSD/GPL\"\;\n${programs}")
  string(REPLACE "\\;" ";" source "${source}")
  file(CONFIGURE OUTPUT ${ARG_OUTPUT} CONTENT "${source}" @ONLY)
endfunction()
