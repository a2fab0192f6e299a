// SPDX-License-Identifier: Apache-2.0
//
// The process room's records as the process table takes them; the room's own header.
#pragma once

#include "event/lifecycle.h"
#include "event/view.h"

namespace gancho::process {

bool exec_lifecycle(const EventView& event, Lifecycle& change);  // false: it failed
bool fork_lifecycle(const EventView& event, Lifecycle& change);
bool exit_lifecycle(const EventView& event, Lifecycle& change);
bool existing_lifecycle(const EventView& event, Lifecycle& change);

}  // namespace gancho::process
