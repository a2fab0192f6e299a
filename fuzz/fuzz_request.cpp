// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a client's request: refused, or known; and what is said about them is one line.
#include <cstdint>
#include <cstdlib>

#include "agent/request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  const auto request = gancho::parse_request(line);
  if (request && *request != gancho::Request::processes) abort();
  const std::string refusal = gancho::print_refusal(line);
  if (refusal.find('\n') != refusal.size() - 1) abort();
  return 0;
}
