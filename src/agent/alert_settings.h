// SPDX-License-Identifier: Apache-2.0
//
// The settings of alerts and their sinks: a part of the table of agent/settings.h.
#pragma once

#include <span>

#include "agent/settings.h"

namespace gancho {

[[nodiscard]] std::span<const Setting> alert_settings();
[[nodiscard]] std::span<const Section> alert_sections();

}  // namespace gancho
