// SPDX-License-Identifier: Apache-2.0
//
// libseccomp knows the tables of system calls. It allocates each answer, so all are asked for once.
#include <seccomp.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "event/names.h"

namespace gancho {
namespace {

constexpr std::size_t k_numbers = 600;  // the tables end below 470 in Linux 6.18

struct SyscallNames {
  std::array<std::array<std::string, k_numbers>, 2> names;
  std::vector<std::string_view> sorted;

  SyscallNames() {
    constexpr std::array<std::uint32_t, 2> arch{SCMP_ARCH_X86_64, SCMP_ARCH_X86};
    for (std::size_t table = 0; table < names.size(); ++table)
      for (std::size_t number = 0; number < k_numbers; ++number) {
        char* const name =
            ::seccomp_syscall_resolve_num_arch(arch[table], static_cast<int>(number));
        if (name == nullptr) continue;
        names[table][number].assign(name, ::strnlen(name, k_syscall_name_max));
        std::free(name);
        if (!names[table][number].empty()) sorted.emplace_back(names[table][number]);
      }
    std::ranges::sort(sorted);
    sorted.erase(std::ranges::unique(sorted).begin(), sorted.end());
  }
  SyscallNames(const SyscallNames&) = delete;
  SyscallNames& operator=(const SyscallNames&) = delete;
  ~SyscallNames() = default;

  static const SyscallNames& get() {
    static const SyscallNames known;
    return known;
  }
};

}  // namespace

char* write_syscall(char* out, std::uint64_t id) {
  const SyscallNames& known = SyscallNames::get();
  const std::uint64_t table = id >> 32;
  const auto number = static_cast<std::uint32_t>(id);
  if (table < known.names.size() && number < k_numbers) {
    const std::string& name = known.names[table][number];
    if (!name.empty()) return out + name.copy(out, name.size());
  }
  return write_decimal(out, std::uint64_t{number});
}

std::span<const std::string_view> syscall_names() {
  return SyscallNames::get().sorted;
}

SyscallNumbers syscall_numbers(std::string_view name) {
  const auto in = [&](std::uint64_t table) -> std::optional<std::uint32_t> {
    const auto& names = SyscallNames::get().names[table];
    const auto at = std::ranges::find(names, name);
    if (name.empty() || at == names.end()) return std::nullopt;
    return static_cast<std::uint32_t>(at - names.begin());
  };
  return {.table_64 = in(k_syscall_table_64), .table_32 = in(k_syscall_table_32)};
}

}  // namespace gancho
