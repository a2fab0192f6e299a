// SPDX-License-Identifier: Apache-2.0
#include "event/names.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

namespace gancho {
namespace {

constexpr auto k_letters = std::to_array<NamedNumber>({{3, "AB"}, {1, "A"}, {2, "B"}, {0x80, "H"}});

std::string named(std::uint64_t number) {
  std::array<char, k_names_max> out;
  return {out.data(), write_named(out.data(), k_letters, number)};
}
std::string flags(std::uint64_t bits) {
  std::array<char, k_names_max> out;
  return {out.data(), write_named_flags(out.data(), k_letters, bits)};
}
std::string syscall(std::uint64_t table, std::uint32_t number) {
  std::array<char, k_syscall_name_max> out;
  return {out.data(), write_syscall(out.data(), syscall_id(table, number))};
}

TEST(Names, OfNumbers) {
  EXPECT_EQ(named(3), "AB");
  EXPECT_EQ(named(0), "0");
  EXPECT_EQ(named(0xffffffff), "-1");
}

TEST(Names, OfFlags) {
  EXPECT_EQ(flags(0), "0");
  EXPECT_EQ(flags(1), "A");
  EXPECT_EQ(flags(3), "AB");
  EXPECT_EQ(flags(0x82), "B|H");
  EXPECT_EQ(flags(0x81 | 0x500), "A|H|0x500");
  EXPECT_EQ(flags(~std::uint64_t{0}), "AB|H|0xffffffffffffff7c");
}

TEST(Names, OfSystemCallsInTheirTable) {
  EXPECT_EQ(syscall(k_syscall_table_64, 0), "read");
  EXPECT_EQ(syscall(k_syscall_table_64, 59), "execve");
  EXPECT_EQ(syscall(k_syscall_table_32, 59), "oldolduname");
  EXPECT_EQ(syscall(k_syscall_table_32, 11), "execve");
  EXPECT_EQ(syscall(k_syscall_table_64, 437), "openat2");
  EXPECT_EQ(syscall(k_syscall_table_64, 599), "599");
  EXPECT_EQ(syscall(k_syscall_table_64, 0x40000001), "1073741825");  // x32
  EXPECT_EQ(syscall(7, 1), "1");
}

TEST(Names, SystemCallsAreFoundByTheirs) {
  const auto names = syscall_names();
  EXPECT_TRUE(std::ranges::is_sorted(names));
  EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
  EXPECT_TRUE(std::ranges::binary_search(names, "getuid32"));
  EXPECT_FALSE(std::ranges::binary_search(names, ""));
  const auto numbers = [](std::string_view name) {
    const SyscallNumbers found = syscall_numbers(name);
    return std::pair{found.table_64, found.table_32};
  };
  using Numbers = std::pair<std::optional<std::uint32_t>, std::optional<std::uint32_t>>;
  EXPECT_EQ(numbers("read"), (Numbers{0, 3}));
  EXPECT_EQ(numbers("uname"), (Numbers{63, 122}));
  EXPECT_EQ(numbers("getuid32"), (Numbers{std::nullopt, 199}));
  EXPECT_EQ(numbers("newfstatat"), (Numbers{262, std::nullopt}));
  EXPECT_EQ(numbers("nothing"), Numbers{});
  EXPECT_EQ(numbers(""), Numbers{});
}

}  // namespace
}  // namespace gancho
