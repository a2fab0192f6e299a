// SPDX-License-Identifier: Apache-2.0
#include "agent/sandbox.h"

#include <fmt/format.h>
#include <grp.h>
#include <seccomp.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <memory>
#include <optional>

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

Status limit_resources() {
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  if (::setrlimit(RLIMIT_NPROC, &none) != 0) return fail_errno("sandbox: RLIMIT_NPROC", errno);
  if (::setrlimit(RLIMIT_CORE, &none) != 0) return fail_errno("sandbox: RLIMIT_CORE", errno);
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

Status allow_few_calls() {
  const std::unique_ptr<void, void (*)(scmp_filter_ctx)> filter(
      ::seccomp_init(SCMP_ACT_ERRNO(EPERM)), &::seccomp_release);
  if (!filter) return fail(Errc::system, "sandbox: no memory for the seccomp filter");
  const auto rules = std::to_array<Rule>({
      // what is open: read, write, wait, give back
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
  for (const Rule& rule : rules) {
    const int error = ::seccomp_rule_add_array(filter.get(), SCMP_ACT_ALLOW, rule.call,
                                               rule.conditions, rule.when.data());
    if (error != 0) return fail_errno("sandbox: seccomp rule", -error);
  }
  // A filter that does not know the architecture of a call ends the process: no way around it in 32
  // bits.
  ::seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  if (const int error = ::seccomp_load(filter.get()); error != 0)
    return fail_errno("sandbox: seccomp", -error);
  return {};
}

}  // namespace

SandboxUser choose_sandbox_user(std::string_view passwd) {
  SandboxUser chosen{.uid = k_fallback_uid, .gid = k_fallback_uid};
  while (!passwd.empty()) {
    const std::string_view line = passwd.substr(0, passwd.find('\n'));
    passwd.remove_prefix(std::min(passwd.size(), line.size() + 1));
    const auto uid = passwd_number(line, 2);
    const auto gid = passwd_number(line, 3);
    if (line.starts_with("gancho:") && uid.value_or(0) != 0 && gid)
      return {.uid = *uid, .gid = *gid};
    if (uid == chosen.uid) chosen = {.uid = chosen.uid + 1, .gid = chosen.uid + 1};
  }
  return chosen;
}

Status enter_sandbox(const SandboxUser& user) {
  TRY(limit_resources());
  TRY(give_up_user(user));
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return fail_errno("sandbox: no_new_privs", errno);
  // Nobody of the same user may look into us or write our memory.
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return fail_errno("sandbox: dumpable", errno);
  // Only now: a change of user clears it. The keeper must not leave a worker behind.
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
    return fail_errno("sandbox: pdeathsig", errno);
  return allow_few_calls();
}

}  // namespace gancho
