#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# budget.sh VERISTAT OBJECT BUDGET KERNEL: loads each program of the object by itself, and compares what
# the verifier had to do with the budget. To be run as root on that kernel.
set -euo pipefail
veristat=$1 object=$2 budget=$3 kernel=$4

# budget.txt: a head line that names the kernels, then PROGRAM and a number or "absent" for each.
declare -A limits
column=''
while read -r -a words; do
  [[ ${#words[@]} -gt 0 && ${words[0]} != '#'* ]] || continue
  if [[ ${words[0]} == program ]]; then
    for i in "${!words[@]}"; do
      [[ ${words[i]} != "$kernel" ]] || column=$i
    done
  else
    limits[${words[0]}]=${words[$column]}
  fi
done <"$budget"
[[ $column ]] || { echo "$budget: no column for kernel $kernel" && exit 2; }

# A program that this kernel lacks the hook for makes veristat complain on stderr; the table tells.
table=$("$veristat" --output-format csv --emit prog,verdict,insns "$object" 2>/dev/null)

failures=0
complain() {
  echo "FAILED: $*"
  failures=$((failures + 1))
}

programs=0
while IFS=, read -r program verdict instructions; do
  [[ $program != prog_name ]] || continue
  programs=$((programs + 1))
  limit=${limits[$program]:-}
  printf '%-40s %-8s %7s of %s\n' "$program" "$verdict" "$instructions" "${limit:-?}"
  if [[ -z $limit ]]; then
    complain "$program has no budget: add it to budget.txt"
  elif [[ $limit == absent ]]; then
    [[ $verdict != success ]] || complain "$program is said to be absent on $kernel, and loads: give it a budget"
  elif [[ $verdict != success ]]; then
    complain "$program does not load on $kernel"
    # The end of the verifier's log is the reason.
    "$veristat" -l2 --filter "*/$program" "$object" 2>&1 | tail -n 30
  elif ((instructions > limit)); then
    complain "$program: the verifier goes through $instructions instructions, the budget is $limit"
  fi
  unset "limits[$program]"
done <<<"$table"

((programs > 0)) || complain "veristat found no program in $object"
for program in "${!limits[@]}"; do
  complain "$program is in budget.txt and not in the object: remove it"
done
((failures == 0))
