// SPDX-License-Identifier: Apache-2.0
#include "agent/account_report.h"

#include <fmt/format.h>

namespace gancho {
namespace {

constexpr std::array<std::string_view, EV_CLASS_COUNT> k_class_names{"vital", "bulk"};

}  // namespace

AccountReport make_account_report(const Account& account, const Doorbell& bell,
                                  const std::vector<std::string_view>& programs,
                                  const Progress& progress) {
  AccountReport report;
  for (std::size_t i = 0; i < report.classes.size(); ++i) {
    // Before what was offered: what happens in between may only make that larger.
    report.delivered[i] = progress.delivered(static_cast<ev_class>(i));
    report.classes[i] = account.sum(static_cast<ev_class>(i));
    report.fullest[i] = progress.fullest(static_cast<ev_class>(i));
  }
  report.lineage_lost = account.lineage_lost();
  report.container_lost = account.container_lost();
  report.handed_lost = account.handed_lost();
  report.holdings = progress.holdings_lost();
  report.events = progress.committed().events;
  report.wakeups = progress.wakeups();
  report.forced = bell.shared().wakeups;
  for (std::size_t i = 0; i < programs.size() && i < DOORBELL_MAX_HOOKS; ++i)
    if (const std::uint64_t runs = bell.shared().skipped[i]; runs != 0)
      report.skipped.emplace_back(programs[i], runs);
  return report;
}

std::string to_json(const AccountReport& report) {
  std::string json = R"({"evt.type":"account")";
  for (std::size_t i = 0; i < report.classes.size(); ++i) {
    const account_class& one = report.classes[i];
    json += fmt::format(
        R"(,"{}":{{"offered":{},"delivered":{},"lost_ring":{},"lost_slot":{},"filtered":{},)"
        R"("ring_fullest":{}}})",
        k_class_names[i], one.offered, report.delivered[i], one.lost_ring, one.lost_slot,
        one.filtered, report.fullest[i]);
  }
  json += fmt::format(R"(,"events":{},"wakeups":{},"wakeups_forced":{},"lineage_lost":{})",
                      report.events, report.wakeups, report.forced, report.lineage_lost);
  json += fmt::format(R"(,"container_lost":{},"containers_unknown":{},"containers_evicted":{})"
                      R"(,"containers_forgotten":{},"containers_unasked":{})",
                      report.container_lost, report.holdings.containers_unknown,
                      report.holdings.containers_evicted, report.holdings.containers_forgotten,
                      report.holdings.containers_unasked);
  json += fmt::format(R"(,"processes_evicted":{},"processes_refused":{},"programs_trimmed":{})"
                      R"(,"environments_dropped":{},"handed_lost":{},"skipped":{{)",
                      report.holdings.processes_evicted, report.holdings.processes_refused,
                      report.holdings.programs_trimmed, report.holdings.environments_dropped,
                      report.handed_lost);
  for (std::size_t i = 0; i < report.skipped.size(); ++i)
    json += fmt::format(R"({}"{}":{})", i == 0 ? "" : ",", report.skipped[i].first,
                        report.skipped[i].second);
  return json + "}}";
}

std::vector<std::string> losses(const AccountReport& report) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < report.classes.size(); ++i) {
    const account_class& one = report.classes[i];
    if (one.lost_ring != 0)
      lines.push_back(fmt::format("lost {} of {} {} records: the ring was full (rings.{})",
                                  one.lost_ring, one.offered, k_class_names[i], k_class_names[i]));
    if (one.lost_slot != 0)
      lines.push_back(fmt::format("lost {} of {} {} records: no free record slot", one.lost_slot,
                                  one.offered, k_class_names[i]));
  }
  for (const auto& [program, runs] : report.skipped)
    lines.push_back(fmt::format("the kernel skipped {} runs of {}", runs, program));
  if (report.lineage_lost != 0)
    lines.push_back(fmt::format("{} processes have no lineage: the kernel had no storage for it",
                                report.lineage_lost));
  if (report.container_lost != 0)
    lines.push_back(fmt::format(
        "{} cgroups of containers found no room (containers.max): where no container is named, "
        "there may be one",
        report.container_lost));
  if (report.handed_lost != 0)
    lines.push_back(fmt::format(
        "{} descriptors found no room: they are not known to be handed over", report.handed_lost));
  return lines;
}

}  // namespace gancho
