#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ./dev bench: measures the release build.
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/lib.sh"

usage() {
  cat <<END
Usage: ./dev bench [NAME]

Builds the release and measures it: all that bench/ measures, or what NAME says.

Example: ./dev bench
END
}

case ${1:-} in
--help | -h) usage && exit ;;
esac
build release >&2
exec "$root/bench/run" "$@"
