// SPDX-License-Identifier: Apache-2.0
#include "map/symbols.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <utility>

#include "base/fd.h"

namespace gancho {

Result<std::string> read_long_file(int directory, const char* path) {
  const Fd file(openat(directory, path, O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return fail_errno(path, errno);
  constexpr std::size_t k_block = 1U << 20;
  std::string text;
  std::size_t have = 0;
  int error = 0;
  bool more = true;
  while (more) {
    text.resize_and_overwrite(have + k_block, [&](char* to, std::size_t) {
      const ssize_t got = ::read(file.get(), to + have, k_block);
      if (got < 0) error = errno;
      more = got > 0;
      if (more) have += static_cast<std::size_t>(got);
      return have;
    });
  }
  if (error != 0) return fail_errno(path, error);
  return text;
}

KernelSymbols KernelSymbols::parse(std::string whole) {
  KernelSymbols table;
  table.text = std::make_shared<const std::string>(std::move(whole));
  std::string_view rest = *table.text;
  table.symbols.reserve(rest.size() / 40);
  while (!rest.empty()) {  // "ffffffff81001230 T __x64_sys_uname\t[module]"
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos || line.size() < space + 4) continue;
    KernelSymbol symbol;
    (void)std::from_chars(line.begin(), line.begin() + space, symbol.address, 16);
    symbol.type = line[space + 1];
    const std::string_view tail = line.substr(space + 3);
    const std::size_t tab = tail.find('\t');
    symbol.name = tail.substr(0, tab);
    if (tab != std::string_view::npos && tail.ends_with(']'))
      symbol.module = tail.substr(tab + 2, tail.size() - tab - 3);
    table.symbols.push_back(symbol);
  }
  return table;
}

Result<KernelSymbols> KernelSymbols::read(const char* path) {
  return parse(TRY(read_long_file(AT_FDCWD, path)));
}

}  // namespace gancho
