// SPDX-License-Identifier: Apache-2.0
#include "event/flags.h"

namespace gancho {

char* write_flags(char* out, FieldType type, std::uint32_t flags) {
  switch (type) {
    case FieldType::open_flags:
      return write_open_flags(out, flags);
    case FieldType::resolve_flags:
      return write_named_flags(out, k_resolve_flags, flags, k_flag_digits);
    case FieldType::at_flags:
      return write_named_flags(out, k_at_flags, flags, k_flag_digits);
    case FieldType::rename_flags:
      return write_named_flags(out, k_rename_flags, flags, k_flag_digits);
    default:
      return write_named_flags(out, {}, flags, k_flag_digits);
  }
}

}  // namespace gancho
