#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ./dev test: the test ladder, by ctest.
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/lib.sh"
verb='test'

usage() {
  cat <<END
Usage: ./dev test [--all|--sanitize] [-R REGEX] [--preset NAME]

Builds, then runs the tests: those without a kernel first, those in the virtual machine too.

  --sanitize      instead of that: the tests without a kernel under AddressSanitizer and
                  UndefinedBehaviorSanitizer, then those with threads under ThreadSanitizer
  --all           both, the rest under ThreadSanitizer too, the fuzzers briefly, and the tests that
                  take long
  -R REGEX        only the tests whose name matches
  --preset NAME   which build (release)

Example: ./dev test -R recording
END
}

all='' sanitize='' regex='' preset=release
while (($#)); do
  case $1 in
  --help | -h) usage && exit ;;
  --all) all=yes sanitize=yes && shift ;;
  --sanitize) sanitize=yes && shift ;;
  -R) regex=$(value "$@"); shift 2 ;;
  --preset) preset=$(value "$@"); shift 2 ;;
  *) usage_error "test: unknown argument '$1'" ;;
  esac
done

# run_tests PRESET TARGET [CTEST-OPTION...]: what TARGET builds is what the options select.
run_tests() {
  build "$1" "$2"
  ctest --test-dir "$(build_directory "$1")" --output-on-failure --no-tests=error \
    --parallel "$(nproc)" ${regex:+-R "$regex"} "${@:3}"
}

# The first rung that breaks ends it, with ctest's summary of that rung.
if [[ $sanitize ]]; then
  run_tests asan unit_tests -L '^unit$'
  if [[ $all ]]; then
    run_tests tsan unit_tests -L '^unit$'
  else
    run_tests tsan thread_tests -L '^threads$'
  fi
  [[ $all ]] || exit 0
  run_tests fuzz all
fi
if [[ $all ]]; then
  run_tests "$preset" all
else
  run_tests "$preset" all -LE '^long$'
fi
