// SPDX-License-Identifier: Apache-2.0
//
//   exec   4242  alice  /usr/bin/curl -s 'https://x y'  ← bash 4000 ← sshd 900
//   exec   4243  alice -> root  /usr/bin/sudo id [suid]  ← bash 4000
//   exec   4244  alice  ENOENT ./nothing  ← bash 4000
//   fork   4245  bash  forked by 4000
//   exit   4245  bash  status 1 after 12.3ms
//   existing  4000  alice  /usr/bin/bash -i  ← sshd 900
#include "process/process_text.h"

#include <csignal>
#include <cstring>
#include <string_view>

#include "process/process.h"

namespace gancho::process {
namespace {

std::string_view base_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string_view first_argument(std::string_view args) {
  return args.substr(0, args.find('\0'));
}

void put_user(const ev_process_exec& exec, TextLine& line) {
  const bool before = (exec.header.present & EV_EXEC_HAS_BEFORE) != 0;
  const bool after = (exec.header.present & EV_EXEC_HAS_AFTER) != 0;
  if (before) line.user(exec.before.euid);
  if (before && after && exec.after.euid != exec.before.euid) line.plain(" -> ", Ink::yellow);
  if (after && (!before || exec.after.euid != exec.before.euid)) line.user(exec.after.euid);
  if (!before && !after) line.plain("-");
}

void put_marks(const ev_process_exec& exec, TextLine& line) {
  const auto flag = [&](std::uint32_t bit, std::string_view name, Ink ink = Ink::dim) {
    if ((exec.flags & bit) != 0) line.mark(name, ink);
  };
  const auto path_flag = [&](std::uint32_t bit, std::string_view name) {
    if (exec.exepath.offset != 0 && (exec.exepath.flags & bit) != 0) line.mark(name, Ink::yellow);
  };
  flag(EV_EXEC_MEMFD, "memfd", Ink::yellow);
  path_flag(EV_PATH_DELETED, "deleted");
  // A memfd lies outside of every root.
  if ((exec.flags & EV_EXEC_MEMFD) == 0) path_flag(EV_PATH_UNREACHABLE, "outside its root");
  flag(EV_EXEC_UPPER, "upper", Ink::yellow);
  flag(EV_EXEC_SUID, "suid");
  flag(EV_EXEC_SGID, "sgid");
  flag(EV_EXEC_SECURE, "privileged", Ink::yellow);
  flag(EV_EXEC_COMPAT, "32-bit");
  flag(EV_EXEC_THREAD, "from a thread");
  flag(EV_EXEC_TAIL_FULL, "incomplete");
  line.container();
}

}  // namespace

void exec_text(const EventView& event, TextLine& line) {
  const auto exec = event.fixed<ev_process_exec>();
  const std::string_view exepath = event.path(exec.exepath);
  const std::string_view filename = event.string(exec.filename);
  const std::string_view script = event.path(exec.script);
  const std::string_view args = event.string(exec.args);

  put_user(exec, line);
  line.plain("  ");
  if (exec.error != 0) {
    line.error(exec.error);
    line.plain(" ");
    // A failed exec is about the file that was asked for, not about one that may have been opened.
    line.word(filename.empty() ? exepath : filename, Ink::strong);
  } else {
    line.word(exepath.empty() ? filename : exepath, Ink::strong);
  }
  line.words(args, 1);  // the first is the program's name for itself
  if ((exec.flags & EV_EXEC_ARGS_TRUNCATED) != 0) line.plain(" ...", Ink::dim);

  if (!script.empty()) {
    line.plain(" [script ", Ink::dim);
    line.word(script);
    line.plain("]", Ink::dim);
  } else if (exec.error == 0 && !exepath.empty()) {
    std::string_view called = first_argument(args);
    if (called.starts_with('-')) called.remove_prefix(1);  // a login shell
    if (!called.empty() && base_name(called) != base_name(exepath)) {
      line.plain(" [as ", Ink::dim);
      line.word(called);
      line.plain("]", Ink::dim);
    }
  }
  put_marks(exec, line);

  line.lineage(event.string(exec.lineage));
  if ((exec.flags & EV_EXEC_LINEAGE_TRUNCATED) != 0) line.plain(" ← ...", Ink::dim);
}

void fork_text(const EventView& event, TextLine& line) {
  const auto fork = event.fixed<ev_process_fork>();
  line.word(comm_bytes(fork.header.comm));
  line.plain("  forked by ");
  line.number(std::uint64_t{fork.ppid});
  line.container();
}

void exit_text(const EventView& event, TextLine& line) {
  const auto exit = event.fixed<ev_process_exit>();
  line.word(comm_bytes(exit.header.comm));
  line.plain("  ");
  if (exit.signal != 0) {
    line.plain("killed by ", Ink::red);
    const char* name = ::sigabbrev_np(static_cast<int>(exit.signal));
    if (name != nullptr) {
      line.plain("SIG", Ink::red);
      line.plain(name, Ink::red);
    } else {
      line.plain("signal ", Ink::red);
      line.number(std::uint64_t{exit.signal});
    }
    if (exit.core_dumped != 0) line.plain(" (core dumped)");
  } else {
    line.plain("status ");
    line.number(std::int64_t{exit.status});
  }
  line.plain(" after ");
  line.duration(exit.lifetime);
  line.plain(", CPU ", Ink::dim);
  line.duration(exit.user_time + exit.system_time);
  line.plain(", peak ", Ink::dim);
  line.number(std::uint64_t{exit.peak_rss >> 20});
  line.plain(" MB");
  line.container();
}

void existing_text(const EventView& event, TextLine& line) {
  const auto process = event.fixed<ev_process_exec>();
  const std::string_view exepath = event.path(process.exepath);

  put_user(process, line);
  line.plain("  ");
  line.word(exepath.empty() ? comm_bytes(process.header.comm) : exepath, Ink::strong);
  line.words(event.string(process.args), 1);
  if ((process.flags & EV_EXEC_ARGS_TRUNCATED) != 0) line.plain(" ...", Ink::dim);
  if ((process.flags & EV_EXEC_KERNEL) != 0) line.mark("kernel");
  put_marks(process, line);
  line.lineage(event.string(process.lineage));
  if ((process.flags & EV_EXEC_LINEAGE_TRUNCATED) != 0) line.plain(" ← ...", Ink::dim);
}

}  // namespace gancho::process
