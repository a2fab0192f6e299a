// SPDX-License-Identifier: Apache-2.0
//
// The kernel's table of symbols, in the order of their addresses. Everybody may read the names; to
// whom the kernel hides the addresses they are all 0, the order stays.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gancho {

struct KernelSymbol {
  std::uint64_t address = 0;
  char type = 0;            // as nm(1) has it: 't', 'T' code, 'W' weak
  std::string_view name;    // valid as long as the table's text
  std::string_view module;  // "" for the kernel's own

  [[nodiscard]] bool is_code() const {
    return type == 't' || type == 'T' || type == 'w' || type == 'W';
  }
};

struct KernelSymbols {
  std::shared_ptr<const std::string> text;  // what the names are views of
  std::vector<KernelSymbol> symbols;

  [[nodiscard]] static Result<KernelSymbols> read(const char* path = "/proc/kallsyms");
  // Lines that are none are left out.
  [[nodiscard]] static KernelSymbols parse(std::string text);
};

// All of a file of the kernel's that has no size, in few calls.
[[nodiscard]] Result<std::string> read_long_file(int directory, const char* path);

}  // namespace gancho
