// SPDX-License-Identifier: Apache-2.0
#include "rules/text_demand.h"

#include <algorithm>
#include <span>
#include <utility>

#include "rules/text_match.h"

namespace gancho::rules {
namespace {

// A longer list is looked into when its rule is evaluated.
constexpr std::size_t k_most_texts = 4096;

std::span<const Constant> constants_of(const Terms& terms, const TypedComparison& comparison) {
  return std::span(terms.constants).subspan(comparison.constants.first, comparison.constants.count);
}

// Adds a demand when each constant has such a text, which `text_of` finds.
template <class TextOf>
void add(std::vector<TextDemand>& demands, Index operand, TextPart part,
         std::span<const Constant> constants, std::size_t shortest, const TextOf& text_of) {
  TextDemand demand{.operand = operand, .part = part, .texts = {}};
  for (const Constant& constant : constants) {
    const std::string_view text = text_of(constant);
    if (text.size() < shortest) return;
    demand.texts.push_back(text);
  }
  demands.push_back(std::move(demand));
}

std::string_view first_piece(const Constant& glob) {
  return pieces_of_glob(glob.text).front();
}

std::string_view last_piece(const Constant& glob) {
  return pieces_of_glob(glob.text).back();
}

std::string_view longest_piece(const Constant& glob) {
  return std::ranges::max(pieces_of_glob(glob.text), {}, &std::string_view::size);
}

}  // namespace

std::vector<std::string_view> pieces_of_glob(std::string_view pattern) {
  std::vector<std::string_view> pieces;
  std::size_t start = 0;
  for (std::size_t at = 0; at < pattern.size();) {
    const std::size_t next = behind_special(pattern, at);
    if (next == at) {
      ++at;
      continue;
    }
    pieces.push_back(pattern.substr(start, at - start));
    // What follows a backslash is meant as it is, and begins the next piece.
    start = pattern[at] == '\\' ? at + 1 : next;
    at = next;
  }
  pieces.push_back(pattern.substr(start));
  return pieces;
}

void find_text_demands(const Terms& terms, const Needed& needed, std::vector<TextDemand>& demands) {
  using enum Operator;
  demands.clear();
  const TypedComparison& comparison = terms.comparisons[needed.comparison];
  if (comparison.kind != ValueKind::text || comparison.types != k_none ||
      comparison.right != k_none || needed.wanted == comparison.negated)
    return;
  if (comparison.set != k_none) {
    const TextSet& texts = terms.sets[comparison.set].texts;
    if (comparison.negated || texts.size() > k_most_texts) return;
    demands.push_back({.operand = comparison.left,
                       .part = comparison.op == pmatch ? TextPart::path : TextPart::whole,
                       .texts = {texts.begin(), texts.end()}});
    return;
  }
  // Of `allof` one could be chosen; nobody writes that.
  if (comparison.modifier == Modifier::allof || comparison.constants.count > k_most_texts ||
      (comparison.modifier != Modifier::none && comparison.negated))
    return;
  const auto constants = constants_of(terms, comparison);
  const auto ask = [&](TextPart part, std::size_t shortest, const auto& text_of) {
    add(demands, comparison.left, part, constants, shortest, text_of);
  };
  const auto itself = [](const Constant& constant) -> std::string_view { return constant.text; };
  switch (comparison.op) {
    case equal:
      return ask(TextPart::whole, 0, itself);
    case startswith:
    case bstartswith:
      return ask(TextPart::beginning, 0, itself);
    case endswith:
      return ask(TextPart::end, 0, itself);
    case contains:
    case icontains:
    case bcontains:
      return ask(TextPart::inside, k_fragment_min, itself);
    case glob:
      ask(TextPart::beginning, 1, first_piece);
      ask(TextPart::end, 1, last_piece);
      [[fallthrough]];
    case iglob:
      // Each piece of a single pattern, for which is the rarest is not known here.
      if (constants.size() != 1) return ask(TextPart::inside, k_fragment_min, longest_piece);
      for (const std::string_view piece : pieces_of_glob(constants.front().text))
        ask(TextPart::inside, k_fragment_min, [&](const Constant&) { return piece; });
      return;
    default:
      return;
  }
}

}  // namespace gancho::rules
