// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "event/text.h"
#include "event/view.h"

namespace gancho::syscalls {

void socket_text(const EventView& event, TextLine& line);

}  // namespace gancho::syscalls
