// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "event/text.h"

namespace gancho::syscalls {

// The line of a read or a write, behind time, event and process.
void io_text(const EventView& event, TextLine& line);

}  // namespace gancho::syscalls
