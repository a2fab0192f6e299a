// SPDX-License-Identifier: Apache-2.0
#include "rules/demands.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <span>
#include <tuple>

namespace gancho::rules {
namespace {

// Enough to choose from; a bound of the time that large conditions take.
constexpr std::size_t k_most_demands = 6;
constexpr std::size_t k_most_parts = 32;
// A longer condition is evaluated as it stands.
constexpr std::size_t k_most_steps = 4096;

// What is demanded on the way from a step to the match; nullopt: no way leads there.
using Way = std::optional<std::vector<Demand>>;

bool same(const Needed& a, const Needed& b) {
  return a.comparison == b.comparison && a.wanted == b.wanted;
}

bool same(const Demand& a, const Demand& b) {
  return std::ranges::equal(a.any, b.any,
                            [](const Needed& x, const Needed& y) { return same(x, y); });
}

bool contains(std::span<const Demand> demands, const Demand& demand) {
  return std::ranges::any_of(demands, [&](const Demand& other) { return same(other, demand); });
}

void keep_best(std::vector<Demand>& demands) {
  std::ranges::sort(demands, {}, [](const Demand& demand) {
    const Needed& first = demand.any.front();
    return std::tuple(demand.weight, first.comparison, first.wanted, demand.any.size());
  });
  if (demands.size() > k_most_demands) demands.resize(k_most_demands);
}

// The first of `from` that is not in `other` as well.
const Demand* best_beside(std::span<const Demand> from, std::span<const Demand> other) {
  const auto found =
      std::ranges::find_if(from, [&](const Demand& one) { return !contains(other, one); });
  return found == from.end() ? nullptr : &*found;
}

// Either way may be gone: what both demand, and one of what only one of them does.
std::vector<Demand> either(std::span<const Demand> a, std::span<const Demand> b,
                           const Weigh& weigh) {
  std::vector<Demand> made;
  std::ranges::copy_if(a, std::back_inserter(made),
                       [&](const Demand& one) { return contains(b, one); });
  const Demand* const first = best_beside(a, b);
  const Demand* const second = best_beside(b, a);
  if (first == nullptr || second == nullptr) return made;
  Demand merged = *first;
  for (const Needed& needed : second->any) {
    if (std::ranges::any_of(merged.any, [&](const Needed& known) { return same(known, needed); }))
      continue;
    merged.any.push_back(needed);
    merged.weight += weigh(needed);
  }
  if (merged.any.size() <= k_most_parts) made.push_back(std::move(merged));
  keep_best(made);
  return made;
}

// Is it decided by the event's type whether the step goes on by `when_so`?
std::optional<bool> decided(const Terms& terms, const Step& step, std::uint16_t type) {
  const TypedComparison& comparison = terms.comparisons[step.comparison];
  if (comparison.types == k_none) return std::nullopt;
  const TypeTruth& truth = terms.type_truths[comparison.types][type];
  if (!truth.otherwise.empty()) return std::nullopt;
  return truth.usual == step.wanted;
}

}  // namespace

std::vector<Needed> find_needed(const Terms& terms, const Logic& logic, std::uint16_t type) {
  const std::size_t count = logic.steps.size();
  if (count > k_most_steps) return {};
  // What is needed on all ways from a step to the match; nullopt: no way leads there.
  std::vector<std::optional<std::vector<Needed>>> ways(count);
  const auto way_from = [&](std::uint32_t step) -> std::optional<std::vector<Needed>> {
    if (step == Step::k_match) return std::vector<Needed>{};
    return step < count ? ways[step] : std::nullopt;
  };
  for (std::size_t at = count; at-- > 0;) {
    const Step& step = logic.steps[at];
    if (const auto fixed = decided(terms, step, type)) {
      ways[at] = way_from(*fixed ? step.when_so : step.otherwise);
      continue;
    }
    auto so = way_from(step.when_so);
    const auto otherwise = way_from(step.otherwise);
    const Needed own{.comparison = step.comparison, .wanted = step.wanted};
    const auto is_own = [&](const Needed& one) { return same(one, own); };
    if (so && terms.comparisons[own.comparison].types == k_none && so->size() < k_most_parts &&
        std::ranges::none_of(*so, is_own))
      so->push_back(own);
    if (so && otherwise)
      std::erase_if(*so, [&](const Needed& one) {
        return std::ranges::none_of(*otherwise,
                                    [&](const Needed& other) { return same(one, other); });
      });
    if (so)
      ways[at] = std::move(so);
    else
      ways[at] = otherwise;
  }
  return count == 0 || !ways[0] ? std::vector<Needed>{} : *ways[0];
}

std::vector<Demand> find_demands(const Terms& terms, const Logic& logic, std::uint16_t type,
                                 const Weigh& weigh) {
  const std::size_t count = logic.steps.size();
  if (count > k_most_steps) return {};
  std::vector<Way> ways(count);
  const auto way_from = [&](std::uint32_t step) -> Way {
    if (step == Step::k_match) return std::vector<Demand>{};
    return step < count ? ways[step] : std::nullopt;
  };
  // A step leads to later ones only.
  for (std::size_t at = count; at-- > 0;) {
    const Step& step = logic.steps[at];
    const auto fixed = decided(terms, step, type);
    if (fixed) {
      ways[at] = way_from(*fixed ? step.when_so : step.otherwise);
      continue;
    }
    Way so = way_from(step.when_so);
    const Way otherwise = way_from(step.otherwise);
    const Needed needed{.comparison = step.comparison, .wanted = step.wanted};
    const double weight = weigh(needed);
    if (so && std::isfinite(weight)) {
      Demand own{.any = {needed}, .weight = weight};
      if (!contains(*so, own)) so->push_back(std::move(own));
      keep_best(*so);
    }
    if (so && otherwise)
      ways[at] = either(*so, *otherwise, weigh);
    else
      ways[at] = so ? so : otherwise;
  }
  return count == 0 || !ways[0] ? std::vector<Demand>{} : *ways[0];
}

}  // namespace gancho::rules
