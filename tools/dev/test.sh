#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ./dev test: the test ladder, by ctest.
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/lib.sh"
verb='test'

usage() {
  cat <<END
Usage: ./dev test [--all] [-R REGEX] [--preset NAME]

Builds, then runs the tests: those without a kernel first, those in the virtual machine too.

  --all           also the long ones, the unit tests under the sanitizers, and the fuzzers briefly
  -R REGEX        only the tests whose name matches
  --preset NAME   which build (release)

Example: ./dev test -R recording
END
}

all='' regex='' preset=release
while (($#)); do
  case $1 in
  --help | -h) usage && exit ;;
  --all) all=yes && shift ;;
  -R) regex=$(value "$@"); shift 2 ;;
  --preset) preset=$(value "$@"); shift 2 ;;
  *) usage_error "test: unknown argument '$1'" ;;
  esac
done

# run_tests PRESET [CTEST-OPTION...]
run_tests() {
  local preset=$1
  shift
  build "$preset"
  ctest --test-dir "$(build_directory "$preset")" --output-on-failure --no-tests=error \
    --parallel "$(nproc)" ${regex:+-R "$regex"} "$@"
}

# The first rung that breaks ends it, with ctest's summary of that rung.
if [[ $all ]]; then
  for sanitizer in asan tsan; do
    run_tests "$sanitizer" -L '^unit$'
  done
  run_tests fuzz
  run_tests "$preset"
else
  run_tests "$preset" -LE '^long$'
fi
