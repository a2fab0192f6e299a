// SPDX-License-Identifier: Apache-2.0
//
// The fields that every operation of this room has, to be put in front of an event's own.
#pragma once

#include <array>
#include <cstddef>

#include "event/container.h"
#include "event/join.h"
#include "event/schema.h"
#include "syscalls/syscalls.h"

namespace gancho::syscalls {

inline constexpr auto k_own_call_fields = std::to_array<FieldDesc>({
    {.name = "evt.res",
     .type = FieldType::error,
     .offset = offsetof(ev_call, error),
     .phase = Phase::after,
     .cost = Cost::free,
     .meaning = "SUCCESS, or the name of the error that the call failed with"},
    {.name = "evt.syscall",
     .type = FieldType::syscall,
     .offset = offsetof(ev_call, syscall),
     .cost = Cost::free,
     .meaning = "system call that it came by; none when an io_uring's worker did it"},
    {.name = "evt.is_compat",
     .type = FieldType::flag,
     .offset = offsetof(ev_call, flags),
     .mask = EV_CALL_COMPAT,
     .cost = Cost::free,
     .meaning = "it came by the 32-bit entry"},
    {.name = "evt.is_io_uring",
     .type = FieldType::flag,
     .offset = offsetof(ev_call, flags),
     .mask = EV_CALL_IO_URING,
     .cost = Cost::free,
     .meaning = "it was submitted to an io_uring; thread.tid may be a worker's"},
    {.name = "evt.arg.user_memory",
     .type = FieldType::flag,
     .offset = offsetof(ev_call, flags),
     .mask = EV_CALL_USER_MEMORY,
     .cost = Cost::free,
     .meaning = "names, addresses and offsets as given, descriptors of socketpair, and what "
                "socketcall was given, were read from memory that another thread could change "
                "meanwhile"},
    {.name = "user.uid",
     .type = FieldType::uid,
     .offset = offsetof(ev_call, euid),
     .meaning = "effective user id",
     .joined = "user.name"},
    {.name = "user.ruid",
     .type = FieldType::uid,
     .offset = offsetof(ev_call, uid),
     .meaning = "real user id",
     .joined = "user.rname"},
    {.name = "group.gid",
     .type = FieldType::gid,
     .offset = offsetof(ev_call, egid),
     .meaning = "effective group id",
     .joined = "group.name"},
    {.name = "group.rgid",
     .type = FieldType::gid,
     .offset = offsetof(ev_call, gid),
     .meaning = "real group id",
     .joined = "group.rname"},
    {.name = "cgroup.id",
     .type = FieldType::u64,
     .offset = offsetof(ev_call, cgroup_id),
     .meaning = "id in the v2 hierarchy"},
});

inline constexpr auto k_call_fields =
    join(k_own_call_fields, container_fields(offsetof(ev_call, container)));

}  // namespace gancho::syscalls
