// SPDX-License-Identifier: Apache-2.0
#include "rules/field_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "event/room.h"
#include "rules/field_facts.h"

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
    if (field.argument == FieldArgument::optional_index ||
        field.argument == FieldArgument::optional_both) {
      EXPECT_TRUE(find_field_rows(field.name, "1")) << field.name;
    }
    if (field.argument == FieldArgument::optional_key ||
        field.argument == FieldArgument::optional_both) {
      const auto named = find_field_rows(field.name, "HOME");
      ASSERT_TRUE(named) << field.name;
      EXPECT_EQ(named->key, "HOME");
    }
  }
}

// Names are read as they stand in the table, in whatever way they are written.
TEST(FieldTable, Arguments) {
  for (const char* name : {"evt.arg", "evt.rawarg"}) {
    EXPECT_FALSE(find_field_rows(name, std::nullopt));
    EXPECT_TRUE(find_field_rows(name, "flags"));
    EXPECT_TRUE(find_field_rows(std::string(name) + ".flags", std::nullopt));
    EXPECT_TRUE(find_field_rows(name, "0"));  // of socket
    EXPECT_FALSE(find_field_rows(name, "3"));
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
    if (other.events.empty()) {
      EXPECT_TRUE(known.contains(other.field)) << other.name << ": " << other.field;
      EXPECT_FALSE(known.contains(other.name)) << other.name << " is in the schema itself";
    }
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

TEST(FieldFacts, WhatIsTold) {
  const auto all = field_facts();
  const auto of = [&](std::string_view name) {
    const auto found = std::ranges::find(all, name, &FieldFacts::name);
    EXPECT_NE(found, all.end()) << name;
    return *found;
  };
  EXPECT_EQ(of("fd.nameraw").events, std::vector<std::string_view>{"open"});
  EXPECT_TRUE(of("fd.nameraw").falco);
  EXPECT_FALSE(of("fd.hostpath").falco);
  EXPECT_TRUE(of("proc.pid").every_event);
  EXPECT_TRUE(of("proc.exepath").from_table);
  EXPECT_EQ(of("proc.exepath").cost, Cost::high);
  EXPECT_EQ(of("evt.failed").phase, Phase::after);
  EXPECT_FALSE(of("evt.dir").phase);
  EXPECT_TRUE(of("proc.aname").indexed && of("proc.aname").several);
  EXPECT_TRUE(of("user.uid").falco);
  EXPECT_FALSE(of("user.ruid").falco || of("user.euid").falco);
  EXPECT_EQ(of("user.euid").meaning, "the same as user.uid");
  std::set<std::string_view> names;
  for (const FieldFacts& field : field_facts(*find_event("open"))) names.insert(field.name);
  EXPECT_TRUE(names.contains("fd.nameraw") && names.contains("evt.arg.name"));
  EXPECT_TRUE(names.contains("proc.exepath") && names.contains("proc.pid"));
  EXPECT_FALSE(names.contains("fd.rip") || names.contains("evt.buffer"));
}

TEST(FieldsPage, DocumentationIsUpToDate) {
  std::ifstream file(GANCHO_DOCS_DIR "/fields.md");
  const std::string written{std::istreambuf_iterator<char>(file), {}};
  EXPECT_TRUE(written == fields_page())
      << "docs/fields.md is out of date; make it again with: gancho docs fields > docs/fields.md";
}

// What people read names only fields that there are.
TEST(FieldTable, DocumentationNamesFieldsThatThereAre) {
  for (const char* page : {"conditions.md", "falco.md", "rules.md", "fields.md"}) {
    std::ifstream file(std::string(GANCHO_DOCS_DIR "/") + page);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    ASSERT_FALSE(text.empty()) << page;
    std::size_t fields = 0;
    constexpr std::string_view k_letters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";
    for (std::size_t at = text.find('`'); at != std::string::npos; at = text.find('`', at + 1)) {
      if (text.compare(at + 1, 1, "%") == 0) ++at;
      const std::size_t end = std::min(text.find_first_not_of(k_letters, at + 1), text.size());
      const std::string name = text.substr(at + 1, end - at - 1);
      const std::size_t dot = name.find('.');
      if (dot == std::string::npos || !is_field_class(name.substr(0, dot))) continue;
      ++fields;
      // One that stands for a typing error, and one that stands for all.
      if (name == "evt.arg.flgs" || name.ends_with(".NAME")) continue;
      EXPECT_NE(find_field(name), nullptr) << page << ": " << name;
    }
    EXPECT_GT(fields, 1U) << page;
  }
}

}  // namespace
}  // namespace gancho::rules
