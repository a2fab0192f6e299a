// SPDX-License-Identifier: Apache-2.0
#include "cli/policy_replay.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "rules/load.h"
#include "support/record_builder.h"

namespace gancho {
namespace {

class VectorSink final : public ByteSink {
 public:
  Status write(std::span<const std::byte> more) override {
    bytes.insert(bytes.end(), more.begin(), more.end());
    return {};
  }
  std::vector<std::byte> bytes;
};

constexpr auto k_rules =
    "- rule: Never\n  desc: d\n  condition: proc.name = nobody\n  output: o\n  priority: INFO\n"
    "- rule: Shadow\n  desc: d\n  condition: evt.type = open and fd.name = /etc/shadow\n"
    "  output: read by %proc.name %user.name %proc.pid\n  priority: ERROR\n"
    "- rule: Open\n  desc: d\n  condition: evt.type = open\n  output: open\n  priority: DEBUG\n";

class PolicyReplayTest : public ::testing::Test {
 protected:
  PolicyReplayTest() {
    use(k_rules);
    auto writer = RecordingWriter::create(sink_, {.clock = {0},
                                                  .writer = "w",
                                                  .kernel_release = "6.1",
                                                  .host = "web-1",
                                                  .users = {{1000, "alice"}},
                                                  .groups = {}});
    EXPECT_TRUE(writer->append(open("/etc/shadow")) && writer->append(Loss{.count = 3}) &&
                writer->append(open("/etc/passwd")) &&
                writer->append(open("/etc/shadow", EV_FOR_TABLE)) && writer->finish({}));
  }

  void use(std::string rules) {
    auto loaded = rules::load_rules({{"r.yaml", std::move(rules)}});
    rules_ = *type_rules(*loaded.rules, loaded.problems);
  }

  static std::vector<std::byte> open(std::string_view path, std::uint8_t flags = 0) {
    test::RecordBuilder record(*find_event("open"));
    record.text("fd.name", path).text("proc.name", "cat").number("user.uid", 1000);
    record.number("proc.pid", 7);
    if (flags != 0) record.put(offsetof(ev_header, flags), flags);
    const auto bytes = record.bytes();
    return {bytes.begin(), bytes.end()};
  }

  PolicyReplay replay(rules::Matching matching, bool json) {
    lines_.clear();
    const auto recording = Recording::open(sink_.bytes);
    auto made = replay_policy(*recording, rules_, {.matching = matching, .json = json},
                              [&](std::string_view more) -> Status {
                                lines_ += more;
                                return {};
                              });
    EXPECT_TRUE(made);
    return *made;
  }

  rules::TypedRules rules_;
  VectorSink sink_;
  std::string lines_;
};

TEST_F(PolicyReplayTest, AlertsInTheirOrderThenTheSum) {
  const PolicyReplay made = replay(rules::Matching::all, false);
  EXPECT_EQ(made.events, 2);
  EXPECT_EQ(made.lost, 3);
  EXPECT_EQ(made.alerts, 3);
  EXPECT_EQ(made.fired, (std::vector<std::uint64_t>{0, 1, 2}));
  const std::size_t first = lines_.find("Error read by cat alice 7\n");
  EXPECT_NE(first, std::string::npos) << lines_;
  EXPECT_LT(first, lines_.find("Debug open\n"));
  EXPECT_EQ(policy_replay_text(made, rules_),
            "\n2 events, 3 alerts; 3 events are missing from the recording\n"
            "       2  Open\n       1  Shadow\n1 rule never fired:\n  Never\n");
}

TEST_F(PolicyReplayTest, TheFirstRuleThatMatches) {
  EXPECT_EQ(replay(rules::Matching::first, false).fired, (std::vector<std::uint64_t>{0, 1, 1}));
}

TEST_F(PolicyReplayTest, Json) {
  const PolicyReplay made = replay(rules::Matching::first, true);
  const auto alert = boost::json::parse(lines_.substr(0, lines_.find('\n')));
  EXPECT_EQ(alert.at("rule").as_string(), "Shadow");
  EXPECT_EQ(alert.at("hostname").as_string(), "web-1");
  const auto sum = boost::json::parse(policy_replay_json(made, rules_));
  EXPECT_EQ(sum.at("events").as_int64(), 2);
  EXPECT_EQ(sum.at("fired").as_array().size(), 2);
  EXPECT_EQ(sum.at("never_fired").as_array().at(0).as_string(), "Never");
  EXPECT_TRUE(sum.at("events_not_recorded").as_array().empty());
  EXPECT_FALSE(sum.at("environments_missing").as_bool());
}

TEST_F(PolicyReplayTest, WhatWasNotRecordedIsSaid) {
  use("- rule: Sockets\n  desc: d\n  condition: evt.type in (connect, bind)\n  output: o\n"
      "  priority: INFO\n"
      "- rule: Environment\n  desc: d\n  condition: evt.type in (open, connect) and "
      "proc.env[A] = x\n  output: o\n  priority: INFO\n");
  const PolicyReplay made = replay(rules::Matching::first, false);
  EXPECT_EQ(policy_replay_text(made, rules_),
            "2 events, 0 alerts; 3 events are missing from the recording\n"
            "the recording has no environments, which rules ask for: record with --environment\n"
            "2 rules never fired:\n  Sockets: the recording has no bind, connect\n"
            "  Environment\n");
  const auto sum = boost::json::parse(policy_replay_json(made, rules_));
  EXPECT_EQ(sum.at("events_not_recorded"), boost::json::array{"Sockets"});
  EXPECT_TRUE(sum.at("environments_missing").as_bool());
  // The process table has it.
  auto writer = RecordingWriter::create(sink_ = {}, {});
  test::RecordBuilder exec(*find_event("exec"));
  exec.list("proc.env", {"A=x"}).number("proc.pid", 7);
  exec.put(offsetof(ev_header, flags), std::uint8_t{EV_FOR_TABLE});
  const auto bytes = exec.bytes();
  EXPECT_TRUE(writer->append({bytes.begin(), bytes.end()}) && writer->append(open("/etc/shadow")) &&
              writer->finish({}));
  EXPECT_TRUE(replay(rules::Matching::first, false).environments);
  EXPECT_EQ(replay(rules::Matching::first, false).fired, (std::vector<std::uint64_t>{0, 1}));
}

}  // namespace
}  // namespace gancho
