// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace gancho {

// CRC-32C (Castagnoli), as iSCSI and ext4 use it. To go on over several pieces, pass what the call
// for the piece before returned.
[[nodiscard]] std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t previous = 0);

}  // namespace gancho
