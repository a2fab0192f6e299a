// SPDX-License-Identifier: Apache-2.0
//
// The process room's events as people read them; the room's own header, for process.cpp.
#pragma once

#include "event/text.h"
#include "event/view.h"

namespace gancho::process {

void exec_text(const EventView& event, TextLine& line);
void fork_text(const EventView& event, TextLine& line);
void exit_text(const EventView& event, TextLine& line);
void existing_text(const EventView& event, TextLine& line);
void credentials_text(const EventView& event, TextLine& line);  // and sessions, terminals

}  // namespace gancho::process
