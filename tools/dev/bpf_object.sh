#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# bpf_object.sh OBJECT TREE COMPILER ARG...: what the compiler makes of it, without DWARF, for a build in TREE.
#
# The trees of all presets have the same objects, the agent's takes half a minute, and what waits for its skeleton
# waits for one processor: an object is compiled once and kept in the cache by its preprocessed text.
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/lib.sh"

object=$1 tree=$2
shift 2
"$@" -E -o "$object.i" # writes the dependencies, too
key=$({
  "$1" --version
  printf '%s\n' "${@:2}"
  cat "$object.i"
} | sed "s#$tree/##g" | sha256sum)
kept=$cache/bpf/${key%% *}.o
rm "$object.i"

if [[ ! -e $kept ]]; then
  mkdir -p "$cache/bpf"
  find "$cache/bpf" -type f -mtime +14 -delete
  "$@" -c -o "$object"
  llvm-strip-19 -g "$object" # DWARF came with BTF, and makes the skeleton twenty times as big
  cp "$object" "$kept.$$"
  mv "$kept.$$" "$kept"
fi
cp "$kept" "$object"
