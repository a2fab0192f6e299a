// SPDX-License-Identifier: Apache-2.0
#include "attached/changes.h"

#include <algorithm>
#include <tuple>

namespace gancho {
namespace {

auto key(const Attachment& one) {
  return std::tie(one.program, one.link, one.how, one.kind, one.place, one.detail, one.network);
}

bool before(const Attachment* a, const Attachment* b) {
  return key(*a) < key(*b);
}

std::vector<const Attachment*> sorted(const Attached& snapshot) {
  std::vector<const Attachment*> all;
  for (const Attachment& one : snapshot.attachments) all.push_back(&one);
  std::ranges::sort(all, before);
  return all;
}

// Those of `a` that `b` has not.
std::vector<const Attachment*> only(const std::vector<const Attachment*>& a,
                                    const std::vector<const Attachment*>& b) {
  std::vector<const Attachment*> rest;
  std::ranges::set_difference(a, b, std::back_inserter(rest), before);
  return rest;
}

std::vector<const ProgramFacts*> only(const Attached& a, const Attached& b) {
  std::vector<const ProgramFacts*> rest;
  for (const auto& [id, program] : a.programs)
    if (!b.programs.contains(id)) rest.push_back(&program);
  return rest;
}

}  // namespace

Changes changes_between(const Attached& earlier, const Attached& later) {
  Changes changes{.loaded = only(later, earlier), .unloaded = only(earlier, later)};
  const auto old = sorted(earlier);
  const auto now = sorted(later);
  changes.come = only(now, old);
  changes.gone = only(old, now);
  const std::uint32_t last = earlier.programs.empty() ? 0 : earlier.programs.rbegin()->first;
  const std::uint32_t newest = later.programs.empty() ? 0 : later.programs.rbegin()->first;
  // Behind the last id that we knew, those that are not there now. What had come and gone before
  // the first look is not known: without any program then, nothing can be said.
  if (last != 0 && newest > last)
    changes.unseen = newest - last -
                     static_cast<std::uint64_t>(std::ranges::count_if(
                         changes.loaded, [&](const auto* one) { return one->id > last; }));
  return changes;
}

}  // namespace gancho
