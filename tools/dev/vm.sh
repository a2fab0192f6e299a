#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ./dev vm: one command in a throwaway virtual machine. How it works: tests/vm/README.md.
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/lib.sh"
verb=vm

usage() {
  cat <<END
Usage: ./dev vm [OPTION...] -- COMMAND [ARG...]

Runs COMMAND as root on one of Debian's kernels, in a virtual machine that sees this machine's
files at their own paths. What it writes is thrown away. Output, input and exit status are passed
through as they are; on a terminal, COMMAND gets a terminal.

  --kernel 6.1|6.12   which kernel (6.12)
  --cpus N            processors (2)
  --memory M          megabytes (2048)
  --disk KIND         a scratch disk of 64 MB: nvme, scsi, virtio or ata; may be repeated
  --share DIR         a directory that COMMAND can write to; may be repeated
  --icount            count time in guest instructions, on one processor: for measurements
  --append ARGS       more for the kernel's command line
  --timeout S         end it after S seconds, with status 124 (600; 0 or a terminal: never)

Status 125: the machine itself failed (its console is shown). On a terminal, Ctrl-A X ends it.
/tmp, /run and /dev/shm start empty, but for the working tree and directory.

Example: ./dev vm --kernel 6.1 --disk nvme -- bpftool prog show
END
}

kernel=6.12 cpus=2 memory=2048 timeout=600 icount='' append='' disks=() shares=()
while (($#)); do
  case $1 in
  --help | -h) usage && exit ;;
  --kernel) kernel=$(value "$@"); shift 2 ;;
  --cpus) cpus=$(value "$@"); shift 2 ;;
  --memory) memory=$(value "$@"); shift 2 ;;
  --disk) disks+=("$(value "$@")"); shift 2 ;;
  --share) shares+=("$(value "$@")"); shift 2 ;;
  --icount) icount=yes && shift ;;
  --append) append=$(value "$@"); shift 2 ;;
  --timeout) timeout=$(value "$@"); shift 2 ;;
  --) shift && break ;;
  *) usage_error "vm: unknown argument '$1'" ;;
  esac
