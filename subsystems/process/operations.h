// SPDX-License-Identifier: Apache-2.0
//
// How the room's events are seen, beside their signals. For process.cpp only.
#pragma once

#include <array>
#include <string_view>

#include "event/room.h"

namespace gancho::process {

inline constexpr std::array<std::string_view, 2> k_exec_signals{"exec", "exec.before"};
inline constexpr std::array<std::string_view, 1> k_fork_signals{"fork"};
inline constexpr std::array<std::string_view, 1> k_existing_signals{"process.existing"};

inline constexpr auto k_operations = std::to_array<OperationDesc>({
    {.event = EV_PROCESS_EXEC,
     .entries = entry::calls | entry::kernel,
     .calls = "execve, execveat; programs that the kernel starts",
     .refusable = "security_bprm_check",
     .source =
         "the kernel's own objects; arguments and environment from the new program's memory before "
         "it runs. Of an attempt that failed the path is the kernel's copy, or the caller's memory "
         "where there is none (`evt.arg.user_memory`), arguments and environment are always the "
         "caller's memory, of pages that are present. The environment is read when somebody asks",
     .missed = "the resolved path of a file that binfmt_misc handed to an interpreter; failures "
               "whose return probe was preempted, with `preempt=full` (counted: `skipped`)",
     .signals = k_exec_signals},
    {.event = EV_PROCESS_FORK,
     .entries = entry::calls | entry::kernel,
     .calls = "fork, vfork, clone, clone3; threads of the kernel",
     .source = "the kernel's own objects",
     .missed = "attempts that fail; threads, which are no processes",
     .signals = k_fork_signals},
    {.event = EV_PROCESS_EXIT,
     .entries = entry::calls | entry::kernel,
     .calls = "exit, exit_group; signals that kill",
     .source = "the kernel's own objects",
     .missed = "ends of threads while others of the process go on"},
    {.event = EV_PROCESS_EXISTING,
     .entries = entry::visit,
     .calls = "none",
     .source =
         "the kernel's own objects; arguments, and the environment when somebody asks, from the "
         "process's memory, where it is private and anonymous",
     .missed = "path as given, script and credentials before the exec; program and "
               "arguments of a process whose first thread has ended",
     .signals = k_existing_signals},
    {.event = EV_PROCESS_CREDENTIALS,
     .entries = entry::calls | entry::kernel,
     .calls = "setuid, setgid, setreuid, setregid, setresuid, setresgid, setfsuid, setfsgid, "
              "setgroups, capset, and whatever else puts other credentials in force (prctl, "
              "unshare, setns)",
     .source = "the kernel's own objects; what was asked for by an attempt that was refused: the "
               "caller's registers",
     .missed = "those of an exec, which are in its own record; those that a child is created with, "
               "in a new user namespace; refusals of setfsuid and setfsgid, which do not say so, "
               "and of calls whose name is about something else; which supplementary groups there "
               "are: they are counted"},
    {.event = EV_PROCESS_LOGINUID,
     .entries = entry::calls | entry::io_uring,
     .calls = "writes to `/proc/PID/loginuid`",
     .source = "the kernel's own objects",
     .missed = "what is refused before the kernel has the number"},
    {.event = EV_PROCESS_SETSID,
     .entries = entry::calls,
     .calls = "setsid",
     .source = "the kernel's own objects, afterwards"},
    {.event = EV_PROCESS_SETPGID,
     .entries = entry::calls,
     .calls = "setpgid",
     .source = "numbers: the caller's registers; the rest: the kernel's own objects, afterwards"},
    {.event = EV_PROCESS_TERMINAL,
     .entries = entry::calls | entry::io_uring,
     .calls = "ioctl with TIOCSCTTY; whatever opens a terminal",
     .source = "the kernel's own objects",
     .missed = "terminals that are given up or hung up; signals that the kernel sends a session "
               "then, which are no `kill`"},
    {.event = EV_PROCESS_PRCTL,
     .entries = entry::calls,
     .calls = "prctl",
     .source = "numbers: the caller's registers; the rest: the kernel's own objects, afterwards",
     .missed = "options that set nothing which others depend on"},
});

inline constexpr auto k_absent = std::to_array<AbsentProgram>({
    {"tp_btf__sched_prepare_exec", TestedKernel::debian_6_1},  // Linux 6.10
});

}  // namespace gancho::process
