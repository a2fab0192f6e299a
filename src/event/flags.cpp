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

std::vector<std::string_view> flag_names(FieldType type) {
  std::vector<std::string_view> names;
  const auto add = [&](NameTable table) {
    for (const NamedNumber& one : table) names.push_back(one.name);
  };
  switch (type) {
    case FieldType::open_flags:
      add(k_open_access);
      add(k_open_flags);
      break;
    case FieldType::resolve_flags:
      add(k_resolve_flags);
      break;
    case FieldType::at_flags:
      add(k_at_flags);
      break;
    case FieldType::rename_flags:
      add(k_rename_flags);
      break;
    default:
      break;
  }
  return names;
}

}  // namespace gancho
