// SPDX-License-Identifier: Apache-2.0
#include "base/crc32c.h"

#include <array>

namespace gancho {
namespace {

// tables[0] is the ordinary byte table; tables[k] is the same after k further zero bytes, so that
// eight bytes take eight independent look-ups instead of a chain of eight.
constexpr auto k_tables = [] {
  std::array<std::array<std::uint32_t, 256>, 8> tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78u : 0);
    tables[0][byte] = crc;
  }
  for (std::size_t k = 1; k < 8; ++k)
    for (std::size_t byte = 0; byte < 256; ++byte)
      tables[k][byte] = (tables[k - 1][byte] >> 8) ^ tables[0][tables[k - 1][byte] & 255];
  return tables;
}();

}  // namespace

std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t previous) {
  std::uint32_t crc = ~previous;
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t left = bytes.size();
  const auto word = [](const unsigned char* p) {
    return static_cast<std::uint32_t>(p[0]) | static_cast<std::uint32_t>(p[1]) << 8 |
           static_cast<std::uint32_t>(p[2]) << 16 | static_cast<std::uint32_t>(p[3]) << 24;
  };
  for (; left >= 8; at += 8, left -= 8) {
    const std::uint32_t low = crc ^ word(at);
    const std::uint32_t high = word(at + 4);
    crc = k_tables[7][low & 255] ^ k_tables[6][low >> 8 & 255] ^ k_tables[5][low >> 16 & 255] ^
          k_tables[4][low >> 24] ^ k_tables[3][high & 255] ^ k_tables[2][high >> 8 & 255] ^
          k_tables[1][high >> 16 & 255] ^ k_tables[0][high >> 24];
  }
  for (; left > 0; ++at, --left) crc = (crc >> 8) ^ k_tables[0][(crc ^ *at) & 255];
  return ~crc;
}

}  // namespace gancho
