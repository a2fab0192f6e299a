// SPDX-License-Identifier: Apache-2.0
//
// A snapshot, or a part of it, as JSON (docs/map.md).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "attached/where.h"

namespace gancho {

// {"programs":[...],"maps":[...],"links":[...],"attachments":[...],"networks":[...],
//  "not_seen":[...]}, and "cost" where it was measured.
[[nodiscard]] std::string attached_json(const Inventory& inventory, const Attached& attached,
                                        const std::optional<Costs>& costs);

// {"format":1,"programs":[...],"attachments":[...],"cost":...} of these programs.
[[nodiscard]] std::string programs_json(const Inventory& inventory, const Attached& attached,
                                        const std::optional<Costs>& costs,
                                        const std::vector<const ProgramFacts*>& programs);

// Parts of it, as objects.
void put_program(std::string& out, const ProgramFacts& program);
void put_attachment(std::string& out, const Inventory& inventory, const Attachment& attachment);

}  // namespace gancho
