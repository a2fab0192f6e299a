# SPDX-License-Identifier: Apache-2.0
# gancho::warnings   what we ask of our own C++; link it PRIVATE
#
# Errors in the dev preset and in CI only (.ci/run sets the variable in the environment), so that a
# newer compiler's new warning does not stop a user who builds an old release.
# No -Wpedantic: TRY() is a statement expression.
option(GANCHO_WERROR "Treat warnings as errors" $ENV{GANCHO_WERROR})

add_library(gancho_warnings INTERFACE)
add_library(gancho::warnings ALIAS gancho_warnings)
target_compile_options(gancho_warnings INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wformat=2 -Wundef -Wcast-qual
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual -Wextra-semi>
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wlogical-op>
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>
  $<$<BOOL:${GANCHO_WERROR}>:-Werror>)
