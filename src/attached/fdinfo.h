// SPDX-License-Identifier: Apache-2.0
//
// What the kernel says of a descriptor of a BPF object in /proc/PID/fdinfo.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gancho {

enum class ObjectKind : std::uint8_t { program, map, link };

struct DescribedObject {
  ObjectKind kind{};
  std::uint32_t id = 0;
  std::uint64_t memory = 0;   // bytes; 0: not told
  std::uint32_t program = 0;  // of a link
};

// nullopt for what is none of them. Pure.
[[nodiscard]] std::optional<DescribedObject> parse_fdinfo(std::string_view text);

// Of a descriptor of ours.
[[nodiscard]] std::optional<DescribedObject> describe(int fd);

// By what the descriptor leads to in /proc/PID/fd: "anon_inode:bpf-prog". Pure.
[[nodiscard]] std::optional<ObjectKind> object_kind_of(std::string_view link_target);

}  // namespace gancho
