// SPDX-License-Identifier: Apache-2.0
#include "attached/standing.h"

#include <algorithm>

namespace gancho {

Standing standing_of(const Attached& attached, const ProgramFacts& program) {
  if (std::ranges::find(attached.attachments, program.id, &Attachment::program) !=
      attached.attachments.end())
    return Standing::attached;
  if (!program.holders.owners.empty() || !program.holders.pins.empty())
    return Standing::loaded_only;
  const auto is_of_program = [&](const auto& link) { return link.second.program == program.id; };
  return std::ranges::any_of(attached.links, is_of_program) ? Standing::loaded_only
                                                            : Standing::kept_unseen;
}

}  // namespace gancho
