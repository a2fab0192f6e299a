// SPDX-License-Identifier: Apache-2.0
//
// What `gancho check` found, and how it is shown. Pure: the same report gives the same bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "load/hook_kind.h"
#include "load/kernel_facts.h"
#include "load/signals.h"

namespace gancho {

struct RoomSignals {
  std::string_view room;
  std::vector<SignalChoice> signals;
};

struct CheckReport {
  KernelFacts facts;
  std::string missing_privilege;  // "" when we may load BPF programs; else no hook was tried
  std::vector<HookResult> hooks;
  std::vector<RoomSignals> rooms;
};

// The values are those of the exit status.
enum class CheckStatus : std::uint8_t { complete = 0, degraded = 1, cannot_run = 2 };

struct CheckVerdict {
  CheckStatus status = CheckStatus::complete;
  std::string summary;  // one line
};

[[nodiscard]] CheckVerdict verdict_of(const CheckReport& report);

// For people: at most 80 columns, UTF-8, ends with a newline.
[[nodiscard]] std::string render_check_text(const CheckReport& report, bool color);

// One line of JSON with its newline; docs/check.md describes it.
[[nodiscard]] std::string render_check_json(const CheckReport& report);

}  // namespace gancho
