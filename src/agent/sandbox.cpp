// SPDX-License-Identifier: Apache-2.0
#include "agent/sandbox.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <memory>
#include <optional>
#include <span>

namespace gancho {
namespace {

// "name:x:uid:gid:..." of /etc/passwd: the number in column `column`.
std::optional<std::uint32_t> passwd_number(std::string_view line, int column) {
  for (int i = 0; i < column; ++i) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    line.remove_prefix(colon + 1);
  }
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
  if (error != std::errc{} || end == line.data() + line.size() || *end != ':') return std::nullopt;
  return number;
}

Status give_up_user(const SandboxUser& user) {
  // While still root: CAP_SETPCAP is needed to narrow the bounding set.
  for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability) >= 0; ++capability) {
    if (::prctl(PR_CAPBSET_DROP, capability) != 0 && errno != EINVAL)
      return fail_errno("sandbox: cannot drop a capability", errno);
  }
  if (::setgroups(0, nullptr) != 0) return fail_errno("sandbox: setgroups", errno);
  if (::setresgid(user.gid, user.gid, user.gid) != 0)
    return fail_errno("sandbox: setresgid", errno);
  if (::setresuid(user.uid, user.uid, user.uid) != 0)
    return fail_errno("sandbox: setresuid", errno);
  const std::unique_ptr<_cap_struct, int (*)(void*)> none(::cap_init(), &::cap_free);
  if (!none || ::cap_set_proc(none.get()) != 0)
    return fail_errno("sandbox: cannot drop capabilities", errno);
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  return {};
}

constexpr rlimit k_none{.rlim_cur = 0, .rlim_max = 0};

Status limit_processes() {
  if (::setrlimit(RLIMIT_NPROC, &k_none) != 0) return fail_errno("sandbox: RLIMIT_NPROC", errno);
  return {};
}

Status limit_core() {
  if (::setrlimit(RLIMIT_CORE, &k_none) != 0) return fail_errno("sandbox: RLIMIT_CORE", errno);
  return {};
}

struct Rule {
  int call;
  std::array<scmp_arg_cmp, 1> when{};
  unsigned conditions = 0;
};

// mmap and mprotect may not make memory executable.
constexpr scmp_arg_cmp not_executable() {
  return {.arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = PROT_EXEC, .datum_b = 0};
}

// What may stand in any list: memory, time, locks, ends.
constexpr auto k_common = std::to_array<Rule>({
    {SCMP_SYS(read)},
    {SCMP_SYS(write)},
    {SCMP_SYS(writev)},
    {SCMP_SYS(fdatasync)},
    {SCMP_SYS(epoll_wait)},
    {SCMP_SYS(epoll_pwait)},
    {SCMP_SYS(epoll_ctl)},
    {SCMP_SYS(poll)},
    {SCMP_SYS(close)},
    {SCMP_SYS(recvmsg)},
    {SCMP_SYS(sendmsg)},
    // memory, never executable
    {SCMP_SYS(brk)},
    {SCMP_SYS(munmap)},
    {SCMP_SYS(mremap)},
    {SCMP_SYS(madvise)},
    {SCMP_SYS(mmap), {not_executable()}, 1},
    {SCMP_SYS(mprotect), {not_executable()}, 1},
    // time, locks, ends
    {SCMP_SYS(clock_gettime)},
    {SCMP_SYS(clock_nanosleep)},
    {SCMP_SYS(futex)},
    {SCMP_SYS(getpid)},
    {SCMP_SYS(gettid)},
    {SCMP_SYS(restart_syscall)},
    {SCMP_SYS(rt_sigreturn)},
    {SCMP_SYS(rt_sigprocmask)},
    {SCMP_SYS(exit)},
    {SCMP_SYS(exit_group)},
});

// A new thread, not a new process.
constexpr scmp_arg_cmp of_a_thread() {
  return {.arg = 0, .op = SCMP_CMP_MASKED_EQ, .datum_a = CLONE_THREAD, .datum_b = CLONE_THREAD};
}
constexpr scmp_arg_cmp of_unix() {
  return {.arg = 0, .op = SCMP_CMP_EQ, .datum_a = AF_UNIX, .datum_b = 0};
}
constexpr scmp_arg_cmp only_reading() {
  return {.arg = 2,
          .op = SCMP_CMP_MASKED_EQ,
          .datum_a = O_ACCMODE | O_CREAT | O_TRUNC,
          .datum_b = O_RDONLY};
}
constexpr scmp_arg_cmp of_a_name() {
  return {.arg = 0, .op = SCMP_CMP_EQ, .datum_a = PR_SET_NAME, .datum_b = 0};
}

constexpr auto k_courier = std::to_array<Rule>({
    {SCMP_SYS(clone), {of_a_thread()}, 1},
    {SCMP_SYS(set_robust_list)},
    {SCMP_SYS(rseq)},
    {SCMP_SYS(sched_getaffinity)},
    {SCMP_SYS(sched_yield)},
    {SCMP_SYS(prctl), {of_a_name()}, 1},
    {SCMP_SYS(socket), {of_unix()}, 1},
    {SCMP_SYS(connect)},
    {SCMP_SYS(sendto)},
    {SCMP_SYS(recvfrom)},
    {SCMP_SYS(setsockopt)},
    {SCMP_SYS(shutdown)},
    {SCMP_SYS(fstat)},
    {SCMP_SYS(newfstatat)},
    {SCMP_SYS(ftruncate)},
});

