// SPDX-License-Identifier: Apache-2.0
#include "event/flags.h"

namespace gancho {

char* write_flags(char* out, FlagNames names, std::uint32_t flags) {
  char* const begin = out;
  const auto next = [&](std::string_view word) {
    if (out != begin) *out++ = '|';
    out += word.copy(out, word.size());
  };
  for (const auto& [bits, name] : names) {
    if ((flags & bits) != bits) continue;
    flags &= ~bits;
    next(name);
  }
  if (flags != 0) {
    constexpr std::string_view digits = "0123456789abcdef";
    next("0x");
    for (int shift = 28; shift >= 0; shift -= 4)
      *out++ = digits[static_cast<std::size_t>(flags >> shift & 15)];
  }
  if (out == begin) *out++ = '0';
  return out;
}

char* write_flags(char* out, FieldType type, std::uint32_t flags) {
  switch (type) {
    case FieldType::open_flags:
      return write_open_flags(out, flags);
    case FieldType::resolve_flags:
      return write_flags(out, k_resolve_flags, flags);
    case FieldType::at_flags:
      return write_flags(out, k_at_flags, flags);
    case FieldType::rename_flags:
      return write_flags(out, k_rename_flags, flags);
    case FieldType::xattr_flags:
      return write_flags(out, k_xattr_flags, flags);
    case FieldType::mount_flags:
      return write_mount_flags(out, flags);
    case FieldType::umount_flags:
      return write_flags(out, k_umount_flags, flags);
    case FieldType::move_mount_flags:
      return write_flags(out, k_move_mount_flags, flags);
    default:
      return write_flags(out, FlagNames{}, flags);
  }
}

}  // namespace gancho
