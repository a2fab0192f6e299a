// SPDX-License-Identifier: Apache-2.0
//
// Operations on other processes and on the kernel as a person sees them.
#pragma once

#include "event/text.h"

namespace gancho::syscalls {

void privilege_text(const EventView& event, TextLine& line);

}  // namespace gancho::syscalls
