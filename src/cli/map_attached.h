// SPDX-License-Identifier: Apache-2.0
//
// What hangs in the kernel, for people: rows of a page about something else, and pages of its own.
// Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "attached/changes.h"
#include "attached/where.h"
#include "cli/map_drawing.h"
#include "cli/map_page.h"

namespace gancho {

// What was seen, and, where somebody waited for it, what it costs.
struct AttachedView {
  Attached attached;
  std::optional<Costs> costs;
};

// "41 gancho_open", as programs are called everywhere here.
[[nodiscard]] std::string program_label(const Attached& attached, std::uint32_t id);

// "blue", "pid 12", or the number of its inode: a network namespace.
[[nodiscard]] std::string network_label(const NetworkNamespace& network);

// "gancho[1234] in 3f2a91bc0d1e, +2; pinned /sys/fs/bpf/x": who keeps it.
[[nodiscard]] std::string holders_text(const Holders& holders, Language language);

// "0.31 %  1200/s  85 ns", of one processor; "" for a program that did not run.
[[nodiscard]] std::string cost_text(const AttachedView& seen, std::uint32_t program);

// Rows of what is attached, `place` left out where the page is that place's. A program that is at
// several places has one row, and their names below it.
void put_attachments(MapTable& table, const AttachedView& seen,
                     const std::vector<const Attachment*>& attachments, bool with_place,
                     Language language);

// All of it by subsystem, then what is loaded only. `filter` is matched, as a shell has it, with
// the place, the program's name and the owners' names; "" for all.
[[nodiscard]] std::string attached_page(const Inventory& inventory, const AttachedView& seen,
                                        const std::string& filter, const MapView& view);

// Programs by id or name, each with everything that is known of it. "" when there is none.
[[nodiscard]] std::string program_page(const Inventory& inventory, const AttachedView& seen,
                                       std::string_view name, const MapView& view);
[[nodiscard]] std::vector<const ProgramFacts*> find_programs(const Attached& attached,
                                                             std::string_view name);

// "+ fentry vfs_read  41 gancho_open  gancho[1234]", a line each. `time` stands before each.
[[nodiscard]] std::string changes_text(const Attached& earlier, const Attached& later,
                                       std::string_view time, const MapView& view);

}  // namespace gancho
