# SPDX-License-Identifier: Apache-2.0
# gancho::sanitizers   for everything of ours: what GANCHO_SANITIZE and GANCHO_FUZZ ask for, or nothing
# gancho::fuzzer       for a fuzz target: libFuzzer's main() and its engine
set(GANCHO_SANITIZE "" CACHE STRING "Sanitizers: 'address,undefined' or 'thread'")
option(GANCHO_FUZZ "Build the fuzzers (clang only)" OFF)

add_library(gancho_sanitizers INTERFACE)
add_library(gancho::sanitizers ALIAS gancho_sanitizers)

if(GANCHO_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "GANCHO_FUZZ needs clang++-19: use `./dev build --preset fuzz`")
  endif()
  # Coverage for the whole program; main() only where gancho::fuzzer is linked.
  set(sanitize fuzzer-no-link,address,undefined)
  add_library(gancho_fuzzer INTERFACE)
  add_library(gancho::fuzzer ALIAS gancho_fuzzer)
  target_link_options(gancho_fuzzer INTERFACE -fsanitize=fuzzer)
else()
  set(sanitize ${GANCHO_SANITIZE})
endif()

if(sanitize)
  # vptr: before it looks at an object it asks the kernel, through a pipe, whether it may, and our sandbox has none.
  set(flags -fsanitize=${sanitize} -fno-sanitize=vptr -fno-sanitize-recover=all)
  target_compile_options(gancho_sanitizers INTERFACE ${flags} -fno-omit-frame-pointer)
  target_link_options(gancho_sanitizers INTERFACE ${flags})
endif()
