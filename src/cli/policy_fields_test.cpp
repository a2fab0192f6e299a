// SPDX-License-Identifier: Apache-2.0
#include "cli/policy_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>
#include <sstream>
#include <string>

#include "event/room.h"

namespace gancho {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(PolicyFields, Table) {
  const std::string all = policy_fields_table(nullptr);
  EXPECT_THAT(all, ::testing::StartsWith("FIELD"));
  EXPECT_THAT(all,
              ContainsRegex("\nproc.aname\\[N\\] +text... +Falco +before +low +2 events, table"));
  EXPECT_THAT(all, ContainsRegex("\nfd.hostpath +text +ours +[a-z]+ +high +3 events  "));
  EXPECT_THAT(all, ContainsRegex("\nFalco has [0-9]+ more that nobody supplies"));
  EXPECT_THAT(all, Not(HasSubstr("evt.buffer")));
}

TEST(PolicyFields, OfOneEvent) {
  const std::string open = policy_fields_table(find_event("open"));
  EXPECT_THAT(open, ContainsRegex("\nfd.nameraw +text +Falco +before +low +open  "));
  EXPECT_THAT(open, ContainsRegex("\nproc.exepath +text +Falco +- +- +process table  "));
  EXPECT_THAT(open, Not(HasSubstr("\nfd.rip ")));
  EXPECT_THAT(open, Not(HasSubstr("nobody supplies")));
}

TEST(PolicyFields, Json) {
  std::set<std::string> names;
  std::istringstream lines(policy_fields_json(nullptr));
  for (std::string line; std::getline(lines, line);) {
    const auto object = boost::json::parse(line).as_object();
    EXPECT_TRUE(names.insert(std::string(object.at("field").as_string())).second) << line;
    EXPECT_NE(object.contains("missing"), object.contains("meaning")) << line;
  }
  EXPECT_TRUE(names.contains("evt.buffer") && names.contains("fd.name"));
  EXPECT_THAT(policy_fields_json(find_event("open")), Not(HasSubstr("\"missing\"")));
}

}  // namespace
}  // namespace gancho
