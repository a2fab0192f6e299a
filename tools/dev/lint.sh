#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ./dev lint: static analysis of the C++ and of the shell.
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/lib.sh"
verb=lint

usage() {
  cat <<END
Usage: ./dev lint [--deep] [REGEX]

Runs clang-tidy (.clang-tidy) over the C++ and shellcheck over the shell files. Each warning is an
error.

  --deep  each file by itself, also by clang's analyzer, and the tests and benchmarks: some ten times as long
  REGEX   only the C++ files whose path matches, each by itself; no shell

Example: ./dev lint src/event/
END
}

deep=''
if [[ ${1:-} == --deep ]]; then deep=yes && shift; fi
case ${1:-} in
--help | -h) usage && exit ;;
-*) usage_error "lint: unknown option '$1'" ;;
esac
only=${1:-}

cd "$root"
"$root/tools/dev/setup.sh" --quiet

# Shell files are told by their first line: most have no suffix to go by.
shell_files() {
  git ls-files --cached --others --exclude-standard --deduplicate |
    while read -r file; do
      if [[ -f $file ]] && head -n 1 "$file" | grep -qaE '^#!.*\b(ba|da)?sh\b|^# shellcheck shell='; then
        printf '%s\n' "$file"
      fi
    done
}
if [[ -z $only ]]; then
  say "lint: shellcheck"
  mapfile -t files < <(shell_files)
  shellcheck --severity=warning --external-sources --source-path=SCRIPTDIR "${files[@]}"
fi

# What is generated has to be there before clang can parse who includes it.
directory=$(build_directory tidy)
configure tidy
say "lint: clang-tidy"
mapfile -t generated < <(ninja -C "$directory" -t targets all | sed -n 's/^\([^:]*_skel_files\): phony$/\1/p')
((${#generated[@]} == 0)) || ninja -C "$directory" "${generated[@]}" >&2
folders='src|subsystems' no_analyzer='-checks=-clang-analyzer-*'
if [[ $deep ]]; then folders='src|subsystems|tests|bench'; fi
which="^(?=$root/($folders)/)(?=.*(?:$only))"
status=0
tidy() { run-clang-tidy-19 -quiet -p "$directory" -j "$(nproc)" "$@" || status=1; }
if [[ $deep ]]; then
  tidy "$which.*(?<!_test)\.cpp$"
  # GoogleTest's macros give the analyzer nothing to find.
  tidy "$no_analyzer" "$which.*_test\.cpp$"
elif [[ $only ]]; then
  tidy "$no_analyzer" "$which.*(?<!_test)\.cpp$"
else
  tools/dev/tidy.py -p "$directory" --config .clang-tidy "$which.*(?<!_test)\.cpp$" -- "$no_analyzer" || status=1
fi
exit "$status"
