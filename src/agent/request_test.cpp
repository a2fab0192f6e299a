// SPDX-License-Identifier: Apache-2.0
#include "agent/request.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace gancho {
namespace {

TEST(Request, WhatIsPrintedIsRead) {
  std::string line = print_request(Request::processes);
  ASSERT_TRUE(line.ends_with('\n'));
  line.pop_back();
  const auto request = parse_request(line);
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(*request, Request::processes);
}

TEST(Request, AnythingElseIsRefused) {
  for (const std::string_view line :
       {"", "{", "[]", "{}", "1", R"({"get":"processes"} x)", R"({"get":1})", R"({"get":"all"})",
        R"({"get":"processes","and":1})", R"({"get":["processes"]})", R"([[[[[[[[[[)"})
    EXPECT_FALSE(parse_request(line)) << line;
  const std::string deep = R"({"get":)" + std::string(100, '[') + std::string(100, ']') + "}";
  EXPECT_FALSE(parse_request(deep));
  const std::string long_one = R"({"get":"processes")" + std::string(k_request_max, ' ') + "}";
  EXPECT_FALSE(parse_request(long_one));
}

TEST(Request, ARefusalAndAnEndAreJson) {
  const std::string refusal = print_refusal("no \"such\"\n thing");
  EXPECT_EQ(boost::json::parse(refusal).at("error").as_string(), "no \"such\"\n thing");
  ByteBuffer out;
  write_answer_end(3,
                   {.limits = {.processes = 1024},
                    .processes = {.alive = 2, .ended = 1, .refused = 9},
                    .containers = {.max = 7, .evicted = 8}},
                   out);
  const auto end = boost::json::parse(std::string(out.view()));
  EXPECT_EQ(end.at("lines").as_int64(), 3);
  EXPECT_EQ(end.at("processes").at("max").as_int64(), 1024);
  EXPECT_EQ(end.at("processes").at("refused").as_int64(), 9);
  EXPECT_EQ(end.at("containers").at("max").as_int64(), 7);
  EXPECT_EQ(end.at("containers").at("evicted").as_int64(), 8);
}

}  // namespace
}  // namespace gancho
