// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace gancho {

// docs/events.md: every event and field of this build, read off the schema.
[[nodiscard]] std::string events_page();

}  // namespace gancho
