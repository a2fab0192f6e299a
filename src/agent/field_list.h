// SPDX-License-Identifier: Apache-2.0
//
// Which fields are shown, as plain data that the keeper can send to the worker.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "event/projection.h"

namespace gancho {

inline constexpr std::size_t k_fields_max = 64;

struct FieldList {
  std::uint16_t count = 0;                        // 0: all fields, and
  bool environments = false;                      // those of environments among them
  std::array<std::uint16_t, k_fields_max> ids{};  // places in field_names(), in the order shown

  // Of names that Projection::create() takes, at most k_fields_max.
  [[nodiscard]] static FieldList of(std::span<const std::string> names, bool environments = false);
  [[nodiscard]] Projection projection() const;
};

}  // namespace gancho
