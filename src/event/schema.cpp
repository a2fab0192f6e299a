// SPDX-License-Identifier: Apache-2.0
#include "event/schema.h"

#include <array>

#include "event/room.h"

namespace gancho {
namespace {

using enum FieldType;

#define AT(member) static_cast<std::uint16_t>(offsetof(ev_header, member))

constexpr auto k_common_fields = std::to_array<FieldDesc>({
    {.name = "evt.time",
     .type = wall_time,
     .offset = AT(time),
     .cost = Cost::free,
     .meaning = "time of day, UTC"},
    {.name = "evt.boottime",
     .type = boot_time,
     .offset = AT(time),
     .cost = Cost::free,
     .unit = "ns",
     .meaning = "time since the machine was started, sleep included"},
    {.name = "evt.type",
     .type = event_name,
     .offset = AT(type),
     .cost = Cost::free,
     .meaning = "name of the event"},
    {.name = "evt.class",
     .type = event_class,
     .offset = AT(class_id),
     .cost = Cost::free,
     .meaning = "the account that the number belongs to: vital or bulk"},
    {.name = "evt.num",
     .type = u64,
     .offset = AT(number),
     .cost = Cost::free,
     .meaning = "number within class and CPU, from 0; a gap is a loss"},
    {.name = "evt.cpu",
     .type = u32,
     .offset = AT(cpu),
     .cost = Cost::free,
     .meaning = "CPU that wrote the record"},
    {.name = "proc.pid",
     .type = u32,
     .offset = AT(pid),
     .cost = Cost::free,
     .meaning = "process id in the initial namespace"},
    {.name = "thread.tid",
     .type = u32,
     .offset = AT(tid),
     .cost = Cost::free,
     .meaning = "thread id in the initial namespace"},
    {.name = "proc.name",
     .type = comm,
     .offset = AT(comm),
     .cost = Cost::free,
     .meaning = "name of the thread, 16 bytes at most"},
    {.name = "proc.start_time",
     .type = boot_time,
     .offset = AT(start_time),
     .cost = Cost::free,
     .unit = "ns",
     .meaning = "when the process was forked, boot clock"},
    {.name = "proc.exec_count",
     .type = u32,
     .offset = AT(exec_count),
     .cost = Cost::free,
     .meaning = "programs executed in this process and in the forebears it was forked from"},
});

#undef AT

// Event by id: one look-up per record, so a table instead of a walk over the rooms.
struct EventTable {
  static constexpr std::size_t k_size = 1024;
  std::array<const EventDesc*, k_size> by_type{};

  EventTable() {
    for (const Room* room : rooms())
      for (const EventDesc& event : room->events)
        if (event.type < k_size) by_type[event.type] = &event;
  }
};

}  // namespace

std::span<const FieldDesc> common_fields() {
  return k_common_fields;
}

const EventDesc* find_event(std::uint16_t type) {
  static const EventTable table;
  return type < EventTable::k_size ? table.by_type[type] : nullptr;
}

const EventDesc* find_event(std::string_view name) {
  for (const Room* room : rooms())
    for (const EventDesc& event : room->events)
      if (event.name == name) return &event;
  return nullptr;
}

EventSet events_named(std::string_view name) {
  EventSet events;
  for (const Room* room : rooms())
    for (const EventDesc& event : room->events)
      if (event.name == name || event.group == name) events.add(event.type);
  return events;
}

std::string_view class_name(ev_class class_id) {
  switch (class_id) {
    case EV_CLASS_VITAL:
      return "vital";
    case EV_CLASS_BULK:
      return "bulk";
    case EV_CLASS_COUNT:
      break;
  }
  return "unknown";
}

std::string_view type_name(FieldType type) {
  switch (type) {
    case u32:
      return "u32";
    case u64:
      return "u64";
    case i32:
      return "i32";
    case i64:
      return "i64";
    case flag:
    case path_flag:
      return "boolean";
    case error:
      return "error";
    case boot_time:
      return "boot time";
    case wall_time:
      return "time";
    case duration:
      return "duration";
    case uid:
      return "user id";
    case gid:
      return "group id";
    case device:
      return "device";
    case mode:
      return "mode";
    case capabilities:
      return "capabilities";
    case open_flags:
    case resolve_flags:
    case at_flags:
    case rename_flags:
    case named_flags:
      return "flags";
    case file_type:
      return "file type";
    case ip_address:
      return "IP address";
    case port:
      return "port";
    case endpoint:
      return "address";
    case connection:
      return "connection";
    case comm:
    case string:
      return "string";
    case args:
      return "list of strings";
    case upward_path:
    case path:
    case host_path:
      return "path";
    case lineage:
      return "lineage";
    case sock_type:
    case sock_proto:
    case word:
    case event_name:
    case event_class:
    case named:
    case syscall:
      return "name";
    case container:
      return "string";
    case container_flag:
      return "boolean";
  }
  return "unknown";
}

}  // namespace gancho
