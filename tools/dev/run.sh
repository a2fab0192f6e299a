#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ./dev run: from a clean clone to a running agent.
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/lib.sh"

usage() {
  cat <<END
Usage: ./dev run [ARG...]

Builds the agent and runs it as root with these arguments. Without any: says what this kernel
offers (gancho check), then shows each program as it is executed (gancho watch exec).

Example: ./dev run check
END
}

case ${1:-} in
--help | -h) usage && exit ;;
esac

build release gancho >&2
gancho=("$root/build/gancho")
((EUID == 0)) || gancho=(sudo -- "${gancho[@]}")

if (($#)); then
  exec "${gancho[@]}" "$@"
fi

# Status 1 says that something is missing on this kernel, which is worth knowing and no obstacle.
status=0
"${gancho[@]}" check || status=$?
((status <= 1)) || exit "$status"
exec "${gancho[@]}" watch exec
