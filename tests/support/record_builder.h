// SPDX-License-Identifier: Apache-2.0
//
// Builds a record for a test, from the schema and by field names, so that a test says only what it
// is about:
//
//   RecordBuilder exec(*find_event("exec"));
//   exec.number("proc.ppid", 1).text("proc.exepath", "/bin/true").list("proc.args", {"true"});
//   const EventView view = exec.view();
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/room.h"
#include "event/view.h"

namespace gancho::test {

inline ev_ancestor ancestor(std::string_view name, std::uint32_t pid, std::uint64_t start_time = 1,
                            std::uint32_t exec_count = 1) {
  ev_ancestor entry{.start_time = start_time, .pid = pid, .exec_count = exec_count, .comm = {}};
  name.copy(reinterpret_cast<char*>(entry.comm), EV_COMM_LEN);
  return entry;
}

class RecordBuilder {
 public:
  explicit RecordBuilder(const EventDesc& desc) : desc_(desc), bytes_(desc.size) {
    ev_header header{};
    header.type = desc.type;
    header.class_id = static_cast<std::uint8_t>(desc.class_id);
    put(0, header);
  }

  // Any scalar; a flag's other bits stay.
  RecordBuilder& number(std::string_view name, std::uint64_t value) {
    const FieldDesc& field = read(name);
    switch (field.type) {
      case FieldType::flag: {
        const auto word = get<std::uint32_t>(field.offset);
        put(field.offset, value != 0 ? word | field.mask : word & ~field.mask);
        break;
      }
      case FieldType::event_class:
        put(field.offset, static_cast<std::uint8_t>(value));
        break;
      case FieldType::u64:
      case FieldType::i64:
      case FieldType::boot_time:
      case FieldType::wall_time:
      case FieldType::duration:
      case FieldType::capabilities:
        put(field.offset, value);
        break;
      default:
        put(field.offset, static_cast<std::uint32_t>(value));
        break;
    }
    return *this;
  }

  // comm, string, args and upward_path as they lie in the tail, path and host_path.
  RecordBuilder& text(std::string_view name, std::string_view value, std::uint16_t root_length = 0,
                      std::uint16_t flags = 0) {
    const FieldDesc& field = read(name);
    if (field.type == FieldType::comm) {
      char comm[EV_COMM_LEN] = {};
      value.copy(comm, sizeof(comm));
      std::memcpy(bytes_.data() + field.offset, comm, sizeof(comm));
      return *this;
    }
    const ev_string reference = append(value);
    if (field.type == FieldType::path || field.type == FieldType::host_path)
      put(field.offset, ev_path{.offset = reference.offset,
                                .length = reference.length,
                                .root_length = root_length,
                                .flags = flags});
    else
      put(field.offset, reference);
    return *this;
  }

  // args, upward_path: each element ends with NUL.
  RecordBuilder& list(std::string_view name, std::initializer_list<std::string_view> elements) {
    std::string joined;
    for (const std::string_view element : elements) joined.append(element).push_back('\0');
    return text(name, joined);
  }

  RecordBuilder& lineage(std::string_view name, std::initializer_list<ev_ancestor> ancestors) {
    while (bytes_.size() % 8 != 0) bytes_.push_back({});
    const std::span entries(ancestors.begin(), ancestors.size());
    return text(name, {reinterpret_cast<const char*>(entries.data()), entries.size_bytes()});
  }

  // The event's container: as given, with that id.
  RecordBuilder& container(ev_container wire, std::string_view id) {
    if (!id.empty()) wire.id = append(id);
    return put(desc_.container, wire);
  }

  // What the schema has no name for.
  template <class T>
  RecordBuilder& put(std::size_t offset, const T& value) {
    std::memcpy(bytes_.data() + offset, &value, sizeof(value));
    return *this;
  }

  [[nodiscard]] std::span<const std::byte> bytes() {
    put(0, static_cast<std::uint32_t>(bytes_.size()));
    return bytes_;
  }
  // Good until the builder is changed.
  [[nodiscard]] EventView view() { return EventView::create(bytes()).value(); }

 private:
  const FieldDesc& find(std::string_view name) const {
    for (const FieldDesc& field : common_fields())
      if (field.name == name) return field;
    for (const FieldDesc& field : desc_.fields)
      if (field.name == name) return field;
    std::abort();  // a mistake in the test
  }

  // The field, now said to have been read.
  const FieldDesc& read(std::string_view name) {
    const FieldDesc& field = find(name);
    if (field.present != k_always)
      put(offsetof(ev_header, present),
          get<std::uint64_t>(offsetof(ev_header, present)) | 1ULL << field.present);
    return field;
  }

  template <class T>
  [[nodiscard]] T get(std::size_t offset) const {
    T value;
    std::memcpy(&value, bytes_.data() + offset, sizeof(value));
    return value;
  }

  ev_string append(std::string_view value) {
    const ev_string reference{.offset = static_cast<std::uint16_t>(bytes_.size()),
                              .length = static_cast<std::uint16_t>(value.size())};
    const auto tail = std::as_bytes(std::span(value));
    bytes_.insert(bytes_.end(), tail.begin(), tail.end());
    return reference;
  }

  const EventDesc& desc_;
  std::vector<std::byte> bytes_;
};

}  // namespace gancho::test
