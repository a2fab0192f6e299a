// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <linux/capability.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <sstream>

#include "cli/check_report.h"

namespace gancho {
namespace {

constexpr std::array<std::string_view, 1> k_prepare{"tp_btf__sched_prepare_exec"};
constexpr std::array<std::string_view, 1> k_begin{"fentry__begin_new_exec"};
constexpr std::array<std::string_view, 1> k_tracepoint{"tp__sys_exit_execve"};
constexpr std::array<HookCandidate, 2> k_before{{
    {.name = "tp_btf sched_prepare_exec", .programs = k_prepare, .lost = ""},
    {.name = "fentry begin_new_exec", .programs = k_begin, .lost = ""},
}};
constexpr std::array<HookCandidate, 1> k_failure{{
    {.name = "tracepoint sys_exit_execve", .programs = k_tracepoint, .lost = "path as given"},
}};
constexpr SignalDesc k_exec_before{.name = "exec.before",
                                   .meaning = "credentials before the exec",
                                   .optional = true,
                                   .candidates = k_before,
                                   .lost =
                                       "credentials before the exec, and the lineage of programs "
                                       "executed by a thread",
                                   .remedy = "use Linux 6.10 or later"};
constexpr SignalDesc k_exec_failure{.name = "exec.failure",
                                    .meaning = "attempts that failed",
                                    .optional = true,
                                    .candidates = k_failure,
                                    .lost = "attempts that fail",
                                    .remedy = ""};
constexpr SignalDesc k_exec{.name = "exec",
                            .meaning = "programs that are executed",
                            .optional = false,
                            .candidates = k_before,
                            .lost = "everything",
                            .remedy = "use a kernel with BTF"};

KernelFacts sample_facts() {
  KernelFacts facts;
  facts.release = "6.1.0-56-amd64";
  facts.build = "#1 SMP PREEMPT_DYNAMIC Debian 6.1.1-1";
  facts.architecture = "x86_64";
  facts.btf_bytes = 5'300'000;
  facts.security_modules = {"lockdown", "capability", "landlock", "yama"};
  facts.lockdown = "none";
  facts.cgroup = CgroupVersion::v2;
  facts.cgroup2_at = "/sys/fs/cgroup";
  facts.capabilities = 1ULL << CAP_BPF | 1ULL << CAP_PERFMON | 1ULL << CAP_NET_ADMIN;
  facts.memlock = 8U << 20;
  facts.unprivileged_bpf_disabled = 2;
  facts.jit_enable = 1;
  facts.jit_harden = 0;
  facts.perf_event_paranoid = 3;
  facts.tracefs_at = "/sys/kernel/tracing";
  facts.securityfs_at = "/sys/kernel/security";
  facts.preemption = "voluntary";
  facts.possible_cpus = 2;
  return facts;
}

HookResult sample_hook(HookKind kind, Outcome outcome, int error, std::string text) {
  HookResult result;
  result.kind = kind;
  result.outcome = outcome;
  result.error = error;
  (outcome == Outcome::works ? result.tried : result.reason) = std::move(text);
  return result;
}

SignalChoice complete_choice(const SignalDesc& signal) {
  SignalChoice choice;
  choice.signal = &signal;
  choice.chosen = &signal.candidates.front();
  choice.programs.assign(choice.chosen->programs.begin(), choice.chosen->programs.end());
  return choice;
}

SignalChoice reduced_choice(const SignalDesc& signal) {
  SignalChoice choice = complete_choice(signal);
  choice.lost = choice.chosen->lost;
  choice.remedy = signal.remedy;
  choice.absent.push_back({"fexit__alloc_bprm", "this kernel has no such target: alloc_bprm", ""});
  return choice;
}

SignalChoice lost_choice(const SignalDesc& signal) {
  SignalChoice choice;
  choice.signal = &signal;
  choice.lost = signal.lost;
  choice.remedy = signal.remedy;
  choice.refused.push_back(
      {signal.candidates.front().name, "no such target: sched_prepare_exec", ""});
  choice.refused.push_back({signal.candidates.back().name,
                            "fentry refused (ENOTSUPP): this kernel does not support it",
                            "boot with ftrace"});
  return choice;
}

CheckReport sample_report() {
  CheckReport report;
  report.facts = sample_facts();
  report.hooks = {
      sample_hook(HookKind::tp_btf, Outcome::works, 0, "attached to mark_victim"),
      sample_hook(HookKind::fentry, Outcome::refused, 524, "this kernel does not support it"),
      sample_hook(HookKind::lsm, Outcome::refused, 0,
                  "\"bpf\" is not among the active security modules"),
      sample_hook(HookKind::uprobe, Outcome::not_tried, 0, "our own function was not found"),
      sample_hook(HookKind::netfilter, Outcome::refused, EINVAL, "this kernel does not know it"),
  };
  report.hooks[2].remedy = "boot with lsm=lockdown,landlock,yama,bpf";
  report.rooms.push_back(
      {"process",
       {complete_choice(k_exec), lost_choice(k_exec_before), reduced_choice(k_exec_failure)}});
  return report;
}

constexpr std::string_view k_golden_text = R"(Linux 6.1.0-56-amd64 x86_64, 2 CPUs
  type information    5.3 MB
  security modules    lockdown, capability, landlock, yama
  lockdown            none
  cgroups             v2 at /sys/fs/cgroup
  JIT                 on
  preemption          voluntary
  tracefs             /sys/kernel/tracing
  bpffs               not mounted (mount -t bpf bpf /sys/fs/bpf)
  securityfs          /sys/kernel/security
  capabilities        CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN
  locked memory       8192 kB
  unprivileged BPF    off
  perf_event_paranoid 3

Hooks
  ✓ BTF tracepoint    attached to mark_victim
  ✗ fentry            ENOTSUPP, this kernel does not support it
                      needs BPF trampolines: CONFIG_FUNCTION_TRACER,
                      CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS
  ✗ LSM               "bpf" is not among the active security modules
                      -> boot with lsm=lockdown,landlock,yama,bpf
  ? uprobe            our own function was not found
                      needs CONFIG_UPROBES

Packets
  ✗ Netfilter         EINVAL, this kernel does not know it
                      needs Linux 6.4, CONFIG_NETFILTER_BPF_LINK

Signals: process
  ✓ exec              tp_btf sched_prepare_exec
  ✗ exec.before       no hook for it
                      not tp_btf sched_prepare_exec: no such target:
                      sched_prepare_exec
                      not fentry begin_new_exec: fentry refused (ENOTSUPP): this
                      kernel does not support it
                      lost: credentials before the exec, and the lineage of
                      programs executed by a thread
                      -> boot with ftrace
                      -> use Linux 6.10 or later
  ~ exec.failure      tracepoint sys_exit_execve
                      without fexit__alloc_bprm: this kernel has no such target:
                      alloc_bprm
                      lost: path as given

Gancho can run here, without exec.before; reduced: exec.failure.
)";

TEST(CheckText, IsAsItWas) {
  EXPECT_EQ(render_check_text(sample_report(), false), k_golden_text);
}

std::string without_colors(std::string text) {
  for (std::size_t at = 0; (at = text.find("\033[", at)) != std::string::npos;) {
    text.erase(at, text.find('m', at) - at + 1);
  }
  return text;
}

TEST(CheckText, ColorsAddNothingElse) {
  const std::string colored = render_check_text(sample_report(), true);
  EXPECT_NE(colored, k_golden_text);
  EXPECT_NE(colored.find("\033[32m✓\033[0m"), std::string::npos);
  EXPECT_EQ(without_colors(colored), k_golden_text);
}

TEST(CheckText, FitsInto80Columns) {
  CheckReport report = sample_report();
  report.hooks[0].tried =
      "attached to a function with a name, and to another one with a longer name still, "
      "which is why this text is long";
  std::istringstream lines(render_check_text(report, false));
  for (std::string line; std::getline(lines, line);) {
    const auto columns = std::ranges::count_if(
        line, [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; });
    EXPECT_LE(columns, 80) << line;
    EXPECT_FALSE(line.ends_with(' ')) << line;
  }
}

// Twenty events that are lost because there are no kprobes are one thing to say, not twenty.
TEST(CheckText, OneCauseIsToldOnce) {
  constexpr auto signal = [](std::string_view name) {
    return SignalDesc{.name = name,
                      .meaning = name,
                      .optional = true,
                      .candidates = {},
                      .lost = name,
                      .remedy = "use another kernel",
                      .serves = {},
                      .whole = true};
  };
  const std::array<SignalDesc, 4> signals{signal("unlink"), signal("open"), signal("rmdir"),
                                          signal("mkdir")};
  const std::array<std::string_view, 4> causes{"no kprobes", "no trampolines", "no kprobes",
                                               "no kprobes"};
  CheckReport report = sample_report();
  report.rooms.assign(1, {"files", {}});
  for (std::size_t i = 0; i < signals.size(); ++i) {
    SignalChoice choice = lost_choice(k_exec_before);
    choice.signal = &signals[i];
    choice.remedy = signals[i].remedy;
    choice.refused.assign(
        1, {signals[i].name, "probe: " + std::string(causes[i]), "", std::string(causes[i])});
    choice.lost = signals[i].lost;
    report.rooms.front().signals.push_back(choice);
  }
  const std::string text = render_check_text(report, false);
  EXPECT_NE(text.find("Signals: files\n"
                      "  ✗ 3 signals         no hook for them\n"
                      "                      no kprobes\n"
                      "                      lost: unlink, rmdir, mkdir\n"
                      "                      -> use another kernel\n"
                      "  ✗ open              no hook for it\n"
                      "                      not open: probe: no trampolines\n"
                      "                      lost: open\n"
                      "                      -> use another kernel\n"
                      "\n"),
            std::string::npos)
      << text;
}

// So are those that are left to the tracepoints of all system calls, and what that costs.
TEST(CheckText, WhatHangsOnEveryCallIsToldOnce) {
  static constexpr std::array<HookCandidate, 2> k_candidates{{
      {.name = "probe", .programs = {}, .lost = ""},
      {.name = "every call", .programs = {}, .lost = "speed", .on_every_call = true},
  }};
  static constexpr auto k_signal = [](std::string_view name) {
    return SignalDesc{.name = name,
                      .meaning = name,
                      .optional = true,
                      .candidates = k_candidates,
                      .lost = name,
                      .remedy = "use another kernel",
                      .serves = {},
                      .whole = true};
  };
  const std::array<SignalDesc, 2> signals{k_signal("unlink"), k_signal("rmdir")};
  CheckReport report = sample_report();
  report.rooms.assign(1, {"files", {}});
  for (const SignalDesc& signal : signals) {
    SignalChoice choice;
    choice.signal = &signal;
    choice.chosen = &k_candidates[1];
    choice.refused.assign(
        1, {"probe", "probe: no kprobes of " + std::string(signal.name), "", "no kprobes"});
    choice.lost = choice.chosen->lost;
    choice.remedy = signal.remedy;
    report.rooms.front().signals.push_back(choice);
  }
  EXPECT_NE(render_check_text(report, false)
                .find("Signals: files\n"
                      "  ~ 2 signals         every call\n"
                      "                      no kprobes\n"
                      "                      these: unlink, rmdir\n"
                      "                      lost: speed\n"
                      "                      -> use another kernel\n"
                      "\n"),
            std::string::npos);
  EXPECT_NE(render_check_json(report).find(R"("on_every_call":true)"), std::string::npos);
}

TEST(CheckText, NothingSteersTheTerminal) {
  CheckReport report = sample_report();
  report.facts.cgroup2_at = "/mnt/\033[2J\x7f\n\xc2\x9b";
  const std::string text = render_check_text(report, false);
  EXPECT_NE(text.find("v2 at /mnt/?[2J???\n"), std::string::npos) << text;
}

TEST(CheckText, WithoutPrivilegeShowsWhatCanBeShown) {
  CheckReport report = sample_report();
  report.missing_privilege = "no CAP_BPF";
  report.rooms.clear();
  const std::string text = render_check_text(report, false);
  EXPECT_NE(text.find("Linux 6.1.0-56-amd64 x86_64, 2 CPUs\n"), std::string::npos);
  EXPECT_NE(
      text.find("\n  Not tried. Run as root, or with CAP_BPF, CAP_PERFMON and CAP_SYS_RESOURCE.\n"),
      std::string::npos);
  EXPECT_TRUE(text.ends_with("\n\nGancho cannot run here: no privilege (no CAP_BPF).\n")) << text;
}

// One line, broken here to be read.
constexpr std::string_view k_golden_json = R"({"format":1,"status":"degraded","exit_status":1,
 "summary":"Gancho can run here, without exec.before; reduced: exec.failure",
 "kernel":
  {"release":"6.1.0-56-amd64","build":"#1 SMP PREEMPT_DYNAMIC Debian 6.1.1-1",
   "architecture":"x86_64","possible_cpus":2,"btf_bytes":5300000,
   "security_modules":["lockdown","capability","landlock","yama"],"lockdown":"none","cgroup":"v2",
   "cgroup2_at":"/sys/fs/cgroup","tracefs_at":"/sys/kernel/tracing","bpffs_at":"",
   "securityfs_at":"/sys/kernel/security","preemption":"voluntary","unprivileged_bpf_disabled":2,
   "jit_enable":1,"jit_harden":0,"perf_event_paranoid":3,"memlock_bytes":8388608},
 "privilege":
  {"sufficient":true,"missing":"","initial_user_namespace":true,"cap_bpf":true,"cap_perfmon":true,
   "cap_sys_admin":false,"cap_net_admin":true,"cap_sys_resource":false},
 "hooks":[
  {"name":"BTF tracepoint","group":"hooks","required":true,"outcome":"works","error":null,
   "tried":"attached to mark_victim","reason":"","needs":"CONFIG_DEBUG_INFO_BTF","remedy":""},
  {"name":"fentry","group":"hooks","required":false,"outcome":"refused","error":"ENOTSUPP",
   "tried":"","reason":"this kernel does not support it",
   "needs":"BPF trampolines: CONFIG_FUNCTION_TRACER, CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS",
   "remedy":""},
  {"name":"LSM","group":"hooks","required":false,"outcome":"refused","error":null,"tried":"",
   "reason":"\"bpf\" is not among the active security modules",
   "needs":"CONFIG_BPF_LSM, BPF trampolines, \"bpf\" in lsm=",
   "remedy":"boot with lsm=lockdown,landlock,yama,bpf"},
  {"name":"uprobe","group":"hooks","required":false,"outcome":"not_tried","error":null,"tried":"",
   "reason":"our own function was not found","needs":"CONFIG_UPROBES","remedy":""},
  {"name":"Netfilter","group":"packets","required":false,"outcome":"refused","error":"EINVAL",
   "tried":"","reason":"this kernel does not know it",
   "needs":"Linux 6.4, CONFIG_NETFILTER_BPF_LINK","remedy":""}],
 "signals":[
  {"room":"process","name":"exec","meaning":"programs that are executed","optional":false,
   "state":"complete","hook":"tp_btf sched_prepare_exec",
   "programs":["tp_btf__sched_prepare_exec"],"on_every_call":false,"refused":[],"absent":[],"lost":"","remedy":""},
  {"room":"process","name":"exec.before","meaning":"credentials before the exec","optional":true,
   "state":"lost","hook":null,"programs":[],"on_every_call":false,
   "refused":[
    {"hook":"tp_btf sched_prepare_exec","reason":"no such target: sched_prepare_exec","remedy":""},
    {"hook":"fentry begin_new_exec",
     "reason":"fentry refused (ENOTSUPP): this kernel does not support it",
     "remedy":"boot with ftrace"}],
   "absent":[],
   "lost":"credentials before the exec, and the lineage of programs executed by a thread",
   "remedy":"use Linux 6.10 or later"},
  {"room":"process","name":"exec.failure","meaning":"attempts that failed","optional":true,
   "state":"reduced","hook":"tracepoint sys_exit_execve","programs":["tp__sys_exit_execve"],"on_every_call":false,
   "refused":[],
   "absent":[
    {"program":"fexit__alloc_bprm","reason":"this kernel has no such target: alloc_bprm",
     "remedy":""}],
   "lost":"path as given","remedy":""}]}
)";

