# SPDX-License-Identifier: Apache-2.0
# One program: fills the hook's arguments and calls each room's half.
function(write_program into name section point filler rooms)
  set(halves "")
  foreach(room IN LISTS rooms)
    string(APPEND halves "\t${room}__${point}(&hook);\n")
  endforeach()
  string(APPEND ${into} "
SEC(\"${section}\")
int ${name}(__u64 *ctx)
{
	struct hook_${point} hook\;

	if (!fill_${filler}(ctx, &hook))
		return 0\;
${halves}
#ifdef hook_${point}_result
	return hook_${point}_result(&hook)\;
#else
	return 0\;
#endif
}
")
  set(${into} "${${into}}" PARENT_SCOPE)
endfunction()

# compose_hooks(LIST hooks.list OUTPUT gancho.bpf.c FUNCTIONS probe_functions.h POINTS probe_points.h)
#
# Writes the one BPF source of the agent: for each line of the list a program that fills the hook's
# arguments once and calls each room's half of it. It returns 0, or hook_POINT_result(&hook) where the
# point's header defines that. Runs when the list changes.
#
# Lines of the kind syscall are probes at the entry and at the return of a system call, by whichever table it
# came: their target is the call's name, their POINTs are syscall_enter and syscall_return. Those of the kind
# retsyscall are at the return only.
#
# The target * of these kinds is functions that are named to the object when it is attached
# (load/call_functions.h): one line for each kind at most.
#
# Lines of the kinds probe and retprobe share one program for each POINT, which is told by a number
# which function it was called for: FUNCTIONS (C, both sides) numbers them, POINTS (C++) says which
# program is attached where.
function(compose_hooks)
  cmake_parse_arguments(ARG "" "LIST;OUTPUT;FUNCTIONS;POINTS" "" ${ARGN})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${ARG_LIST})
  file(STRINGS ${ARG_LIST} lines REGEX "^[^#]")

  set(points "")
  set(rooms "")
  set(programs "")
  set(shared "") # programs of probes, written once
  set(functions "")
  set(probe_points "")
  foreach(line IN LISTS lines)
    if(NOT line MATCHES "^([a-z_]+) ([A-Za-z0-9_/]+|[*])( as ([a-z0-9_]+))?: ([a-z ]+)$")
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
    list(APPEND rooms ${line_rooms})
    if(kind MATCHES "^(ret)?syscall$")
      set(sides retprobe__syscall_return)
      if(kind STREQUAL syscall)
        list(APPEND sides probe__syscall_enter)
        list(APPEND rooms_of_syscall_enter ${line_rooms})
      endif()
      list(APPEND functions sys_${name})
      foreach(entry x64_sys ia32_sys ia32_compat_sys)
        foreach(side IN LISTS sides)
          string(APPEND probe_points "    {\"${kind}__${name}\", \"${side}\", \"__${entry}_${name}\", PROBE_sys_${name}, true},\n")
        endforeach()
      endforeach()
      list(APPEND rooms_of_syscall_return ${line_rooms})
      continue()
    endif()
    list(APPEND points ${point})

    string(REGEX REPLACE "_s$" ".s" section ${kind}) # sleepable; a name has no dots
    string(APPEND section /${target})
    if(kind MATCHES "^(ret)?probe$")
      if(target STREQUAL "*")
        string(APPEND probe_points "    {\"${kind}__*\", \"${kind}__${point}\", nullptr, 0, false},\n")
      else()
        list(APPEND functions ${name})
        string(APPEND probe_points "    {\"${kind}__${name}\", \"${kind}__${point}\", \"${name}\", PROBE_${name}, false},\n")
      endif()
      list(APPEND shared ${kind}__${point})
      list(APPEND rooms_of_${point} ${line_rooms})
      continue()
    endif()
    write_program(programs ${kind}__${name} ${section} ${point} ${name} "${line_rooms}")
  endforeach()

  if(rooms_of_syscall_enter)
    list(APPEND shared probe__syscall_enter retprobe__syscall_return)
    list(APPEND points syscall_enter syscall_return)
  endif()
  list(REMOVE_DUPLICATES shared)
  foreach(program IN LISTS shared)
    string(REGEX REPLACE "^.*probe__" "" point ${program})
    string(REGEX REPLACE "probe__.*$" "kprobe.multi" section ${program})
    string(REPLACE retk kret section ${section})
    list(REMOVE_DUPLICATES rooms_of_${point})
    write_program(programs ${program} ${section} ${point} ${point} "${rooms_of_${point}}")
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

  list(REMOVE_DUPLICATES functions)
  list(TRANSFORM functions PREPEND "\tPROBE_")
  list(JOIN functions ",\n" functions)
  set(note "Composed from hooks.list by cmake/Hooks.cmake.")
  file(CONFIGURE OUTPUT ${ARG_FUNCTIONS} @ONLY
       CONTENT "/* ${note} */\n#pragma once\n\nenum probe_function {\n${functions},\n};\n")
  file(CONFIGURE OUTPUT ${ARG_POINTS} @ONLY
       CONTENT "// ${note}\n#pragma once\n
#include \"load/probe_point.h\"\n#include \"probe_functions.h\"\n
namespace gancho {
inline constexpr ProbePoint k_probe_points[] = {\n${probe_points}};
}  // namespace gancho\n")
endfunction()
