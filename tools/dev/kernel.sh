#!/usr/bin/env bash
# Prints the directory of one of Debian's kernels, 6.1 or 6.12, downloaded once and never installed:
#   vmlinux       uncompressed, with its BTF: what the virtual machine boots, what vmlinux.h is made of
#   release       what `uname -r` says in it
#   config        how it was configured
#   lib/modules/  its modules, indexed by depmod
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/lib.sh"

series=${1:?6.1 or 6.12}
case $series in
6.1) metapackage=linux-image-amd64 ;; # Debian 12's own
6.12) metapackage=linux-image-6.12-amd64 ;;
*) die "no kernel '$series': there are 6.1 and 6.12" ;;
esac
directory=$cache/kernels/$series

# image_package: the package with the newest concrete kernel that the metapackage stands for.
image_package() {
  in_lists "$metapackage" || refresh_package_lists
  apt-cache show --no-all-versions "$metapackage" 2>/dev/null |
    sed -n 's/^Depends: \(linux-image-[^ ,]*\).*/\1/p' | head -n 1
}

# number OFFSET SIZE FILE: a little-endian number in a file.
number() { od -An -tu"$2" -j"$1" -N"$2" "$3" | tr -d ' '; }

# unpack_vmlinuz FILE: the ELF image in a bzImage. Where it lies stands in the header
# (Documentation/arch/x86/boot.rst); its last four bytes are its size, which is not ours to unpack.
unpack_vmlinuz() {
  local sectors offset length magic unpack
  sectors=$(number 0x1f1 1 "$1")
  offset=$(((sectors + 1) * 512 + $(number 0x248 4 "$1")))
  length=$(($(number 0x24c 4 "$1") - 4))
  magic=$(od -An -tx1 -j"$offset" -N4 "$1" | tr -d ' ')
  case $magic in
  fd377a58) unpack='xz -dc' ;;
  28b52ffd) unpack='zstd -dc' ;;
  *) die "$1: compressed in a way that is not known here ($magic)" ;;
  esac
  dd if="$1" iflag=skip_bytes,count_bytes,fullblock bs=1M skip="$offset" count="$length" \
    status=none | $unpack
}

fetch_kernel() {
  # Somebody else may have fetched it while we waited for the lock.
  [[ ! -d $directory ]] || return 0

  mkdir -p "$cache/kernels"
  local package release
  work=$(mktemp -d "$cache/kernels/.fetch.XXXXXX")
  trap 'rm -rf "$work"' EXIT

  package=$(image_package)
  [[ -n $package ]] || die "no package '$metapackage' in this machine's apt sources"
  say "kernel $series: downloading $package (about 100 MB, once)"
  fetch_package "$package" "$work"

  release=${package#linux-image-}
  say "kernel $series: unpacking $release"
  dpkg-deb -x "$work"/*.deb "$work/deb"
  mkdir -p "$work/out/lib"
  mv "$work/deb/lib/modules" "$work/out/lib/"
  mv "$work/deb/boot/config-$release" "$work/out/config"
  unpack_vmlinuz "$work/deb/boot/vmlinuz-$release" >"$work/out/vmlinux"
  PATH=$PATH:/usr/sbin:/sbin depmod -b "$work/out" "$release"
  printf '%s\n' "$release" >"$work/out/release"
  mv "$work/out" "$directory"
}

[[ -d $directory ]] || under_lock "kernel-$series" fetch_kernel
printf '%s\n' "$directory"
