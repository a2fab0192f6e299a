// SPDX-License-Identifier: Apache-2.0
//
// A room for tests of the core: one event with a field of every type, one without a fixed part of
// its own. A test that links sample_room.cpp gets these instead of the rooms of the build, so that
// the core's tests do not depend on any room.
#pragma once

#include "wire/event.h"
#include "wire/socket.h"

namespace gancho::test {

inline constexpr unsigned k_sample_type = 900;
inline constexpr unsigned k_bare_type = 901;

struct ev_sample {
  ev_header header;
  __u64 u64;
  __u64 time;
  __u64 span;
  __u64 caps;
  __u32 u32;
  __s32 i32;
  __u32 flags;
  __s32 error;
  __u32 uid;
  __u32 gid;
  __u32 device;
  __u32 mode;
  __u8 comm[EV_COMM_LEN];
  ev_string string;
  ev_string args;
  ev_string upward;
  ev_string lineage;
  ev_path path;
  ev_socket socket;
};

struct ev_bare {
  ev_header header;
};

}  // namespace gancho::test
