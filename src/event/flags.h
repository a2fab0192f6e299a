// SPDX-License-Identifier: Apache-2.0
//
// Words of flags, written by the names that their users know them by.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "event/schema.h"

namespace gancho {

struct FlagName {
  std::uint32_t bits;
  std::string_view name;
};

// Of two that share bits the larger one stands first.
using FlagNames = std::span<const FlagName>;

// The longest form of any word, all its names and what has none included.
inline constexpr std::size_t k_flags_max = 512;

// "A|B|0x00000010": the names, then in hexadecimal what has none; "0" when nothing is set. At `out`
// there are k_flags_max bytes; returns the end.
char* write_flags(char* out, FlagNames names, std::uint32_t flags);

// The same for a field of this type, which has_flag_names().
char* write_flags(char* out, FieldType type, std::uint32_t flags);

constexpr bool has_flag_names(FieldType type) {
  using enum FieldType;
  return type == open_flags || type == resolve_flags || type == at_flags || type == rename_flags ||
         type == xattr_flags || type == mount_flags || type == umount_flags ||
         type == move_mount_flags;
}

// One file for each family of flags.
char* write_open_flags(char* out, std::uint32_t flags);
extern const FlagNames k_resolve_flags;
extern const FlagNames k_at_flags;
extern const FlagNames k_rename_flags;
extern const FlagNames k_xattr_flags;
char* write_mount_flags(char* out, std::uint32_t flags);
extern const FlagNames k_umount_flags;
extern const FlagNames k_move_mount_flags;

constexpr bool fits(FlagNames names) {
  std::size_t length = std::string_view("O_WRONLY|0x00000000").size();
  for (const FlagName& flag : names) length += 1 + flag.name.size();
  return length <= k_flags_max;
}

}  // namespace gancho
