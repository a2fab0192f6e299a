// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as an agent's answer: refused, or a list and a tree that no terminal obeys.
#include <cstdint>
#include <cstdlib>

#include "base/utf8.h"
#include "cli/ps_answer.h"
#include "cli/ps_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gancho;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto answer = read_ps_answer(bytes);
  if (!answer) {
    for (const char c : answer.error().message)
      if (static_cast<unsigned char>(c) < 0x20) abort();
    return 0;
  }
  for (const bool tree : {false, true}) {
    const std::string text =
        ps_text(*answer, {.tree = tree, .ended = tree, .utc = true, .width = tree ? 0U : 60U});
    std::string_view rest = text;
    while (!rest.empty()) {
      const Utf8 decoded = decode_utf8(rest);
      if (decoded.length == 0 || (steers_terminal(decoded.code) && decoded.code != '\n')) abort();
      rest.remove_prefix(decoded.length);
    }
  }
  return 0;
}
