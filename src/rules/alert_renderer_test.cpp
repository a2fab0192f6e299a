// SPDX-License-Identifier: Apache-2.0
#include "rules/alert_renderer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <string>
#include <vector>

#include "rules/load.h"
#include "rules/rule_evaluator.h"
#include "support/exec_record.h"
#include "support/facts.h"

namespace gancho::rules {
namespace {

using ::testing::EndsWith;

constexpr WallClock k_clock{.offset_ns = 1'700'000'000'000'000'000};

class OneContainer final : public test::SampleFacts {
 public:
  [[nodiscard]] const ContainerInfo* container(std::uint64_t cgroup) const override {
    return cgroup == 77 ? &web_ : nullptr;
  }

 private:
  ContainerInfo web_{.found = true, .name = "web", .privileged = Privileged::yes};
};

class Alerts : public testing::Test {
 protected:
  // The alert of a rule with this output, for curl's exec.
  void fire(std::string output, std::string_view condition = "evt.type = execve") {
    const std::string text = "- rule: R\n  desc: d\n  condition: " + std::string(condition) +
                             "\n  output: '" + output + "'\n  priority: WARNING\n  tags: [a, b]\n";
    Loaded loaded = load_rules({{"r.yaml", text}});
    ASSERT_TRUE(loaded.rules) << loaded.problems.kept()[0].message;
    auto typed = type_rules(*loaded.rules, loaded.problems, hosts_);
    ASSERT_TRUE(typed) << loaded.problems.kept()[0].message;
    RuleEvaluator evaluator(std::move(*typed), Matching::first, facts_);
    const EventView view = record_.view();
    const auto fired = evaluator.evaluate(view);
    ASSERT_EQ(fired.size(), 1U);
    renderer_.render(evaluator.rules().rules[fired[0]], view, evaluator.values());
    json_ = boost::json::parse(std::string(renderer_.json())).as_object();
  }

  [[nodiscard]] const boost::json::value& field(std::string_view name) const {
    return json_.at("output_fields").at(name);
  }

