// SPDX-License-Identifier: Apache-2.0
//
// The runner itself: what it reads, what it refuses, and what it takes for a wrong alert.
#include <gtest/gtest.h>

#include <fstream>
#include <stdexcept>

#include "conformance/suite/alerts.h"
#include "conformance/suite/bindings.h"
#include "conformance/suite/capabilities.h"
#include "conformance/suite/steps.h"
#include "conformance/suite/words.h"

namespace gancho::test {
namespace {

std::vector<SuiteCase> read(const std::string& text) {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/cases.yaml";
  std::ofstream(path) << text;
  return read_suite(path);
}

// What it says of a text that it refuses.
std::string refusal(const std::string& text) {
  try {
    (void)read(text);
    return "";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

constexpr auto k_case = R"(tests:
  - name: a
    rule: R
    runner: HostRunner
)";

TEST(SuiteLanguage, FillsTemplates) {
  const auto cases = read(std::string(k_case) + R"(    runIf: %{ item.when }
    context: {container: "%{ item.container }", processes: [{name: "%{item.name}", args: x}]}
    resources: [{type: fd, name: f, subtype: file, filePath: "%{ item.path }"}]
    expectedOutcome: {priority: warning, outputFields: {fd.name: "%{ item.path }"}}
    cases:
      - strategy: matrix
        values: {when: [null, {arch: {op: eq, val: nothing}}], container: [null, {}], name: [n], path: [/a, /b]}
      - {strategy: vector, values: {when: null, container: null, name: m, path: /c}}
)");
  ASSERT_EQ(cases.size(), 9U);
  EXPECT_TRUE(cases[0].runs);
  EXPECT_FALSE(cases[4].runs);
  EXPECT_FALSE(cases[0].container);
  EXPECT_TRUE(cases[2].container);
  EXPECT_EQ(cases[1].expected->fields.at("fd.name"), "/b");
  EXPECT_EQ(cases[8].plan.at("case/resources/0/filePath"), "/c");
  EXPECT_EQ(cases[8].plan.at("case/context/processes/0/name"), "m");
  EXPECT_EQ(cases[8].name, "a#8");
  EXPECT_NE(cases[0].plan.at("case/number"), cases[1].plan.at("case/number"));
}

TEST(SuiteLanguage, RefusesWhatItDoesNotKnow) {
  EXPECT_NE(refusal(std::string(k_case) + "    weather: fine\n").find("weather"),
            std::string::npos);
  EXPECT_NE(refusal(std::string(k_case) + "    runIf: {kernel: 6}\n").find("kernel"),
            std::string::npos);
  EXPECT_NE(refusal(std::string(k_case) + "    context: {planet: earth}\n").find("planet"),
            std::string::npos);
  EXPECT_NE(refusal(std::string(k_case) + "    before: \"%{ item.x }\"\n").find("no value"),
            std::string::npos);
  EXPECT_NE(refusal("tests: [{name: a, rule: R, runner: MoonRunner}]").find("MoonRunner"),
            std::string::npos);

  const auto step = [](const Plan& plan) {
    std::set<std::string> seen;
    const Step read(Node(plan, seen, "s"));
    check_all_seen(plan, seen, "s");
  };
  Plan plan{
      {"s/name", "a"}, {"s/type", "syscall"}, {"s/syscall", "open"}, {"s/args/pathname", "/"}};
  EXPECT_NO_THROW(step(plan));
  plan["s/args/color"] = "red";
  EXPECT_THROW(step(plan), std::runtime_error);
  plan.erase("s/args/color");
  plan["s/syscall"] = "fly";
  EXPECT_THROW(step(plan), std::runtime_error);
}

TEST(SuiteLanguage, ReadsWordsAndNumbers) {
  EXPECT_EQ(split_words("-c 'a b' \"c d\" e"), (std::vector<std::string>{"-c", "a b", "c d", "e"}));
  EXPECT_EQ(read_number("O_WRONLY|O_CREAT|0o10", Names::open_flags), 1 | 0100 | 010);
  EXPECT_EQ(read_number("0644", Names::mode), 0644);
  EXPECT_THROW((void)read_number("O_NONSENSE", Names::open_flags), std::runtime_error);
  Bindings bindings;
  bindings.set("net", "client.fd", 7);
  EXPECT_EQ(bindings.number("${net.Client.FD}", Names::none), 7);
  EXPECT_THROW((void)bindings.number("${net.pid}", Names::none), std::runtime_error);
  EXPECT_EQ(read_capabilities("cap_chown,cap_kill=ep").data[0].permitted, 1U << 0 | 1U << 5);
  EXPECT_EQ(read_capabilities("all=iep cap_chown-ep").data[0].permitted & 1U, 0U);
}

TEST(SuiteLanguage, JudgesAlerts) {
  SuiteCase one{
      .name = "a", .rule = "R", .container = {}, .users = {}, .expected = Expected{}, .plan = {}};
  one.expected->priority = "warning";
  one.expected->fields["fd.name"] = "/a";
  const auto alert = [](const std::string& rule, const std::string& priority,
                        const std::string& path) {
    return Event{{"rule", rule}, {"priority", priority}, {"output_fields", {{"fd.name", path}}}};
  };
  const Event right = alert("R", "Warning", "/a");
  EXPECT_EQ(judge(one, {.seen = true, .preparing = {}, .acting = {right}}), "");
  EXPECT_EQ(judge(one, {.seen = true, .preparing = {right}, .acting = {right}}), "");
  EXPECT_NE(judge(one, {.seen = true, .preparing = {}, .acting = {}}), "");
  EXPECT_NE(judge(one, {.seen = true, .preparing = {}, .acting = {right, right}}), "");
  EXPECT_NE(
      judge(one, {.seen = true, .preparing = {}, .acting = {right, alert("S", "Warning", "/a")}}),
      "");
  EXPECT_NE(judge(one, {.seen = true, .preparing = {}, .acting = {alert("R", "Notice", "/a")}}),
            "");
  EXPECT_NE(judge(one, {.seen = true, .preparing = {}, .acting = {alert("R", "Warning", "/b")}}),
            "");
  EXPECT_NE(judge(one, {.seen = false, .preparing = {}, .acting = {right}}), "");
  one.expected.reset();
  EXPECT_NE(judge(one, {.seen = false, .preparing = {}, .acting = {}}), "");
  EXPECT_EQ(judge(one, {.seen = true, .preparing = {}, .acting = {alert("S", "Warning", "/a")}}),
            "");
  EXPECT_NE(judge(one, {.seen = true, .preparing = {right}, .acting = {}}), "");
}

}  // namespace
}  // namespace gancho::test
