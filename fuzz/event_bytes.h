// SPDX-License-Identifier: Apache-2.0
//
// What fuzzers of events share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

#include "wire/event.h"

namespace gancho::fuzz {

inline void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

// A record that passes the first checks: its type one that there is, its size what it is.
inline std::vector<std::byte> as_record(std::string_view bytes) {
  std::vector<std::byte> record(bytes.size());
  if (!bytes.empty()) std::memcpy(record.data(), bytes.data(), bytes.size());
  if (record.size() >= sizeof(ev_header)) {
    const auto size = static_cast<std::uint32_t>(record.size());
    std::memcpy(record.data(), &size, sizeof(size));
  }
  return record;
}

}  // namespace gancho::fuzz
