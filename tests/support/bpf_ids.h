// SPDX-License-Identifier: Apache-2.0
//
// What is in the kernel's BPF tables, whoever put it there.
#pragma once

#include <cstdint>
#include <set>
#include <string>

namespace gancho::test {

struct BpfIds {
  std::set<std::uint32_t> programs;
  std::set<std::uint32_t> maps;
  std::set<std::uint32_t> links;
  bool operator==(const BpfIds&) const = default;

  [[nodiscard]] static BpfIds now();
};

// All numbers under these names, wherever they are in a document of JSON: what bpftool(8) lists.
// Throws std::runtime_error when it is none.
[[nodiscard]] std::set<std::uint32_t> numbers_in(const std::string& json,
                                                 const std::set<std::string>& names);

}  // namespace gancho::test
