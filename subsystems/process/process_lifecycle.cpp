// SPDX-License-Identifier: Apache-2.0
#include "process/process_lifecycle.h"

#include <string_view>

#include "process/process.h"

namespace gancho::process {
namespace {

// The name lies in the record itself, which outlives the change.
std::string_view name_in(const EventView& event) {
  const auto* comm =
      reinterpret_cast<const char*>(event.record().data()) + offsetof(ev_header, comm);
  return {comm, ::strnlen(comm, EV_COMM_LEN)};
}

Lifecycle begin(const EventView& event, const ev_header& header, Lifecycle::Change kind) {
  Lifecycle change;
  change.change = kind;
  change.process = {.pid = header.pid, .start_time = header.start_time};
  change.exec_count = header.exec_count;
  change.time = header.time;
  change.name = name_in(event);
  return change;
}

void fill_program(const EventView& event, const ev_process_exec& exec, Lifecycle& change) {
  change.parent = {.pid = exec.ppid, .start_time = exec.parent_start_time};
  Program& program = change.program;
  program.executor = change.process;
  program.exepath = event.path(exec.exepath);
  program.exehostpath =
      event.string({.offset = exec.exepath.offset, .length = exec.exepath.length});
  program.args = event.string(exec.args);
  if ((exec.header.present & EV_EXEC_HAS_ENV) != 0) program.env = event.string(exec.env);
  program.cwd = event.path(exec.cwd);
  program.cgroup = event.string(exec.cgroup);
  program.lineage = event.string(exec.lineage);
  program.credentials = exec.after;
  program.namespaces = exec.ns;
  program.cgroup_id = exec.cgroup_id;
  program.loginuid = exec.loginuid;
  program.sid = exec.sid;
  program.vpid = exec.vpid;
  if ((exec.header.present & EV_EXEC_HAS_FILE) != 0) {
    program.exe_ino = exec.inode;
    program.from_memfd = (exec.flags & EV_EXEC_MEMFD) != 0;
    program.upper_layer = (exec.flags & EV_EXEC_UPPER) != 0;
  }
  if ((exec.header.present & EV_EXEC_HAS_TTY) != 0) {
    program.tty = exec.tty;
    program.tty_name = event.string(exec.tty_name);
  }
  program.args_truncated = (exec.flags & EV_EXEC_ARGS_TRUNCATED) != 0;
  program.env_truncated = (exec.flags & EV_EXEC_ENV_TRUNCATED) != 0;
  program.lineage_truncated = (exec.flags & EV_EXEC_LINEAGE_TRUNCATED) != 0;
  program.kernel = (exec.flags & EV_EXEC_KERNEL) != 0;
}

}  // namespace

bool exec_lifecycle(const EventView& event, Lifecycle& change) {
  const auto exec = event.fixed<ev_process_exec>();
  if (exec.error != 0) return false;
  change = begin(event, exec.header, Lifecycle::Change::executed);
  fill_program(event, exec, change);
  return true;
}

bool existing_lifecycle(const EventView& event, Lifecycle& change) {
  const auto process = event.fixed<ev_process_exec>();
  change = begin(event, process.header, Lifecycle::Change::found);
  fill_program(event, process, change);
  return true;
}

bool fork_lifecycle(const EventView& event, Lifecycle& change) {
  const auto fork = event.fixed<ev_process_fork>();
  change = begin(event, fork.header, Lifecycle::Change::forked);
  change.parent = {.pid = fork.ppid, .start_time = fork.parent_start_time};
  return true;
}

bool exit_lifecycle(const EventView& event, Lifecycle& change) {
  const auto exit = event.fixed<ev_process_exit>();
  change = begin(event, exit.header, Lifecycle::Change::ended);
  change.exit_status = exit.status;
  change.exit_signal = exit.signal;
  return true;
}

}  // namespace gancho::process
