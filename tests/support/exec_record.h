// SPDX-License-Identifier: Apache-2.0
//
// An exec record such as a busy server produces all day: every group of fields read, four
// arguments, five ancestors. By names only: it compiles without the process room.
#pragma once

#include "support/record_builder.h"

namespace gancho::test {

inline RecordBuilder typical_exec(const EventDesc& exec) {
  RecordBuilder r(exec);
  r.number("evt.boottime", 86'400'123'456'789).number("evt.num", 51'234).number("evt.cpu", 1);
  r.number("proc.pid", 42'424).number("thread.tid", 42'424).text("proc.name", "curl");
  r.number("proc.start_time", 86'400'120'000'000).number("proc.exec_count", 5);
  r.text("evt.arg.filename", "/usr/bin/curl").text("proc.exepath", "/usr/bin/curl");
  r.list("proc.args", {"curl", "-sS", "--max-time", "https://example.org/status?a=1"});
  r.number("proc.argc", 4).number("proc.envc", 23);
  r.text("proc.cwd", "/home/alice/work");
  r.number("proc.exe_ino", 1'311'234).number("proc.exe_dev", 8u << 20 | 1);
  r.number("proc.exe_generation", 3'141'592'653).number("proc.exe_mode", 0100755);
  r.number("proc.tid_before", 42'424).number("proc.ppid", 4000).number("proc.sid", 4000);
  r.number("proc.vpid", 42'424).number("proc.tty", 136u << 20 | 3).text("proc.tty_name", "pts3");
  r.lineage(
      "proc.lineage",
      {ancestor("bash", 4000, 86'300'000'000'000, 4), ancestor("sshd", 3990, 86'299'000'000'000, 3),
       ancestor("sshd", 900, 12'000'000'000, 2), ancestor("systemd", 1, 20'000'000, 1)});
  r.number("cgroup.id", 5432);
  r.list("cgroup.path", {"session-3.scope", "user-1000.slice", "user.slice"});
  for (const char* field :
       {"user.uid", "user.ruid", "user.suid", "group.gid", "group.rgid", "group.sgid",
        "user.before.uid", "user.before.ruid", "user.before.suid", "group.before.gid",
        "group.before.rgid", "group.before.sgid", "user.loginuid"})
    r.number(field, 1000);
  for (const char* field : {"thread.cap_permitted", "thread.cap_effective"}) r.number(field, 0);
  r.number("ns.cgroup", 4'026'531'835)
      .number("ns.ipc", 4'026'531'839)
      .number("ns.mnt", 4'026'531'841);
  r.number("ns.net", 4'026'531'840)
      .number("ns.pid", 4'026'531'836)
      .number("ns.time", 4'026'531'834);
  r.number("ns.user", 4'026'531'837).number("ns.uts", 4'026'531'838);
  return r;
}

}  // namespace gancho::test
