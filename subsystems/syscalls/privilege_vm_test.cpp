// SPDX-License-Identifier: Apache-2.0
//
// The truth test of operations on other processes and on the kernel: each by each entry, its
// failures with their errno, each field of its record.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "support/operation_truth.h"

namespace gancho::test {
namespace {

// 64-bit number, 32-bit number.
constexpr Call k_kill{62, 37}, k_tkill{200, 238}, k_tgkill{234, 270}, k_rt_sigqueueinfo{129, 178},
    k_rt_tgsigqueueinfo{297, 335}, k_pidfd_send_signal{424, 424}, k_ptrace{101, 26},
    k_process_vm_readv{310, 347}, k_process_vm_writev{311, 348}, k_process_madvise{440, 440},
    k_setns{308, 346}, k_unshare{272, 310}, k_clone{56, 120}, k_clone3{435, 435}, k_bpf{321, 357},
    k_perf_event_open{298, 336}, k_init_module{175, 128}, k_finit_module{313, 350},
    k_delete_module{176, 129}, k_kexec_load{246, 283}, k_kexec_file_load{320, -1},
    k_keyctl{250, 288}, k_add_key{248, 286}, k_request_key{249, 287}, k_memfd_create{319, 356},
    k_io_uring_setup{425, 425}, k_userfaultfd{323, 374}, k_mmap{9, 192}, k_mprotect{10, 125},
    k_pkey_mprotect{329, 380}, k_dup{32, 41}, k_dup2{33, 63}, k_dup3{292, 330}, k_fcntl{72, 221};

constexpr std::uint32_t k_nobody = 65534;
const pid_t k_no_process = 4194000;  // below the limit, and the machine has never come so far

void become_nobody() {
  become(k_nobody);
}

class Privilege : public ::testing::TestWithParam<Entry> {
 protected:
  // Both entries alike; `operation.entry` is the parameter's.
  static Event check(Operation operation) {
    operation.entry = GetParam();
    return CallLog::get().check(operation);
  }
  static long call(Call number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0,
                   long f = 0) {
    return enter(GetParam(), number, a, b, c, d, e, f);
  }
  static bool native() { return GetParam() == Entry::native; }
};

INSTANTIATE_TEST_SUITE_P(Entry, Privilege, ::testing::Values(Entry::native, Entry::compat),
                         [](const auto& parameter) {
                           return parameter.param == Entry::native ? "Native" : "Compat";
                         });

long low(const void* bytes, std::size_t size) {
  void* const memory = low_memory(size);
  std::memcpy(memory, bytes, size);
  return reinterpret_cast<long>(memory);
}

std::string text(long value) {
  return std::to_string(value);
}

// ---- signals ----

Fields signal_fields(const std::string& name, long pid, int targets) {
  return {{"evt.arg.sig", name}, {"evt.arg.pid", text(pid)}, {"evt.arg.targets", text(targets)}};
}

TEST_P(Privilege, Kill) {
  const Bystander other;
  const pid_t pid = other.pid();
  check({.name = "kill",
         .type = "kill",
         .call = "kill",
         .act = [&](Told&) { return call(k_kill, pid, SIGUSR1); },
         .fields = signal_fields("SIGUSR1", pid, 1) + other.target()});
  check({.name = "kill, signal 0",
         .type = "kill",
         .call = "kill",
         .act = [&](Told&) { return call(k_kill, pid, 0); },
         .fields = signal_fields("0", pid, 1) + other.target()});
  check({.name = "kill, real-time signal",
         .type = "kill",
         .call = "kill",
         .act = [&](Told&) { return call(k_kill, pid, 40); },
         .fields = signal_fields("40", pid, 1) + other.target()});
  check({.name = "kill, no such process",
         .type = "kill",
         .call = "kill",
         .act = [&](Told&) { return call(k_kill, k_no_process, SIGTERM); },
         .fields = signal_fields("SIGTERM", k_no_process, 0),
         .error = "ESRCH"});
  check({.name = "kill, no such signal",
         .type = "kill",
         .call = "kill",
         .act = [&](Told&) { return call(k_kill, pid, 65); },
         .fields = signal_fields("65", pid, 1) + other.target(),
         .error = "EINVAL"});
  check({.name = "kill, not allowed",
         .type = "kill",
         .call = "kill",
         .before = become_nobody,
         .act = [&](Told&) { return call(k_kill, pid, SIGKILL); },
         .fields = signal_fields("SIGKILL", pid, 1) + other.target(),
         .error = "EPERM",
         .uid = k_nobody});
}

TEST_P(Privilege, KillItself) {
  check({.name = "kill, itself",
         .type = "kill",
         .call = "kill",
         .act =
             [&](Told& told) {
               for (const auto& [name, value] : target_of(::getpid(), ::getpid()))
                 told.field(name, value);
               told.field("evt.arg.pid", ::getpid());
               std::signal(SIGTERM, SIG_IGN);
               return call(k_kill, ::getpid(), SIGTERM);
             },
         .fields = {{"evt.arg.sig", "SIGTERM"}, {"evt.arg.targets", "1"}}});
}

TEST_P(Privilege, KillGroup) {
  const Bystander first(0);
  const Bystander second(first.pid());
  Event event = check(
      {.name = "kill, a group",
       .type = "kill",
       .call = "kill",
       .act = [&](Told&) { return call(k_kill, -first.pid(), SIGHUP); },
       .fields = signal_fields("SIGHUP", -first.pid(), 2) + Fields{{"target.pid", "*"},
                                                                   {"target.tid", "*"},
                                                                   {"target.name", "bystander"},
                                                                   {"target.start_time", "*"},
                                                                   {"target.uid", "0"},
                                                                   {"target.user", "root"},
                                                                   {"target.ruid", "0"},
                                                                   {"target.ruser", "root"}}});
  const std::int64_t target = number_of(event, "target.pid");
  EXPECT_TRUE(target == first.pid() || target == second.pid()) << target;
}

TEST_P(Privilege, KillThread) {
  const Bystander other;
  const pid_t pid = other.pid();
  check({.name = "tkill",
         .type = "kill",
         .call = "tkill",
         .act = [&](Told&) { return call(k_tkill, pid, SIGUSR2); },
         .fields =
             Fields{
                 {"evt.arg.sig", "SIGUSR2"}, {"evt.arg.tid", text(pid)}, {"evt.arg.targets", "1"}} +
             other.target()});
  check({.name = "tgkill",
         .type = "kill",
         .call = "tgkill",
         .act = [&](Told&) { return call(k_tgkill, pid, pid, SIGUSR2); },
         .fields = signal_fields("SIGUSR2", pid, 1) + Fields{{"evt.arg.tid", text(pid)}} +
                   other.target()});
  check({.name = "tgkill, another group",
         .type = "kill",
         .call = "tgkill",
         .act = [&](Told&) { return call(k_tgkill, pid, k_no_process, SIGUSR2); },
         .fields = signal_fields("SIGUSR2", pid, 0) + Fields{{"evt.arg.tid", text(k_no_process)}},
         .error = "ESRCH"});
  check({.name = "tkill, nobody",
         .type = "kill",
         .call = "tkill",
         .act = [&](Told&) { return call(k_tkill, 0, SIGUSR2); },
         .fields = {{"evt.arg.sig", "SIGUSR2"}, {"evt.arg.tid", "0"}, {"evt.arg.targets", "0"}},
         .error = "EINVAL"});
}

TEST_P(Privilege, SignalWithMore) {
  const Bystander other;
  const pid_t pid = other.pid();
  siginfo_t info{};
  info.si_code = SI_QUEUE;
  const auto given = [&] { return low(&info, sizeof(info)); };
  check({.name = "rt_sigqueueinfo",
         .type = "kill",
         .call = "rt_sigqueueinfo",
         .act = [&](Told&) { return call(k_rt_sigqueueinfo, pid, SIGUSR1, given()); },
         .fields = signal_fields("SIGUSR1", pid, 1) + other.target()});
  check({.name = "rt_sigqueueinfo, no memory",
         .type = "kill",
         .call = "rt_sigqueueinfo",
         .act = [&](Told&) { return call(k_rt_sigqueueinfo, pid, SIGUSR1, 1); },
         .fields = signal_fields("SIGUSR1", pid, 0),
         .error = "EFAULT"});
  check({.name = "rt_tgsigqueueinfo",
         .type = "kill",
         .call = "rt_tgsigqueueinfo",
         .act = [&](Told&) { return call(k_rt_tgsigqueueinfo, pid, pid, SIGUSR1, given()); },
         .fields = signal_fields("SIGUSR1", pid, 1) + Fields{{"evt.arg.tid", text(pid)}} +
                   other.target()});
  const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  const Fields by_descriptor{{"evt.arg.sig", "SIGUSR1"}, {"evt.arg.pidfd", text(pidfd)}};
  check({.name = "pidfd_send_signal",
         .type = "kill",
         .call = "pidfd_send_signal",
         .act = [&](Told&) { return call(k_pidfd_send_signal, pidfd, SIGUSR1); },
         .fields = by_descriptor + Fields{{"evt.arg.targets", "1"}} + other.target()});
  ::close(pidfd);
  check({.name = "pidfd_send_signal, closed",
         .type = "kill",
         .call = "pidfd_send_signal",
         .act = [&](Told&) { return call(k_pidfd_send_signal, pidfd, SIGUSR1); },
         .fields = by_descriptor + Fields{{"evt.arg.targets", "0"}},
         .error = "EBADF"});
}

// ---- tracing, and memory of others ----

Fields ptrace_fields(const std::string& request, long pid, long addr = 0, long data = 0) {
  return {{"evt.arg.request", request},
          {"evt.arg.pid", text(pid)},
          {"evt.arg.addr", text(addr)},
          {"evt.arg.data", text(data)}};
}

TEST_P(Privilege, Ptrace) {
  const pid_t me = ::getpid();
  const Bystander other;
  const pid_t pid = other.pid();
  const Fields gave{{"evt.rawres", "0"}};
  check({.name = "traceme",
         .type = "ptrace",
         .call = "ptrace",
         .act = [&](Told&) { return call(k_ptrace, PTRACE_TRACEME); },
         .fields = ptrace_fields("PTRACE_TRACEME", 0) + target_of(me, me) + gave});
  check({.name = "seize",
         .type = "ptrace",
         .call = "ptrace",
         .act = [&](Told&) { return call(k_ptrace, PTRACE_SEIZE, pid, 0, 1); },
         .fields = ptrace_fields("PTRACE_SEIZE", pid, 0, 1) + other.target() + gave});
  check({.name = "attach, not allowed",
         .type = "ptrace",
         .call = "ptrace",
         .before = become_nobody,
         .act = [&](Told&) { return call(k_ptrace, PTRACE_ATTACH, pid); },
         .fields = ptrace_fields("PTRACE_ATTACH", pid) + other.target(),
         .error = "EPERM",
         .uid = k_nobody});
  check({.name = "poke, not its tracer",
         .type = "ptrace",
         .call = "ptrace",
         .act = [&](Told&) { return call(k_ptrace, PTRACE_POKETEXT, pid, 0x1234, 0x77); },
         .fields = ptrace_fields("PTRACE_POKETEXT", pid, 0x1234, 0x77) + other.target(),
         .error = "ESRCH"});
  check({.name = "no such process",
         .type = "ptrace",
         .call = "ptrace",
         .act = [&](Told&) { return call(k_ptrace, PTRACE_SEIZE, k_no_process); },
         .fields = ptrace_fields("PTRACE_SEIZE", k_no_process),
         .error = "ESRCH"});
  check({.name = "unknown request",
         .type = "ptrace",
         .call = "ptrace",
         .act = [&](Told&) { return call(k_ptrace, 0x5555, k_no_process); },
         .fields = ptrace_fields("21845", k_no_process),
         .error = "ESRCH"});
}

alignas(8) const char k_secret[16] = "fifteen letters";

// What process_vm_readv takes, in the form of the entry.
long vector_of(const void* base, std::size_t size) {
  if (Privilege::GetParam() == Entry::native) {
    const iovec vector{const_cast<void*>(base), size};
    return low(&vector, sizeof(vector));
  }
  const std::array<std::uint32_t, 2> vector{
      static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(base)),
      static_cast<std::uint32_t>(size)};
  return low(vector.data(), sizeof(vector));
}

TEST_P(Privilege, ProcessVm) {
  void* const there = low_memory(4096);
  std::memcpy(there, k_secret, sizeof(k_secret));
  const Bystander other;
  const pid_t pid = other.pid();
  const Fields given{{"evt.arg.pid", text(pid)}, {"evt.arg.ranges", "1"}, {"evt.arg.advice", "0"}};
  check({.name = "read",
         .type = "process_vm",
         .call = "process_vm_readv",
         .act =
             [&](Told&) {
               void* const here = low_memory(16);
               const long result =
                   call(k_process_vm_readv, pid, vector_of(here, 16), 1, vector_of(there, 16), 1);
               return std::memcmp(here, k_secret, 16) == 0 ? result : -1;
             },
         .fields = given + other.target() + Fields{{"evt.rawres", "16"}}});
  check({.name = "write",
         .type = "process_vm",
         .call = "process_vm_writev",
         .act =
             [&](Told&) { return call(k_process_vm_writev, pid, vector_of(k_secret, 0), 1, 0, 0); },
         .fields = Fields{{"evt.arg.pid", text(pid)},
                          {"evt.arg.ranges", "0"},
                          {"evt.arg.advice", "0"},
                          {"evt.rawres", "0"}}});
  check({.name = "write, nothing is there",
         .type = "process_vm",
         .call = "process_vm_writev",
         .act =
             [&](Told&) {
               return call(k_process_vm_writev, pid, vector_of(low_memory(8), 8), 1,
                           vector_of(reinterpret_cast<void*>(0x1000), 8), 1);
             },
         .fields = given + other.target(),
         .error = "EFAULT"});
  check({.name = "read, not allowed",
         .type = "process_vm",
         .call = "process_vm_readv",
         .before = become_nobody,
         .act =
             [&](Told&) {
               return call(k_process_vm_readv, pid, vector_of(low_memory(8), 8), 1,
                           vector_of(there, 8), 1);
             },
         .fields = given + other.target(),
         .error = "EPERM",
         .uid = k_nobody});
  check({.name = "read, no such process",
         .type = "process_vm",
         .call = "process_vm_readv",
         .act =
             [&](Told&) {
               return call(k_process_vm_readv, k_no_process, vector_of(low_memory(8), 8), 1,
                           vector_of(there, 8), 1);
             },
         .fields = given + Fields{{"evt.arg.pid", text(k_no_process)}},
         .error = "ESRCH"});
  const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  check({.name = "advise",
         .type = "process_vm",
         .call = "process_madvise",
         .act =
             [&](Told&) {
               return call(k_process_madvise, pidfd, vector_of(there, 4096), 1, MADV_COLD, 0);
             },
         .fields = Fields{{"evt.arg.pidfd", text(pidfd)},
                          {"evt.arg.ranges", "1"},
                          {"evt.arg.advice", text(MADV_COLD)},
                          {"evt.rawres", "4096"}} +
                   other.target()});
  ::close(pidfd);
}

// ---- namespaces ----

void tell_namespaces(const Told& told, const std::string& prefix) {
  const std::pair<const char*, const char*> names[] = {{"cgroup", "cgroup"},
                                                       {"ipc", "ipc"},
                                                       {"mnt", "mnt"},
                                                       {"net", "net"},
                                                       {"pid", "pid_for_children"},
                                                       {"time", "time_for_children"},
                                                       {"user", "user"},
                                                       {"uts", "uts"}};
  for (const auto& [field, name] : names) {
    struct stat status{};
    // Before its first process, a pid namespace cannot be looked at.
    const bool there = ::stat((std::string("/proc/self/ns/") + name).c_str(), &status) == 0;
    told.field(prefix + field, there ? text(static_cast<long>(status.st_ino)) : "*");
  }
}

long between_namespaces(const Told& told, const std::function<long()>& act) {
  tell_namespaces(told, "ns.before.");
  const long result = act();
  tell_namespaces(told, "ns.");
  return result;
}

TEST_P(Privilege, Setns) {
  const int uts = ::open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
  const auto given = [&](int fd, const std::string& type) {
    return Fields{{"evt.arg.fd", text(fd)}, {"evt.arg.nstype", type}};
  };
  check({.name = "setns",
         .type = "setns",
         .call = "setns",
         .act =
             [&](Told& told) {
               return between_namespaces(told, [&] { return call(k_setns, uts, CLONE_NEWUTS); });
             },
         .fields = given(uts, "CLONE_NEWUTS")});
  check({.name = "setns, into another",
         .type = "setns",
         .call = "setns",
         .before = [] { ::unshare(CLONE_NEWUTS); },
         .act =
             [&](Told& told) {
               return between_namespaces(told, [&] { return call(k_setns, uts, 0); });
             },
         .fields = given(uts, "0")});
  check({.name = "setns, another kind",
         .type = "setns",
         .call = "setns",
         .act =
             [&](Told& told) {
               return between_namespaces(told, [&] { return call(k_setns, uts, CLONE_NEWNET); });
             },
         .fields = given(uts, "CLONE_NEWNET"),
         .error = "EINVAL"});
  check({.name = "setns, closed",
         .type = "setns",
         .call = "setns",
         .act =
             [&](Told& told) {
               return between_namespaces(told, [&] { return call(k_setns, -1, 0); });
             },
         .fields = given(-1, "0"),
         .error = "EBADF"});
  check({.name = "setns, not allowed",
         .type = "setns",
         .call = "setns",
         .before = become_nobody,
         .act =
             [&](Told& told) {
               return between_namespaces(told, [&] { return call(k_setns, uts, 0); });
             },
         .fields = given(uts, "0"),
         .error = "EPERM",
         .uid = k_nobody});
  ::close(uts);
}

TEST_P(Privilege, Unshare) {
  const auto unshare = [&](const std::string& name, long flags, const std::string& shown,
                           const std::string& error = "SUCCESS", bool nobody = false) {
    check({.name = "unshare " + name,
           .type = "unshare",
           .call = "unshare",
           .before = nobody ? become_nobody : [] {},
           .act =
               [&](Told& told) {
                 return between_namespaces(told, [&] { return call(k_unshare, flags); });
               },
           .fields = {{"evt.arg.flags", shown}},
           .error = error,
           .uid = nobody ? k_nobody : 0});
  };
  unshare("uts and mnt", CLONE_NEWUTS | CLONE_NEWNS, "CLONE_NEWNS|CLONE_NEWUTS");
  unshare("pid", CLONE_NEWPID, "CLONE_NEWPID");
  unshare("files", CLONE_FILES, "CLONE_FILES");
  unshare("unknown", 0x1 | CLONE_NEWNET, "CLONE_NEWNET|0x1", "EINVAL");
  unshare("not allowed", CLONE_NEWNET, "CLONE_NEWNET", "EPERM", true);
}

TEST_P(Privilege, Clone) {
  // The child of the child ends at once; without a stack of its own it is like fork.
  const auto clone = [&](const std::string& name, const std::string& call_name,
                         const std::string& shown, const std::function<long()>& make,
                         const std::string& error = "SUCCESS", bool nobody = false) {
    check({.name = name,
           .type = "clone",
           .call = call_name,
           .before = nobody ? become_nobody : [] {},
           .act =
               [&](Told& told) {
                 const long child = make();
                 if (child == 0) ::_exit(0);
                 if (child > 0) {
                   told.field("evt.rawres", child);
                   ::waitpid(static_cast<pid_t>(child), nullptr, __WALL);
                 }
                 return child;
               },
           .fields = {{"evt.arg.flags", shown}},
           .error = error,
           .uid = nobody ? k_nobody : 0});
  };
  clone("clone", "clone", "CLONE_NEWUTS", [&] { return call(k_clone, CLONE_NEWUTS | SIGCHLD); });
  clone(
      "clone, not allowed", "clone", "CLONE_NEWPID",
      [&] { return call(k_clone, CLONE_NEWPID | SIGCHLD); }, "EPERM", true);
  clone_args args{};
  args.flags = CLONE_NEWPID | CLONE_NEWIPC;
  args.exit_signal = SIGCHLD;
  clone("clone3", "clone3", "CLONE_NEWIPC|CLONE_NEWPID",
        [&] { return call(k_clone3, low(&args, sizeof(args)), sizeof(args)); });
  args.flags = CLONE_NEWTIME | CLONE_NEWNET;
  clone("clone3, flags above a byte", "clone3", "CLONE_NEWTIME|CLONE_NEWNET",
        [&] { return call(k_clone3, low(&args, sizeof(args)), sizeof(args)); });
  // No namespace: no record.
  check({.name = "fork", .type = "", .call = "clone", .act = [&](Told&) {
           const long child = call(k_clone, SIGCHLD);
           if (child == 0) ::_exit(0);
           ::waitpid(static_cast<pid_t>(child), nullptr, 0);
           return 0L;
         }});
}

// ---- the kernel itself ----

TEST_P(Privilege, Bpf) {
  union bpf_attr map{};
  map.map_type = BPF_MAP_TYPE_LRU_HASH;
  map.key_size = map.value_size = 4;
  map.max_entries = 1;
  std::strcpy(map.map_name, "sixteen_letter1");
  const Fields map_fields{{"evt.arg.cmd", "BPF_MAP_CREATE"},
                          {"bpf.map.type", "BPF_MAP_TYPE_LRU_HASH"},
                          {"bpf.map.name", "sixteen_letter1"}};
  check({.name = "map",
         .type = "bpf",
         .call = "bpf",
         .act =
             [&](Told& told) {
               const long result = call(k_bpf, BPF_MAP_CREATE, low(&map, sizeof(map)), sizeof(map));
               told.field("evt.rawres", result);
               return result;
             },
         .fields = map_fields});
  check({.name = "map, name that does not end",
         .type = "bpf",
         .call = "bpf",
         .act =
             [&](Told&) {
               std::memset(map.map_name, 'x', sizeof(map.map_name));
               return call(k_bpf, BPF_MAP_CREATE, low(&map, sizeof(map)), sizeof(map));
             },
         .fields = map_fields + Fields{{"bpf.map.name", std::string(15, 'x')}},
         .error = "EINVAL"});
  check({.name = "program",
         .type = "bpf",
         .call = "bpf",
         .act =
             [&](Told& told) {
               const std::array<bpf_insn, 2> code{
                   bpf_insn{.code = BPF_ALU64 | BPF_MOV | BPF_K,
                            .dst_reg = 0,
                            .src_reg = 0,
                            .off = 0,
                            .imm = 0},
                   bpf_insn{
                       .code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0}};
               union bpf_attr program{};
               program.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
               program.insn_cnt = code.size();
               program.insns = static_cast<__u64>(low(code.data(), sizeof(code)));
               program.license = static_cast<__u64>(low_string("GPL"));
               std::strcpy(program.prog_name, "seen");
               const long result =
                   call(k_bpf, BPF_PROG_LOAD, low(&program, sizeof(program)), sizeof(program));
               told.field("evt.rawres", result);
               return result;
             },
         .fields = {{"evt.arg.cmd", "BPF_PROG_LOAD"},
                    {"bpf.prog.type", "BPF_PROG_TYPE_SOCKET_FILTER"},
                    {"bpf.prog.name", "seen"}}});
  check({.name = "look-up, no map",
         .type = "bpf",
         .call = "bpf",
         .act =
             [&](Told&) {
               union bpf_attr attr{};
               attr.map_fd = 999;
               return call(k_bpf, BPF_MAP_LOOKUP_ELEM, low(&attr, sizeof(attr)), sizeof(attr));
             },
         .fields = {{"evt.arg.cmd", "BPF_MAP_LOOKUP_ELEM"}},
         .error = "EBADF"});
  check({.name = "no memory",
         .type = "bpf",
         .call = "bpf",
         .act = [&](Told&) { return call(k_bpf, BPF_PROG_LOAD, 1, 64); },
         .fields = {{"evt.arg.cmd", "BPF_PROG_LOAD"}},
         .error = "EFAULT"});
  check({.name = "unknown command",
         .type = "bpf",
         .call = "bpf",
         .act =
             [&](Told&) {
               union bpf_attr attr{};
               return call(k_bpf, 999, low(&attr, sizeof(attr)), sizeof(attr));
             },
         .fields = {{"evt.arg.cmd", "999"}},
         .error = "EINVAL"});
}

TEST_P(Privilege, PerfEventOpen) {
  perf_event_attr attr{};
  attr.type = PERF_TYPE_SOFTWARE;
  attr.size = sizeof(attr);
  attr.config = PERF_COUNT_SW_DUMMY;
  const auto open = [&](long pid, long flags) {
    return call(k_perf_event_open, low(&attr, sizeof(attr)), pid, -1, -1, flags);
  };
  const Fields given{{"evt.arg.pid", "0"}, {"evt.arg.cpu", "-1"}, {"evt.arg.flags", "0"}};
  const Fields copied{{"evt.arg.type", "PERF_TYPE_SOFTWARE"},
                      {"evt.arg.config", text(PERF_COUNT_SW_DUMMY)}};
  check({.name = "counter",
         .type = "perf_event_open",
         .call = "perf_event_open",
         .act =
             [&](Told& told) {
               for (const auto& [name, value] : target_of(::getpid(), ::getpid()))
                 told.field(name, value);
               const long fd = open(0, PERF_FLAG_FD_CLOEXEC);
               told.field("fd.num", fd);
               return fd;
             },
         .fields = given + copied + Fields{{"evt.arg.flags", "PERF_FLAG_FD_CLOEXEC"}}});
  check({.name = "no memory",
         .type = "perf_event_open",
         .call = "perf_event_open",
         .act = [&](Told&) { return call(k_perf_event_open, 1, 0, -1, -1, 0); },
         .fields = given,
         .error = "EFAULT"});
  check({.name = "no such type",
         .type = "perf_event_open",
         .call = "perf_event_open",
         .act =
             [&](Told& told) {
               for (const auto& [name, value] : target_of(::getpid(), ::getpid()))
                 told.field(name, value);
               attr.type = 9999;
               return open(0, 0);
             },
         .fields = given + copied + Fields{{"evt.arg.type", "9999"}},
         .error = "ENOENT"});
  check({.name = "no such process",
         .type = "perf_event_open",
         .call = "perf_event_open",
         .act = [&](Told&) { return open(k_no_process, 0); },
         .fields = given + Fields{{"evt.arg.pid", text(k_no_process)}},
         .error = "ESRCH"});
}

Fields file_fields(const std::string& path) {
  struct stat status{};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return {{"fs.path.name", path},
          {"fs.path.hostpath", path},
          {"fd.ino", text(static_cast<long>(status.st_ino))},
          {"fd.dev", text(major(status.st_dev)) + ":" + text(minor(status.st_dev))}};
}

const std::string k_dir = "/tmp/privilege";

void write_file(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

// A module of this kernel, unpacked: "dummy", the network device.
std::string module_file() {
  const std::string path = k_dir + "/some module.ko";
  utsname name{};
  ::uname(&name);
  // Where the machine that builds runs a kernel without any, no test asks for one.
  if (!std::filesystem::exists(std::string("/lib/modules/") + name.release)) return {};
  if (!std::filesystem::exists(path)) {
    const std::string from =
        std::string("/lib/modules/") + name.release + "/kernel/drivers/net/dummy.ko";
    const std::string command = std::filesystem::exists(from)
                                    ? "cp " + from + " '" + path + "'"
                                    : "xz -dc " + from + ".xz >'" + path + "'";
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
  }
  return path;
}

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_P(Privilege, Modules) {
  const std::string path = module_file();
  const std::string content = content_of(path);
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const Fields by_file = file_fields(path) + Fields{{"module.name", "dummy"},
                                                    {"evt.arg.fd", text(fd)},
                                                    {"evt.arg.flags", "0"},
                                                    {"evt.arg.size", "0"}};
  const auto finit = [&](long flags) {
    return call(k_finit_module, fd, low_string("numdummies=0"), flags);
  };
  const auto remove = [&](const std::string& name, const std::string& error) {
    check(
        {.name = "remove " + name,
         .type = "module_delete",
         .call = "delete_module",
         .act = [&](Told&) { return call(k_delete_module, low_string(name.c_str()), O_NONBLOCK); },
         .fields = {{"module.name", name}, {"evt.arg.flags", "O_NONBLOCK"}},
         .error = error});
  };
  check({.name = "from a file",
         .type = "module_load",
         .call = "finit_module",
         .act = [&](Told&) { return finit(0); },
         .fields = by_file + Fields{{"module.params", "numdummies=0"}}});
  check({.name = "twice",
         .type = "module_load",
         .call = "finit_module",
         .act = [&](Told&) { return finit(1); },
         .fields = by_file + Fields{{"evt.arg.flags", "MODULE_INIT_IGNORE_MODVERSIONS"}},
         .error = "EEXIST"});
  remove("dummy", "SUCCESS");
  remove("dummy", "ENOENT");
  check({.name = "from memory",
         .type = "module_load",
         .call = "init_module",
         .act =
             [&](Told&) {
               return call(k_init_module, low(content.data(), content.size()),
                           static_cast<long>(content.size()), low_string("numdummies=0"));
             },
         .fields = {{"module.name", "dummy"},
                    {"module.params", "numdummies=0"},
                    {"evt.arg.flags", "0"},
                    {"evt.arg.size", text(static_cast<long>(content.size()))}}});
  remove("dummy", "SUCCESS");
  ::close(fd);
  check({.name = "closed",
         .type = "module_load",
         .call = "finit_module",
         .act = [&](Told&) { return call(k_finit_module, 999, low_string(""), 0); },
         .fields = {{"evt.arg.fd", "999"}, {"evt.arg.flags", "0"}, {"evt.arg.size", "0"}},
         .error = "EBADF"});
  const std::string junk = k_dir + "/junk";
  write_file(junk, std::string(10000, 'j'));
  const int junk_fd = ::open(junk.c_str(), O_RDONLY | O_CLOEXEC);
  check({.name = "no module",
         .type = "module_load",
         .call = "finit_module",
         .act = [&](Told&) { return call(k_finit_module, junk_fd, low_string(""), 0); },
         .fields =
             file_fields(junk) +
             Fields{{"evt.arg.fd", text(junk_fd)}, {"evt.arg.flags", "0"}, {"evt.arg.size", "0"}},
         .error = "ENOEXEC"});
  if (native())
    check(
        {.name = "kexec, no kernel",
         .type = "kexec",
         .call = "kexec_file_load",
         .act = [&](Told&) { return call(k_kexec_file_load, junk_fd, -1, 1, low_string(""), 0x4); },
         .fields = file_fields(junk) + Fields{{"evt.arg.fd", text(junk_fd)},
                                              {"evt.arg.flags", "KEXEC_UPDATE_ELFCOREHDR"},
                                              {"evt.arg.entry", "0"},
                                              {"evt.arg.segments", "0"}},
         .error = "ENOEXEC"});
  ::close(junk_fd);
  check({.name = "not allowed",
         .type = "module_load",
         .call = "init_module",
         .before = become_nobody,
         .act = [&](Told&) { return call(k_init_module, 0, 7, 0); },
         .fields = {{"evt.arg.flags", "0"}, {"evt.arg.size", "7"}},
         .error = "EPERM",
         .uid = k_nobody});
}

TEST_P(Privilege, Kexec) {
  // Of the 32-bit call the kernel wants the architecture said.
  constexpr long x86_64 = 62L << 16;
  check({.name = "no segments",
         .type = "kexec",
         .call = "kexec_load",
         .act = [&](Told&) { return call(k_kexec_load, 0x1000, 0, 0, x86_64); },
         .fields = {
             {"evt.arg.flags", "0x3e0000"}, {"evt.arg.entry", "4096"}, {"evt.arg.segments", "0"}}});
  check({.name = "unknown flags",
         .type = "kexec",
         .call = "kexec_load",
         .act = [&](Told&) { return call(k_kexec_load, 0, 3, 0, x86_64 | 0x101); },
         .fields = {{"evt.arg.flags", "KEXEC_ON_CRASH|0x3e0100"},
                    {"evt.arg.entry", "0"},
                    {"evt.arg.segments", "3"}},
         .error = "EINVAL"});
}

TEST_P(Privilege, Keys) {
  check({.name = "add",
         .type = "add_key",
         .call = "add_key",
         .act =
             [&](Told& told) {
               const long key = call(k_add_key, low_string("user"), low_string("gancho:one two"),
                                     low_string("abc"), 3, KEY_SPEC_PROCESS_KEYRING);
               told.field("evt.rawres", key);
               return key;
             },
         .fields = {{"key.type", "user"},
                    {"key.description", "gancho:one two"},
                    {"evt.arg.keyring", text(KEY_SPEC_PROCESS_KEYRING)},
                    {"evt.arg.size", "3"}}});
  check({.name = "add, unknown type",
         .type = "add_key",
         .call = "add_key",
         .act =
             [&](Told&) {
               return call(k_add_key, low_string("nothing"), low_string("gancho:x"), 0, 0,
                           KEY_SPEC_SESSION_KEYRING);
             },
         .fields = {{"key.type", "nothing"},
                    {"key.description", "gancho:x"},
                    {"evt.arg.keyring", text(KEY_SPEC_SESSION_KEYRING)},
                    {"evt.arg.size", "0"}},
         .error = "ENODEV"});
  check({.name = "add, no memory",
         .type = "add_key",
         .call = "add_key",
         .act = [&](Told&) { return call(k_add_key, 1, 0, 0, 0, 0); },
         .fields = {{"evt.arg.keyring", "0"}, {"evt.arg.size", "0"}},
         .error = "EFAULT"});
  check({.name = "request",
         .type = "request_key",
         .call = "request_key",
         .act =
             [&](Told&) {
               return call(k_request_key, low_string("user"), low_string("gancho:none"), 0, 0);
             },
         .fields = {{"key.type", "user"},
                    {"key.description", "gancho:none"},
                    {"evt.arg.keyring", "0"}},
         .error = "ENOKEY"});
  const std::string shown = native() ? "18446744073709551614" : "4294967294";
  check({.name = "keyring",
         .type = "keyctl",
         .call = "keyctl",
         .act =
             [&](Told& told) {
               const long id = call(k_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1);
               told.field("evt.rawres", id);
               return id;
             },
         .fields = {{"evt.arg.option", "KEYCTL_GET_KEYRING_ID"},
                    {"evt.arg.key", shown},
                    {"evt.arg.arg3", "1"}}});
  check({.name = "revoke, no such key",
         .type = "keyctl",
         .call = "keyctl",
         .act = [&](Told&) { return call(k_keyctl, KEYCTL_REVOKE, 0x7ffffff); },
         .fields = {{"evt.arg.option", "KEYCTL_REVOKE"},
                    {"evt.arg.key", text(0x7ffffff)},
                    {"evt.arg.arg3", "0"}},
         .error = "ENOKEY"});
}

TEST_P(Privilege, MemfdCreate) {
  const auto memfd = [&](const std::string& name, long flags, const std::string& shown) {
    check({.name = "memfd " + name,
           .type = "memfd_create",
           .call = "memfd_create",
           .act =
               [&](Told& told) {
                 const long fd = call(k_memfd_create, low_string(name.c_str()), flags);
                 told.field("fd.num", fd);
                 return fd;
               },
           .fields = {{"evt.arg.name", name}, {"evt.arg.flags", shown}}});
  };
  memfd("se cret", MFD_CLOEXEC, "MFD_CLOEXEC");
  memfd("", MFD_ALLOW_SEALING, "MFD_ALLOW_SEALING");
  memfd(std::string(249, 'n'), 0, "0");
  check({.name = "unknown flags",
         .type = "memfd_create",
         .call = "memfd_create",
         .act = [&](Told&) { return call(k_memfd_create, low_string("x"), 0x100 | MFD_CLOEXEC); },
         .fields = {{"evt.arg.flags", "MFD_CLOEXEC|0x100"}},
         .error = "EINVAL"});
  check({.name = "no memory",
         .type = "memfd_create",
         .call = "memfd_create",
         .act = [&](Told&) { return call(k_memfd_create, 1, 0); },
         .fields = {{"evt.arg.flags", "0"}},
         .error = "EFAULT"});
}

TEST_P(Privilege, IoUringSetup) {
  check({.name = "ring",
         .type = "io_uring_setup",
         .call = "io_uring_setup",
         .act =
             [&](Told& told) {
               io_uring_params params{};
               params.flags = IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP;
               params.cq_entries = 64;
               const long fd = call(k_io_uring_setup, 8, low(&params, sizeof(params)));
               told.field("fd.num", fd);
               return fd;
             },
         .fields = {{"evt.arg.entries", "8"},
                    {"evt.arg.flags", "IORING_SETUP_CQSIZE|IORING_SETUP_CLAMP"}}});
  check({.name = "no memory",
         .type = "io_uring_setup",
         .call = "io_uring_setup",
         .act = [&](Told&) { return call(k_io_uring_setup, 4, 1); },
         .fields = {{"evt.arg.entries", "4"}},
         .error = "EFAULT"});
  check({.name = "no entries",
         .type = "io_uring_setup",
         .call = "io_uring_setup",
         .act =
             [&](Told&) {
               const io_uring_params params{};
               return call(k_io_uring_setup, 0, low(&params, sizeof(params)));
             },
         .fields = {{"evt.arg.entries", "0"}},
         .error = "EINVAL"});
}

TEST_P(Privilege, Userfaultfd) {
  check({.name = "userfaultfd",
         .type = "userfaultfd",
         .call = "userfaultfd",
         .act =
             [&](Told& told) {
               const long fd = call(k_userfaultfd, O_CLOEXEC | 1);
               told.field("fd.num", fd);
               return fd;
             },
         .fields = {{"evt.arg.flags", "UFFD_USER_MODE_ONLY|O_CLOEXEC"}}});
  check({.name = "unknown flags",
         .type = "userfaultfd",
         .call = "userfaultfd",
         .act = [&](Told&) { return call(k_userfaultfd, 0x100); },
         .fields = {{"evt.arg.flags", "0x100"}},
         .error = "EINVAL"});
}

// ---- memory that runs ----

constexpr std::size_t k_page = 4096;

TEST_P(Privilege, MemoryThatIsMapped) {
  const auto map = [&](long prot, long flags, int fd, Told* told) {
    const long address = call(k_mmap, 0, k_page, prot, flags | MAP_32BIT, fd, 0);
    if (told != nullptr) told->field("evt.arg.addr", address);
    return address;
  };
  const long all = PROT_READ | PROT_WRITE | PROT_EXEC;
  const std::string call_name = native() ? "mmap" : "mmap2";
  const Fields size{{"evt.arg.size", text(k_page)},
                    {"evt.arg.prot", "PROT_READ|PROT_WRITE|PROT_EXEC"},
                    {"mem.is_written", "false"}};
  check({.name = "anonymous",
         .type = "memory_exec",
         .call = call_name,
         .act = [&](Told& told) { return map(all, MAP_PRIVATE | MAP_ANONYMOUS, -1, &told); },
         .fields = size + Fields{{"evt.arg.flags", "MAP_PRIVATE|MAP_ANONYMOUS|MAP_32BIT"}}});
  const std::string path = k_dir + "/mapped";
  write_file(path, std::string(k_page, 'm'));
  check(
      {.name = "file",
       .type = "memory_exec",
       .call = call_name,
       .act = [&](Told& told) { return map(all, MAP_SHARED, ::open(path.c_str(), O_RDWR), &told); },
       .fields = size + file_fields(path) + Fields{{"evt.arg.flags", "MAP_SHARED|MAP_32BIT"}}});
  check(
      {.name = "file that cannot be written",
       .type = "memory_exec",
       .call = call_name,
       .act = [&](Told&) { return map(all, MAP_SHARED, ::open(path.c_str(), O_RDONLY), nullptr); },
       .fields = size + file_fields(path) +
                 Fields{{"evt.arg.flags", "MAP_SHARED|MAP_32BIT"}, {"evt.arg.addr", "0"}},
       .error = "EACCES"});
  check({.name = "either", .type = "", .call = call_name, .act = [&](Told&) {
           map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, nullptr);
           map(PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, nullptr);
           return 0L;
         }});
}

TEST_P(Privilege, MemoryThatIsProtected) {
  // Memory with this protection, written when it can be.
  const auto memory = [](int prot, int flags = MAP_PRIVATE | MAP_ANONYMOUS, int fd = -1) {
    auto* const at =
        static_cast<char*>(::mmap(nullptr, 2 * k_page, prot, flags | MAP_32BIT, fd, 0));
    if ((prot & PROT_WRITE) != 0) *at = 1;
    return reinterpret_cast<long>(at);
  };
  const auto expected = [&](const std::string& prot, const std::string& before, bool written) {
    return Fields{{"evt.arg.size", text(k_page)},
                  {"evt.arg.prot", prot},
                  {"evt.arg.flags", "0"},
                  {"mem.before", before},
                  {"mem.is_written", written ? "true" : "false"}};
  };
  const int rx = PROT_READ | PROT_EXEC;
  const int rw = PROT_READ | PROT_WRITE;
  check({.name = "written, then it may run",
         .type = "memory_exec",
         .call = "mprotect",
         .act =
             [&](Told& told) {
               const long at = memory(rw);
               told.field("evt.arg.addr", at);
               return call(k_mprotect, at, k_page, rx);
             },
         .fields = expected("PROT_READ|PROT_EXEC", "PROT_READ|PROT_WRITE", true)});
  check({.name = "written, then sealed, then it may run",
         .type = "memory_exec",
         .call = "mprotect",
         .act =
             [&](Told& told) {
               const long at = memory(rw);
               call(k_mprotect, at, k_page, PROT_READ);
               told.field("evt.arg.addr", at);
               return call(k_mprotect, at, k_page, rx);
             },
         .fields = expected("PROT_READ|PROT_EXEC", "PROT_READ", true)});
  check({.name = "it runs, and may be written",
         .type = "memory_exec",
         .call = "mprotect",
         .act =
             [&](Told& told) {
               const long at = memory(rx);
               told.field("evt.arg.addr", at);
               return call(k_mprotect, at, k_page, rx | PROT_WRITE);
             },
         .fields = expected("PROT_READ|PROT_WRITE|PROT_EXEC", "PROT_READ|PROT_EXEC", false)});
  const std::string path = k_dir + "/protected";
  write_file(path, std::string(2 * k_page, 'p'));
  check({.name = "pkey_mprotect of a file",
         .type = "memory_exec",
         .call = "pkey_mprotect",
         .act =
             [&](Told& told) {
               const long at = memory(rw, MAP_SHARED, ::open(path.c_str(), O_RDWR));
               told.field("evt.arg.addr", at);
               return call(k_pkey_mprotect, at, k_page, rx, -1);
             },
         .fields =
             expected("PROT_READ|PROT_EXEC", "PROT_READ|PROT_WRITE", false) + file_fields(path)});
  check({.name = "the second mapping of its range",
         .type = "memory_exec",
         .call = "mprotect",
         .act =
             [&](Told& told) {
               const long at = memory(rw);
               ::munmap(reinterpret_cast<void*>(at), k_page);
               ::mmap(reinterpret_cast<void*>(at), k_page, PROT_READ,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
               *reinterpret_cast<volatile char*>(at + static_cast<long>(k_page)) = 1;
               told.field("evt.arg.addr", at);
               return call(k_mprotect, at, 2 * k_page, rx);
             },
         .fields = expected("PROT_READ|PROT_EXEC", "PROT_READ|PROT_WRITE", true) +
                   Fields{{"evt.arg.size", text(2 * k_page)}}});
  check({.name = "more than there is",
         .type = "memory_exec",
         .call = "mprotect",
         .act =
             [&](Told& told) {
               const long at = memory(rw);
               ::munmap(reinterpret_cast<void*>(at + static_cast<long>(k_page)), k_page);
               told.field("evt.arg.addr", at);
               return call(k_mprotect, at, 2 * k_page, rx);
             },
         .fields = expected("PROT_READ|PROT_EXEC", "PROT_READ|PROT_WRITE", true) +
                   Fields{{"evt.arg.size", text(2 * k_page)}},
         .error = "ENOMEM"});
  check({.name = "nothing that matters", .type = "", .call = "mprotect", .act = [&](Told&) {
           const long never = memory(PROT_READ);
           const long file = memory(PROT_READ, MAP_PRIVATE, ::open(path.c_str(), O_RDONLY));
           const long data = memory(rw);
           return call(k_mprotect, never, k_page, rx) | call(k_mprotect, file, k_page, rx) |
                  call(k_mprotect, data, k_page, PROT_READ) | call(k_mprotect, file, k_page, rx);
         }});
}

// ---- descriptors ----

std::string peer_port(int fd) {
  sockaddr_in peer{};
  socklen_t size = sizeof(peer);
  ::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size);
  return text(ntohs(peer.sin_port));
}

TEST_P(Privilege, Dup) {
  const std::string path = k_dir + "/standard";
  write_file(path, "");
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  const Fields of_file = file_fields(path) + Fields{{"fd.type", "file"}};
  const auto landed = [](int on, int old, const std::string& flags = "0") {
    return Fields{{"fd.num", text(on)}, {"evt.arg.oldfd", text(old)}, {"evt.arg.flags", flags}};
  };
  check({.name = "dup2",
         .type = "dup",
         .call = "dup2",
         .act = [&](Told&) { return call(k_dup2, file, 1); },
         .fields = landed(1, file) + of_file});
  check({.name = "dup3",
         .type = "dup",
         .call = "dup3",
         .act = [&](Told&) { return call(k_dup3, file, 2, O_CLOEXEC); },
         .fields = landed(2, file, "O_CLOEXEC") + of_file});
  check({.name = "dup",
         .type = "dup",
         .call = "dup",
         .act =
             [&](Told&) {
               ::close(0);
               return call(k_dup, file);
             },
         .fields = landed(0, file) + of_file});
  check({.name = "fcntl",
         .type = "dup",
         .call = native() ? "fcntl" : "fcntl64",
         .act =
             [&](Told&) {
               ::close(2);
               return call(k_fcntl, file, F_DUPFD_CLOEXEC, 1);
             },
         .fields = landed(2, file, "O_CLOEXEC") + of_file});
  check({.name = "dup2, closed",
         .type = "dup",
         .call = "dup2",
         .act = [&](Told&) { return call(k_dup2, 999, 0); },
         .fields = landed(0, 999),
         .error = "EBADF"});
  check({.name = "dup3, unknown flag",
         .type = "dup",
         .call = "dup3",
         .act = [&](Told&) { return call(k_dup3, file, 0, 1); },
         .fields = landed(0, file, "0x1"),
         .error = "EINVAL"});
  check({.name = "elsewhere", .type = "", .call = "dup2", .act = [&](Told&) {
           const bool good = call(k_dup2, file, 50) == 50 && call(k_dup3, file, 51, 0) == 51 &&
                             call(k_dup, file) > 2 && call(k_fcntl, file, F_DUPFD, 0) > 2 &&
                             call(k_dup2, 1, 1) == 1;
           return good ? 0L : -1L;
         }});
  ::close(file);
}

std::string own_port(int fd) {
  sockaddr_in own{};
  socklen_t size = sizeof(own);
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size);
  return text(ntohs(own.sin_port));
}

