// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "event/room.h"

namespace gancho::test {

// root, alice (1000) and the groups of the same names; nobody else.
class SampleFacts : public Facts {
 public:
  [[nodiscard]] std::string_view user(std::uint32_t uid) const override { return name(uid); }
  [[nodiscard]] std::string_view group(std::uint32_t gid) const override { return name(gid); }

 private:
  static std::string_view name(std::uint32_t id) {
    return id == 0 ? "root" : id == 1000 ? "alice" : "";
  }
};

}  // namespace gancho::test
