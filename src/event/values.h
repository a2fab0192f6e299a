// SPDX-License-Identifier: Apache-2.0
//
// Forms of a value that JSON and text share.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "event/names.h"

namespace gancho {

// Error of a wire record (0, or a negative errno) as its name: "SUCCESS", "ENOENT"; the bare number
// when it has none. At most k_error_name_max bytes at `out`; returns the end.
inline constexpr std::size_t k_error_name_max = 32;
char* write_error_name(char* out, std::int64_t error);
[[nodiscard]] std::vector<std::string_view> error_names();

// "8:1"
inline constexpr std::size_t k_device_max = 40;  // write_decimal() stores more than it keeps
char* write_device(char* out, std::uint32_t device);

// "0755"
inline constexpr std::size_t k_mode_max = 4;
char* write_mode(char* out, std::uint32_t mode);

// "0x000001ffffffffff"
inline constexpr std::size_t k_capabilities_max = 18;
char* write_capabilities(char* out, std::uint64_t mask);

// "regular", "directory", "character", "block", "fifo", "socket", "symlink"; else the bits of the
// type in octal.
inline constexpr std::size_t k_file_type_max = 16;
char* write_file_type(char* out, std::uint32_t mode);
[[nodiscard]] NameTable file_type_names();

// Path whose components come from the leaf up, written from the root down:
// "/system.slice/ssh.service". At most bytes.size() + 1 bytes at `out`; returns the end.
char* write_downward(char* out, std::string_view upward);

}  // namespace gancho
