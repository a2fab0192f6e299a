# SPDX-License-Identifier: Apache-2.0
# The two kinds of target that the house is made of, so that a folder's CMakeLists.txt says only what
# is in the folder. Includes are written from src/ ("base/fd.h"), subsystems/ ("process/process.h")
# and bpf/ ("wire/event.h").

# gancho_library(NAME SOURCES file... [DEPENDS target...])
function(gancho_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/subsystems
                                            ${CMAKE_SOURCE_DIR}/bpf)
  target_link_libraries(${name} PUBLIC ${ARG_DEPENDS} gancho::sanitizers
                                PRIVATE gancho::warnings gancho::precompiled)
  gancho_precompile(${name} library)
endfunction()

# What `./dev test` needs where no virtual machine is started; and of it what starts threads.
add_custom_target(unit_tests)
add_custom_target(thread_tests)

# gancho_test(NAME SOURCES file... [DEPENDS target...] [LABELS label...])
# A GoogleTest program that needs neither root nor a kernel of its own. Labelled "threads", it runs under
# ThreadSanitizer each time, the others with `./dev test --all` only.
function(gancho_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;LABELS" ${ARGN})
  if(GANCHO_FUZZ)
    return()
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests) # "support/record_builder.h"
  target_link_libraries(${name} PRIVATE ${ARG_DEPENDS} GTest::gtest_main GTest::gmock gancho::test_code
                                        gancho::precompiled_tests gancho::warnings gancho::sanitizers)
  gancho_precompile(${name} tests)
  add_dependencies(unit_tests ${name})
  if("threads" IN_LIST ARG_LABELS)
    add_dependencies(thread_tests ${name})
  endif()
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "unit;${ARG_LABELS}" TIMEOUT 300)
endfunction()
