// SPDX-License-Identifier: Apache-2.0
//
// Why a program is still in the kernel. Pure.
#pragma once

#include "attached/attached.h"

namespace gancho {

enum class Standing : std::uint8_t {
  attached,
  // By no attachment that we know, but by a descriptor, a pin or a link.
  loaded_only,
  // Something that the kernel does not tell of: a socket (SO_ATTACH_BPF), a route, a timer, another
  // network namespace's queue.
  kept_unseen,
};

[[nodiscard]] Standing standing_of(const Attached& attached, const ProgramFacts& program);

}  // namespace gancho
