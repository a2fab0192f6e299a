// SPDX-License-Identifier: Apache-2.0
//
// SipHash-2-4: a hash that nobody who does not know the key can steer. For tables over strings that
// others choose.
#pragma once

#include <cstdint>
#include <string_view>

namespace gancho {

struct SipKey {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
};

// From the kernel; to be called before a sandbox shuts.
[[nodiscard]] SipKey random_key();

[[nodiscard]] std::uint64_t siphash(const SipKey& key, std::string_view bytes);

}  // namespace gancho
