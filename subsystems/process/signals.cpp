// SPDX-License-Identifier: Apache-2.0
//
// Where the process room's signals come from on which kernel, dearest last, and what is lost.
// Program names are KIND__TARGET, as hooks.list composes them.
#include "process/signals.h"

#include <array>

namespace gancho {
namespace {

using Programs = std::array<std::string_view, 1>;

constexpr Programs k_exec{"tp_btf__sched_process_exec"};
constexpr Programs k_fork{"tp_btf__sched_process_fork"};
constexpr Programs k_exit{"tp_btf__sched_process_exit"};
constexpr Programs k_tasks{"iter__task"};
// The other one takes over when a process keeps this one waiting.
constexpr std::array<std::string_view, 2> k_tasks_with_memory{"iter_s__task", "iter__task"};
constexpr Programs k_cgroups{"iter__cgroup"};
constexpr std::array<std::string_view, 2> k_containers{"tp_btf__cgroup_mkdir",
                                                       "tp_btf__cgroup_rmdir"};
constexpr Programs k_creds_fentry{"fentry__commit_creds"};
constexpr Programs k_creds_probe{"probe__commit_creds"};
constexpr Programs k_prctl{"retsyscall__prctl"};
constexpr auto k_refused = std::to_array<std::string_view>(
    {"retprobe____sys_setuid", "retprobe____sys_setgid", "retprobe____sys_setreuid",
     "retprobe____sys_setregid", "retprobe____sys_setresuid", "retprobe____sys_setresgid",
     "retsyscall__setgroups", "retsyscall__setgroups16", "retsyscall__capset"});
constexpr auto k_login =
    std::to_array<std::string_view>({"probe__audit_set_loginuid", "retprobe__audit_set_loginuid"});
constexpr auto k_session =
    std::to_array<std::string_view>({"retprobe__ksys_setsid", "retsyscall__setpgid",
                                     "probe____proc_set_tty", "retprobe__tty_jobctrl_ioctl"});
constexpr Programs k_prepare{"tp_btf__sched_prepare_exec"};
constexpr Programs k_check{"fentry__security_bprm_check"};
// The system calls see every failure. The others see the path as the kernel read it, or the 32-bit
// calls: a kernel may have inlined the former and be built without the latter.
constexpr auto k_failure_functions = std::to_array<std::string_view>({
    "fexit____x64_sys_execve",
    "fexit____x64_sys_execveat",
});
constexpr auto k_failure_helpful = std::to_array<std::string_view>({
    "fexit__alloc_bprm",
    "fexit__bprm_execve",
    "fexit____ia32_compat_sys_execve",
    "fexit____ia32_compat_sys_execveat",
});
constexpr auto k_failure_tracepoints = std::to_array<std::string_view>({
    "tp__sys_exit_execve",
    "tp__sys_exit_execveat",
});

constexpr auto k_exec_candidates = std::to_array<HookCandidate>({
    {.name = "tp_btf sched_process_exec", .programs = k_exec, .lost = ""},
});
constexpr auto k_before_candidates = std::to_array<HookCandidate>({
    {.name = "tp_btf sched_prepare_exec", .programs = k_prepare, .lost = ""},
    {.name = "fentry security_bprm_check", .programs = k_check, .lost = ""},
});
constexpr auto k_script_candidates = std::to_array<HookCandidate>({
    {.name = "fentry security_bprm_check", .programs = k_check, .lost = ""},
});
constexpr auto k_failure_candidates = std::to_array<HookCandidate>({
    {.name = "fexit of the exec functions",
     .programs = k_failure_functions,
     .helpful = k_failure_helpful,
     .lost = ""},
    {.name = "tracepoint sys_exit_execve",
     .programs = k_failure_tracepoints,
     .lost = "path as given comes from memory that the caller can change; every system call of the "
             "machine takes the kernel's slow path",
     .on_request = true},
});
constexpr auto k_fork_candidates = std::to_array<HookCandidate>({
    {.name = "tp_btf sched_process_fork", .programs = k_fork, .lost = ""},
});
constexpr auto k_exit_candidates = std::to_array<HookCandidate>({
    {.name = "tp_btf sched_process_exit", .programs = k_exit, .lost = ""},
});
constexpr auto k_credentials_candidates = std::to_array<HookCandidate>({
    {.name = "fentry commit_creds", .programs = k_creds_fentry, .lost = ""},
    {.name = "kprobe commit_creds", .programs = k_creds_probe, .lost = ""},
});
constexpr auto k_refused_candidates = std::to_array<HookCandidate>({
    {.name = "kretprobe of the calls", .programs = k_refused, .lost = ""},
});
constexpr auto k_login_candidates = std::to_array<HookCandidate>({
    {.name = "kprobe audit_set_loginuid", .programs = k_login, .lost = ""},
});
constexpr auto k_session_candidates = std::to_array<HookCandidate>({
    {.name = "kprobes ksys_setsid and others", .programs = k_session, .lost = ""},
});
constexpr auto k_prctl_candidates = std::to_array<HookCandidate>({
    {.name = "kretprobe prctl", .programs = k_prctl, .lost = ""},
});
constexpr auto k_tasks_candidates = std::to_array<HookCandidate>({
    {.name = "iter.s task", .programs = k_tasks_with_memory, .lost = ""},
    {.name = "iter task",
     .programs = k_tasks,
     .lost = "arguments of processes that were there before the agent"},
});
constexpr auto k_container_candidates = std::to_array<HookCandidate>({
    {.name = "tp_btf cgroup_mkdir", .programs = k_containers, .lost = ""},
});
constexpr auto k_existing_container_candidates = std::to_array<HookCandidate>({
    {.name = "iter cgroup", .programs = k_cgroups, .lost = ""},
    {.name = "iter task",
     .programs = k_tasks,
     .lost = "containers that were there before the agent and had no process when it started"},
});

}  // namespace

constexpr std::string_view k_probes =
    "use a kernel with kprobes (CONFIG_KPROBES, CONFIG_KPROBE_EVENTS)";
constexpr std::string_view k_trampolines =
    "use a kernel with BPF trampolines (CONFIG_FUNCTION_TRACER, "
    "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS)";

const std::array<SignalDesc, 14> k_process_signals{{
    {.name = "exec",
     .meaning = "programs that are executed",
     .optional = false,
     .candidates = k_exec_candidates,
     .lost = "everything",
     .remedy = "use a kernel with BTF (CONFIG_DEBUG_INFO_BTF) and tracepoints"},
    {.name = "exec.before",
     .meaning = "credentials before the exec; lineage when a thread executes",
     .optional = true,
     .candidates = k_before_candidates,
     .lost = "credentials before the exec, and the lineage of programs executed by a thread",
     .remedy = "use Linux 6.10 or later, or a kernel with BPF trampolines"},
    {.name = "exec.script",
     .meaning = "resolved path and inode of scripts",
     .optional = true,
     .candidates = k_script_candidates,
     .lost = "resolved path and inode of scripts; their path as given and the interpreter remain",
     .remedy = k_trampolines,
     .serves = {EV_PROCESS_EXEC}},
    {.name = "exec.failure",
     .meaning = "attempts to execute that failed, with their errno",
     .optional = true,
     .candidates = k_failure_candidates,
     .lost = "attempts to execute that fail",
     .remedy = "use a kernel with BPF trampolines, or set process.failed_exec: tracepoint and pay "
               "for it in "
               "every system call",
     .serves = {EV_PROCESS_EXEC},
     .changes_nothing = true},
    {.name = "fork",
     .meaning = "lineage, inherited from parent to child",
     .optional = false,
     .candidates = k_fork_candidates,
     .lost = "lineage",
     .remedy = "use a kernel with BTF (CONFIG_DEBUG_INFO_BTF) and tracepoints"},
    {.name = "exit",
     .meaning = "ends of processes",
     .optional = true,
     .candidates = k_exit_candidates,
     .lost = "ends and lifetimes of processes",
     .remedy = "use a kernel with BTF (CONFIG_DEBUG_INFO_BTF) and tracepoints",
     .serves = {EV_PROCESS_EXIT}},
    {.name = "process.existing",
     .meaning = "processes that were there before the agent",
     .optional = true,
     .candidates = k_tasks_candidates,
     .lost = "processes that were there before the agent, and lineage through them",
     .remedy = "use a kernel with sleepable BPF iterators (5.18 or later)"},
    {.name = "container",
     .meaning = "containers that processes run in",
     .optional = true,
     .candidates = k_container_candidates,
     .lost = "which container a process runs in",
     .remedy = "use a kernel with BTF (CONFIG_DEBUG_INFO_BTF), tracepoints and cgroups"},
    {.name = "container.existing",
     .meaning = "containers that were there before the agent",
     .optional = true,
     .candidates = k_existing_container_candidates,
     .lost = "containers that were there before the agent",
     .remedy = "use Linux 6.1 or later"},
    {.name = "credentials",
     .meaning = "changes of credentials",
     .optional = true,
     .candidates = k_credentials_candidates,
     .lost = "changes of credentials other than by exec",
     .remedy = k_probes,
     .serves = {EV_PROCESS_CREDENTIALS},
     .whole = true},
    {.name = "credentials.failure",
     .meaning = "changes of credentials that were refused, with their errno",
     .optional = true,
     .candidates = k_refused_candidates,
     .lost = "changes of credentials that are refused",
     .remedy = k_probes,
     .serves = {EV_PROCESS_CREDENTIALS}},
    {.name = "login",
     .meaning = "processes that become part of a login",
     .optional = true,
     .candidates = k_login_candidates,
     .lost = "logins",
     .remedy = k_probes,
     .serves = {EV_PROCESS_LOGINUID},
     .whole = true},
    {.name = "session",
     .meaning = "sessions, process groups and their terminals",
     .optional = true,
     .candidates = k_session_candidates,
     .lost = "sessions, process groups and their terminals",
     .remedy = k_probes,
     .serves = {EV_PROCESS_SETSID, EV_PROCESS_SETPGID, EV_PROCESS_TERMINAL},
     .whole = true},
    {.name = "prctl",
     .meaning = "what processes set by prctl(2)",
     .optional = true,
     .candidates = k_prctl_candidates,
     .lost = "what processes set by prctl(2)",
     .remedy = k_probes,
     .serves = {EV_PROCESS_PRCTL},
     .whole = true},
}};

}  // namespace gancho
