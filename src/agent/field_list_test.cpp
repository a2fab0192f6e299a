// SPDX-License-Identifier: Apache-2.0
#include "agent/field_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "event/room.h"

namespace gancho {
namespace {

std::vector<std::string_view> shown(const FieldList& list) {
  std::vector<std::string_view> names;
  const Projection projection = list.projection();
  for (const Selected& selected : projection.fields(find_event("exec")->type))
    names.push_back(selected.value ? selected.field->name : selected.field->joined);
  return names;
}

TEST(FieldList, KeepsTheNamesAndTheirOrder) {
  const std::vector<std::string> names{"user.name", "proc.exepath", "evt.time"};
  const FieldList list = FieldList::of(names);
  EXPECT_EQ(list.count, 3);
  EXPECT_EQ(shown(list), (std::vector<std::string_view>{names.begin(), names.end()}));
}

TEST(FieldList, NoneMeansAll) {
  EXPECT_EQ(shown(FieldList::of({}, true)).size(),
            common_fields().size() + find_event("exec")->fields.size());
}

TEST(FieldList, EnvironmentsAreAskedForByName) {
  const auto all = shown(FieldList::of({}, true));
  auto some = shown(FieldList::of({}));
  EXPECT_EQ(std::ranges::count(some, "proc.env") + std::ranges::count(some, "proc.env_truncated"),
            0);
  EXPECT_EQ(some.size() + 2, all.size());
  const std::vector<std::string> names{"proc.env"};
  EXPECT_EQ(shown(FieldList::of(names)).size(), 1U);
}

}  // namespace
}  // namespace gancho