// Also the order of the keys: an object is written as it was read.
TEST(CheckJson, IsAsItWas) {
  const std::string one_line = boost::json::serialize(boost::json::parse(k_golden_json)) + '\n';
  EXPECT_EQ(render_check_json(sample_report()), one_line);
}

TEST(CheckJson, CanBeRead) {
  const std::string text = render_check_json(sample_report());
  const boost::json::value root = boost::json::parse(text);
  EXPECT_EQ(root.at("status").as_string(), "degraded");
  EXPECT_EQ(root.at("exit_status").as_int64(), 1);
  EXPECT_EQ(root.at_pointer("/hooks/1/error").as_string(), "ENOTSUPP");
  EXPECT_TRUE(root.at_pointer("/hooks/2/error").is_null());
  EXPECT_EQ(root.at_pointer("/signals/1/state").as_string(), "lost");
  EXPECT_TRUE(root.at_pointer("/signals/1/hook").is_null());
  EXPECT_EQ(root.at_pointer("/signals/2/absent/0/program").as_string(), "fexit__alloc_bprm");
}

TEST(CheckJson, WhatCannotBeSeenIsNull) {
  CheckReport report = sample_report();
  report.facts.security_modules.reset();
  report.facts.lockdown.reset();
  report.facts.jit_enable.reset();
  const boost::json::value root = boost::json::parse(render_check_json(report));
  EXPECT_TRUE(root.at_pointer("/kernel/security_modules").is_null());
  EXPECT_TRUE(root.at_pointer("/kernel/lockdown").is_null());
  EXPECT_TRUE(root.at_pointer("/kernel/jit_enable").is_null());
}

