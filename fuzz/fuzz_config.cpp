// SPDX-License-Identifier: Apache-2.0
//
// A configuration file of any content: options, or complaints that a person can read. What is
// accepted says the same when it is printed and read again.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "agent/config.h"
#include "agent/settings.h"

namespace {

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gancho;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto options = parse_config(text, "f", run_defaults());
  if (!options) {
    const std::string& message = options.error().message;
    require(message.starts_with("f:"), "an error without a place");
    require(message.size() < 32 * 1024, "an error that nobody reads");
    for (const char c : message)
      require(c == '\n' || static_cast<unsigned char>(c) >= 0x20, "a control character");
    return 0;
  }
  const std::string printed = print_config(*options);
  const auto again = parse_config(printed, "g", run_defaults());
  require(again.has_value(), "what was printed is not read back");
  for (const Setting& setting : settings()) {
    require(setting.get(*options) == setting.get(*again),
            "a value changed between printing and reading");
  }
  return 0;
}