done
(($#)) || usage_error "vm: no command"
for number in "$cpus" "$memory" "$timeout"; do
  [[ $number =~ ^[0-9]+$ ]] || usage_error "vm: '$number' is not a number"
done

declare -A disk_device=(
  [nvme]='nvme'
  [scsi]='virtio-scsi-pci scsi-hd'
  [virtio]='virtio-blk-pci'
  [ata]='ahci ide-hd'
)
declare -A disk_modules=([nvme]=nvme [scsi]='virtio_scsi sd_mod' [virtio]=virtio_blk [ata]='ahci sd_mod')
for disk in "${disks[@]}"; do
  [[ -v disk_device[$disk] ]] || usage_error "vm: no disk of kind '$disk'"
done
for i in "${!shares[@]}"; do
  shares[i]=$(realpath -e -- "${shares[i]}") || exit 1
done

"$root/tools/dev/setup.sh" --quiet
directory=$("$root/tools/dev/kernel.sh" "$kernel")
directory=$(realpath "$directory")
initramfs=$("$root/tests/vm/initramfs.sh" "$directory")
release=$(<"$directory/release")

# A terminal on both sides gets a terminal in the guest; anything else three plain streams.
interactive=''
if [[ -t 0 && -t 1 ]]; then interactive=yes timeout=0; fi

run=$(mktemp -d "${TMPDIR:-/tmp}/gancho-vm.XXXXXX")
qemu='' feed=''
cleanup() {
  trap - EXIT INT TERM HUP
  [[ -z $qemu ]] || kill "$qemu" 2>/dev/null || :
  [[ -z $feed ]] || kill "$feed" 2>/dev/null || :
  wait "$qemu" 2>/dev/null || :
  rm -rf "$run"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# --- what the guest reads from the run directory, see tests/vm/init and session

mkdir "$run"/{keep,share}

needed_modules=''
for disk in "${disks[@]}"; do
  needed_modules+="${disk_modules[$disk]} "
done
rows=24 columns=80 term=${TERM:-dumb}
[[ -z $interactive ]] || read -r rows columns < <(stty size)
cat >"$run/settings" <<END
release=${release@Q}
modules=${directory@Q}/lib/modules/$release
disk_modules=${needed_modules@Q}
disk_count=${#disks[@]}
interactive=$interactive
rows=$rows columns=$columns
END
cat >"$run/command" <<END
cd -- ${PWD@Q} || exit
exec env -i PATH="\$PATH" HOME=/root USER=root SHELL=/bin/bash LANG=C.UTF-8 \\
  TERM=${term@Q} ${NO_COLOR:+NO_COLOR=${NO_COLOR@Q}} ${*@Q}
END
# Where the guest has a /tmp of its own, the working tree must still be seen.
hidden='^/(tmp|run|dev/shm)/'
[[ ! $root =~ $hidden ]] || printf '%s' "$root" >"$run/keep/tree"
[[ ! $PWD =~ $hidden || $PWD/ == "$root"/* ]] || printf '%s' "$PWD" >"$run/keep/work"

# --- the machine

# A comma separates QEMU's options; in a path it is doubled.
quoted() { printf '%s' "${1//,/,,}"; }
arguments=(
  -nodefaults -no-user-config -display none -no-reboot
  -m "$memory" -kernel "$directory/vmlinux" -initrd "$initramfs"
  # lsm: BPF is not in the distribution's default. oops=panic: a kernel bug must fail the test.
  -append "console=ttyS0 quiet panic=-1 oops=panic nowatchdog mitigations=off
    lsm=landlock,lockdown,yama,bpf cgroup_no_v1=all $append"
  -serial "file:$run/console"
  -device virtio-rng-pci
  -virtfs "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap"
  -virtfs "local,path=$(quoted "$run"),mount_tag=run,security_model=none"
  -device virtio-serial-pci
)

if [[ -n $icount ]]; then
  arguments+=(-machine q35 -cpu max -smp 1 -accel 'tcg,thread=single' -icount 'shift=0')
elif [[ $("$root/tests/vm/accelerator.sh" "$directory" "$initramfs") == kvm ]]; then
  arguments+=(-machine q35 -cpu host -smp "$cpus" -accel kvm)
else
  arguments+=(-machine q35 -cpu max -smp "$cpus" -accel 'tcg,thread=single')
fi

for i in "${!disks[@]}"; do
  truncate -s 64M "$run/disk$i"
  read -r controller drive <<<"${disk_device[${disks[i]}]}"
  arguments+=(-drive "if=none,id=disk$i,format=raw,file=$(quoted "$run")/disk$i")
  # The kinds of one word are their own controller.
  if [[ -z $drive ]]; then
    arguments+=(-device "$controller,drive=disk$i,serial=gancho$i")
  else
    arguments+=(-device "$controller,id=controller$i"
      -device "$drive,bus=controller$i.0,drive=disk$i,serial=gancho$i")
  fi
done

for i in "${!shares[@]}"; do
  printf '%s' "${shares[i]}" >"$run/share/share$i"
  arguments+=(-virtfs "local,path=$(quoted "${shares[i]}"),mount_tag=share$i,security_model=none")
done

if [[ -n $interactive ]]; then
  arguments+=(-chardev 'stdio,id=terminal,mux=on,signal=off' -device 'virtconsole,chardev=terminal')
  exec {in}<&0 {out}>&1
else
  # Through a `cat`: QEMU makes its input non-blocking, and that must not be done to a file description
  # that the caller shares with others. A terminal is not read from: it would stop us.
  if [[ -t 0 || ! -e /dev/fd/0 ]]; then exec </dev/null; fi
  exec {in}< <(exec cat) {out}>/dev/null
  feed=$!
  arguments+=(-chardev 'stdio,id=in,signal=off' -device 'virtserialport,chardev=in,name=stdin')
fi

# In the background, for a trap to be served at once; the death signal, for the case that we are
# killed in a way that no trap sees.
setpriv --pdeathsig TERM timeout --foreground --kill-after=5 "$timeout" \
  qemu-system-x86_64 "${arguments[@]}" <&"$in" >&"$out" 2>"$run/qemu" &
qemu=$!

pumps=()
if [[ -z $interactive ]]; then
  touch "$run"/{stdout,stderr}
  tail --pid="$qemu" --sleep-interval=0.1 -c +1 -f "$run/stdout" &
  pumps+=($!)
  tail --pid="$qemu" --sleep-interval=0.1 -c +1 -f "$run/stderr" >&2 &
  pumps+=($!)
fi

ended=0
wait -n -p first "$qemu" "${pumps[@]}" || ended=$?
# A pump that ends first has nobody left to write to, as in `./dev vm -- yes | head`.
[[ $first == "$qemu" ]] || exit 141
qemu=''
wait "${pumps[@]}" || :

# --- what came of it

# keep_console WHY: a run that failed leaves what the kernel said, where the next one finds it.
keep_console() {
  mkdir -p "$cache/consoles"
  kept=$cache/consoles/$(date +%Y%m%d-%H%M%S)-$$.log
  cat "$run/qemu" "$run/console" 2>/dev/null | tr -d '\r' >"$kept"
  say "vm: $1; console: $kept"
}

if [[ -s $run/status ]]; then
  status=$(<"$run/status")
  if ((status != 0)) && [[ -s $run/console ]]; then
    keep_console "the command failed ($status), and the kernel complained"
  fi
elif ((ended == 124 || ended == 137)); then
  status=124
  keep_console "ended after $timeout s"
else
  status=125
  keep_console "the machine failed; its last words"
  tail -n 45 "$kept" >&2
fi
exit "$status"
