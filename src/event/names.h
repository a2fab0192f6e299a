// SPDX-License-Identifier: Apache-2.0
//
// Numbers that people know by name: signals, commands, flags. A table is constant data of the room
// that has the field; what it does not know is written as a number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace gancho {

struct NamedNumber {
  std::uint64_t number;
  std::string_view name;
};

// Of flags that share bits the larger one first.
using NameTable = std::span<const NamedNumber>;

// What write_named() and write_named_flags() need at most, with whatever number.
inline constexpr std::size_t k_names_max = 640;
// What they need with this table.
constexpr std::size_t longest(NameTable names) {
  std::size_t length = 40;  // a number that has no name
  for (const auto& [number, name] : names) length += name.size() + 1;
  return length;
}
// Whether a table keeps to it; to be asserted where the table is.
constexpr bool fits(NameTable names) {
  return longest(names) <= k_names_max;
}

// "SIGKILL"; a number without a name in decimal, as the int that it is.
char* write_named(char* out, NameTable names, std::uint64_t number);

// "CLONE_NEWUSER|CLONE_NEWNET"; bits without a name in hexadecimal at the end, of so many digits at
// least; "0" for none.
char* write_named_flags(char* out, NameTable names, std::uint64_t flags, int digits = 1);

// A system call as a record has it: its number below, and above the table that the number is of.
inline constexpr std::uint64_t k_syscall_table_64 = 0;
inline constexpr std::uint64_t k_syscall_table_32 = 1;
inline constexpr std::size_t k_syscall_name_max = 48;
constexpr std::uint64_t syscall_id(std::uint64_t table, std::uint32_t number) {
  return table << 32 | number;
}
// "openat"; a number that we know no name for in decimal.
char* write_syscall(char* out, std::uint64_t id);

// Both tables' names, in alphabetical order.
[[nodiscard]] std::span<const std::string_view> syscall_names();

// Where a name stands in the tables.
struct SyscallNumbers {
  std::optional<std::uint32_t> table_64;
  std::optional<std::uint32_t> table_32;
};
[[nodiscard]] SyscallNumbers syscall_numbers(std::string_view name);

}  // namespace gancho
