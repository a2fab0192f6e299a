// SPDX-License-Identifier: Apache-2.0
#include "sinks/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/quote.h"
#include "base/units.h"

namespace gancho {
namespace {

constexpr std::size_t k_url_max = 2048;
constexpr std::size_t k_header_max = 4096;

constexpr bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
std::string lowered(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

}  // namespace

std::string Url::authority() const {
  const std::string name = host.contains(':') ? '[' + host + ']' : host;
  return port == (tls ? 443 : 80) ? name : fmt::format("{}:{}", name, port);
}

Result<Url> parse_url(std::string_view text) {
  const auto wrong = [&](std::string_view why) {
    return fail(Errc::usage, fmt::format("{} {}", in_quotes(text), why));
  };
  if (text.size() > k_url_max) return wrong(fmt::format("is longer than {} bytes", k_url_max));
  if (!std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; }))
    return wrong("holds a character that no URL has; write it as %NN");
  Url url;
  std::string_view rest = text;
  if (rest.starts_with("https://")) {
    url.tls = true;
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    return wrong("does not begin with http:// or https://");
  }
  const auto slash = std::min(rest.find_first_of("/?#"), rest.size());
  std::string_view authority = rest.substr(0, slash);
  url.target = rest.substr(slash, rest.find('#') - slash);
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  // Not shown again: it holds a password.
  if (authority.contains('@'))
    return fail(Errc::usage,
                "a URL with a name or password in it; put a header into alert_http.headers_file");
  std::string_view port;
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    if (end == std::string_view::npos) return wrong("has a [ without its ]");
    url.host = authority.substr(1, end - 1);
    if (!std::ranges::all_of(url.host, [](char c) { return is_word(c) || c == ':' || c == '.'; }))
      return wrong("has no address in its brackets");
    port = authority.substr(end + 1);
    if (!port.empty() && !port.starts_with(':')) return wrong("has no : behind its ]");
  } else {
    const auto colon = std::min(authority.find(':'), authority.size());
    url.host = authority.substr(0, colon);
    port = authority.substr(colon);
    if (!std::ranges::all_of(url.host,
                             [](char c) { return is_word(c) || c == '-' || c == '.' || c == '_'; }))
      return wrong("has no name of a host");
  }
  if (url.host.empty()) return wrong("names no host");
  url.port = url.tls ? 443 : 80;
  if (port.size() > 1) {
    const auto number = parse_count(port.substr(1));
    if (!number || *number == 0 || *number > 65535) return wrong("has no port from 1 to 65535");
    url.port = static_cast<std::uint16_t>(*number);
  }
  return url;
}

Result<std::pair<std::string, std::string>> parse_header(std::string_view line) {
  const auto colon = line.find(':');
  const std::string_view name = line.substr(0, std::min(colon, line.size()));
  // The value is not shown: it may be a secret.
  if (colon == std::string_view::npos || name.empty())
    return fail(Errc::usage, "a header is written \"Name: value\"");
  if (line.size() > k_header_max)
    return fail(Errc::usage, fmt::format("a header has at most {} bytes", k_header_max));
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  if (!std::ranges::all_of(name, [&](char c) { return is_word(c) || marks.contains(c); }))
    return fail(Errc::usage, in_quotes(name) + " is no name of a header");
  std::string_view value = line.substr(colon + 1);
  while (value.starts_with(' ') || value.starts_with('\t')) value.remove_prefix(1);
  while (value.ends_with(' ') || value.ends_with('\t')) value.remove_suffix(1);
  if (std::ranges::any_of(value, [](char c) {
        return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7f;
      }))
    return fail(Errc::usage, "the header " + in_quotes(name) + " holds a control character");
  constexpr auto own = std::to_array<std::string_view>(
      {"host", "content-length", "transfer-encoding", "connection", "te", "trailer", "upgrade"});
  if (std::ranges::find(own, lowered(name)) != own.end())
    return fail(Errc::usage, "the header " + in_quotes(name) + " is not for you to set");
  return std::pair{std::string(name), std::string(value)};
}

bool is_secret_header(std::string_view name) {
  const std::string word = lowered(name);
  constexpr auto parts = std::to_array<std::string_view>(
      {"authorization", "cookie", "token", "secret", "password", "key", "signature"});
  return std::ranges::any_of(parts, [&](std::string_view part) { return word.contains(part); });
}

}  // namespace gancho
