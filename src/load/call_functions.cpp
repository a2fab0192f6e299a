// SPDX-License-Identifier: Apache-2.0
#include "load/call_functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <map>

namespace gancho {
namespace {

// Of the 64-bit table, of the 32-bit one, and of its calls whose arguments have to be converted.
constexpr std::array<std::string_view, 3> k_prefixes{"__x64_sys_", "__ia32_sys_",
                                                     "__ia32_compat_sys_"};

// That follow no rule. (arch/x86/entry/syscalls/)
struct Renamed {
  std::string_view call;
  std::string_view function;
};
constexpr auto k_renamed = std::to_array<Renamed>({{"umount2", "umount"},
                                                   {"_newselect", "select"},
                                                   {"_llseek", "llseek"},
                                                   {"ugetrlimit", "getrlimit"},
                                                   {"mmap2", "mmap_pgoff"}});

}  // namespace

std::vector<std::string> call_spellings(std::string_view call) {
  std::vector<std::string> names{std::string(call)};
  // The newest of several is called new, the older ones old: getuid is of 16 bits, getuid32 is
  // getuid.
  for (const std::string_view prefix : {"new", "old", "old_", "ia32_"})
    names.push_back(fmt::format("{}{}", prefix, call));
  for (const std::string_view suffix : {"16", "32", "64", "_time32"})
    names.push_back(fmt::format("{}{}", call, suffix));
  for (const std::string_view suffix : {"32", "_time64", "64"})
    if (call.ends_with(suffix) && call.size() > suffix.size())
      names.emplace_back(call.substr(0, call.size() - suffix.size()));
  if (call.starts_with("old")) names.emplace_back(call.substr(3));
  for (const auto& [known, function] : k_renamed)
    if (known == call) names.emplace_back(function);
  return names;
}

Result<std::vector<CallFunction>> find_call_functions(std::span<const std::string> calls,
                                                      const char* symbols) {
  std::vector<CallFunction> functions;
  if (calls.empty()) return functions;
  std::multimap<std::string, std::size_t, std::less<>> wanted;  // which call a spelling is of
  for (std::size_t i = 0; i < calls.size(); ++i)
    for (std::string& name : call_spellings(calls[i])) wanted.emplace(std::move(name), i);
  std::vector<bool> found(calls.size());

  std::ifstream file(symbols);
  if (!file) return fail_errno(fmt::format("cannot open {}", symbols), errno);
  bool hidden = false;
  std::string line;
  while (std::getline(file, line)) {  // "ffffffff81001230 T __x64_sys_uname"
    const std::string_view text = line;
    const std::size_t at = text.find(" __");
    if (at == std::string_view::npos || at < 2) continue;
    const char kind = text[at - 1];
    if (kind != 'T' && kind != 't' && kind != 'W') continue;
    const std::string_view name = text.substr(at + 1);
    for (const std::string_view prefix : k_prefixes) {
      if (!name.starts_with(prefix)) continue;
      const std::string_view bare = name.substr(prefix.size());
      const auto [begin, end] = wanted.equal_range(bare);
      if (begin == end) break;
      for (auto which = begin; which != end; ++which) found[which->second] = true;
      std::uint64_t address = 0;
      const std::string_view digits = text.substr(0, at);
      (void)std::from_chars(digits.begin(), digits.end(), address, 16);
      if (address == 0) hidden = true;
      if (std::ranges::find(functions, address, &CallFunction::address) == functions.end())
        functions.push_back({.name = std::string(name),
                             .address = address,
                             .returns = bare != "exit" && bare != "exit_group"});
      break;
    }
  }
  for (std::size_t i = 0; i < calls.size(); ++i)
    if (!found[i])
      return fail(Errc::unsupported, fmt::format("this kernel has no system call {}", calls[i]));
  if (hidden)
    return fail(Errc::permission,
                fmt::format("{} hides where the functions of system calls are; set "
                            "kernel.kptr_restrict to 0 or 1",
                            symbols));
  return functions;
}

}  // namespace gancho
