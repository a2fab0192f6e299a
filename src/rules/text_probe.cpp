// SPDX-License-Identifier: Apache-2.0
#include "rules/text_probe.h"

#include <algorithm>
#include <utility>

namespace gancho::rules {
namespace {

bool ends_before(std::string_view a, std::string_view b) {
  return std::ranges::lexicographical_compare(
      a.rbegin(), a.rend(), b.rbegin(), b.rend(),
      [](char x, char y) { return static_cast<unsigned char>(x) < static_cast<unsigned char>(y); });
}

}  // namespace

void TextProbe::add(std::string_view text, Index rule) {
  added_.emplace_back(text, rule);
}

void TextProbe::finish() {
  const auto before = [this](std::string_view a, std::string_view b) {
    return part_ == TextPart::end ? ends_before(a, b) : a < b;
  };
  std::ranges::sort(added_, [&](const auto& a, const auto& b) {
    return a.first == b.first ? a.second < b.second : before(a.first, b.first);
  });
  const auto repeated = std::ranges::unique(added_);
  added_.erase(repeated.begin(), repeated.end());
  for (const auto& [text, rule] : added_) {
    if (entries_.empty() || entries_.back().text != text) {
      Entry entry{.text = text, .rules = {.first = static_cast<Index>(rules_.size()), .count = 0}};
      // As for a text that is looked for.
      auto inner = entries_.empty() ? k_none : static_cast<Index>(entries_.size() - 1);
      while (inner != k_none && !(part_ == TextPart::end ? text.ends_with(entries_[inner].text)
                                                         : text.starts_with(entries_[inner].text)))
        inner = entries_[inner].inner;
      entry.inner = inner;
      entries_.push_back(entry);
    }
    ++entries_.back().rules.count;
    rules_.push_back(rule);
  }
  added_ = {};
  size_ = entries_.size();
  if (part_ == TextPart::inside) {
    for (const Entry& entry : entries_) fragments_.add(entry.text, entry.rules);
    fragments_.finish();
  } else if (part_ == TextPart::whole) {
    for (const Entry& entry : entries_) places_.emplace(entry.text, entry.rules);
  } else {
    return;
  }
  entries_ = {};
}

std::uint32_t TextProbe::last_not_behind(std::string_view text) const {
  const auto behind = part_ == TextPart::end
                          ? std::ranges::upper_bound(entries_, text, ends_before, &Entry::text)
                          : std::ranges::upper_bound(entries_, text, {}, &Entry::text);
  return behind == entries_.begin() ? k_none
                                    : static_cast<std::uint32_t>(behind - entries_.begin() - 1);
}

bool TextProbe::fits(std::string_view text, std::string_view part) const {
  switch (part_) {
    case TextPart::end:
      return text.ends_with(part);
    case TextPart::path:
      return part.empty() ||
             (text.starts_with(part) && (text.size() == part.size() || text[part.size()] == '/'));
    default:
      return text.starts_with(part);
  }
}

}  // namespace gancho::rules
