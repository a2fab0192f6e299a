// SPDX-License-Identifier: Apache-2.0
//
// The syscalls room: the act of every call that matters, once, whatever entry it came by.
#include "syscalls/syscalls.h"

#include <cstddef>
#include <type_traits>

#include "event/room.h"
#include "syscalls/attributes.h"
#include "syscalls/files.h"
#include "syscalls/io.h"
#include "syscalls/mounts.h"
#include "syscalls/privilege.h"
#include "syscalls/raw_calls.h"
#include "syscalls/room_parts.h"
#include "syscalls/sockets.h"

namespace gancho {
namespace {

// The wire is plain memory: see process/process.cpp.
template <class Wire>
constexpr bool k_is_wire =
    std::has_unique_object_representations_v<Wire> && sizeof(Wire) % 8 == 0 && alignof(Wire) <= 8;
static_assert(k_is_wire<ev_call> && offsetof(ev_call, header) == 0);
static_assert(k_is_wire<ev_socket_call> && offsetof(ev_socket_call, call) == 0);
static_assert(k_is_wire<ev_io_call> && offsetof(ev_io_call, call) == 0);
static_assert(k_is_wire<ev_file_call> && offsetof(ev_file_call, call) == 0);
static_assert(k_is_wire<ev_privilege_call> && offsetof(ev_privilege_call, call) == 0);
static_assert(k_is_wire<ev_raw_call> && offsetof(ev_raw_call, call) == 0);

constexpr auto k_events =
    join(syscalls::files::k_events, syscalls::attributes::k_events, syscalls::mounts::k_events,
         syscalls::io::k_events, syscalls::sockets::k_events, syscalls::privilege::k_events,
         syscalls::raw_calls::k_events);
constexpr auto k_signals =
    join(syscalls::files::k_signals, syscalls::attributes::k_signals, syscalls::mounts::k_signals,
         syscalls::io::k_signals, syscalls::sockets::k_signals, syscalls::privilege::k_signals,
         syscalls::raw_calls::k_signals);
constexpr auto k_operations = join(
    syscalls::files::k_operations, syscalls::attributes::k_operations,
    syscalls::mounts::k_operations, syscalls::io::k_operations, syscalls::sockets::k_operations,
    syscalls::privilege::k_operations, syscalls::raw_calls::k_operations);
constexpr auto k_absent =
    join(syscalls::files::k_absent, syscalls::attributes::k_absent, syscalls::sockets::k_absent);

}  // namespace

extern const Room k_syscalls_room;
constinit const Room k_syscalls_room{
    .name = "syscalls",
    .events = k_events,
    .signals = k_signals,
    .operations = k_operations,
    .absent = k_absent,
    .missed =
        "a call that seccomp refuses; what an io_uring refuses when it is submitted (a name "
        "that cannot be read, flags that do not go together), because no operation begins; "
        "what the kernel does for others than the calling task (file servers); attributes that are "
        "changed by ioctl (chattr), times of files, fallocate"};

}  // namespace gancho
