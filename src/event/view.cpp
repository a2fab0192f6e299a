// SPDX-License-Identifier: Apache-2.0
#include "event/view.h"

#include <fmt/format.h>

#include "event/room.h"

namespace gancho {

Result<EventView> EventView::create(std::span<const std::byte> record) {
  if (record.size() < sizeof(ev_header))
    return fail(Errc::input, fmt::format("record of {} bytes is shorter than its header of {}",
                                         record.size(), sizeof(ev_header)));
  const auto header = load_wire<ev_header>(record.data());
  if (header.size != record.size())
    return fail(Errc::input, fmt::format("record says that it has {} bytes, but {} are there",
                                         header.size, record.size()));
  const EventDesc* desc = find_event(header.type);
  if (desc == nullptr)
    return fail(Errc::input, fmt::format("record has the unknown type {}", header.type));
  if (header.class_id >= EV_CLASS_COUNT)
    return fail(Errc::input,
                fmt::format("{} record has the unknown class {}", desc->name, header.class_id));
  if (record.size() < desc->size || desc->size < sizeof(ev_header))
    return fail(Errc::input,
                fmt::format("{} record of {} bytes is shorter than its fixed part of {}",
                            desc->name, record.size(), desc->size));
  return EventView(record, *desc);
}

std::string_view EventView::string(ev_string reference) const {
  std::string_view bytes;
  return tail(reference.offset, reference.length, bytes) ? bytes : std::string_view{};
}

bool EventView::seen_path(ev_path reference, std::string_view& bytes) const {
  if (reference.root_length > reference.length || !tail(reference.offset, reference.length, bytes))
    return false;
  bytes.remove_prefix(reference.root_length);
  if (bytes.empty() && reference.root_length != 0) bytes = k_root_path;
  return true;
}

std::string_view EventView::path(ev_path reference) const {
  std::string_view bytes;
  return seen_path(reference, bytes) ? bytes : std::string_view{};
}

ev_container EventView::container() const {
  if (desc_->container == 0) return {};
  const auto found = load_wire<ev_container>(record_.data() + desc_->container);
  return (found.flags & EV_CONTAINER_KNOWN) != 0 ? found : ev_container{};
}

bool EventView::get(const FieldDesc& field, Value& value) const {
  return visit(field, [&]<FieldType>(const Value& found) { value = found; });
}

}  // namespace gancho
