# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What bench/day and bench/flood share: the agent that is measured, from its start to its account.
# Everything that runs lies on a tmpfs: the host's tree, over 9p, would be measured otherwise.

# enter BUILD PROGRAM...: a directory of our own with these programs of the build in it.
enter() {
  directory=$(mktemp -d /tmp/gancho-bench.XXXXXX)
  keeper='' worker='' load=''
  trap leave EXIT
  local program
  for program in gancho cost_driver nothing "${@:2}"; do cp "$1/$program" "$directory"; done
  chmod 755 "$directory"
  cd "$directory" || exit
}
leave() {
  [[ -z $load ]] || kill "$load" 2>/dev/null || :
  [[ -z $keeper ]] || kill -KILL "$keeper" 2>/dev/null || :
  rm -rf "$directory"
}

# start_agent ARGUMENT...: gancho, its events going to /dev/null. Leaves its processes in `keeper` and `worker`.
start_agent() {
  # shellcheck disable=SC2016
  read -r keeper _ < <(./cost_driver ready "$directory/agent" sh -c 'exec ./gancho "$@" --stats >/dev/null' sh "$@")
  if [[ -z $keeper ]]; then
    cat agent.err >&2
    return 1
  fi
  # The file ends without a newline, which read takes for a failure.
  read -r worker <"/proc/$keeper/task/$keeper/children" || [[ $worker ]]
}

# stop_agent: prints what it said, its account last.
stop_agent() {
  ./cost_driver stop "$keeper" >/dev/null
  keeper=''
  sed 's/^{/account {/; t; s/^/said /' agent.err
}

# memory PID: KiB resident, as Linux tells them apart: anonymous, of files, shared.
memory() {
  local key value rest anon=0 file=0 shared=0
  while read -r key value rest; do
    case $key in
    RssAnon:) anon=$value ;;
    RssFile:) file=$value ;;
    RssShmem:) shared=$value ;;
    esac
  done <"/proc/$1/status"
  printf '%s %s %s' "$anon" "$file" "$shared"
}

# proportional PID: KiB, where what two processes share counts half for each.
proportional() {
  local key value rest
  while read -r key value rest; do
    [[ $key != Pss: ]] || printf '%s' "$value"
  done <"/proc/$1/smaps_rollup"
}

# cpu_s PID: seconds that it has run, and its children that have ended.
cpu_s() {
  local stat
  stat=$(<"/proc/$1/stat")
  # shellcheck disable=SC2086 # the words behind the name, which may hold blanks
  set -- ${stat##*) }
  printf '%s' $(((${12} + ${13} + ${14} + ${15}) / 100))
}
