// SPDX-License-Identifier: Apache-2.0
//
//   kill    4242  alice  bash  SIGTERM → sleep 4243
//   ptrace  4244  alice  gdb  EPERM PTRACE_ATTACH → sshd 900
//   setns   4245  root  nsenter  CLONE_NEWNET
//   dup     4246  www-data  sh  0 ← socket AF_INET 192.0.2.1:4444
#include "syscalls/privilege_text.h"

#include <array>
#include <cstring>
#include <string_view>

#include "event/address.h"
#include "event/socket_names.h"
#include "event/values.h"
#include "syscalls/call_text.h"
#include "syscalls/privilege_names.h"
#include "syscalls/syscalls.h"

namespace gancho::syscalls {
namespace {

using namespace privilege;

class Writer {
 public:
  Writer(const EventView& event, TextLine& line)
      : event_(event), line_(line), call_(event.fixed<ev_privilege_call>()) {}

  void write() {
    begin_call(call_.call, line_);
    own();
    end_call(call_.call, line_);
  }

 private:
  [[nodiscard]] bool has(std::uint64_t bit) const { return (call_.call.header.present & bit) != 0; }
  void syscall() { line_.syscall(syscall_id(call_.call.table, call_.call.syscall), Ink::strong); }
  void blank() { line_.plain(" "); }
  void number(std::int64_t value) { line_.number(value); }

  // Which task: as the kernel found it, else as it was given.
  void target() {
    line_.plain(" → ");
    if (has(EV_PRIVILEGE_HAS_TARGET)) {
      line_.word(comm_bytes(call_.target.comm), Ink::strong);
      blank();
      number(call_.target.pid);
      if (call_.count > 1) {
        line_.plain(" and ");
        number(call_.count - 1);
        line_.plain(" more");
      }
    } else if (has(EV_PRIVILEGE_HAS_PID)) {
      number(call_.pid);
    } else if (has(EV_PRIVILEGE_HAS_TID)) {
      number(call_.tid);
    } else {
      line_.plain("descriptor ");
      number(call_.fd);
    }
  }

  void name(std::string_view otherwise) {
    const std::string_view name = event_.string(call_.name);
    if (call_.name.offset == 0)
      line_.plain(otherwise);
    else
      line_.word(name, Ink::strong);
  }

  void path() {
    const std::string_view path = event_.path(call_.path);
    if (path.empty()) return;
    blank();
    line_.word(path);
  }

  void descriptor() {
    if (!has(EV_PRIVILEGE_HAS_NEW_FD)) return;
    line_.plain(" → ");
    number(call_.call.result);
  }

  void end_of_dup() {
    number(call_.number);
    line_.plain(" ← ");
    if (!has(EV_PRIVILEGE_HAS_FILE)) {
      line_.plain("descriptor ");
      return number(call_.fd);
    }
    const bool socket = has(EV_PRIVILEGE_HAS_SOCKET);
    line_.named(k_file_type_names, call_.mode, socket ? Ink::yellow : Ink::plain);
    path();
    if (!socket) return;
    blank();
    line_.named(k_socket_families, call_.socket.kind.family);
    const ev_string name = unix_name(call_.socket);
    if (name.offset == 0 && !is_ip(call_.socket.remote)) return;
    blank();
    if (name.offset != 0)
      line_.unix_name(event_.string(name));
    else
      line_.endpoint(call_.socket.remote);
  }

  void memory() {
    line_.flags(k_prot_names, call_.data, Ink::strong);
    if (has(EV_PRIVILEGE_HAS_BEFORE)) {
      line_.plain(" was ");
      line_.flags(k_prot_names, call_.before);
    }
    line_.plain(" at ");
    line_.hex(call_.address);
    line_.plain(" of ");
    number(static_cast<std::int64_t>(call_.length));
    path();
    if ((call_.call.flags & EV_CALL_MAPPING_WRITTEN) != 0) line_.mark("written", Ink::yellow);
  }

  void own() {
    switch (call_.call.header.type) {
      case EV_KILL:
        line_.named(k_signal_names, call_.number, Ink::strong);
        return target();
      case EV_PTRACE:
        line_.named(k_ptrace_names, call_.number, Ink::strong);
        return target();
      case EV_PROCESS_VM:
        syscall();
        target();
        if (!has(EV_PRIVILEGE_HAS_RESULT)) return;
        line_.plain(" bytes ");
        return number(call_.call.result);
      case EV_SETNS:
      case EV_UNSHARE:
        return line_.flags(k_clone_names, call_.flags, Ink::strong);
      case EV_CLONE:
        line_.flags(k_clone_names, call_.flags, Ink::strong);
        if (!has(EV_PRIVILEGE_HAS_RESULT)) return;
        line_.plain(" → ");
        return number(call_.call.result);
      case EV_BPF:
        line_.named(k_bpf_command_names, call_.number, Ink::strong);
        if (has(EV_PRIVILEGE_HAS_PROGRAM)) {
          blank();
          line_.named(k_bpf_program_names, call_.kind);
        } else if (has(EV_PRIVILEGE_HAS_MAP)) {
          blank();
          line_.named(k_bpf_map_names, call_.kind);
        } else {
          return;
        }
        blank();
        return name("");
      case EV_PERF_EVENT_OPEN:
        if (has(EV_PRIVILEGE_HAS_COPY)) {
          line_.named(k_perf_type_names, call_.kind, Ink::strong);
          blank();
          line_.hex(call_.data);
        }
        if (has(EV_PRIVILEGE_HAS_TARGET)) target();
        return descriptor();
      case EV_MODULE_LOAD:
        name("?");
        path();
        if (call_.more.length == 0) return;
        blank();
        return line_.word(event_.string(call_.more));
      case EV_MODULE_DELETE:
        return name("?");
      case EV_KEXEC:
        syscall();
        path();
        blank();
        return line_.flags(k_kexec_names, call_.flags);
      case EV_KEYCTL:
        line_.named(k_keyctl_names, call_.number, Ink::strong);
        blank();
        return line_.hex(call_.address);
      case EV_ADD_KEY:
      case EV_REQUEST_KEY:
        line_.word(event_.string(call_.more));
        blank();
        return name("?");
      case EV_MEMFD_CREATE:
        name("?");
        blank();
        line_.flags(k_memfd_names, call_.flags, Ink::dim);
        return descriptor();
      case EV_IO_URING_SETUP:
        number(static_cast<std::int64_t>(call_.length));
        line_.plain(" entries ");
        line_.flags(k_io_uring_names, call_.flags, Ink::dim);
        return descriptor();
      case EV_USERFAULTFD:
        line_.flags(k_userfaultfd_names, call_.flags, Ink::strong);
        return descriptor();
      case EV_MEMORY_EXEC:
        return memory();
      case EV_DUP:
        return end_of_dup();
      default:
        return;
    }
  }

  const EventView& event_;
  TextLine& line_;
  ev_privilege_call call_;
};

}  // namespace

void privilege_text(const EventView& event, TextLine& line) {
  Writer(event, line).write();
}

}  // namespace gancho::syscalls
