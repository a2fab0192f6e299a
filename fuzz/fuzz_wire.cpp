// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a record: refused, or one line of valid JSON and one line that no terminal obeys.
#include <algorithm>
#include <boost/json.hpp>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "base/utf8.h"
#include "event/json.h"
#include "event/text.h"
#include "support/facts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gancho;
  static const test::SampleFacts facts;
  static const JsonRenderer json(facts, {});
  static TextRenderer text(facts, {}, {.colour = false, .utc = true});

  // As it is, and with a size field that agrees, so that most inputs get past the first check.
  std::vector<std::byte> record(size);
  if (size != 0) std::memcpy(record.data(), data, size);
  for (int pass = 0; pass < 2; ++pass) {
    if (pass == 1 && size >= 4) {
      const auto right = static_cast<std::uint32_t>(size);
      std::memcpy(record.data(), &right, sizeof(right));
    }
    const auto view = EventView::create(record);
    if (!view) continue;

    ByteBuffer out;
    json.render(*view, out);
    const std::string_view line = out.view().substr(0, out.size() - 1);
    if (std::ranges::any_of(line, [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
      abort();
    boost::system::error_code error;
    if (!boost::json::parse(line, error).is_object() || error) abort();

    out.clear();
    text.render(*view, out);
    std::string_view rest = out.view();
    if (!rest.ends_with('\n')) abort();
    for (rest.remove_suffix(1); !rest.empty();) {
      const Utf8 decoded = decode_utf8(rest);
      if (decoded.length == 0 || steers_terminal(decoded.code)) abort();
      rest.remove_prefix(decoded.length);
    }
  }
  return 0;
}
