// SPDX-License-Identifier: Apache-2.0
#include "support/sample_room.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include "event/room.h"
#include "event/socket_names.h"

namespace gancho {
namespace test {
namespace {

using enum FieldType;

#define AT(member) offsetof(ev_sample, member)

constexpr auto k_fields = std::to_array<FieldDesc>({
    {.name = "s.u32", .type = u32, .offset = AT(u32)},
    {.name = "s.u64", .type = u64, .offset = AT(u64)},
    {.name = "s.i32", .type = i32, .offset = AT(i32)},
    {.name = "s.flag", .type = flag, .offset = AT(flags), .mask = 4},
    {.name = "s.error", .type = error, .offset = AT(error)},
    {.name = "s.time", .type = boot_time, .offset = AT(time)},
    {.name = "s.span", .type = duration, .offset = AT(span), .unit = "ns"},
    {.name = "s.uid", .type = uid, .offset = AT(uid), .joined = "s.user"},
    {.name = "s.gid", .type = gid, .offset = AT(gid), .joined = "s.group"},
    {.name = "s.device", .type = device, .offset = AT(device), .present = 3},
    {.name = "s.mode", .type = mode, .offset = AT(mode)},
    {.name = "s.caps", .type = capabilities, .offset = AT(caps)},
    {.name = "s.comm", .type = comm, .offset = AT(comm)},
    {.name = "s.string", .type = string, .offset = AT(string)},
    {.name = "s.args", .type = args, .offset = AT(args)},
    {.name = "s.upward", .type = upward_path, .offset = AT(upward)},
    {.name = "s.path", .type = path, .offset = AT(path)},
    {.name = "s.hostpath", .type = host_path, .offset = AT(path)},
    {.name = "s.deleted", .type = path_flag, .offset = AT(path), .mask = EV_PATH_DELETED},
    {.name = "s.lineage", .type = lineage, .offset = AT(lineage)},
    {.name = "s.ip", .type = ip_address, .offset = AT(socket.local)},
    {.name = "s.port", .type = port, .offset = AT(socket.local)},
    {.name = "s.endpoint", .type = endpoint, .offset = AT(socket.local), .present = 4},
    {.name = "s.connection", .type = connection, .offset = AT(socket)},
    {.name = "s.family",
     .type = named,
     .offset = AT(socket.kind.family),
     .present = 5,
     .names = k_socket_families},
    {.name = "s.type", .type = sock_type, .offset = AT(socket.kind.type), .present = 5},
    {.name = "s.protocol", .type = sock_proto, .offset = AT(socket.kind), .present = 5},
    {.name = "s.word", .type = word, .offset = AT(socket), .word = socket_l4_protocol},
});

constexpr auto k_events = std::to_array<EventDesc>({
    {.type = k_sample_type,
     .name = "sample",
     .meaning = "everything",
     .class_id = EV_CLASS_BULK,
     .size = sizeof(ev_sample),
     .fields = k_fields},
    {.type = k_bare_type,
     .name = "bare",
     .meaning = "nothing",
     .class_id = EV_CLASS_VITAL,
     .size = sizeof(ev_bare),
     .fields = {}},
});

constexpr Room k_room{.name = "sample", .events = k_events, .signals = {}};

}  // namespace
}  // namespace test

std::span<const Room* const> rooms() {
  static constexpr std::array<const Room*, 1> list{&test::k_room};
  return list;
}

}  // namespace gancho
