// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "event/room.h"

namespace gancho {

// docs/hooks.md: where each event of this build comes from on which kernel, read off the rooms.
[[nodiscard]] std::string hooks_page();

// The signals that bring an event, in the order of the room.
[[nodiscard]] std::vector<const SignalDesc*> signals_of(const Room& room,
                                                        const OperationDesc& operation);

}  // namespace gancho
