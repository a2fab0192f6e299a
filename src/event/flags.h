// SPDX-License-Identifier: Apache-2.0
//
// Words of flags of system calls on files, by type of field. The writer is in event/names.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "event/names.h"
#include "event/schema.h"

namespace gancho {

// The longest form of any word, all its names and what has none included.
inline constexpr std::size_t k_flags_max = 512;

// "A|B|0x00000010": the names, then in hexadecimal what has none; "0" when nothing is set. For a
// field of this type, which has_flag_names(). At `out` there are k_flags_max bytes; returns the
// end.
char* write_flags(char* out, FieldType type, std::uint32_t flags);

// The names that it writes.
[[nodiscard]] std::vector<std::string_view> flag_names(FieldType type);

// What has no name is written as a whole word.
inline constexpr int k_flag_digits = 8;

constexpr bool has_flag_names(FieldType type) {
  using enum FieldType;
  return type == open_flags || type == resolve_flags || type == at_flags || type == rename_flags;
}

// One file for each family of flags.
char* write_open_flags(char* out, std::uint32_t flags);
extern const NameTable k_open_access;  // one of them is in front of all others
extern const NameTable k_open_flags;
extern const NameTable k_resolve_flags;
extern const NameTable k_at_flags;
extern const NameTable k_rename_flags;

}  // namespace gancho
