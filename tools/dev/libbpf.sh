#!/usr/bin/env bash
# Prints the directory of a libbpf >= 1.5 and bpftool >= 7.5: include/, lib/libbpf.a, bin/.
#
# The system's are used where they are new enough (then the directory holds links to them).
# Where they are not, both are built once, with veristat, from Debian's kernel source package,
# whichever revision is current; a copy in the cache is used for as long as it is there.
set -euo pipefail
source "${BASH_SOURCE[0]%/*}/lib.sh"

source_package=linux-source-6.12
libbpf_needed=1.5
bpftool_needed=7.5

at_least() { printf '%s\n' "$2" "$1" | sort -C -V; }

system_libbpf() {
  local version bpftool archive
  version=$(pkg-config --modversion libbpf 2>/dev/null) && at_least "$version" "$libbpf_needed" || return
  archive=$(pkg-config --variable=libdir libbpf)/libbpf.a
  bpftool=$(PATH=$PATH:/usr/sbin:/sbin command -v bpftool) && [[ -e $archive ]] || return
  at_least "$("$bpftool" version | sed -n '1s/.* v//p')" "$bpftool_needed" || return

  local prefix=$cache/libbpf/system-$version
  mkdir -p "$prefix"/{include,lib,bin}
  ln -sfn "$(pkg-config --variable=includedir libbpf)/bpf" "$prefix/include/bpf"
  ln -sf "$archive" "$prefix/lib/libbpf.a"
  ln -sf "$bpftool" "$prefix/bin/bpftool"
  printf '%s\n' "$prefix"
}

cached_libbpf() {
  local newest
  newest=$(printf '%s\n' "$cache"/libbpf/[0-9]*/bin/veristat | sort -V | tail -n 1)
  [[ -e $newest ]] && printf '%s\n' "${newest%/bin/veristat}"
}

# Of a 150 MB source package, these are what libbpf, bpftool and veristat are made of.
source_parts=(tools/{lib,bpf,build,include,scripts,arch} tools/testing/selftests/bpf/veristat.c
  kernel/bpf/disasm.{c,h} scripts/bpf_doc.py)

unpack_source() {
  local deb=$1 into=$2 top=linux-source-6.12
  mkdir "$into"
  dpkg-deb --fsys-tarfile "$deb" | tar -xO "./usr/src/$top.tar.xz" | xz -T0 -dc |
    tar -x -C "$into" --strip-components=1 "${source_parts[@]/#/$top/}"
}

build_libbpf() {
  # Somebody else may have built it while we waited for the lock.
  cached_libbpf && return

  mkdir -p "$cache/libbpf"
  work=$(mktemp -d "$cache/libbpf/.build.XXXXXX")
  trap 'rm -rf "$work"' EXIT

  say "libbpf: downloading $source_package (150 MB, once)"
  fetch_package "$source_package" "$work"
  local deb version
  deb=$(echo "$work"/*.deb)
  version=$(dpkg-deb --field "$deb" Version)

  say "libbpf: unpacking $source_package $version"
  unpack_source "$deb" "$work/src"

  say "libbpf: building libbpf.a, bpftool and veristat"
  build_all "$work/src" "$work/obj" "$work/out" >"$work/log" 2>&1 || {
    tail -n 20 "$work/log" >&2
    die "libbpf from $source_package $version does not build"
  }
  [[ -d $cache/libbpf/$version ]] || mv "$work/out" "$cache/libbpf/$version"
  printf '%s\n' "$cache/libbpf/$version"
}

build_all() {
  local src=$1 obj=$2 out=$3 flags='-g -O2 -fPIC'
  mkdir -p "$obj" "$out"/{include/linux,lib,bin}

  # An empty list of features: no LLVM, libbfd or libcap. We use bpftool for `gen skeleton`,
  # `btf dump` and `show`, and need none of its disassemblers.
  make -C "$src/tools/bpf/bpftool" -j"$(nproc)" OUTPUT="$obj/" FEATURES_DUMP=/dev/null \
    EXTRA_CFLAGS="$flags" "$obj/bpftool"
  make -C "$src/tools/lib/bpf" OUTPUT="$obj/libbpf/" DESTDIR="$out" prefix= install_headers
  # The system's <linux/bpf.h> is as old as its libbpf: this one knows Netfilter links and tcx.
  cp "$src"/tools/include/uapi/linux/{bpf,bpf_common,btf}.h "$out/include/linux/"
  cp "$obj/libbpf/libbpf.a" "$out/lib/"
  cp "$obj/bpftool" "$out/bin/"
  # Last, because its presence says that the rest is there.
  cc -O2 -o "$out/bin/veristat" -I"$out/include" "$src/tools/testing/selftests/bpf/veristat.c" \
    "$out/lib/libbpf.a" -lelf -lz
}

system_libbpf || cached_libbpf || under_lock libbpf build_libbpf
