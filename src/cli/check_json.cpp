// SPDX-License-Identifier: Apache-2.0
//
// The report as JSON. Keys are never renamed or removed, only added: docs/check.md is the promise.
#include <linux/capability.h>

#include <boost/json.hpp>

#include "cli/check_report.h"
#include "load/attempt.h"

namespace gancho {
namespace {

namespace json = boost::json;

template <class T>
json::value or_null(const std::optional<T>& value) {
  return value ? json::value(*value) : json::value(nullptr);
}

json::value text(std::string_view value) {
  return json::value(json::string(value));
}

std::string_view name(CgroupVersion version) {
  switch (version) {
    case CgroupVersion::none:
      return "none";
    case CgroupVersion::v1:
      return "v1";
    case CgroupVersion::hybrid:
      return "hybrid";
    case CgroupVersion::v2:
      return "v2";
  }
  return "none";
}

std::string_view name(Outcome outcome) {
  switch (outcome) {
    case Outcome::works:
      return "works";
    case Outcome::refused:
      return "refused";
    case Outcome::not_tried:
      return "not_tried";
  }
  return "not_tried";
}

std::string_view name(CheckStatus status) {
  switch (status) {
    case CheckStatus::complete:
      return "complete";
    case CheckStatus::degraded:
      return "degraded";
    case CheckStatus::cannot_run:
      return "cannot_run";
  }
  return "cannot_run";
}

json::value security_modules(const KernelFacts& facts) {
  if (!facts.security_modules) return nullptr;
  json::array modules;
  for (const std::string& module : *facts.security_modules) modules.emplace_back(module);
  return modules;
}

json::object kernel(const KernelFacts& facts) {
  return {
      {"release", facts.release},
      {"build", facts.build},
      {"architecture", facts.architecture},
      {"possible_cpus", facts.possible_cpus},
      {"btf_bytes", facts.btf_bytes},
      {"security_modules", security_modules(facts)},
      {"lockdown", or_null(facts.lockdown)},
      {"cgroup", text(name(facts.cgroup))},
      {"cgroup2_at", facts.cgroup2_at},
      {"tracefs_at", facts.tracefs_at},
      {"bpffs_at", facts.bpffs_at},
      {"securityfs_at", facts.securityfs_at},
      {"preemption", facts.preemption},
      {"unprivileged_bpf_disabled", or_null(facts.unprivileged_bpf_disabled)},
      {"jit_enable", or_null(facts.jit_enable)},
      {"jit_harden", or_null(facts.jit_harden)},
      {"perf_event_paranoid", or_null(facts.perf_event_paranoid)},
      // Unlimited is no number.
      {"memlock_bytes", facts.memlock == ~0ULL ? json::value(nullptr) : json::value(facts.memlock)},
  };
}

json::object privilege(const CheckReport& report) {
  const auto has = [&report](unsigned capability) {
    return has_capability(report.facts, capability);
  };
  return {
      {"sufficient", report.missing_privilege.empty()},
      {"missing", report.missing_privilege},
      {"initial_user_namespace", report.facts.initial_user_namespace},
      {"cap_bpf", has(CAP_BPF)},
      {"cap_perfmon", has(CAP_PERFMON)},
      {"cap_sys_admin", has(CAP_SYS_ADMIN)},
      {"cap_net_admin", has(CAP_NET_ADMIN)},
      {"cap_sys_resource", has(CAP_SYS_RESOURCE)},
  };
}

json::array hooks(const CheckReport& report) {
  json::array array;
  for (const HookResult& hook : report.hooks) {
    const HookKindDesc& desc = describe(hook.kind);
    array.push_back(json::object{
        {"name", text(desc.name)},
        {"group", text(desc.group)},
        {"required", desc.required},
        {"outcome", text(name(hook.outcome))},
        {"error", hook.error != 0 ? json::value(error_name(hook.error)) : json::value(nullptr)},
        {"tried", hook.tried},
        {"reason", hook.reason},
        {"needs", text(desc.needs)},
        {"remedy", hook.remedy},
    });
  }
  return array;
}

json::array refusals(const std::vector<Refusal>& refused, std::string_view key) {
  json::array array;
  for (const Refusal& refusal : refused) {
    array.push_back(json::object{
        {key, text(refusal.name)}, {"reason", refusal.why}, {"remedy", refusal.remedy}});
  }
  return array;
}

json::object signal(std::string_view room, const SignalChoice& choice) {
  json::array programs;
  for (const std::string_view program : choice.programs) programs.push_back(text(program));
  const char* state = "lost";
  if (choice.chosen != nullptr) state = choice.lost.empty() ? "complete" : "reduced";
  return {
      {"room", text(room)},
      {"name", text(choice.signal->name)},
      {"meaning", text(choice.signal->meaning)},
      {"optional", choice.signal->optional},
      {"state", state},
      {"hook", choice.chosen != nullptr ? text(choice.chosen->name) : json::value(nullptr)},
      {"programs", std::move(programs)},
      {"on_every_call", choice.chosen != nullptr && choice.chosen->on_every_call},
      {"refused", refusals(choice.refused, "hook")},
      {"absent", refusals(choice.absent, "program")},
      {"lost", text(choice.lost)},
      {"remedy", text(choice.remedy)},
  };
}

json::array signals(const CheckReport& report) {
  json::array array;
  for (const RoomSignals& room : report.rooms) {
    for (const SignalChoice& choice : room.signals) array.push_back(signal(room.room, choice));
  }
  return array;
}

}  // namespace

std::string render_check_json(const CheckReport& report) {
  const CheckVerdict verdict = verdict_of(report);
  const json::object root{
      {"format", 1},
      {"status", text(name(verdict.status))},
      {"exit_status", static_cast<int>(verdict.status)},
      {"summary", verdict.summary},
      {"kernel", kernel(report.facts)},
      {"privilege", privilege(report)},
      {"hooks", hooks(report)},
      {"signals", signals(report)},
  };
  return json::serialize(root) + '\n';
}

}  // namespace gancho
