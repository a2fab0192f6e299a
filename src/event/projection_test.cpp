// SPDX-License-Identifier: Apache-2.0
#include "event/projection.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "event/room.h"

namespace gancho {
namespace {

TEST(Projection, AllHasEveryFieldOnce) {
  const Projection all = Projection::all();
  const EventDesc& sample = *find_event("sample");
  const auto fields = all.fields(sample.type);
  ASSERT_EQ(fields.size(), common_fields().size() + sample.fields.size());
  EXPECT_EQ(fields.front().field, &common_fields().front());
  EXPECT_EQ(fields.back().field, &sample.fields.back());
  EXPECT_TRUE(all.fields(12345).empty());
}

TEST(Projection, ANameMeansTheNumberOrItsName) {
  const std::vector<std::string_view> names = {"s.user", "s.uid"};
  const Projection projection = Projection::create(names).value();
  const auto fields = projection.fields(find_event("sample")->type);
  ASSERT_EQ(fields.size(), 2u);
  EXPECT_EQ(fields[0].field, fields[1].field);
  EXPECT_TRUE(fields[0].joined && !fields[0].value);
  EXPECT_TRUE(fields[1].value && !fields[1].joined);
  EXPECT_TRUE(projection.fields(find_event("bare")->type).empty());
}

TEST(Projection, EveryNameIsThereOnce) {
  const auto names = field_names();
  for (const std::string_view name : {"evt.time", "proc.pid", "s.uid", "s.user"})
    EXPECT_EQ(std::ranges::count(names, name), 1) << name;
  EXPECT_TRUE(Projection::create(names));
}

TEST(Projection, RefusesAnUnknownName) {
  const std::vector<std::string_view> names = {"proc.pid", "proc.pd"};
  const auto projection = Projection::create(names);
  ASSERT_FALSE(projection);
  EXPECT_EQ(projection.error().code, Errc::usage);
  EXPECT_EQ(projection.error().message,
            "no event has a field called \"proc.pd\"; did you mean \"proc.pid\"?");
}

}  // namespace
}  // namespace gancho