  OneContainer facts_;
  HostNames hosts_;
  test::RecordBuilder record_ = test::typical_exec(*find_event("exec"));
  AlertRenderer renderer_{"host", k_clock, true};
  boost::json::object json_;
};

TEST_F(Alerts, AreAsFalcoHasThem) {
  fire("Ran (command=%proc.cmdline user=%user.name uid=%user.uid) 100%%");
  EXPECT_EQ(renderer_.text(),
            "22:13:20.123456789: Warning Ran (command=curl -sS --max-time "
            "https://example.org/status?a=1 user=alice uid=1000) 100%");
  EXPECT_EQ(renderer_.priority(), "Warning");
  EXPECT_EQ(json_.at("output").as_string(), renderer_.text());
  EXPECT_EQ(json_.at("priority"), "Warning");
  EXPECT_EQ(json_.at("rule"), "R");
  EXPECT_EQ(json_.at("source"), "syscall");
  EXPECT_EQ(json_.at("hostname"), "host");
  EXPECT_EQ(json_.at("tags"), (boost::json::array{"a", "b"}));
  EXPECT_EQ(json_.at("time"), "2023-11-15T22:13:20.123456789Z");
  EXPECT_EQ(field("user.uid"), 1000);
  EXPECT_EQ(field("user.name"), "alice");
  EXPECT_EQ(json_.at("output_fields").as_object().size(), 3U);
  std::vector<std::string> keys;
  for (const auto& member : json_) keys.emplace_back(member.key());
  EXPECT_TRUE(std::ranges::is_sorted(keys));
}

TEST_F(Alerts, TheMachinesName) {
  fire("on %evt.hostname, %10evt.hostname.");
  EXPECT_THAT(std::string(renderer_.text()), EndsWith(" on host, host      ."));
  EXPECT_EQ(field("evt.hostname"), "host");
}

TEST_F(Alerts, TheTextIsOneLine) {
  record_.text("proc.exepath", "/a\nb");
  fire("one\n\n  two %proc.exepath\n\n\n  three\n\n");
  EXPECT_THAT(std::string(renderer_.text()), EndsWith("Warning one two /a\\x0ab three"));
  EXPECT_THAT(std::string(json_.at("output").as_string()),
              EndsWith("Warning one\ntwo /a\\x0ab\n\nthree"));
}

TEST_F(Alerts, FieldsThatAreNotThere) {
  fire("%proc.aname[1] %proc.aname[9] %fd.name");
  EXPECT_THAT(std::string(renderer_.text()), EndsWith(" bash <NA> <NA>"));
  EXPECT_TRUE(field("proc.aname[9]").is_null());
  EXPECT_TRUE(field("fd.name").is_null());
}

TEST_F(Alerts, NamesOfOneThing) {
  fire("%evt.type");
  EXPECT_THAT(std::string(renderer_.text()), EndsWith("Warning execve"));
  EXPECT_EQ(field("evt.type"), "execve");
}

TEST_F(Alerts, OneContainerIsNoList) {
  ev_container machine{};
  machine.flags = EV_CONTAINER_KNOWN;
  record_.container(machine, "");
  fire("%container.id");
  EXPECT_THAT(std::string(renderer_.text()), EndsWith("Warning host"));
  EXPECT_EQ(field("container.id"), "host");
}

TEST_F(Alerts, OfAContainer) {
  ev_container container{};
  container.cgroup_id = 77;
  container.flags = EV_CONTAINER_KNOWN;
  record_.container(container, "0123456789ab");
  fire("%container.name %container.privileged %container.image.tag", "container.privileged = true");
  EXPECT_THAT(std::string(renderer_.text()), EndsWith("Warning web true <NA>"));
  EXPECT_EQ(field("container.privileged"), true);
}

TEST_F(Alerts, SeveralValuesWidthsAndTransformers) {
  fire("%proc.aname %8proc.name| %2proc.name %toupper(proc.name) %proc.name");
  EXPECT_THAT(std::string(renderer_.text()),
              EndsWith(" (bash,sshd,sshd,systemd) curl    | cu CURL curl"));
  EXPECT_EQ(field("proc.aname"), (boost::json::array{"bash", "sshd", "sshd", "systemd"}));
  EXPECT_EQ(field("toupper(proc.name)"), "CURL");
  EXPECT_EQ(json_.at("output_fields").as_object().size(), 3U);  // once each
}

TEST_F(Alerts, TransformersAsConditionsHaveThem) {
  record_.list("proc.args", {"tar", "-xf", "a.tar", "-C", "/tmp"});
  fire(R"(%getopt(proc.args, "xf:C:")[f] %getopt(proc.args, "xf:C:") %join("|", proc.aname))"
       R"( %concat(toupper(proc.name), "-%-", basename(proc.exepath)) %len(proc.name))"
       R"( %8len(proc.aname)|)");
  EXPECT_THAT(std::string(renderer_.text()),
              EndsWith(" (a.tar) (x,f,C) bash|sshd|sshd|systemd CURL-%-curl 4 4       |"));
  EXPECT_EQ(field("getopt(proc.args, \"xf:C:\")[f]"), (boost::json::array{"a.tar"}));
  EXPECT_EQ(field("getopt(proc.args, \"xf:C:\")"), (boost::json::array{"x", "f", "C"}));
  EXPECT_EQ(field("join(\"|\", proc.aname)"), "bash|sshd|sshd|systemd");
  EXPECT_EQ(field("concat(toupper(proc.name), \"-%-\", basename(proc.exepath))"), "CURL-%-curl");
  EXPECT_EQ(field("len(proc.name)"), 4);
}

TEST_F(Alerts, TransformersOfWhatIsNotThere) {
  fire(R"(%b64(fd.name) %concat(proc.name, fd.name) %concat(evt.buffer, "x"))"
       R"( %toupper(evt.hostname) %toupper(evt.type))");
  EXPECT_THAT(std::string(renderer_.text()), EndsWith("Warning <NA> <NA> <NA> <NA> EXECVE"));
  EXPECT_TRUE(field("concat(evt.buffer, \"x\")").is_null());
  EXPECT_EQ(field("toupper(evt.type)"), "EXECVE");
}

TEST_F(Alerts, NothingSteersTheTerminal) {
  record_.text("proc.exepath", "/tmp/\x1b[31m\xff\xe2\x80\xae\"\\");
  fire("%proc.exepath");
  EXPECT_THAT(std::string(renderer_.text()), EndsWith(" /tmp/\\x1b[31m\\xff\\xe2\\x80\\xae\"\\"));
  EXPECT_EQ(field("proc.exepath"), "/tmp/\x1b[31m\xef\xbf\xbd\xe2\x80\xae\"\\");
}

TEST_F(Alerts, TextsCanBeChanged) {
  renderer_.set_change(
      {.text = [](std::string_view text) { return text == "curl" ? "<redacted>" : text; }});
  fire("%proc.name %user.name");
  EXPECT_THAT(std::string(renderer_.text()), EndsWith("Warning <redacted> alice"));
  EXPECT_EQ(field("proc.name"), "<redacted>");
}

// Of curl -sS --max-time URL, without what is behind --max-time.
TEST_F(Alerts, ArgumentsAreChangedBesideEachOther) {
  std::string changed;
  renderer_.set_change({.list = [&](std::string_view list) {
    const std::string_view before("--max-time\0", 11);
    changed = list;
    const std::size_t from = changed.find(before) + before.size();
    changed.replace(from, changed.find('\0', from) - from, "***");
    return std::string_view(changed);
  }});
  fire("%proc.args[2] a=%proc.args %proc.cmdline %toupper(proc.args[2])",
       "proc.args endswith \"status?a=1\"");
  EXPECT_THAT(std::string(renderer_.text()),
              EndsWith("Warning *** a=-sS --max-time *** curl -sS --max-time *** ***"));
  EXPECT_EQ(field("proc.args[2]"), "***");
  EXPECT_EQ(field("toupper(proc.args[2])"), "***");
  fire(R"(%join("+", proc.args) %concat(proc.args, "!") %getopt(proc.args, "Ss"))");
  EXPECT_THAT(std::string(renderer_.text()),
              EndsWith(" -sS+--max-time+*** -sS --max-time ***! (s,S)"));
}

// One that is shown alone has no name beside it.
TEST_F(Alerts, EnvironmentsAreChangedAsLists) {
  record_.list("proc.env", {"A=1", "TOKEN=secret", "B="});
  std::string changed;
  renderer_.set_change({.environment = [&](std::string_view list) {
    changed = list;
    changed.replace(changed.find("secret"), 6, "***");
    return std::string_view(changed);
  }});
  fire("%proc.env %proc.env[TOKEN] %toupper(proc.env[TOKEN])", "proc.env[TOKEN] = secret");
  EXPECT_THAT(std::string(renderer_.text()), EndsWith("Warning A=1 TOKEN=*** B= *** ***"));
  EXPECT_EQ(field("proc.env[TOKEN]"), "***");
}

TEST_F(Alerts, OfOurOwn) {
  renderer_.render("Alerts suppressed", Priority::notice, "3 more alerts of rule \"R\"",
                   std::to_array<OwnField>({{"rule", "R"}, {"over_rate", 3U}}), 5);
  EXPECT_EQ(renderer_.text(), "22:13:20.000000005: Notice 3 more alerts of rule \"R\"");
  const auto json = boost::json::parse(std::string(renderer_.json())).as_object();
  EXPECT_EQ(json.at("source"), "internal");
  EXPECT_EQ(json.at("output_fields"), (boost::json::object{{"rule", "R"}, {"over_rate", 3}}));
}

}  // namespace
}  // namespace gancho::rules
