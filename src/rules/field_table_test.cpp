// SPDX-License-Identifier: Apache-2.0
#include "rules/field_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "event/room.h"

namespace gancho::rules {
namespace {

// The one promise of the table: a name is supplied exactly when it can be read.
TEST(FieldTable, EachNameIsReadOrHasAReason) {
  for (const FieldName& field : fields()) {
    EXPECT_EQ(field.missing.empty(), field.origin != FieldOrigin::none) << field.name;
    if (field.argument == FieldArgument::key && field.origin != FieldOrigin::none) continue;
    const auto read = find_field_rows(field.name, std::nullopt);
    EXPECT_EQ(read.has_value(), field.missing.empty())
        << field.name << ": " << (read ? "is read" : read.error());
    if (!read) {
      EXPECT_EQ(read.error(),
                std::string(field.name) + " cannot be supplied: " + std::string(field.missing));
      continue;
    }
    std::size_t events = 0;
    for (const Room* room : rooms())
      for (const EventDesc& event : room->events) events += read->supplied_by(event.type) ? 1 : 0;
    EXPECT_GT(events, 0U) << field.name << " is in no event";
    EXPECT_FALSE(field.meaning.empty()) << field.name;
    if (field.argument == FieldArgument::optional_index) {
      EXPECT_TRUE(find_field_rows(field.name, "1")) << field.name;
    }
  }
}

// Names are read as they stand in the table, in whatever way they are written.
TEST(FieldTable, Arguments) {
  for (const char* name : {"evt.arg", "evt.rawarg"}) {
    EXPECT_FALSE(find_field_rows(name, std::nullopt));
    EXPECT_TRUE(find_field_rows(name, "flags"));
    EXPECT_TRUE(find_field_rows(std::string(name) + ".flags", std::nullopt));
    EXPECT_FALSE(find_field_rows(name, "0"));
    EXPECT_FALSE(find_field_rows(std::string(name) + ".flags", "x"));
  }
}

TEST(FieldTable, NoReasonForWhatIsSupplied) {
  std::set<std::string_view> names;
  for (const auto& group : detail::missing_fields()) {
    std::string_view rest = group.names;
    while (!rest.empty()) {
      const std::string_view name = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(name.size() + 1, rest.size()));
      ASSERT_NE(name, "") << group.names;
      EXPECT_TRUE(names.insert(name).second) << name << " twice";
      EXPECT_EQ(find_field(name)->origin, FieldOrigin::none) << name << " is supplied";
    }
  }
}

// A derived field reads what there is, and a name of Falco's an event that has it.
TEST(FieldTable, NamesOnlyWhatTheSchemaHas) {
  std::set<std::string_view> known;
  const auto take = [&](std::span<const FieldDesc> of) {
    for (const FieldDesc& field : of) known.insert({field.name, field.joined});
  };
  take(common_fields());
  for (const Room* room : rooms())
    for (const EventDesc& event : room->events) take(event.fields);
  std::set<std::string_view> names;
  for (const Derived& row : derived_fields()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name << " twice";
    EXPECT_TRUE(row.first.empty() || known.contains(row.first)) << row.name << ": " << row.first;
    EXPECT_TRUE(row.second.empty() || known.contains(row.second)) << row.name << ": " << row.second;
  }
  for (const OtherName& other : other_names()) {
    std::string_view rest = other.events;
    while (!rest.empty()) {
      const std::string_view name = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(name.size() + 1, rest.size()));
      const EventDesc* event = find_event(name);
      ASSERT_NE(event, nullptr) << other.name << ": " << name;
      const auto has = [&](std::string_view field) {
        return std::ranges::any_of(event->fields,
                                   [&](const FieldDesc& desc) { return desc.name == field; });
      };
      EXPECT_TRUE(has(other.field)) << name << " has no " << other.field;
      EXPECT_FALSE(has(other.name)) << name << " has " << other.name << " itself";
    }
  }
}

}  // namespace
}  // namespace gancho::rules
