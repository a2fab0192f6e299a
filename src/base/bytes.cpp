// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.h"

#include <algorithm>
#include <bit>

namespace gancho {
namespace {

// The eight digits of `value`, below 10^8, as numbers 0 to 9: the first digit in the lowest byte.
// Works on all digits at once: halves into fours, fours into pairs, pairs into digits.
std::uint64_t eight_digits(std::uint64_t value) {
  const std::uint64_t fours = value / 10'000 | (value % 10'000) << 32;
  const std::uint64_t high = (fours * 10'486 >> 20) & 0x0000007f0000007f;  // each four / 100
  const std::uint64_t pairs = ((fours - 100 * high) << 16) + high;
  const std::uint64_t tens = (pairs * 103 >> 10) & 0x000f000f000f000f;  // each pair / 10
  return tens + ((pairs - 10 * tens) << 8);
}

constexpr std::uint64_t k_zeros = 0x3030303030303030;  // "00000000"
static_assert(std::endian::native == std::endian::little, "digits are stored eight at a time");

char* store_eight(char* out, std::uint64_t value) {
  const std::uint64_t digits = eight_digits(value) | k_zeros;
  std::memcpy(out, &digits, 8);
  return out + 8;
}

}  // namespace

void ByteBuffer::grow(std::size_t count) {
  const std::size_t capacity = std::max({std::size_t{4096}, capacity_ * 2, size_ + count});
  auto data = std::make_unique_for_overwrite<char[]>(capacity);
  if (size_ != 0) std::memcpy(data.get(), data_.get(), size_);
  data_ = std::move(data);
  capacity_ = capacity;
}

char* write_decimal(char* out, std::uint64_t value) {
  if (value < 10) {
    *out = static_cast<char>('0' + value);
    return out + 1;
  }
  if (value < 10'000) {
    const std::uint64_t high = value / 100;
    if (high >= 10) {
      std::memcpy(out, &k_digit_pairs<10>[2 * high], 2);
      out += 2;
    } else if (high != 0) {
      *out++ = static_cast<char>('0' + high);
    }
    std::memcpy(out, &k_digit_pairs<10>[2 * (value - 100 * high)], 2);
    return out + 2;
  }
  constexpr std::uint64_t limit = 100'000'000;
  if (value >= limit) {
    out = write_decimal(out, value / limit);
    return store_eight(out, value % limit);
  }
  const std::uint64_t digits = eight_digits(value);
  // Leading zeros are shifted out; the last digit stays, also when it is 0.
  const int zeros = std::countr_zero(digits | 1ULL << 56) / 8;
  const std::uint64_t shown = (digits | k_zeros) >> (8 * zeros);
  std::memcpy(out, &shown, 8);
  return out + 8 - zeros;
}

char* write_decimal(char* out, std::int64_t value) {
  auto magnitude = static_cast<std::uint64_t>(value);
  if (value < 0) {
    *out++ = '-';
    magnitude = 0 - magnitude;
  }
  return write_decimal(out, magnitude);
}

char* write_hex(char* out, std::string_view bytes) {
  for (const char c : bytes) {
    std::memcpy(out, &k_digit_pairs<16>[2 * std::size_t{static_cast<unsigned char>(c)}], 2);
    out += 2;
  }
  return out;
}

char* write_hex(char* out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8, out += 2)
    std::memcpy(out, &k_digit_pairs<16>[2 * (value >> shift & 255)], 2);
  return out;
}

}  // namespace gancho
