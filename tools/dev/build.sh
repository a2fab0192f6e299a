#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ./dev build: configures when needed, then builds.
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/lib.sh"
verb=build

usage() {
  cat <<END
Usage: ./dev build [--preset NAME] [TARGET...]

Builds the agent and its tests; installs what is missing first.

  --preset release   what is shipped, in build/ (default)
           dev       for the debugger, warnings are errors
           asan      with AddressSanitizer and UndefinedBehaviorSanitizer
           tsan      with ThreadSanitizer
           tidy      with clang, for clang-tidy
           fuzz      the fuzzers
                     (each in build-NAME/)

Example: ./dev build --preset asan
END
}

preset=release
while (($#)); do
  case $1 in
  --help | -h) usage && exit ;;
  --preset) preset=$(value "$@"); shift 2 ;;
  -*) usage_error "build: unknown option '$1'" ;;
  *) break ;;
  esac
done
build "$preset" "$@"
