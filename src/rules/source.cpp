// SPDX-License-Identifier: Apache-2.0
#include "rules/source.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/utf8.h"

namespace gancho::rules {
namespace {

// A character for each of the line, none of which does anything to the terminal.
std::vector<std::string> characters(std::string_view line) {
  std::vector<std::string> all;
  while (!line.empty()) {
    const Utf8 next = decode_utf8(line);
    const std::size_t length = next.length == 0 ? 1 : next.length;
    const bool shown = next.length != 0 && !steers_terminal(next.code);
    all.push_back(shown ? std::string(line.substr(0, length)) : next.code == '\t' ? " " : "?");
    line.remove_prefix(length);
  }
  return all;
}

void put_line(std::string& out, std::string_view line, const Span& at) {
  constexpr std::size_t k_shown = 100;
  constexpr std::size_t k_before = 30;  // characters of a long line
  const std::vector<std::string> all = characters(line);
  const std::size_t begin = at.column - 1;
  if (begin > all.size()) return;
  const std::size_t first = all.size() > k_shown && begin > k_before ? begin - k_before : 0;
  const std::size_t last = std::min(all.size(), first + k_shown);
  std::string shown = first > 0 ? "..." : "";
  const std::size_t indent = shown.size() + begin - first;
  for (std::size_t i = first; i < last; ++i) shown += all[i];
  const std::size_t length =
      std::clamp<std::size_t>(at.length, 1, std::max<std::size_t>(last - std::min(begin, last), 1));
  fmt::format_to(std::back_inserter(out), "  {}{}\n  {:{}}^{:~<{}}\n", shown,
                 last < all.size() ? "..." : "", "", indent, "", length - 1);
}

}  // namespace

Source::Source(std::string name, std::string text)
    : name_(std::move(name)), text_(std::move(text)) {
  constexpr std::string_view k_byte_order_mark = "\xef\xbb\xbf";
  if (text_.starts_with(k_byte_order_mark)) text_.erase(0, k_byte_order_mark.size());
  lines_.push_back(0);
  for (std::size_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\n') lines_.push_back(i + 1);
    if ((static_cast<unsigned char>(text_[i]) & 0xc0) == 0x80) continued_.push_back(i);
  }
}

Span Source::place(std::uint32_t file, std::size_t offset, std::size_t length) const {
  const auto line = std::ranges::upper_bound(lines_, offset) - 1;
  const auto continued =
      std::ranges::lower_bound(continued_, offset) - std::ranges::lower_bound(continued_, *line);
  return {file, static_cast<std::uint32_t>(line - lines_.begin() + 1),
          static_cast<std::uint32_t>(offset - *line - static_cast<std::size_t>(continued) + 1),
          static_cast<std::uint32_t>(std::max<std::size_t>(length, 1))};
}

std::string_view Source::line(std::uint32_t number) const {
  if (number == 0 || number > lines_.size()) return {};
  const std::size_t begin = lines_[number - 1];
  std::string_view rest = std::string_view(text_).substr(begin);
  rest = rest.substr(0, rest.find('\n'));
  if (rest.ends_with('\r')) rest.remove_suffix(1);
  return rest;
}

std::string print_problem(const Problem& problem, const std::vector<Source>& sources) {
  std::string out;
  const Span& at = problem.at;
  const bool known = at.file < sources.size();
  if (known)
    for (const std::string& character : characters(sources[at.file].name())) out += character;
  if (at.line != 0) fmt::format_to(std::back_inserter(out), ":{}:{}", at.line, at.column);
  fmt::format_to(std::back_inserter(out), "{}{}{}\n", out.empty() ? "" : ": ",
                 problem.severity == Severity::warning ? "warning: " : "", problem.message);
  if (known && at.line != 0) put_line(out, sources[at.file].line(at.line), at);
  return out;
}

}  // namespace gancho::rules
