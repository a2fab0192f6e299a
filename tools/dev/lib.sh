# shellcheck shell=bash
# What the verbs of ./dev share. Sourced, never run; expects `set -euo pipefail`.

root=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
cache=${GANCHO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/gancho}
mkdir -p "$cache"

if [[ -t 2 && -z ${NO_COLOR:-} ]]; then
  bold=$'\e[1m' red=$'\e[31m' plain=$'\e[0m'
else
  bold='' red='' plain=''
fi

# Progress and complaints go to stderr: stdout belongs to the command that is run.
say() { printf '%s==>%s %s\n' "$bold" "$plain" "$*" >&2; }
die() {
  printf '%sdev: %s%s\n' "$red" "$*" "$plain" >&2
  exit 1
}

# usage_error MESSAGE: a mistake on the command line, answered with where to look.
usage_error() { die "$* (see './dev ${verb:-} --help')"; }

# value OPTION [VALUE]: the value of an option, or a complaint that it has none.
value() {
  (($# > 1)) || usage_error "$1 needs a value"
  printf '%s' "$2"
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "'$1' needs root, and there is no sudo here"
  fi
}

# refresh_package_lists: `apt-get update`, at most once in a run.
lists_are_fresh=
refresh_package_lists() {
  [[ -z $lists_are_fresh ]] || return 0
  lists_are_fresh=yes
  say "package lists: apt-get update"
  as_root apt-get -qq update >&2 || say "apt-get update failed; going on with the lists at hand"
}

# in_lists PACKAGE: whether apt knows where to get it. (awk reads to the end: `grep -q` would
# leave early and fail apt-cache, and with it the pipe.)
in_lists() { apt-cache policy "$1" 2>/dev/null | awk '$1 == "Candidate:" && $2 != "(none)" { found = 1 } END { exit !found }'; }

# fetch_package PACKAGE DIRECTORY: downloads the .deb without installing it.
# A list that is too old names a version that the archive has dropped: hence the second try.
fetch_package() {
  local package=$1 directory=$2
  in_lists "$package" || refresh_package_lists
  in_lists "$package" || die "no package '$package' in this machine's apt sources"
  download_package "$package" "$directory" && return
  refresh_package_lists
  download_package "$package" "$directory" || die "cannot download '$package'"
}

download_package() { (cd "$2" && apt-get -qq -o APT::Sandbox::User=root download "$1" >&2); }

# under_lock NAME COMMAND...: runs COMMAND alone among all that share the cache.
under_lock() {
  local name=$1
  shift
  (
    flock 9
    "$@"
  ) 9>"$cache/$name.lock"
}

# build_directory PRESET: where CMakePresets.json puts it.
build_directory() {
  case $1 in
  release) echo "$root/build" ;;
  dev | asan | tsan | tidy | fuzz) echo "$root/build-$1" ;;
  *) usage_error "no preset '$1'; there are: release dev asan tsan tidy fuzz" ;;
  esac
}

# configure PRESET: sets the build tree up where that was not done, or was done from older presets.
configure() {
  local directory
  directory=$(build_directory "$1")
  [[ ! -e $directory/build.ninja || -w $directory/build.ninja ]] ||
    die "$directory belongs to $(stat -c %U "$directory"): run this as that user, or remove it"
  "$root/tools/dev/setup.sh" --quiet
  [[ ! $directory/build.ninja -nt $root/CMakePresets.json ]] || return 0
  if command -v ccache >/dev/null; then
    export CMAKE_C_COMPILER_LAUNCHER=ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache
  fi
  say "configuring $1"
  cmake -S "$root" --preset "$1" >"$cache/configure.log" 2>&1 || {
    cat "$cache/configure.log" >&2
    die "cannot configure the $1 preset"
  }
}

# build PRESET [TARGET...]
build() {
  local directory
  directory=$(build_directory "$1")
  configure "$1"
  ninja -C "$directory" "${@:2}"
}
