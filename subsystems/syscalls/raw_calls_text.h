// SPDX-License-Identifier: Apache-2.0
//
// A system call that was asked for by its name, as a person sees it.
#pragma once

#include "event/text.h"

namespace gancho::syscalls {

void raw_call_text(const EventView& event, TextLine& line);

}  // namespace gancho::syscalls
