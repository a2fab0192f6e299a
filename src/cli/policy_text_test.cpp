// SPDX-License-Identifier: Apache-2.0
#include "cli/policy_text.h"

#include <gtest/gtest.h>

#include <string>

namespace gancho {
namespace {

rules::Loaded load(const std::string& text) {
  return rules::load_rules({{"r.yaml", text}});
}

constexpr auto k_rules =
    "- list: l\n  items: [a]\n"
    "- rule: First of all\n  desc: d\n  condition: proc.name in (l)\n  output: o\n"
    "  priority: WARNING\n  tags: [host, T1059]\n"
    "- rule: Off\n  desc: d\n  condition: evt.num = 0\n  output: o\n  priority: INFO\n"
    "  enabled: false\n  action: deny\n  mode: trial 10m\n"
    "- rule: Blind\n  desc: d\n  condition: evt.buffer contains a\n  output: o\n"
    "  priority: DEBUG\n"
    "- rule: Audit\n  desc: d\n  condition: ka.verb = get\n  output: o\n  priority: DEBUG\n"
    "  source: k8s_audit\n";

TEST(PolicyText, SummaryNamesWhatDoesNotRun) {
  const rules::Loaded loaded = load(k_rules);
  ASSERT_TRUE(loaded.rules);
  EXPECT_EQ(policy_problems(loaded),
            "r.yaml:3:9: warning: asks for all events: name those that are meant, as in evt.type = "
            "open, or say warn_evttypes: false\n"
            "  - rule: First of all\n"
            "          ^~~~~~~~~~~~\n");
  EXPECT_EQ(policy_summary(*loaded.rules, 2),
            "2 files: 4 rules, 0 macros, 1 list\n"
            "1 rule disabled:\n"
            "  Off\n"
            "2 rules cannot run:\n"
            "  Blind: evt.buffer cannot be supplied: what is read, written, sent and received is "
            "not recorded\n"
            "  Audit: there is no source of events \"k8s_audit\"\n");
}

TEST(PolicyText, Table) {
  const std::string table = policy_table(*load(k_rules).rules);
  EXPECT_EQ(table.substr(0, table.find("\n\n") + 1),
            "RULE          PRIORITY       RUNS  SOURCE     TAGS\n"
            "First of all  Warning        yes   syscall    host T1059\n"
            "Off           Informational  no    syscall\n"
            "Blind         Debug          no    syscall\n"
            "Audit         Debug          no    k8s_audit\n");
}

TEST(PolicyText, Json) {
  const std::string json = policy_json(*load(k_rules).rules);
  EXPECT_NE(
      json.find("{\"rule\":\"Off\",\"priority\":\"Informational\",\"enabled\":false,\"runs\":"
                "false,\"source\":\"syscall\",\"tags\":[],\"action\":\"deny\",\"mode\":\"trial "
                "10m\"}\n"),
      std::string::npos)
      << json;
}

TEST(PolicyText, ProblemsInTheOrderOfTheFile) {
  const std::string problems = policy_problems(
      load("- macro: m\n  condition: nothing\n- list: l\n  items: x\n- rul: r\n  x: y\n"));
  EXPECT_EQ(
      problems,
      "r.yaml:2:14: unknown macro \"nothing\"\n    condition: nothing\n               "
      "^~~~~~~\n"
      "r.yaml:4:10: items must be a list, not a single value\n    items: x\n           ^\n"
      "r.yaml:5:3: warning: unknown entry \"rul\"; did you mean \"rule\"?; it is left out\n  - "
      "rul: r\n    ^~~\n");
}

TEST(PolicyText, ProblemsAsJson) {
  EXPECT_EQ(
      policy_check_json(load("- macro: m\n  condition: nothing\n- rul: r\n  x: y\n"), 1),
      "{\"file\":\"r.yaml\",\"line\":2,\"column\":14,\"severity\":\"error\",\"message\":\"unknown "
      "macro \\\"nothing\\\"\"}\n"
      "{\"file\":\"r.yaml\",\"line\":3,\"column\":3,\"severity\":\"warning\",\"message\":\"unknown "
      "entry \\\"rul\\\"; did you mean \\\"rule\\\"?; it is left out\"}\n"
      "{\"files\":1,\"errors\":1,\"warnings\":1}\n");
  const std::string rule =
      "  desc: d\n  condition: evt.type = open\n  output: o\n  priority: INFO\n";
  EXPECT_EQ(
      policy_check_json(load("- rule: a\n" + rule + "- rule: b\n  enabled: false\n" + rule), 2),
      "{\"files\":2,\"errors\":0,\"warnings\":0,\"rules\":2,\"macros\":0,\"lists\":0,"
      "\"disabled\":1,\"cannot_run\":0}\n");
}

TEST(PolicyText, NothingSteersTheTerminal) {
  const rules::Loaded loaded = load(
      "- rule: \"a\\e[31mb\"\n  desc: d\n  condition: evt.num = 0\n  output: o\n  priority: "
      "INFO\n");
  ASSERT_TRUE(loaded.rules) << policy_problems(loaded);
  EXPECT_EQ(policy_table(*loaded.rules).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace gancho
