// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a message of the worker: refused, or an alert that is written again as it was.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

#include "sinks/alert.h"
#include "sinks/url.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span bytes(reinterpret_cast<const std::byte*>(data), size);
  if (const auto alert = gancho::read_alert(bytes)) {
    std::string again;
    if (!gancho::write_alert(*alert, again)) abort();
    if (again != std::string_view(reinterpret_cast<const char*>(data), size)) abort();
  }
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto url = gancho::parse_url(text); url && url->host.empty()) abort();
  if (const auto header = gancho::parse_header(text);
      header && header->second.find_first_of("\r\n") != std::string::npos)
    abort();
  return 0;
}
