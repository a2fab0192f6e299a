// SPDX-License-Identifier: Apache-2.0
//
//   credentials  4242  su  alice -> root by setuid
//   credentials  4243  bash  EPERM setuid 0 as alice
//   setsid       4244  sshd  session 4244
//   terminal     4244  bash  tty1
#include <bit>

#include "process/prctl_names.h"
#include "process/process.h"
#include "process/process_text.h"

namespace gancho::process {
namespace {

void put_call(const ev_process_call& call, TextLine& line) {
  line.syscall(syscall_id(call.table, call.syscall), Ink::strong);
}

void put_change(const ev_process_credentials& record, TextLine& line) {
  if ((record.call.header.present & EV_CREDENTIALS_HAS_AFTER) == 0) {
    put_call(record.call, line);
    for (unsigned i = 0; i < 3; ++i) {
      if ((record.call.header.present & EV_CREDENTIALS_HAS_ASKED << i) == 0) continue;
      line.plain(" ");
      line.number(std::int64_t{record.asked[i]});
    }
    line.plain(" as ");
    return line.user(record.before.euid);
  }
  const auto user = [&](std::string_view what, std::uint32_t before, std::uint32_t after) {
    if (before == after) return;
    line.plain(what, Ink::dim);
    line.user(before);
    line.plain(" -> ", Ink::yellow);
    line.user(after);
    line.plain(" ");
  };
  const auto group = [&](std::string_view what, std::uint32_t before, std::uint32_t after) {
    if (before == after) return;
    line.plain(what, Ink::dim);
    line.group(before);
    line.plain(" -> ", Ink::yellow);
    line.group(after);
    line.plain(" ");
  };
  const auto capabilities = [&](std::string_view what, std::uint64_t before, std::uint64_t after) {
    if (before == after) return;
    line.plain(what, Ink::dim);
    if (const int gained = std::popcount(after & ~before); gained != 0) {
      line.plain("+", Ink::yellow);
      line.number(std::int64_t{gained});
    }
    if (const int lost = std::popcount(before & ~after); lost != 0) {
      line.plain("-");
      line.number(std::int64_t{lost});
    }
    line.plain(" ");
  };
  const auto number = [&](std::string_view what, std::uint32_t before, std::uint32_t after) {
    if (before == after) return;
    line.plain(what, Ink::dim);
    line.number(std::uint64_t{before});
    line.plain(" -> ", Ink::yellow);
    line.number(std::uint64_t{after});
    line.plain(" ");
  };
  user("", record.before.euid, record.after.euid);
  user("real ", record.before.uid, record.after.uid);
  user("saved ", record.before.suid, record.after.suid);
  // These follow the effective ones, unless they are set by themselves.
  if (record.after_more.fsuid != record.after.euid)
    user("for files ", record.before_more.fsuid, record.after_more.fsuid);
  group("group ", record.before.egid, record.after.egid);
  group("real group ", record.before.gid, record.after.gid);
  group("saved group ", record.before.sgid, record.after.sgid);
  if (record.after_more.fsgid != record.after.egid)
    group("group for files ", record.before_more.fsgid, record.after_more.fsgid);
  number("groups ", record.before_more.groups, record.after_more.groups);
  capabilities("permitted ", record.before.cap_permitted, record.after.cap_permitted);
  capabilities("effective ", record.before.cap_effective, record.after.cap_effective);
  capabilities("inheritable ", record.before_more.cap_inheritable,
               record.after_more.cap_inheritable);
  capabilities("bounding ", record.before_more.cap_bounding, record.after_more.cap_bounding);
  capabilities("ambient ", record.before_more.cap_ambient, record.after_more.cap_ambient);
  number("securebits ", record.before_more.securebits, record.after_more.securebits);
  if (record.before_more.user_ns != record.after_more.user_ns)
    line.plain("user namespace ", Ink::yellow);
  line.plain("by ");
  put_call(record.call, line);
}

void put_session(const EventView& event, TextLine& line) {
  const auto record = event.fixed<ev_process_session>();
  switch (record.call.header.type) {
    case EV_PROCESS_TERMINAL:
      if (record.tty_name.offset != 0) line.word(event.string(record.tty_name), Ink::strong);
      line.plain(" ");
      break;
    case EV_PROCESS_SETPGID:
      line.number(std::int64_t{record.arg_pid});
      line.plain(" into ");
      line.number(std::int64_t{record.arg_pgid});
      line.plain(" ");
      break;
    default:
      break;
  }
  line.plain("session ");
  line.number(std::uint64_t{record.sid});
}

}  // namespace

void credentials_text(const EventView& event, TextLine& line) {
  const auto call = event.fixed<ev_process_call>();
  line.word(comm_bytes(call.header.comm));
  line.plain("  ");
  if (call.error != 0) {
    line.error(call.error);
    line.plain(" ");
  }
  switch (call.header.type) {
    case EV_PROCESS_CREDENTIALS:
      put_change(event.fixed<ev_process_credentials>(), line);
      break;
    case EV_PROCESS_LOGINUID: {
      const auto record = event.fixed<ev_process_loginuid>();
      line.user(record.before);
      line.plain(" -> ", Ink::yellow);
      line.user(record.after);
      break;
    }
    case EV_PROCESS_PRCTL: {
      const auto record = event.fixed<ev_process_prctl>();
      line.named(k_prctl_names, record.option, Ink::strong);
      line.plain(" ");
      line.hex(record.arg2);
      break;
    }
    default:
      put_session(event, line);
  }
  line.container();
  if (call.table != 0) line.mark("32-bit");
}

}  // namespace gancho::process
