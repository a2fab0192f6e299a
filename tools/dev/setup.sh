#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ./dev setup: installs what tools/dev/packages lists and this machine lacks.
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/lib.sh"
verb=setup

usage() {
  cat <<END
Usage: ./dev setup [--quiet]

Installs the Debian packages that the build and the tests need and that are missing; says which.
The other verbs do this by themselves. (Kernels and libbpf are fetched by who first needs them.)

  --quiet   say nothing when nothing is missing

Example: ./dev setup
END
}

quiet=''
case ${1:-} in
'') ;;
--quiet) quiet=yes ;;
--help | -h) usage && exit ;;
*) usage_error "setup: unknown argument '$1'" ;;
esac

mapfile -t needed < <(sed -E 's/#.*//; s/[[:space:]].*//; /^$/d' "$root/tools/dev/packages")

# Asks dpkg, not apt: this runs before every build.
missing_packages() {
  local installed
  installed=$(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' "${needed[@]}" 2>/dev/null |
    sed -n 's/^ii //p') || :
  comm -23 <(printf '%s\n' "${needed[@]}" | sort) <(sort <<<"$installed")
}

mapfile -t missing < <(missing_packages)
if ((${#missing[@]} == 0)); then
  [[ -n $quiet ]] || say "setup: nothing is missing"
  exit
fi

for package in "${missing[@]}"; do
  in_lists "$package" || refresh_package_lists
  in_lists "$package" || die "no package '$package' in this machine's apt sources"
done

say "setup: installing ${missing[*]}"
install_missing() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
    -o DPkg::Lock::Timeout=300 install "${missing[@]}" </dev/null >"$cache/setup.log" 2>&1
}
install_missing || { refresh_package_lists && install_missing; } || {
  tail -n 15 "$cache/setup.log" >&2
  die "apt-get could not install them; all that it said: $cache/setup.log"
}
