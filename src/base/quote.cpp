// SPDX-License-Identifier: Apache-2.0
#include "base/quote.h"

#include <fmt/format.h>

#include <iterator>

#include "base/utf8.h"

namespace gancho {

std::string in_quotes(std::string_view text) {
  constexpr std::size_t k_max = 60;
  std::string out = "\"";
  while (!text.empty() && out.size() < k_max) {
    const Utf8 next = decode_utf8(text);
    const std::size_t length = next.length == 0 ? 1 : next.length;
    const std::string_view bytes = text.substr(0, length);
    if (next.length == 0 || steers_terminal(next.code)) {
      for (const char byte : bytes) {
        fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(byte));
      }
    } else {
      if (next.code == '"' || next.code == '\\') out += '\\';
      out += bytes;
    }
    text.remove_prefix(length);
  }
  if (!text.empty()) out += "...";
  out += '"';
  return out;
}

}  // namespace gancho
