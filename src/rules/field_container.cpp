// SPDX-License-Identifier: Apache-2.0
//
// The field reader's part about whom something belongs to: containers, and the names of users and
// groups there.
#include "event/container.h"
#include "rules/cells.h"
#include "rules/field_reader.h"

namespace gancho::rules {

Found FieldReader::read_name(const FieldRows& rows, Cell& cell) const {
  gancho::Value value;
  if (!event_->get(*rows.first, value)) return Found::unknown;
  const auto id = static_cast<std::uint32_t>(value.number);
  if (id == UINT32_MAX) return Found::unknown;
  const ev_container where = rows.first->of_machine ? ev_container{} : event_->container();
  const std::string_view name =
      rows.first->type == FieldType::uid ? facts_.user(id, where) : facts_.group(id, where);
  return name.empty() ? Found::unknown : text(name, cell);
}

bool FieldReader::is_container_known(const FieldDesc& desc) const {
  const auto* at = event_->record().data() + desc.offset;
  return (load_wire<ev_container>(at).flags & EV_CONTAINER_KNOWN) != 0;
}

// As Falco has it of what runs in no container.
bool FieldReader::says_host(const FieldDesc& desc) const {
  if (desc.type != FieldType::container) return false;
  const bool word = desc.fact == ContainerFact::full_id || desc.fact == ContainerFact::type ||
                    desc.fact == ContainerFact::name;
  return word && is_container_known(desc) && event_->container().cgroup_id == 0;
}

Found FieldReader::read_container(const FieldDesc& desc, std::string_view id, Cell& cell) const {
  const ev_container where = event_->container();
  const ContainerInfo* info = where.cgroup_id != 0 ? facts_.container(where.cgroup_id) : nullptr;
  if (desc.type == FieldType::container_flag)
    return number(info != nullptr && info->found ? 0 : 1, cell);
  const std::string_view found = container_text(desc.fact, where, id, info);
  return found.empty() ? Found::unknown : text(found, cell);
}

Found FieldReader::read_privileged(Cell& cell) const {
  const ContainerInfo* info = facts_.container(event_->container().cgroup_id);
  if (info == nullptr || info->privileged == Privileged::unknown) return Found::unknown;
  return number(info->privileged == Privileged::yes ? 1 : 0, cell);
}

bool FieldReader::read_id_words(const Field& field, std::vector<Cell>& cells) {
  const FieldRows& rows = field.rows[type_];
  gancho::Value value;
  if (rows.first == nullptr || (!rows.calls.empty() && !came_by(rows.calls))) return false;
  if (!event_->get(*rows.first, value)) return false;
  const auto id = static_cast<std::uint32_t>(value.number);
  Cell cell;
  if (id == UINT32_MAX) {
    cells.push_back({.text = "-1"});
    return true;
  }
  if (render({.type = FieldType::u32, .number = id}, cell) != Found::one) return false;
  cells.push_back(cell);
  const ev_container where = event_->container();
  const std::string_view name =
      field.reading == Reading::user_words ? facts_.user(id, where) : facts_.group(id, where);
  if (!name.empty()) cells.push_back({.text = name});
  return true;
}

}  // namespace gancho::rules
