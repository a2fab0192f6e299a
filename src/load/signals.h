// SPDX-License-Identifier: Apache-2.0
//
// Which hook each signal is taken from, given what can be had. Pure: what is available is asked of
// a function, which the kernel probe (load/probe.h) or a test supplies.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/room.h"

namespace gancho {

// Whether one BPF program can be had.
struct Availability {
  bool works = false;
  std::string why;     // it cannot; "" when it can
  std::string remedy;  // what a person can do about it; "" when nothing in particular
};

using Available = std::function<Availability(std::string_view program)>;

// A program, or a candidate as a whole, that is not used.
struct Refusal {
  std::string_view name;
  std::string why;
  std::string remedy;
  std::string cause = {};  // why, without the program's name: the same for all that share it
};

struct SignalChoice {
  const SignalDesc* signal = nullptr;
  const HookCandidate* chosen = nullptr;   // nullptr: none can be had
  std::vector<std::string_view> programs;  // to be attached: all needed, and the helpful that exist
  std::vector<Refusal> refused;            // candidates better than the chosen one, best first
  std::vector<Refusal> absent;             // helpful programs that this kernel does not have
  std::string_view lost;                   // what is missing with this choice; "" when nothing is
  std::string_view remedy;                 // what a person can do about that; "" when nothing

  [[nodiscard]] bool complete() const { return chosen != nullptr && lost.empty(); }
};

// Whether what hangs on every system call waits for its turn or comes first.
enum class EveryCall : std::uint8_t { in_turn, first };

// Takes for each signal the first candidate whose needed programs can all be had. A candidate that
// is marked on_request is taken only for the signals named in `requested`, and only in its turn.
[[nodiscard]] std::vector<SignalChoice> choose(std::span<const SignalDesc> signals,
                                               const Available& available,
                                               std::span<const std::string_view> requested,
                                               EveryCall every_call = EveryCall::in_turn);

}  // namespace gancho
