// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a record: refused, or one line of valid JSON and one line that no terminal obeys,
// and a process table that answers for all that it took.
#include <algorithm>
#include <boost/json.hpp>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "base/utf8.h"
#include "enrich/process_json.h"
#include "event/json.h"
#include "event/text.h"
#include "support/facts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gancho;
  static const test::SampleFacts facts;
  static const JsonRenderer json(facts, {});
  static TextRenderer text(facts, {}, {.colour = false, .utc = true});

  ProcessTable table({.processes = 16});
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
    table.apply(*view);
    for (std::size_t place = 0; place < table.places(); ++place)
      if (const auto process = table.at(place)) write_process_json(*process, table, facts, {}, out);
    if (!out.empty() &&
        !boost::json::parse(out.view().substr(0, out.view().find('\n'))).is_object())
      abort();
    out.clear();
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
