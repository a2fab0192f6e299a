// SPDX-License-Identifier: Apache-2.0
#include "attached/address_names.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace gancho {

AddressNames::AddressNames(KernelSymbols symbols) {
  take(std::move(symbols));
}

void AddressNames::take(KernelSymbols symbols) {
  read_ = true;
  symbols_ = std::move(symbols);
  for (const KernelSymbol& symbol : symbols_.symbols)
    if (symbol.address != 0 && symbol.is_code()) code_.push_back(&symbol);
  std::ranges::sort(code_, {}, [](const KernelSymbol* symbol) {
    // Of several names of one function, the one that others can link to; else the table's first.
    return std::tuple(symbol->address, symbol->type != 'T', symbol);
  });
}

std::optional<FunctionAt> AddressNames::find(std::uint64_t address) {
  if (!read_) {
    auto symbols = KernelSymbols::read();
    take(symbols ? std::move(*symbols) : KernelSymbols{});
  }
  const auto address_of = [](const KernelSymbol* symbol) { return symbol->address; };
  const auto behind = std::ranges::upper_bound(code_, address, {}, address_of);
  if (behind == code_.begin()) return std::nullopt;
  const std::uint64_t begin = (*(behind - 1))->address;
  const auto first = std::ranges::lower_bound(code_, begin, {}, address_of);
  return FunctionAt{.name = (*first)->name, .offset = address - begin};
}

}  // namespace gancho
