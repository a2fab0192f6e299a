// SPDX-License-Identifier: Apache-2.0
//
// Where alerts are posted to, and the header lines that go with them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace gancho {

struct Url {
  bool tls = false;
  std::string host;  // without the brackets of an IPv6 address
  std::uint16_t port = 0;
  std::string target;  // path and query, at least "/"

  // As the Host header has it: the port when it is not the scheme's own.
  [[nodiscard]] std::string authority() const;
};

// http://host[:port][/path] or https://...; names and passwords are refused.
[[nodiscard]] Result<Url> parse_url(std::string_view text);

// "Name: value". Refuses what the sink says itself (Host, Content-Length, ...).
[[nodiscard]] Result<std::pair<std::string, std::string>> parse_header(std::string_view line);

// By its name: Authorization, Cookie, X-Api-Key, ...
[[nodiscard]] bool is_secret_header(std::string_view name);

}  // namespace gancho
