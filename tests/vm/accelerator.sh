#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# accelerator.sh KERNEL-DIRECTORY INITRAMFS: prints `kvm` or `tcg`.
#
# A /dev/kvm that opens proves nothing: inside another virtual machine a guest may hang in its first
# instructions. So one guest is booted for the proof, once per QEMU and host kernel.
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/../../tools/dev/lib.sh"

kernel=$1 initramfs=$2
seconds=10

probe() {
  timeout --kill-after=1 "$seconds" qemu-system-x86_64 -nodefaults -no-user-config -display none \
    -machine q35,accel=kvm -cpu host -m 256 -no-reboot -serial stdio \
    -kernel "$kernel/vmlinux" -initrd "$initramfs" \
    -append "console=ttyS0 quiet panic=-1 GANCHO_PROBE=a-guest-came-up" </dev/null 2>/dev/null |
    grep -q a-guest-came-up
}

[[ -r /dev/kvm && -w /dev/kvm ]] || {
  echo tcg
  exit
}

qemu=$(qemu-system-x86_64 --version | sed -n '1s/.*version \([^ ]*\).*/\1/p')
answer=$cache/accelerator-qemu-$qemu-linux-$(uname -r)
if [[ ! -e $answer ]]; then
  say "vm: trying KVM (once, $seconds s at most)"
  if probe; then echo kvm; else echo tcg; fi >"$answer.$$"
  mv "$answer.$$" "$answer"
fi
cat "$answer"
