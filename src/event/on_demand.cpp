// SPDX-License-Identifier: Apache-2.0
#include "event/on_demand.h"

namespace gancho {

void OnDemand::add(const FieldDesc& field, std::uint16_t type) {
  if (reads_path(field)) paths.add(type);
  environment = environment || field.of_environment;
}

bool reads_path(const FieldDesc& field) {
  return field.type == FieldType::path || field.type == FieldType::host_path ||
         field.type == FieldType::path_flag;
}

}  // namespace gancho
