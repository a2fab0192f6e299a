#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ./dev clean: removes what the other verbs made.
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/lib.sh"
verb=clean

usage() {
  cat <<END
Usage: ./dev clean [--cache]

Removes the build trees.

  --cache   also the kernels, libbpf, BPF objects and consoles in $cache

Example: ./dev clean
END
}

rubbish=("$root"/build "$root"/build-*)
case ${1:-} in
'') ;;
--cache) rubbish+=("$cache") ;;
--help | -h) usage && exit ;;
*) usage_error "clean: unknown argument '$1'" ;;
esac
rm -rf "${rubbish[@]}"
