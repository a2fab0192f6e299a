// SPDX-License-Identifier: Apache-2.0
//
// What is in the kernel's BPF tables, whoever put it there.
#pragma once

#include <cstdint>
#include <set>

namespace gancho::test {

struct BpfIds {
  std::set<std::uint32_t> programs;
  std::set<std::uint32_t> maps;
  std::set<std::uint32_t> links;
  bool operator==(const BpfIds&) const = default;

  [[nodiscard]] static BpfIds now();
};

}  // namespace gancho::test
