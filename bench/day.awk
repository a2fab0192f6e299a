# SPDX-License-Identifier: Apache-2.0
# What bench/day printed, summed up: KEY VALUE lines. The slopes are of the least squares over the last
# `window` seconds of the load (2400).
BEGIN { if (!window) window = 2400 }

$1 == "step" { seconds = $2; steps = $3 }
$1 == "memory" {
  at[++n] = $2
  keeper[n] = $3 + $4 + $5; worker[n] = $6 + $7 + $8
  all[n] = keeper[n] + worker[n]; anonymous[n] = $3 + $6
  if (all[n] > most) most = all[n]
}
$1 == "proportional" { share = $3 + $4 }
$1 == "cpu" { cpu_at = $2; cpu_load = $3; cpu_agent = $4 + $5 }
$1 == "table" { tables = $0 }
$1 == "account" { account = $0 }

# The number called `name` in the object called `object`; of the line itself, when that is "".
function number_in(line, object, name) {
  if (object != "") { sub(".*\"" object "\":{", "", line); sub("}.*", "", line) }
  if (!match(line, "\"" name "\":[0-9]+")) return "nan"
  line = substr(line, RSTART, RLENGTH)
  sub(".*:", "", line)
  return line
}

# MB an hour: `values` are KiB.
function slope(values,    i, m, sx, sy, sxx, sxy, x) {
  for (i = 1; i <= n; i++) {
    if (at[i] < at[n] - window) continue
    x = at[i] - at[n]
    m++; sx += x; sy += values[i]; sxx += x * x; sxy += x * values[i]
  }
  if (m * sxx == sx * sx) return "nan"
  return (m * sxy - sx * sy) / (m * sxx - sx * sx) * 3600 / 1024
}

function say(key, value) { printf "%s %s\n", key, value }

END {
  if (!n || !steps) { print "bench: the run broke off" >"/dev/stderr"; exit 1 }
  say("steps", steps)
  say("minutes", seconds / 60)
  say("steps_per_second", steps / seconds)
  say("slope_minutes", (at[n] - at[1] < window ? at[n] - at[1] : window) / 60)
  say("slope_mb_per_hour", slope(all))
  say("slope_anonymous_mb_per_hour", slope(anonymous))
  say("resident_mb/most", most / 1024)
  say("resident_mb/end", all[n] / 1024)
  say("resident_mb/end_shared_once", share / 1024)
  say("resident_mb/end_keeper", keeper[n] / 1024)
  say("resident_mb/end_worker", worker[n] / 1024)
  if (cpu_at) say("agent_percent_of_a_processor", 100 * cpu_agent / cpu_at)
  if (tables != "") {
    m = split("max alive ended bytes_max bytes evicted_ended evicted_ancestors refused trimmed", names, " ")
    for (i = 1; i <= m; i++) say("processes/" names[i], number_in(tables, "processes", names[i]))
    m = split("max known bytes evicted forgotten unasked unknown", names, " ")
    for (i = 1; i <= m; i++) say("containers/" names[i], number_in(tables, "containers", names[i]))
  }
  m = split("vital bulk", classes, " ")
  for (i = 1; i <= m; i++) {
    say(classes[i] "/offered", number_in(account, classes[i], "offered"))
    say(classes[i] "/lost", number_in(account, classes[i], "lost_ring") + number_in(account, classes[i], "lost_slot"))
    say(classes[i] "/ring_fullest_kib", number_in(account, classes[i], "ring_fullest") / 1024)
  }
}
