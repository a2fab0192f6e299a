// SPDX-License-Identifier: Apache-2.0
//
// What the worker asks about a container, and what it gets: fixed sizes, as all that keeper and
// worker say to each other (control.h).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "wire/task.h"

namespace gancho {

struct ContainerQuestion {
  std::uint64_t cgroup_id;  // comes back with the answer
  std::uint32_t pid;        // a process in it, for its users; may have ended
  std::uint32_t mnt_ns;     // that process's mount namespace: a process that took over its id is
                            // told by another; 0: do not ask for users
  std::uint32_t runtime;    // enum ev_runtime
  std::uint32_t owner;      // whose containers to look among: struct ev_container
  std::uint32_t id_length;
  std::uint32_t zero;
  std::array<char, EV_CONTAINER_ID_MAX> id;

  // Whatever the other side sent.
  [[nodiscard]] std::string_view id_text() const {
    return {id.data(), std::min<std::size_t>(id_length, id.size())};
  }
};

struct ContainerAnswer {
  static constexpr std::size_t k_files = 8;
  std::uint64_t cgroup_id;
  // What the descriptors that come with it are (enum ContainerFile), in their order.
  std::array<std::uint8_t, k_files> files;
  std::uint32_t more;  // 1: another answer to the same question follows
  std::uint32_t zero;
};

}  // namespace gancho
