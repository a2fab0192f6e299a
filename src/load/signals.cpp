// SPDX-License-Identifier: Apache-2.0
#include "load/signals.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace gancho {
namespace {

// The first needed program that cannot be had is reason enough.
std::optional<Refusal> refuse(const HookCandidate& candidate, const Available& available) {
  for (const std::string_view program : candidate.programs) {
    Availability answer = available(program);
    if (answer.works) continue;
    std::string why = answer.why;
    if (candidate.programs.size() > 1) why = std::string(program) + ": " + why;
    return Refusal{candidate.name, std::move(why), std::move(answer.remedy), std::move(answer.why)};
  }
  return std::nullopt;
}

void take(const HookCandidate& candidate, const Available& available, SignalChoice& choice) {
  choice.chosen = &candidate;
  choice.lost = candidate.lost;
  choice.programs.assign(candidate.programs.begin(), candidate.programs.end());
  for (const std::string_view program : candidate.helpful) {
    Availability answer = available(program);
    if (answer.works) {
      choice.programs.push_back(program);
    } else {
      choice.absent.push_back({program, std::move(answer.why), std::move(answer.remedy), {}});
    }
  }
}

// The candidates that are to be tried: none before one that was preferred.
std::span<const HookCandidate> candidates_of(const SignalDesc& signal, EveryCall every_call) {
  if (every_call == EveryCall::in_turn) return signal.candidates;
  const auto preferred = std::ranges::find_if(signal.candidates, &HookCandidate::on_every_call);
  if (preferred == signal.candidates.end()) return signal.candidates;
  return {preferred, signal.candidates.end()};
}

SignalChoice choose_one(const SignalDesc& signal, const Available& available, bool requested,
                        EveryCall every_call) {
  SignalChoice choice;
  choice.signal = &signal;
  for (const HookCandidate& candidate : candidates_of(signal, every_call)) {
    if (candidate.on_request && !requested) {
      choice.refused.push_back({candidate.name, "taken only on request", {}, {}});
    } else if (auto refusal = refuse(candidate, available)) {
      choice.refused.push_back(*std::move(refusal));
    } else {
      take(candidate, available, choice);
      break;
    }
  }
  if (choice.chosen == nullptr) choice.lost = signal.lost;
  if (!choice.complete()) choice.remedy = signal.remedy;
  return choice;
}

}  // namespace

std::vector<SignalChoice> choose(std::span<const SignalDesc> signals, const Available& available,
                                 std::span<const std::string_view> requested,
                                 EveryCall every_call) {
  std::vector<SignalChoice> choices;
  choices.reserve(signals.size());
  for (const SignalDesc& signal : signals) {
    const bool on_request = std::ranges::find(requested, signal.name) != requested.end();
    choices.push_back(choose_one(signal, available, on_request, every_call));
  }
  return choices;
}

}  // namespace gancho
