// SPDX-License-Identifier: Apache-2.0
//
// gancho policy test: which rules fire on recorded history.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/event_set.h"
#include "event/recording.h"
#include "rules/matching.h"
#include "rules/typed_rules.h"

namespace gancho {

struct PolicyReplayOptions {
  rules::Matching matching = rules::Matching::first;
  bool json = false;
  std::function<void(std::uint64_t records)> progress = {};  // now and then: so many were judged
};

struct PolicyReplay {
  std::uint64_t events = 0;  // that were judged
  std::uint64_t lost = 0;    // that the recording says it lacks
  std::uint64_t alerts = 0;
  std::vector<std::uint64_t> fired;  // by rule
  EventSet seen;
  bool environments = false;  // the recording has some
};

// Gives each alert to `put`, a line each, as a live agent shows them: in the order of the events,
// with the built-in redaction; but without limits to how many there are.
[[nodiscard]] Result<PolicyReplay> replay_policy(
    const Recording& recording, const rules::TypedRules& rules, const PolicyReplayOptions& options,
    const std::function<Status(std::string_view lines)>& put);

// What it came to: a table of the rules, the one that fired most often first; those that never did.
[[nodiscard]] std::string policy_replay_text(const PolicyReplay& replay,
                                             const rules::TypedRules& rules);
// The same on one line.
[[nodiscard]] std::string policy_replay_json(const PolicyReplay& replay,
                                             const rules::TypedRules& rules);

}  // namespace gancho
