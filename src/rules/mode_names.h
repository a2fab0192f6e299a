// SPDX-License-Identifier: Apache-2.0
//
// Names that conditions have for bits which records show as a number.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gancho::rules {

// "S_ISUID|S_IRUSR", "0". At most k_mode_names_max bytes at `out`; returns the end.
inline constexpr std::size_t k_mode_names_max = 160;
char* write_mode_names(char* out, std::uint32_t mode);

// "CAP_CHOWN CAP_SYS_ADMIN", "" for none; what has no name as "CAP_41".
inline constexpr std::size_t k_capability_names_max = 1536;
char* write_capability_names(char* out, std::uint64_t mask);

}  // namespace gancho::rules
