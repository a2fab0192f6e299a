// SPDX-License-Identifier: Apache-2.0
//
// Where a program or library can be probed: its functions, and the probes that its authors have put
// into it (USDT).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "map/uprobe_cost.h"

namespace gancho {

struct ElfFunction {
  std::string name;
  std::uint64_t address = 0;  // as the file has it
  std::uint64_t offset = 0;   // in the file: what a uprobe is attached by
  UprobeCost cost = UprobeCost::unknown;
};

struct ElfProbe {
  std::string provider;
  std::string name;
  std::uint64_t address = 0;
  std::uint64_t offset = 0;
  std::string arguments;   // "-4@%edi 8@%rsi": size and place of each
  bool semaphore = false;  // whoever attaches has to say so: the program looks whether anybody does
  UprobeCost cost = UprobeCost::unknown;
};

struct ElfPlaces {
  std::vector<ElfFunction> functions;  // by address, then by name
  std::vector<ElfProbe> probes;        // by provider and name
  bool stripped = false;               // of the functions only those that others may link to
};

// Errc::input when it is no ELF file with code in it.
[[nodiscard]] Result<ElfPlaces> read_elf_places(const std::string& path);

}  // namespace gancho