TEST_P(Privilege, DupOfPipeAndSocket) {
  const auto of = [&](const std::string& name, int fd, const Fields& fields) {
    struct stat status{};
    ::fstat(fd, &status);
    return check({.name = name,
                  .type = "dup",
                  .call = "dup2",
                  .act = [&](Told&) { return call(k_dup2, fd, 0); },
                  .fields = fields + Fields{{"fd.num", "0"},
                                            {"evt.arg.oldfd", text(fd)},
                                            {"evt.arg.flags", "0"},
                                            {"fd.ino", text(static_cast<long>(status.st_ino))},
                                            {"fd.dev", "0:" + text(minor(status.st_dev))}}});
  };
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  of("pipe", ends[0], {{"fd.type", "pipe"}});
  ::close(ends[0]), ::close(ends[1]);
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
  of("socket pair", ends[0],
     {{"fd.type", "unix"},
      {"fd.socket.family", "AF_UNIX"},
      {"fd.socket.type", "SOCK_SEQPACKET"},
      {"fd.socket.protocol", "0"},
      {"fd.socket.state", "ESTABLISHED"}});
  ::close(ends[0]), ::close(ends[1]);

  // What a reverse shell begins with.
  const int listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(::bind(listening, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listening, 1), 0);
  ::getsockname(listening, reinterpret_cast<sockaddr*>(&address), &size);
  const int connected = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const Fields tcp{{"fd.type", "ipv4"},
                   {"fd.l4proto", "tcp"},
                   {"fd.socket.family", "AF_INET"},
                   {"fd.socket.type", "SOCK_STREAM"},
                   {"fd.socket.protocol", "tcp"}};
  of("socket", connected, tcp + Fields{{"fd.socket.state", "CLOSE"}});
  ASSERT_EQ(::connect(connected, reinterpret_cast<sockaddr*>(&address), size), 0);
  of("connected socket", connected,
     tcp + Fields{{"fd.socket.state", "ESTABLISHED"},
                  {"fd.lip", "127.0.0.1"},
                  {"fd.lport", own_port(connected)},
                  {"fd.rip", "127.0.0.1"},
                  {"fd.rport", peer_port(connected)}});
  ::close(connected), ::close(listening);
}

