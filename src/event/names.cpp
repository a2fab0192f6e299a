// SPDX-License-Identifier: Apache-2.0
#include "event/names.h"

#include "base/bytes.h"

namespace gancho {
namespace {

char* put(char* out, std::string_view text) {
  return out + text.copy(out, text.size());
}

char* put_hex(char* out, std::uint64_t value, int digits) {
  out = put(out, "0x");
  int shift = 60;
  while (shift > 4 * (digits - 1) && value >> shift == 0) shift -= 4;
  for (; shift >= 0; shift -= 4) *out++ = "0123456789abcdef"[value >> shift & 15];
  return out;
}

}  // namespace

char* write_named(char* out, NameTable names, std::uint64_t number) {
  for (const auto& [known, name] : names)
    if (known == number) return put(out, name);
  // What has a name is an int to its callers: -1 is no large number.
  return write_decimal(out, std::int64_t{static_cast<std::int32_t>(number)});
}

char* write_named_flags(char* out, NameTable names, std::uint64_t flags, int digits) {
  char* const begin = out;
  const auto separate = [&] {
    if (out != begin) *out++ = '|';
  };
  for (const auto& [bits, name] : names) {
    if (bits == 0 || (flags & bits) != bits) continue;
    flags &= ~bits;
    separate();
    out = put(out, name);
  }
  if (flags != 0) {
    separate();
    out = put_hex(out, flags, digits);
  }
  return out == begin ? put(out, "0") : out;
}

}  // namespace gancho
