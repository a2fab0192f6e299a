// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "event/room.h"

namespace gancho {

extern const std::array<SignalDesc, 14> k_process_signals;

}  // namespace gancho
