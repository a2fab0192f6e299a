// SPDX-License-Identifier: Apache-2.0
//
// Functions of the kernel by an address in them. Reading the kernel's table takes 0.1 s, so it is
// read when somebody asks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "map/symbols.h"

namespace gancho {

struct FunctionAt {
  std::string_view name;  // valid as long as the table
  std::uint64_t offset = 0;
};

class AddressNames {
 public:
  AddressNames() = default;
  explicit AddressNames(KernelSymbols symbols);

  // nullopt when no function begins before it, or the kernel hides the addresses from us.
  [[nodiscard]] std::optional<FunctionAt> find(std::uint64_t address);

 private:
  void take(KernelSymbols symbols);

  bool read_ = false;
  KernelSymbols symbols_;
  std::vector<const KernelSymbol*> code_;  // by address
};

}  // namespace gancho
