// SPDX-License-Identifier: Apache-2.0
#include "base/nearest.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace gancho {
namespace {

// Longer words are nobody's typing error; the bound also keeps hostile input cheap.
constexpr std::size_t k_longest = 48;

bool starts_with(std::string_view word, std::string_view start) {
  return word.size() >= start.size() &&
         std::ranges::equal(word.substr(0, start.size()), start, {}, lower, lower);
}

// Insertions, deletions, substitutions, and swaps of two neighbours ("frok"), each counted once.
std::size_t distance(std::string_view a, std::string_view b) {
  std::array<std::array<std::size_t, k_longest + 1>, 3> rows{};
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& before = rows[(i + 2) % 3];
    const auto& two_before = rows[(i + 1) % 3];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({before[j] + 1, row[j - 1] + 1, before[j - 1] + (same ? 0U : 1U)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1])) {
        row[j] = std::min(row[j], two_before[j - 2] + 1);
      }
    }
  }
  return rows[a.size() % 3][b.size()];
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> known) {
  if (word.empty() || word.size() > k_longest) return {};
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string_view name : known) {
    if (name.empty() || name.size() > k_longest) continue;
    std::size_t away = distance(word, name);
    // One letter in place of another leaves nothing of a very short word.
    if (away == std::max(word.size(), name.size())) continue;
    // "rec" for "record": a beginning is a typing error of one letter, whatever is missing.
    if (word.size() >= 3 && starts_with(name, word)) away = std::min<std::size_t>(away, 1);
    if (away < best_distance) {
      best = name;
      best_distance = away;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> known) {
  const std::string_view name = nearest(word, known);
  return name.empty() ? "" : "; did you mean \"" + std::string(name) + "\"?";
}

std::string first_words(std::span<const std::string_view> words) {
  constexpr std::size_t few = 8;
  const std::size_t shown = words.size() > few + 1 ? few : words.size();
  std::string list;
  for (const std::string_view word : words.first(shown))
    list.append(list.empty() ? "" : ", ").append(word);
  if (shown < words.size()) list += " and " + std::to_string(words.size() - shown) + " more";
  return list;
}

}  // namespace gancho
