// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <utility>

#include "cli/check_report.h"

namespace gancho {
namespace {

CheckVerdict cannot_run(std::string why) {
  return {CheckStatus::cannot_run, "Gancho cannot run here: " + std::move(why)};
}

std::string list(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

}  // namespace

CheckVerdict verdict_of(const CheckReport& report) {
  if (report.facts.btf_bytes == 0) {
    return cannot_run("this kernel has no type information (CONFIG_DEBUG_INFO_BTF)");
  }
  if (!report.missing_privilege.empty()) {
    return cannot_run("no privilege (" + report.missing_privilege + ")");
  }
  std::vector<std::string> needed;
  for (const HookResult& hook : report.hooks) {
    const HookKindDesc& desc = describe(hook.kind);
    if (desc.required && hook.outcome != Outcome::works) needed.emplace_back(desc.name);
  }
  std::vector<std::string> lost;
  std::vector<std::string> reduced;
  for (const RoomSignals& room : report.rooms) {
    for (const SignalChoice& choice : room.signals) {
      if (choice.complete()) continue;
      auto& names = choice.chosen != nullptr ? reduced : choice.signal->optional ? lost : needed;
      names.emplace_back(choice.signal->name);
    }
  }
  if (!needed.empty()) return cannot_run("it needs " + list(needed));
  if (lost.empty() && reduced.empty()) {
    return {CheckStatus::complete, "Gancho can run here, and nothing is lost"};
  }
  std::string summary = "Gancho can run here";
  if (!lost.empty()) summary += ", without " + list(lost);
  if (!reduced.empty()) summary += "; reduced: " + list(reduced);
  return {CheckStatus::degraded, std::move(summary)};
}

}  // namespace gancho
