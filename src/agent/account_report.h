// SPDX-License-Identifier: Apache-2.0
//
// The account at the end of a run, for people and for machines.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/progress.h"
#include "load/shared_maps.h"

namespace gancho {

struct AccountReport {
  std::array<account_class, EV_CLASS_COUNT> classes{};
  std::array<std::uint64_t, EV_CLASS_COUNT> delivered{};
  std::array<std::uint64_t, EV_CLASS_COUNT> fullest{};  // of the class's rings, bytes at most
  std::uint64_t lineage_lost = 0;
  std::uint64_t container_lost = 0;  // cgroups of containers that found no room in the kernel
  std::uint64_t handed_lost = 0;     // descriptors that were handed over and found no room
  HoldingsLost holdings;             // what had to go in the worker's tables
  std::uint64_t events = 0;          // written
  std::uint64_t wakeups = 0;         // of the worker
  std::uint64_t forced = 0;          // asked for by a program
  std::vector<std::pair<std::string, std::uint64_t>> skipped;  // runs, by program; none that are 0
};

[[nodiscard]] AccountReport make_account_report(const Account& account, const Doorbell& bell,
                                                const std::vector<std::string_view>& programs,
                                                const Progress& progress);

// One line of JSON, without a newline: docs/json.md.
[[nodiscard]] std::string to_json(const AccountReport& report);

// One line for each kind of loss; none when nothing was lost.
[[nodiscard]] std::vector<std::string> losses(const AccountReport& report);

}  // namespace gancho
