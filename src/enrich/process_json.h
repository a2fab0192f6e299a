// SPDX-License-Identifier: Apache-2.0
//
// What the process table knows of one process, as one line of JSON. Keys are those of the events;
// docs/json.md lists them. As there, any bytes come out as valid JSON, and none are lost.
#pragma once

#include "base/bytes.h"
#include "base/clock.h"
#include "enrich/process_table.h"
#include "event/room.h"

namespace gancho {

// Appends the line with its newline. `process` is one of `table`'s.
void write_process_json(const ProcessFacts& process, const ProcessTable& table, const Facts& names,
                        WallClock clock, ByteBuffer& out);

}  // namespace gancho
