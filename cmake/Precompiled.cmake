# SPDX-License-Identifier: Apache-2.0
# gancho::precompiled        link it where gancho_precompile(TARGET library) is called
# gancho::precompiled_tests  the same for test programs: gancho_precompile(TARGET tests)
#
# Headers of others that most files take, parsed once instead of five hundred times. CI builds so, for it starts from
# nothing (.ci/run sets the variable in the environment). Elsewhere it is off: a file has no more than what it includes
# there, and ccache knows it by its text.
option(GANCHO_PCH "Precompile the headers of others" $ENV{GANCHO_PCH})

# What a precompiled header sees has to be the same for all who take it: definitions, and -pthread, which re2 asks for.
add_library(gancho_precompiled INTERFACE)
add_library(gancho::precompiled ALIAS gancho_precompiled)
add_library(gancho_precompiled_tests INTERFACE)
add_library(gancho::precompiled_tests ALIAS gancho_precompiled_tests)
target_link_libraries(gancho_precompiled_tests INTERFACE gancho::precompiled)
if(GANCHO_PCH)
  # GCC 12 takes texts that were put together for out of bounds, and forgets that it says so of the library's own
  # header when that is precompiled (bugs 105329, 105651). Builds without it keep these warnings.
  target_compile_options(gancho_precompiled INTERFACE -pthread
    $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds;-Wno-restrict;-Wno-stringop-overflow;-Wno-stringop-overread>)
  target_compile_definitions(gancho_precompiled INTERFACE
    $<TARGET_PROPERTY:fmt::fmt,INTERFACE_COMPILE_DEFINITIONS>
    $<TARGET_PROPERTY:Boost::json,INTERFACE_COMPILE_DEFINITIONS>)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/precompiled.cpp CONTENT "")
endif()

# add_precompiled(NAME target...): what a file that links the targets may take.
function(add_precompiled name)
  if(GANCHO_PCH)
    add_library(${name} OBJECT ${CMAKE_BINARY_DIR}/precompiled.cpp)
    target_link_libraries(${name} PRIVATE ${ARGN} gancho::sanitizers)
    target_precompile_headers(${name} PRIVATE
      <algorithm> <array> <cerrno> <charconv> <chrono> <cstdint> <cstring> <expected> <functional> <map> <memory>
      <optional> <set> <span> <sstream> <stdexcept> <string> <string_view> <unordered_map> <utility> <vector>
      <fmt/format.h>)
  endif()
endfunction()

add_precompiled(precompiled_library gancho::precompiled fmt::fmt)
if(NOT GANCHO_FUZZ)
  add_precompiled(precompiled_tests gancho::precompiled_tests gancho::test_code fmt::fmt Boost::json GTest::gtest
                  GTest::gmock)
  if(GANCHO_PCH)
    target_precompile_headers(precompiled_tests PRIVATE <filesystem> <fstream> <thread> <boost/json.hpp>
                                                        <gmock/gmock.h> <gtest/gtest.h>)
  endif()
endif()

# gancho_precompile(TARGET library|tests)
function(gancho_precompile target kind)
  if(GANCHO_PCH)
    target_precompile_headers(${target} REUSE_FROM precompiled_${kind})
  endif()
endfunction()