CheckReport report_of(std::vector<SignalChoice> choices) {
  CheckReport report;
  report.facts = sample_facts();
  report.rooms.push_back({"process", std::move(choices)});
  return report;
}

TEST(CheckVerdict, CompleteWhenNothingIsLost) {
  const CheckVerdict verdict = verdict_of(report_of({complete_choice(k_exec)}));
  EXPECT_EQ(verdict.status, CheckStatus::complete);
}

TEST(CheckVerdict, DegradedWhenSomethingOptionalIsLost) {
  const CheckVerdict verdict =
      verdict_of(report_of({complete_choice(k_exec), lost_choice(k_exec_before)}));
  EXPECT_EQ(verdict.status, CheckStatus::degraded);
  EXPECT_EQ(verdict.summary, "Gancho can run here, without exec.before");
}

TEST(CheckVerdict, DegradedWhenAWorseHookIsUsed) {
  const CheckVerdict verdict = verdict_of(report_of({reduced_choice(k_exec_failure)}));
  EXPECT_EQ(verdict.status, CheckStatus::degraded);
  EXPECT_EQ(verdict.summary, "Gancho can run here; reduced: exec.failure");
}

TEST(CheckVerdict, CannotRunWithoutANeededSignal) {
  const CheckVerdict verdict =
      verdict_of(report_of({lost_choice(k_exec), lost_choice(k_exec_before)}));
  EXPECT_EQ(verdict.status, CheckStatus::cannot_run);
  EXPECT_EQ(verdict.summary, "Gancho cannot run here: it needs exec");
}

TEST(CheckVerdict, CannotRunWithoutTheMapsItIsMadeOf) {
  CheckReport report = report_of({complete_choice(k_exec)});
  report.hooks = {sample_hook(HookKind::ring_buffer, Outcome::refused, EINVAL, "not known"),
                  sample_hook(HookKind::kprobe, Outcome::refused, EINVAL, "not known")};
  EXPECT_EQ(verdict_of(report).summary, "Gancho cannot run here: it needs ring buffer");
}

TEST(CheckVerdict, CannotRunWithoutTypeInformationOrPrivilege) {
  CheckReport report = report_of({complete_choice(k_exec)});
  report.missing_privilege = "no CAP_PERFMON";
  EXPECT_EQ(verdict_of(report).status, CheckStatus::cannot_run);
  report.missing_privilege.clear();
  report.facts.btf_bytes = 0;
  EXPECT_EQ(verdict_of(report).status, CheckStatus::cannot_run);
}

}  // namespace
}  // namespace gancho
