// SPDX-License-Identifier: Apache-2.0
#include "enrich/process_json.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "enrich/known_facts.h"

namespace gancho {
namespace {

using namespace std::string_literals;

TEST(ProcessJson, AnyBytesComeOutAsJsonAndNoneAreLost) {
  const std::string args = "plain\0caf\xc3\xa9\0\xff\n\0\0"s;
  Lifecycle found;
  found.change = Lifecycle::Change::found;
  found.process = {.pid = 42, .start_time = 7};
  found.parent = {.pid = 1, .start_time = 3};
  found.name = "a\x1b\xfe";
  found.program.exehostpath = "/root/\"x\"";
  found.program.exepath = found.program.exehostpath.substr(5);
  found.program.args = args;
  const std::string cgroup = "b\0a\0"s;
  found.program.cgroup = cgroup;
  found.program.tty = 136U << 20 | 5;
  found.program.tty_name = "pts5";
  found.program.credentials.euid = 1000;
  found.program.loginuid = UINT32_MAX;
  ProcessTable table;
  table.apply(found);
  const UserTable users = UserTable::from_names({{1000, "alice"}}, {});

  ByteBuffer out;
  write_process_json(*table.find(found.process), table, users, {.offset_ns = 1'000'000'000}, out);
  const std::string line(out.view());
  ASSERT_EQ(line.find('\n'), line.size() - 1);
  const auto object = boost::json::parse(line).as_object();
  EXPECT_EQ(object.at("proc.pid"), 42);
  EXPECT_EQ(object.at("proc.ppid"), 1);
  EXPECT_EQ(object.at("proc.started"), "1970-01-01T00:00:01.000000007Z");
  EXPECT_EQ(object.at("proc.name"), "a\x1b\xef\xbf\xbd");
  EXPECT_EQ(object.at("proc.name.hex"), "611bfe");
  EXPECT_EQ(object.at("proc.exepath"), "/\"x\"");
  EXPECT_EQ(object.at("proc.exehostpath"), "/root/\"x\"");
  EXPECT_EQ(object.at("proc.args"), boost::json::parse(R"(["plain","caf\u00e9","\ufffd\n",""])"));
  EXPECT_EQ(object.at("proc.args.hex"), boost::json::parse(R"([null,null,"ff0a",null])"));
  EXPECT_EQ(object.at("cgroup.path"), "/a/b");
  EXPECT_EQ(object.at("proc.tty"), "136:5");
  EXPECT_EQ(object.at("user.name"), "alice");
  EXPECT_EQ(object.at("user.loginuid"), -1);
  EXPECT_EQ(object.at("proc.ancestors"),
            boost::json::parse(R"([{"pid":1,"start_time":3,"alive":false}])"));
  EXPECT_FALSE(object.contains("proc.ended"));
  EXPECT_FALSE(object.contains("proc.exepath.hex"));
}

TEST(ProcessJson, OfOneThatIsHardlyKnown) {
  Lifecycle ended;
  ended.change = Lifecycle::Change::ended;
  ended.process = {.pid = 42, .start_time = 7};
  ended.time = 9;
  ended.exit_status = 3;
  ProcessTable table;
  table.apply(ended);
  ByteBuffer out;
  write_process_json(*table.find(ended.process), table, UserTable(), {}, out);
  EXPECT_EQ(out.view(),
            R"({"proc.pid":42,"proc.alive":false,"proc.start_time":7,)"
            R"("proc.started":"1970-01-01T00:00:00.000000007Z","proc.exec_count":0,"proc.ppid":0,)"
            R"("proc.ended":"1970-01-01T00:00:00.000000009Z","proc.exit_status":3,)"
            R"("proc.exit_signal":0,"proc.ancestors":[]})"
            "\n");
}

}  // namespace
}  // namespace gancho
