// SPDX-License-Identifier: Apache-2.0
//
// A buffer that text is rendered into. It grows and never shrinks, so that a caller who keeps it
// and calls clear() between two uses allocates nothing once the longest line has been seen. One
// thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "base/digit_pairs.h"

namespace gancho {

class ByteBuffer {
 public:
  ByteBuffer() = default;

  [[nodiscard]] std::string_view view() const { return {data_.get(), size_}; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] char* data() { return data_.get(); }

  void clear() { size_ = 0; }
  void truncate(std::size_t size) {
    if (size < size_) size_ = size;
  }

  // Room for `count` more bytes, at the end. What is written there belongs to the buffer after
  // commit() is told where it ends. The pointer is good until the next call that is not const.
  [[nodiscard]] char* reserve(std::size_t count) {
    if (capacity_ - size_ < count) grow(count);
    return data_.get() + size_;
  }
  void commit(const char* end) { size_ = static_cast<std::size_t>(end - data_.get()); }

  void append(std::string_view text) {
    if (text.empty()) return;
    char* out = reserve(text.size());
    std::memcpy(out, text.data(), text.size());
    size_ += text.size();
  }
  void append(char byte) {
    *reserve(1) = byte;
    ++size_;
  }

 private:
  void grow(std::size_t count);

  std::unique_ptr<char[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

// Room that write_decimal() needs: 2^64 - 1 has 20 digits, a sign makes 21, and it stores eight at
// once.
inline constexpr std::size_t k_decimal_max = 32;

// Digits of `value`, written at `out`; returns the end. Bytes behind the end, within k_decimal_max,
// are overwritten.
char* write_decimal(char* out, std::uint64_t value);
char* write_decimal(char* out, std::int64_t value);
// `value` below 10^width, with leading zeros. In line: of a width that is known it is a few moves.
inline char* write_padded(char* out, std::uint64_t value, unsigned width) {
  unsigned at = width;
  for (; at >= 2; value /= 100) {
    at -= 2;
    std::memcpy(out + at, &k_digit_pairs<10>[2 * (value % 100)], 2);
  }
  if (at != 0) *out = static_cast<char>('0' + value % 10);
  return out + width;
}
// Two lower-case digits for each byte.
char* write_hex(char* out, std::string_view bytes);
// The sixteen lower-case digits of `value`.
char* write_hex(char* out, std::uint64_t value);

}  // namespace gancho