constexpr auto k_network = std::to_array<Rule>({
    {SCMP_SYS(socket)},
    {SCMP_SYS(bind)},  // of a netlink socket that asks for the machine's addresses
    {SCMP_SYS(getsockopt)},
    {SCMP_SYS(getsockname)},
    {SCMP_SYS(getpeername)},
    {SCMP_SYS(sendmmsg)},
    {SCMP_SYS(ioctl)},
    {SCMP_SYS(fcntl)},
    {SCMP_SYS(ppoll)},
    {SCMP_SYS(epoll_create1)},
    {SCMP_SYS(eventfd2)},
    {SCMP_SYS(timerfd_create)},
    {SCMP_SYS(timerfd_settime)},
    {SCMP_SYS(getrandom)},
    {SCMP_SYS(uname)},
    {SCMP_SYS(getuid)},
    {SCMP_SYS(geteuid)},
    {SCMP_SYS(getgid)},
    {SCMP_SYS(getegid)},
    {SCMP_SYS(lseek)},
    {SCMP_SYS(pread64)},
    {SCMP_SYS(openat), {only_reading()}, 1},
});

// What no program of alerts needs, and a way to more privilege may lead through.
constexpr auto k_never = std::to_array<int>({
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(kexec_load),
    SCMP_SYS(kexec_file_load),
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),
    SCMP_SYS(move_mount),
    SCMP_SYS(open_tree),
    SCMP_SYS(fsopen),
    SCMP_SYS(unshare),
    SCMP_SYS(setns),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(keyctl),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(reboot),
    SCMP_SYS(swapon),
    SCMP_SYS(swapoff),
    SCMP_SYS(open_by_handle_at),
});

using Filter = std::unique_ptr<void, void (*)(scmp_filter_ctx)>;

Result<Filter> make_filter(std::uint32_t action) {
  Filter filter(::seccomp_init(action), &::seccomp_release);
  if (!filter) return fail(Errc::system, "sandbox: no memory for the seccomp filter");
  return filter;
}

Status add(const Filter& filter, std::uint32_t action, const Rule& rule) {
  const int error =
      ::seccomp_rule_add_array(filter.get(), action, rule.call, rule.conditions, rule.when.data());
  if (error != 0) return fail_errno("sandbox: seccomp rule", -error);
  return {};
}

Status allow(const Filter& filter, std::span<const Rule> rules) {
  for (const Rule& rule : rules) TRY(add(filter, SCMP_ACT_ALLOW, rule));
  return {};
}

Status load(const Filter& filter) {
  // A filter that does not know the architecture of a call ends the process: no way around it in 32
  // bits.
  ::seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  if (const int error = ::seccomp_load(filter.get()); error != 0)
    return fail_errno("sandbox: seccomp", -error);
  return {};
}

// `name` when it is there, else the first id from `fallback` on that belongs to nobody.
SandboxUser choose_user(std::string_view passwd, std::string_view name, std::uint32_t fallback) {
  SandboxUser chosen{.uid = fallback, .gid = fallback};
  while (!passwd.empty()) {
    const std::string_view line = passwd.substr(0, passwd.find('\n'));
    passwd.remove_prefix(std::min(passwd.size(), line.size() + 1));
    const auto uid = passwd_number(line, 2);
    const auto gid = passwd_number(line, 3);
    if (line.starts_with(name) && line.substr(name.size()).starts_with(':') &&
        uid.value_or(0) != 0 && gid)
      return {.uid = *uid, .gid = *gid};
    if (uid == chosen.uid) chosen = {.uid = chosen.uid + 1, .gid = chosen.uid + 1};
  }
  return chosen;
}

Status become(const SandboxUser& user) {
  TRY(give_up_user(user));
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return fail_errno("sandbox: no_new_privs", errno);
  // Nobody of the same user may look into us or write our memory.
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return fail_errno("sandbox: dumpable", errno);
  return {};
}

}  // namespace

SandboxUser choose_sandbox_user(std::string_view passwd) {
  return choose_user(passwd, "gancho", k_fallback_uid);
}

SandboxUser choose_courier_user(std::string_view passwd) {
  // Behind the worker's, and behind where that goes when its id is somebody's.
  return choose_user(passwd, "gancho-courier", k_fallback_uid + 16);
}

Status enter_sandbox(const SandboxUser& user) {
  TRY(limit_processes());
  TRY(limit_core());
  TRY(become(user));
  // Only now: a change of user clears it. The keeper must not leave a worker behind.
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
    return fail_errno("sandbox: pdeathsig", errno);
  const Filter filter = TRY(make_filter(SCMP_ACT_ERRNO(EPERM)));
  TRY(allow(filter, k_common));
  return load(filter);
}

Status enter_courier_sandbox(const SandboxUser& user, bool network) {
  TRY(limit_core());
  TRY(become(user));
  const Filter filter = TRY(make_filter(SCMP_ACT_ERRNO(EPERM)));
  TRY(allow(filter, k_common));
  TRY(allow(filter, k_courier));
  if (network) TRY(allow(filter, k_network));
  // Its flags are in memory, where a filter cannot look; told that there is none, the C library
  // takes clone().
  TRY(add(filter, SCMP_ACT_ERRNO(ENOSYS), {SCMP_SYS(clone3)}));
  return load(filter);
}

Status enter_runner_sandbox(const SandboxUser& user) {
  TRY(limit_core());
  TRY(become(user));
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
    return fail_errno("sandbox: pdeathsig", errno);
  const Filter filter = TRY(make_filter(SCMP_ACT_ALLOW));
  for (const int call : k_never) TRY(add(filter, SCMP_ACT_ERRNO(EPERM), {call}));
  return load(filter);
}

}  // namespace gancho
