// SPDX-License-Identifier: Apache-2.0
//
// A gap, as it appears in every output. What was lost is known by its numbers, not by its content.
#pragma once

#include <cstdint>
#include <string_view>

#include "wire/event.h"

namespace gancho {

enum class LossReason : std::uint8_t {
  ring,    // the ring was full: the worker was too slow
  slot,    // no free record slot on the CPU
  output,  // the reader of an output was too slow; the record itself was seen
};
inline constexpr std::uint8_t k_loss_reasons = 3;

struct Loss {
  ev_class class_id = EV_CLASS_VITAL;
  LossReason reason = LossReason::ring;
  std::uint32_t cpu = 0;
  std::uint64_t count = 0;  // records
  std::uint64_t time = 0;   // when it was noticed, boot clock, ns
};

// "ring_full", "no_slot", "slow_reader": for machines.
[[nodiscard]] std::string_view loss_reason_name(LossReason reason);
// "ring full" ...: for people.
[[nodiscard]] std::string_view loss_reason_text(LossReason reason);

}  // namespace gancho
