#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ./dev fmt: the C++ in the house style, what the kernel compiles in the kernel's.
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/lib.sh"
verb=fmt

usage() {
  cat <<END
Usage: ./dev fmt [--check]

Formats the sources: C++ by .clang-format; BPF programs and wire headers by bpf/.clang-format.

  --check   change nothing; say what is not formatted and fail

Example: ./dev fmt --check
END
}

mode=(-i)
case ${1:-} in
'') ;;
--check) mode=(--dry-run --Werror) ;;
--help | -h) usage && exit ;;
*) usage_error "fmt: unknown argument '$1'" ;;
esac

"$root/tools/dev/setup.sh" --quiet
cd "$root"

# sources PATHSPEC...: files that git has or would take, and that are there.
sources() { git ls-files -z --cached --others --exclude-standard --deduplicate -- "$@"; }

# A room's wire structs stand in NAME/NAME.h. clang-format sees C++ in all of them, so that it is
# told which style by their place.
kernel_side=('bpf/**.c' 'bpf/**.h' '*.bpf.c' '*.bpf.h')
for room in subsystems/*/; do
  room=$(basename "$room")
  kernel_side+=("subsystems/$room/$room.h")
done

mapfile -d '' kernel_files < <(sources "${kernel_side[@]}")
mapfile -d '' house_files < <(sources '*.cpp' '*.h' "${kernel_side[@]/#/:(exclude)}")

status=0
if ((${#kernel_files[@]})); then
  clang-format-19 "${mode[@]}" --style=file:bpf/.clang-format "${kernel_files[@]}" || status=1
fi
if ((${#house_files[@]})); then
  clang-format-19 "${mode[@]}" --style=file:.clang-format "${house_files[@]}" || status=1
fi
exit "$status"
