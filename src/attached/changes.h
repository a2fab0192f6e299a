// SPDX-License-Identifier: Apache-2.0
//
// What appeared and disappeared between two snapshots. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "attached/attached.h"

namespace gancho {

struct Changes {
  // Of the later snapshot and of the earlier one: they live as long as those.
  std::vector<const ProgramFacts*> loaded{};
  std::vector<const ProgramFacts*> unloaded{};
  std::vector<const Attachment*> come{};
  std::vector<const Attachment*> gone{};
  // Programs that were loaded after the first look and gone before the second: the kernel counts
  // ids up, so those that nobody has were theirs.
  std::uint64_t unseen = 0;

  [[nodiscard]] bool none() const {
    return loaded.empty() && unloaded.empty() && come.empty() && gone.empty() && unseen == 0;
  }
};

[[nodiscard]] Changes changes_between(const Attached& earlier, const Attached& later);

}  // namespace gancho