// Another thread keeps turning the target of a descriptor over: what the record says is what stands
// there afterwards.
TEST_P(Privilege, DupWhileAnotherThreadChangesTheDescriptor) {
  const std::string one = k_dir + "/one";
  const std::string two = k_dir + "/two";
  write_file(one, ""), write_file(two, "");
  for (int round = 0; round < 50; ++round) {
    std::string found;
    const Event event = check({.name = "race",
                               .type = "dup",
                               .call = "dup2",
                               .act =
                                   [&](Told& told) {
                                     const int first = ::open(one.c_str(), O_RDONLY);
                                     const int second = ::open(two.c_str(), O_RDONLY);
                                     ::dup3(first, 100, 0);
                                     std::atomic<bool> stop = false;
                                     std::thread other([&] {
                                       while (!stop) ::dup3(second, 100, 0), ::dup3(first, 100, 0);
                                     });
                                     const long result = call(k_dup2, 100, 0);
                                     stop = true;
                                     other.join();
                                     const std::string path =
                                         std::filesystem::read_symlink("/proc/self/fd/0");
                                     struct stat status{};
                                     ::fstat(0, &status);
                                     told.field("fs.path.name", path);
                                     told.field("fs.path.hostpath", path);
                                     told.field("fd.ino", static_cast<std::int64_t>(status.st_ino));
                                     return result;
                                   },
                               .fields = {{"fd.num", "0"},
                                          {"evt.arg.oldfd", "100"},
                                          {"evt.arg.flags", "0"},
                                          {"fd.type", "file"},
                                          {"fd.dev", "*"}}});
    if (HasFailure()) return;
  }
}

class World : public ::testing::Environment {
 public:
  void SetUp() override {
    std::filesystem::create_directories(k_dir);
    ::chmod(k_dir.c_str(), 0755);
    (void)module_file();  // by a shell, which dups
    CallLog::watch({"privilege"});
    CallLog::get();
  }
  void TearDown() override { CallLog::get().finish(); }
};
const auto* const k_world = ::testing::AddGlobalTestEnvironment(new World);

}  // namespace
}  // namespace gancho::test
