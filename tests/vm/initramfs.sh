#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# initramfs.sh KERNEL-DIRECTORY: prints the path of the guest's initramfs, made when its parts changed.
# It holds busybox, the two scripts beside this one, and the modules it takes to reach the host's files.
set -euo pipefail
here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
source "$here/../../tools/dev/lib.sh"

kernel=$1
release=$(<"$kernel/release")
busybox=$(command -v busybox)

key=$(cat "$busybox" "$here"/{init,session,initramfs.sh} "$kernel/release" | sha256sum | cut -c1-16)
initramfs=$kernel/initramfs-$key

# module_files: what to load, in this order. What the kernel has built in is not a file.
module_files() {
  PATH=$PATH:/usr/sbin:/sbin modprobe -d "$kernel" -S "$release" --show-depends -a \
    virtio_pci virtio_console 9pnet_virtio 9p overlay | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

make_initramfs() {
  [[ ! -e $initramfs ]] || return 0
  work=$(mktemp -d "$kernel/.initramfs.XXXXXX")
  trap 'rm -rf "$work"' EXIT

  mkdir -p "$work"/tree/{bin,modules,proc,sys,dev}
  cp "$busybox" "$work/tree/bin/busybox"
  install -m 755 "$here"/{init,session} "$work/tree/"
  local file name
  while read -r file; do
    name=${file##*/}
    if [[ $name == *.xz ]]; then
      name=${name%.xz}
      xz -dc "$file" >"$work/tree/modules/$name"
    else
      cp "$file" "$work/tree/modules/$name"
    fi
    printf '%s\n' "$name" >>"$work/tree/modules/order"
  done < <(module_files)

  (cd "$work/tree" && find . | busybox cpio -o -H newc) >"$work/initramfs" 2>/dev/null
  rm -f "$kernel"/initramfs-*
  mv "$work/initramfs" "$initramfs"
}

[[ -e $initramfs ]] || under_lock "initramfs-${kernel##*/}" make_initramfs
printf '%s\n' "$initramfs"
