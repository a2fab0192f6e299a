// SPDX-License-Identifier: Apache-2.0
#include "rules/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "rules/print.h"

namespace gancho::rules {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Loaded load(std::vector<std::string> texts) {
  std::vector<RuleFile> files;
  for (std::string& text : texts)
    files.push_back({"f" + std::to_string(files.size()), std::move(text)});
  return load_rules(std::move(files));
}

// "f0:3:5: message", one a line, without the lines of the files.
std::string complaints(const Loaded& loaded) {
  std::string all;
  for (const Problem& problem : loaded.problems.kept()) {
    const std::string whole = print_problem(problem, loaded.sources);
    all += whole.substr(0, whole.find('\n') + 1);
  }
  return all;
}

std::string complaints(std::vector<std::string> texts) {
  return complaints(load(std::move(texts)));
}

std::string bare_rule(const std::string& keys) {
  return "- rule: R\n  desc: d\n  output: o\n  priority: INFO\n" + keys;
}

std::string rule(const std::string& keys) {
  return bare_rule(keys) + "  warn_evttypes: false\n";
}

// The condition of the only rule, or what is wrong.
std::string condition(std::vector<std::string> texts) {
  const Loaded loaded = load(std::move(texts));
  if (!loaded.rules) return complaints(loaded);
  EXPECT_EQ(loaded.rules->rules.size(), 1U);
  return print_condition(loaded.rules->rules.at(0).condition);
}

Rule only(std::vector<std::string> texts) {
  Loaded loaded = load(std::move(texts));
  EXPECT_TRUE(loaded.rules) << complaints(loaded);
  return loaded.rules ? loaded.rules->rules.at(0) : Rule{};
}

TEST(Load, ARule) {
  const Rule read =
      only({"- rule: No shells\n  desc: >\n    A web server\n    needs none.\n"
            "  condition: evt.type = execve and proc.name in (sh, bash)\n"
            "  output: Shell (%proc.name by %proc.pname)\n  priority: warning\n"
            "  tags: [web, shell, web]\n  source: syscall\n  enabled: off\n  warn_evttypes: false\n"
            "  skip-if-unknown-filter: true\n  capture: true\n  capture_duration: 500\n"});
  EXPECT_EQ(read.name, "No shells");
  EXPECT_EQ(read.description, "A web server needs none.\n");
  EXPECT_EQ(read.priority, Priority::warning);
  EXPECT_THAT(read.tags, ElementsAre("web", "shell"));
  EXPECT_FALSE(read.enabled);
  EXPECT_FALSE(read.warn_evttypes);
  EXPECT_TRUE(read.capture);
  EXPECT_FALSE(read.runs());
  EXPECT_EQ(read.action, Action::alert);
  EXPECT_EQ(read.at.line, 1U);
  EXPECT_EQ(read.at.column, 9U);
}

TEST(Load, OurOwnKeys) {
  const Rule read = only({rule("  condition: evt.num=0\n  action: deny\n  mode: trial 10m\n")});
  EXPECT_EQ(read.action, Action::deny);
  EXPECT_EQ(read.mode, Mode::trial);
  EXPECT_EQ(read.trial, 10min);
  const Rule packet = only({rule("  condition: evt.num=0\n  at: xdp eth0\n  action: drop\n")});
  EXPECT_EQ(packet.place.hook, PacketHook::xdp);
  EXPECT_EQ(packet.place.interface, "eth0");
  EXPECT_EQ(packet.mode, Mode::audit);
  EXPECT_EQ(complaints({rule("  condition: evt.num=0\n  action: denny\n")}),
            "f0:6:11: unknown action \"denny\"; did you mean \"deny\"?\n");
  EXPECT_EQ(complaints({rule("  condition: evt.num=0\n  mode: trial\n")}),
            "f0:6:9: mode: expected audit, \"trial 10m\" or enforce, not \"trial\"\n");
  EXPECT_THAT(complaints({rule("  condition: evt.num=0\n  mode: trial soon\n")}),
              HasSubstr("a trial needs a duration"));
  EXPECT_THAT(complaints({rule("  condition: evt.num=0\n  at: nic0\n")}),
              HasSubstr("there is xdp, tc-ingress, tc-egress, netfilter"));
  EXPECT_THAT(complaints({rule("  condition: evt.num=0\n  at: xdp a/b\n")}),
              HasSubstr("no name of an interface"));
}

TEST(Load, ListsWhereTheyStandAlone) {
  const std::string lists =
      "- list: inner\n  items: [c, '\"d e\"', f g]\n"
      "- list: outer\n  items: [a, inner, b-inner]\n- list: none\n  items: []\n"
      "- list: one\n  items: [7]\n";
  EXPECT_EQ(condition({lists + rule("  condition: proc.name in (outer, x) and fd.num=one\n")}),
            "proc.name in (a, c, \"d e\", \"f g\", b-inner, x) and fd.num = 7");
  EXPECT_EQ(condition({lists + rule("  condition: proc.name in (none) or fd.num > one\n")}),
            "proc.name in () or fd.num > 7");
  EXPECT_EQ(condition({lists + rule("  condition: proc.name in (\"outer\", outer.x)\n")}),
            "proc.name in (\"outer\", outer.x)");
  EXPECT_EQ(condition({lists + rule("  condition: proc.name contains anyof (none, inner)\n")}),
            "proc.name contains anyof (c, \"d e\", \"f g\")");
  EXPECT_EQ(condition({lists + rule("  condition: proc.name = inner\n")}),
            "f0:13:26: \"inner\" is a list of 3 values, and = takes one\n");
  EXPECT_EQ(condition({lists + rule("  condition: inner and evt.num=0\n")}),
            "f0:13:14: \"inner\" is a list, and no condition: compare a field with it, as in "
            "proc.name in (inner)\n");
}

TEST(Load, AListMayBeDefinedLaterAndNameItself) {
  EXPECT_EQ(condition({rule("  condition: proc.name in (l)\n") + "- list: l\n  items: [l, m]\n" +
                       "- list: m\n  items: [l, n]\n"}),
            "proc.name in (l, l, n)");
}

TEST(Load, ItemsThatNoConditionCouldHold) {
  EXPECT_EQ(
      condition({"- list: l\n  items: ['a=b', 'c,d', '(e)', 'it''s', '\"x', \"\\\\d\", '']\n" +
                 rule("  condition: proc.args in (l)\n")}),
      R"-(proc.args in ("a=b", "c,d", "(e)", "it's", "\"x", \d, ""))-");
}

TEST(Load, MacrosSeeWhatWasDefinedBeforeThem) {
  EXPECT_EQ(condition({"- macro: a\n  condition: fd.num=1 or fd.num=2\n"
                       "- macro: b\n  condition: not a\n" +
                       rule("  condition: b and (a or evt.num=0)\n")}),
            "not (fd.num = 1 or fd.num = 2) and (fd.num = 1 or fd.num = 2 or evt.num = 0)");
  EXPECT_EQ(condition({"- macro: b\n  condition: not a\n"
                       "- macro: a\n  condition: fd.num=1\n" +
                       rule("  condition: b\n")}),
            "f0:2:18: macro \"a\" is defined only behind \"b\", which cannot see it\n");
  // A rule sees all, and a macro that is defined anew sees what came in between.
  EXPECT_EQ(condition({"- macro: b\n  condition: evt.num=0\n" + rule("  condition: b and a\n") +
                           "- macro: a\n  condition: fd.num=1\n",
                       "- macro: b\n  condition: not a\n"}),
            "not fd.num = 1 and fd.num = 1");
  EXPECT_EQ(complaints({"- macro: a\n  condition: evt.num=0\n- macro: b\n  condition: a\n",
                        "- macro: a\n  condition: b\n"}),
            "f0:4:14: macro \"a\" stands in itself\n");
  EXPECT_EQ(complaints(
                {rule("  condition: opn_read\n") + "- macro: open_read\n  condition: evt.num=0\n"}),
            "f0:5:14: unknown macro \"opn_read\"; did you mean \"open_read\"?\n");
}

TEST(Load, AppendsAsText) {
  EXPECT_EQ(condition({rule("  condition: fd.num=1 or fd.num=2\n"),
                       "- rule: R\n  append: true\n  condition: and evt.num=0\n"}),
            "fd.num = 1 or (fd.num = 2 and evt.num = 0)");
  EXPECT_EQ(condition({"- macro: m\n  condition: fd.num=1\n- list: l\n  items: [a]\n",
                       "- macro: m\n  append: true\n  condition: or fd.num=3\n"
                       "- list: l\n  append: yes\n  items: [b]\n" +
                           rule("  condition: m and proc.name in (l)\n")}),
            "(fd.num = 1 or fd.num = 3) and proc.name in (a, b)");
  EXPECT_EQ(complaints({"- rule: X\n  append: true\n  condition: and evt.num=0\n"}),
            "f0:1:9: there is no rule \"X\" before this to change\n");
  EXPECT_EQ(complaints(
                {"- list: shels\n  items: []\n", "- list: shells\n  append: true\n  items: [a]\n"}),
            "f1:1:9: there is no list \"shells\" before this to append to; did you mean "
            "\"shels\"?\n");
  EXPECT_THAT(
      complaints({rule("  condition: evt.num=0\n"), "- rule: R\n  append: true\n  tags: [a]\n"}),
      HasSubstr("warning: append takes condition and exceptions alone; tags is left out"));
}

TEST(Load, OverridesKeyByKey) {
  const Rule read =
      only({rule("  condition: fd.num=1\n  tags: [a]\n"),
            "- rule: R\n  condition: and evt.num=0\n  output: more\n  desc: new\n  tags: [b]\n"
            "  priority: DEBUG\n  enabled: false\n  override:\n    condition: append\n    output: "
            "append\n"
            "    desc: replace\n    tags: append\n    priority: replace\n    enabled: replace\n"});
  EXPECT_EQ(print_condition(read.condition), "fd.num = 1 and evt.num = 0");
  EXPECT_EQ(print_output(read.output), "o more");
  EXPECT_EQ(read.description, "new");
  EXPECT_THAT(read.tags, ElementsAre("a", "b"));
  EXPECT_EQ(read.priority, Priority::debug);
  EXPECT_FALSE(read.enabled);
  EXPECT_EQ(condition({rule("  condition: fd.num=1\n"),
                       "- rule: R\n  condition: fd.num=2\n  override: {condition: replace}\n"}),
            "fd.num = 2");
  EXPECT_EQ(condition({"- list: l\n  items: [a]\n- macro: m\n  condition: fd.num=1\n",
                       "- list: l\n  items: [b]\n  override: {items: append}\n"
                       "- macro: m\n  condition: fd.num=2\n  override: {condition: replace}\n" +
                           rule("  condition: m and proc.name in (l)\n")}),
            "fd.num = 2 and proc.name in (a, b)");
}

TEST(Load, OverridesThatMakeNoSense) {
  const std::string base = rule("  condition: evt.num=0\n");
  EXPECT_EQ(complaints({base, "- rule: R\n  priority: INFO\n  override: {priority: append}\n"}),
            "f1:3:24: nothing can be appended to priority; it can be replaced\n");
  EXPECT_EQ(complaints({base, "- rule: R\n  desc: d\n  override: {desc: remove}\n"}),
            "f1:3:20: expected append or replace, not \"remove\"\n");
  EXPECT_EQ(complaints({base, "- rule: R\n  override: {desc: replace}\n"}),
            "f1:2:14: override names desc, which is not given\n");
  EXPECT_EQ(complaints({base, "- rule: R\n  desc: d\n  tags: [a]\n  override: {desc: replace}\n"}),
            "f1:3:3: override does not say what tags does: append or replace\n");
  EXPECT_EQ(complaints({base, "- rule: R\n  descr: d\n  override: {descr: replace}\n"}),
            "f1:2:3: warning: unknown key \"descr\" of a rule; did you mean \"desc\"?\n"
            "f1:3:14: \"descr\" cannot be overridden; did you mean \"desc\"?\n");
  EXPECT_THAT(complaints({base,
                          "- rule: R\n  append: true\n  condition: and evt.num=1\n"
                          "  override: {condition: append}\n"}),
              HasSubstr("only one of them can be there"));
}

TEST(Load, EnablesAndDisablesByNameAlone) {
  EXPECT_FALSE(only({rule("  condition: evt.num=0\n"), "- rule: R\n  enabled: false\n"}).enabled);
  EXPECT_TRUE(
      only({rule("  condition: evt.num=0\n  enabled: false\n"), "- rule: R\n  enabled: true\n"})
          .enabled);
}

TEST(Load, ALaterDefinitionCounts) {
  EXPECT_EQ(condition({rule("  condition: fd.num=1\n") + rule("  condition: fd.num=2\n")}),
            "fd.num = 2");
  EXPECT_THAT(complaints({rule("  condition: fd.num=1\n") +
                          rule("  condition: fd.num=2\n  source: k8s_audit\n")}),
              HasSubstr("is there already, for the source \"syscall\""));
}

TEST(Load, Exceptions) {
  EXPECT_EQ(
      condition(
          {rule("  condition: evt.num=0 or evt.num=1\n  exceptions:\n"
                "    - name: programs\n      fields: [proc.name, fd.name]\n"
                "      comps: [=, startswith]\n"
                "      values:\n        - [nginx, /etc/nginx]\n        - [a b, \"\\\"x\\\"\"]\n"
                "    - name: defaults\n      fields: [proc.name, proc.pname]\n"
                "      values: [[a, b]]\n"
                "    - name: single\n      fields: proc.name\n      values: [c, d e]\n"
                "    - name: empty\n      fields: proc.name\n")}),
      "(evt.num = 0 or evt.num = 1) and not ((proc.name = nginx and fd.name startswith "
      "/etc/nginx) or (proc.name = \"a b\" and fd.name startswith \"x\")) and not (proc.name = "
      "a and proc.pname = b) and not proc.name in (c, \"d e\")");
}

TEST(Load, ExceptionsWithLists) {
  EXPECT_EQ(
      condition(
          {"- list: shells\n  items: [sh, bash]\n" +
           rule("  condition: evt.num=0\n  exceptions:\n    - name: e\n"
                "      fields: [proc.name, 'proc.aname[2]', fd.name]\n"
                "      comps: [in, in, pmatch]\n"
                "      values:\n        - [[x, y], shells, '(/a, /b)']\n"
                "    - name: f\n      fields: tolower(proc.exe)\n      comps: startswith anyof\n"
                "      values: [p, shells]\n")}),
      "evt.num = 0 and not (proc.name in (x, y) and proc.aname[2] in (sh, bash) and fd.name "
      "pmatch (/a, /b)) and not tolower(proc.exe) startswith anyof (p, sh, bash)");
}

TEST(Load, ExceptionsAreAppendedByName) {
  const std::string base = rule(
      "  condition: evt.num=0\n  exceptions:\n    - name: e\n      fields: proc.name\n      "
      "values: "
      "[a]\n");
  EXPECT_EQ(condition({base,
                       "- rule: R\n  append: true\n  exceptions:\n    - name: e\n      values: "
                       "[b]\n    - name: new\n      fields: [fd.num]\n      values: [[1]]\n"}),
            "evt.num = 0 and not proc.name in (a, b) and not fd.num = 1");
  EXPECT_EQ(condition({base,
                       "- rule: R\n  exceptions:\n    - name: x\n      fields: fd.name\n"
                       "      values: [b]\n  override: {exceptions: replace}\n"}),
            "evt.num = 0 and not fd.name in (b)");
  EXPECT_THAT(condition({base,
                         "- rule: R\n  append: true\n  exceptions:\n    - name: e\n      fields: "
                         "fd.name\n      values: [b]\n"}),
              HasSubstr("only values can be appended"));
  EXPECT_THAT(condition({base,
                         "- rule: R\n  append: true\n  exceptions:\n    - name: q\n      values: "
                         "[b]\n"}),
              HasSubstr("it needs fields"));
}

// As in Falco.
TEST(Load, WhatIsEmptyInAnExceptionIsNotGiven) {
  const std::string begin = "  condition: evt.num=0\n  exceptions:\n    - name: e\n";
  for (const char* fields : {"[]", "\"\""})
    EXPECT_EQ(complaints({rule(begin + "      fields: " + fields + "\n")}),
              "f0:7:13: an exception needs fields\n");
  const std::string base =
      rule(begin + "      fields: [proc.name]\n      comps: []\n      values: [[a]]\n");
  EXPECT_EQ(condition({base}), "evt.num = 0 and not proc.name = a");
  EXPECT_EQ(condition({base,
                       "- rule: R\n  append: true\n  exceptions:\n    - name: e\n"
                       "      fields: []\n      values: [[b]]\n"}),
            "evt.num = 0 and not (proc.name = a or proc.name = b)");
  EXPECT_THAT(complaints({base,
                          "- rule: R\n  append: true\n  exceptions:\n    - name: q\n"
                          "      fields: []\n      values: [[b]]\n"}),
              HasSubstr("it needs fields"));
}

TEST(Load, ValuesOfExceptionsMayBeTransformers) {
  EXPECT_EQ(
      condition({rule("  condition: evt.num=0\n  exceptions:\n    - name: e\n"
                      "      fields: [proc.name, proc.exe]\n"
                      "      values: [[toupper(proc.pname), \"val(proc.name)\"], "
                      "[\"toupper( a)\", call(b)]]\n")}),
      "evt.num = 0 and not ((proc.name = toupper(proc.pname) and proc.exe = val(proc.name)) or "
      "(proc.name = \"toupper( a)\" and proc.exe = \"call(b)\"))");
}

TEST(Load, ExceptionsGivenTwiceBothCount) {
  const std::string text = rule(
      "  condition: evt.num=0\n  exceptions:\n    - name: e\n      fields: [proc.name]\n"
      "      values: [[a]]\n    - name: e\n      fields: [proc.exe]\n      values: [[b]]\n");
  EXPECT_EQ(complaints({text}), "f0:10:13: warning: exception \"e\" is given twice; both count\n");
  EXPECT_EQ(condition({text}), "evt.num = 0 and not proc.name = a and not proc.exe = b");
}

TEST(Load, ExceptionsWithoutValuesHaveRealFieldsAllTheSame) {
  EXPECT_EQ(complaints({rule("  condition: evt.num=0\n  exceptions:\n    - name: e\n"
                             "      fields: [proc.name, proc.nmae]\n    - name: f\n"
                             "      fields: fd.nmae\n    - name: g\n      fields: ka.verb\n")}),
            "f0:8:27: unknown field \"proc.nmae\"; did you mean \"proc.name\"?\n"
            "f0:10:15: unknown field \"fd.nmae\"; did you mean \"fd.name\"?\n");
}

TEST(Load, AFieldWhereATextIsCompared) {
  EXPECT_EQ(
      complaints({rule("  condition: proc.name = proc.pname and proc.exe in (\"fd.name \", x)\n"
                       "  exceptions:\n    - name: e\n      fields: [proc.name]\n"
                       "      values: [[\"toupper( proc.pname)\"], [apt.systemd.dai]]\n")}),
      "f0:5:26: warning: \"proc.pname\" is a text here; the field is val(proc.pname)\n"
      "f0:5:54: warning: \"fd.name \" is a text here; the field is val(fd.name)\n"
      "f0:9:18: warning: \"toupper( proc.pname)\" is a text here; written without quotes "
      "and blanks it is a transformer\n");
}

TEST(Load, ExceptionsThatMakeNoSense) {
  const auto of = [](const std::string& exception) {
    return complaints({rule("  condition: evt.num=0\n  exceptions:\n    - name: e\n" + exception)});
  };
  EXPECT_EQ(of("      fields: [proc.name, fd.name]\n      values: [[a]]\n"),
            "f0:9:16: expected a list of 2 values, one for each field\n");
  EXPECT_EQ(of("      fields: [proc.name]\n      values: [[[a, b]]]\n"),
            "f0:9:17: expected one value behind =, not a list\n");
  EXPECT_EQ(of("      fields: [proc.name, fd.name]\n      comps: [=]\n"),
            "f0:9:14: expected a list of 2 comparisons, one for each field\n");
  EXPECT_THAT(of("      fields: proc.name\n      comps: startswith\n"),
              HasSubstr("as there is one field"));
  EXPECT_THAT(of("      fields: [proc.name]\n      comps: [like]\n"),
              HasSubstr("expected an operator, not \"like\""));
  EXPECT_THAT(of("      values: [a]\n"), HasSubstr("an exception needs fields"));
  EXPECT_THAT(of("      fields: [proc.nmae]\n      values: [[a]]\n"),
              HasSubstr("f0:8:16: unknown field \"proc.nmae\"; did you mean \"proc.name\"?"));
  EXPECT_THAT(of("      field: proc.name\n"), HasSubstr("did you mean \"fields\"?"));
}

TEST(Load, Fields) {
  EXPECT_EQ(complaints({rule("  condition: proc.nam = a and fd.nane = b\n")}),
            "f0:5:14: unknown field \"proc.nam\"; did you mean \"proc.name\"?\n"
            "f0:5:31: unknown field \"fd.nane\"; did you mean \"fd.name\"?\n");
  EXPECT_EQ(only({rule("  condition: proc.nam = a\n  skip-if-unknown-filter: true\n")}).disabled,
            "there is no field \"proc.nam\"");
  EXPECT_EQ(
      only({rule("  condition: evt.buffer contains a\n")}).disabled,
      "evt.buffer cannot be supplied: what is read, written, sent and received is not recorded");
  EXPECT_EQ(only({rule("  condition: zzyzx.qwerty exists\n")}).disabled,
            "there is no field \"zzyzx.qwerty\"");
  EXPECT_EQ(only({rule("  condition: ka.verb = get\n  source: k8s_audit\n")}).disabled,
            "there is no source of events \"k8s_audit\"");
  EXPECT_THAT(complaints({rule("  condition: proc.name[2] = a\n")}),
              HasSubstr("proc.name takes nothing in brackets"));
  EXPECT_THAT(complaints({rule("  condition: proc.aname[x] = a\n")}), HasSubstr("takes a number"));
  EXPECT_THAT(complaints({rule("  condition: evt.arg = a\n")}), HasSubstr("needs a name"));
  EXPECT_EQ(condition({rule("  condition: evt.arg[flags] = a or proc.env[X] = c\n")}),
            "evt.arg[flags] = a or proc.env[X] = c");
  EXPECT_EQ(only({rule("  condition: proc.env[X] = c\n")}).disabled, "");
}

TEST(Load, NamesOfArguments) {
  for (const char* text : {"evt.arg.flags exists", "evt.arg[flags] exists", "evt.rawarg.res = 0",
                           "evt.arg.name = x", "evt.arg.ruid = 0", "evt.arg.linkpath = x"})
    EXPECT_EQ(only({rule("  condition: " + std::string(text) + "\n")}).disabled, "") << text;
  EXPECT_EQ(only({rule("  condition: evt.arg[3] contains AF_PACKET\n")}).disabled,
            "evt.arg[N] cannot be supplied: arguments have names here and no places: "
            "evt.arg.flags");
  EXPECT_THAT(only({rule("  condition: evt.arg.dirfd = 3\n")}).disabled,
              HasSubstr("evt.arg.dirfd cannot be supplied: the descriptor"));
  EXPECT_EQ(complaints({rule("  condition: evt.arg.flgs = a or evt.arg[zzzzzzzz] = b\n")}),
            "f0:5:14: no event has an argument \"flgs\"; did you mean \"flags\"?\n"
            "f0:5:34: no event has an argument \"zzzzzzzz\"\n");
  EXPECT_EQ(only({rule("  condition: evt.arg.zzz = a\n  skip-if-unknown-filter: true\n")}).disabled,
            "no event has an argument \"zzz\"");
}

TEST(Load, TypesAreChecked) {
  EXPECT_EQ(complaints({rule("  condition: proc.pid = bash and proc.is_suid > 1\n")}),
            "f0:5:25: proc.pid: expected a number, not \"bash\"\n"
            "f0:5:47: > takes a number, and proc.is_suid is true or false\n");
}

TEST(Load, RulesThatAskForMostEvents) {
  for (const char* condition : {"proc.name = a", "evt.type != open", "not evt.type = execve",
                                "evt.type = execve or proc.name = a"}) {
    const std::string text = bare_rule("  condition: " + std::string(condition) + "\n");
    EXPECT_THAT(complaints({text}), StartsWith("f0:1:9: warning: asks for ")) << condition;
    EXPECT_EQ(complaints({text + "  warn_evttypes: false\n"}), "") << condition;
    EXPECT_EQ(complaints({text + "  enabled: false\n"}), "") << condition;
  }
  for (const char* condition : {"evt.type = execve and not proc.name = a", "fd.rip = 192.0.2.1",
                                "not (evt.type != open or proc.name = a)"})
    EXPECT_EQ(complaints({bare_rule("  condition: " + std::string(condition) + "\n")}), "")
        << condition;
}

TEST(Load, TypesAreCheckedBesideFieldsThatThereAreNot) {
  EXPECT_EQ(complaints({rule("  condition: proc.nam = bash and proc.pid = bash\n")}),
            "f0:5:14: unknown field \"proc.nam\"; did you mean \"proc.name\"?\n"
            "f0:5:45: proc.pid: expected a number, not \"bash\"\n");
}

TEST(Load, WordsThatNoEventIsCalled) {
  EXPECT_EQ(complaints({rule("  condition: evt.type in (opn, openat, container, recv) and "
                             "syscall.type != zzzzz\n")}),
            "f0:5:27: warning: no event and no system call is called \"opn\"; did you mean "
            "\"open\"?\n"
            "f0:5:77: warning: no event and no system call is called \"zzzzz\"\n");
  EXPECT_EQ(complaints({rule("  condition: evt.type startswith op or evt.type glob \"x*\"\n")}),
            "");
}

TEST(Load, ValuesThatAFieldNeverHas) {
  const auto complaint = [](const std::string& comparison) {
    const std::string whole =
        complaints({rule("  condition: evt.failed exists and " + comparison + "\n")});
    return whole.substr(std::min(whole.find(": warning: "), whole.size()));
  };
  EXPECT_EQ(complaints({rule("  condition: evt.type = open and evt.res in (ENOENTT, EACCES)\n")}),
            "f0:5:46: warning: evt.res is never \"ENOENTT\"; did you mean \"ENOENT\"?\n");
  EXPECT_EQ(complaint("fd.type != bogus"), ": warning: fd.type is never \"bogus\"\n");
  EXPECT_EQ(complaint("fd.type = Regular"),
            ": warning: fd.type is never \"Regular\"; did you mean \"regular\"?\n");
  EXPECT_EQ(
      complaint("evt.arg[flags] = O_CREATT|O_RDONLY"),
      ": warning: evt.arg[flags] is never \"O_CREATT|O_RDONLY\"; did you mean \"O_CREAT\"?\n");
  EXPECT_EQ(complaint("thread.cap_effective intersects (CAP_SYS_ADMN)"),
            ": warning: thread.cap_effective is never \"CAP_SYS_ADMN\"; did you mean "
            "\"CAP_SYS_ADMIN\"?\n");
  EXPECT_EQ(complaint("evt.arg.domain = AF_INET5"),
            ": warning: evt.arg.domain is never \"AF_INET5\"; did you mean \"AF_INET\"?\n");
  EXPECT_EQ(complaint("evt.res = EWOULDBLOCK"),
            ": warning: evt.res is never \"EWOULDBLOCK\"; it is shown as EAGAIN\n");
  EXPECT_EQ(complaint("evt.arg.domain = EWOULDBLOCK"),
            ": warning: evt.arg.domain is never \"EWOULDBLOCK\"\n");
  EXPECT_EQ(complaint("fd.sockfamily = zzzz"),
            ": warning: fd.sockfamily is never \"zzzz\"; there is ip, unix\n");
  EXPECT_EQ(complaint("fd.l4proto = oneof (tpc)"),
            ": warning: fd.l4proto is never \"tpc\"; did you mean \"tcp\"?\n");
  for (const char* fine :
       {"evt.arg.flags contains O_CREATT", "evt.res startswith EX", "evt.res = -2", "evt.res = 0",
        "evt.res != \"\"", "fd.type != \"<NA>\"", "fd.type in (file, signalfd, ipv4, char)",
        "fd.typechar = e", "evt.arg.flags = O_RDWR|O_CREAT|0x8", "evt.arg.sig = 9",
        "tolower(fd.type) = x", "fd.type = val(fd.typechar)", "evt.arg.type = ext4",
        "evt.res glob X*", "fd.l4proto = icmp", "evt.syscall = openat"})
    EXPECT_EQ(complaint(fine), "") << fine;
}

TEST(Load, FieldsOfPluginsAreNoTypingErrors) {
  const std::string text = rule("  condition: evt.type = exec and k8smeta.ns.name = a\n");
  EXPECT_EQ(only({text}).disabled, "k8smeta.ns.name is of a plugin, and there are none");
  const std::string shown =
      "- rule: R\n  desc: d\n  output: o %k8smeta.pod.name %ct.name\n"
      "  priority: INFO\n  condition: evt.type = exec\n";
  EXPECT_EQ(only({shown}).disabled, "");
  EXPECT_EQ(complaints({shown}),
            "f0:3:13: warning: k8smeta.pod.name is shown as <NA>: there are no plugins\n"
            "f0:3:31: warning: ct.name is shown as <NA>: there are no plugins\n");
}

TEST(Load, OperatorsOfNumbersOnTexts) {
  EXPECT_EQ(only({rule("  condition: evt.type = open and evt.res < 0\n")}).disabled,
            "evt.res is a text, and < is for numbers: evt.rawres is one");
  EXPECT_EQ(only({rule("  condition: evt.type = open and evt.time >= 0\n")}).disabled,
            "evt.time is a text, and >= is for numbers");
}

TEST(Load, ArgumentsThatAreTextsToFalcoAlone) {
  EXPECT_EQ(only({rule("  condition: evt.type = dup and evt.arg.fd contains log\n")}).disabled,
            "evt.arg.fd is a number here, and contains is for texts");
  EXPECT_EQ(only({rule("  condition: evt.type = kill and evt.arg.tid in (1, x)\n")}).disabled,
            "evt.arg.tid is a number here, and \"x\" is none");
  EXPECT_EQ(
      only({rule("  condition: evt.type = kill and evt.arg.tid in (1, 0x2) and evt.arg.tid > 1\n")})
          .disabled,
      "");
  EXPECT_EQ(
      only({rule("  condition: evt.type = chmod and evt.arg.mode contains S_ISUID\n")}).disabled,
      "");
}

TEST(Load, OperatorsThatHostNamesDoNotHave) {
  for (const char* comparison : {"fd.sip.name exists", "fd.sip.name endswith .example.org",
                                 "fd.sip.name startswith anyof (a, b)"})
    EXPECT_THAT(
        only({rule(std::string("  condition: evt.type = connect and ") + comparison + "\n")})
            .disabled,
        HasSubstr("fd.sip.name takes =, != and in, with names of hosts, and not "))
        << comparison;
  EXPECT_EQ(only({rule("  condition: fd.sip.name != \"\" and evt.type = connect\n")}).disabled, "");
}

TEST(Load, TheMachinesNameIsShown) {
  const std::string text =
      "- rule: R\n  desc: d\n  output: o %evt.hostname\n  priority: INFO\n"
      "  condition: evt.type = exec\n";
  EXPECT_EQ(complaints({text}), "");
}

TEST(Load, WhatCanNeverFireDoesNotRun) {
  EXPECT_EQ(only({rule("  condition: evt.type = open and fd.rip exists\n")}).disabled,
            "fd.rip is not recorded of open, syscall");
  EXPECT_EQ(only({rule("  condition: evt.type in (container, drop) and proc.pid = 1\n")}).disabled,
            "no event is called container or drop");
  EXPECT_EQ(only({rule("  condition: evt.type = exec and evt.type = close\n")}).disabled,
            "no event is of a type that it asks for");
  // By their names alone, and one of them has an event of its own.
  for (const char* condition :
       {"evt.type = mlock and evt.type = munlock", "evt.type = mlock and not evt.type = mlock",
        "evt.type = mlock and evt.type in (munlock, openat)",
        "evt.type = openat and evt.type = creat", "evt.type = mlock and not evt.type = syscall"})
    EXPECT_EQ(only({rule("  condition: " + std::string(condition) + "\n")}).disabled,
              "no event is of a type that it asks for")
        << condition;
  for (const char* condition :
       {"evt.type = mlock and evt.type in (mlock, munlock)", "evt.type = mlock or evt.type = open",
        "evt.type = open and evt.type = openat", "evt.type = syscall and not evt.type = mlock",
        "evt.type startswith mlock and not evt.type = mlock",
        "evt.type = syscall and evt.type = mlock"})
    EXPECT_EQ(only({rule("  condition: " + std::string(condition) + "\n")}).disabled, "")
        << condition;
  EXPECT_EQ(
      only({rule("  condition: evt.type = setuid and evt.dir=> and not evt.arg.uid = nobody\n")})
          .disabled,
      "evt.dir is always <: a record is made when the call returns; leave evt.dir out");
  EXPECT_EQ(only({rule("  condition: evt.type in (unlink, unlinkat) and fd.name = /a\n")}).disabled,
            "fd.name is not recorded of unlink, rmdir, syscall: fs.path.name is");
  EXPECT_EQ(
      only({rule("  condition: evt.type = rename and fd.directory = /a\n")}).disabled,
      "fd.directory is not recorded of rename, syscall: fs.path.source and fs.path.target are");
  EXPECT_EQ(only({rule("  condition: fd.rip exists and module.name exists\n")}).disabled,
            "no single one of the events that it asks for records all that it compares");
  EXPECT_EQ(only({rule("  condition: evt.type = module_load and "
                       "thread.cap_effective contains CAP_SYS_MODULE\n")})
                .disabled,
            "");
}

TEST(Load, WhatIsWrongInAMacroIsSaidOnce) {
  EXPECT_EQ(
      complaints({"- macro: m\n  condition: proc.nmae = a\n" + rule("  condition: m\n") +
                  "- rule: Q\n  desc: d\n  output: o\n  priority: INFO\n  condition: m or m\n"}),
      "f0:2:14: unknown field \"proc.nmae\"; did you mean \"proc.name\"?\n");
}

TEST(Load, PlacesInEveryStyle) {
  EXPECT_EQ(
      complaints({"- macro: a\n  condition: >\n    evt.num=0\n    and\n      proc.nmae=x\n" +
                  rule("  condition: \"a and\\\n    \\ \\\"\"\n")}),
      "f0:11:7: expected a field, a macro, \"not\" or \"(\", not a quote that is not closed\n");
  EXPECT_EQ(complaints({rule("  condition: >\n    evt.num=0\n    and\n      proc.nmae=x\n")}),
            "f0:8:7: unknown field \"proc.nmae\"; did you mean \"proc.name\"?\n");
  EXPECT_EQ(complaints({rule("  condition: (evt.num=0 and 'ü'='ü'\n    and fd.nmae=x)\n")}),
            "f0:5:29: expected a field before a value, not \"'ü'\" alone\n");
}

TEST(Load, SeveralErrorsInOneRun) {
  EXPECT_EQ(
      complaints({"- macro: a\n  condition: proc.name = \n- list: l\n  items: x\n- rule: q\n"
                  "- rule: R\n  desc: d\n  output: 100%\n  priority: LOUD\n  condition: b\n"}),
      "f0:4:10: items must be a list, not a single value\n"
      "f0:5:9: a rule needs condition, output, desc and priority\n"
      "f0:9:13: unknown priority \"LOUD\"; there is Emergency, Alert, Critical, Error, Warning, "
      "Notice, Informational, Debug\n"
      "f0:2:24: expected a value, not the end\n"
      "f0:8:14: expected a field behind %, as in %proc.name; %% is a percent sign\n"
      "f0:10:14: unknown macro \"b\"\n");
}

// Of one rule: what is wrong with its output, its condition and its exceptions hides nothing else.
TEST(Load, StagesDoNotHideEachOther) {
  const std::string begin = "- rule: R\n  desc: d\n  priority: INFO\n";
  EXPECT_EQ(complaints({begin + "  output: o %\n  condition: proc.pid = x and evt.type = opn\n"}),
            "f0:4:13: expected a field behind %, as in %proc.name; %% is a percent sign\n"
            "f0:5:42: warning: no event and no system call is called \"opn\"; did you mean "
            "\"open\"?\n"
            "f0:5:25: proc.pid: expected a number, not \"x\"\n");
  EXPECT_EQ(
      complaints({begin + "  output: o %len(proc.pid) %proc.nmae\n  condition: proc.pid > x\n"}),
      "f0:5:25: expected a number behind >, not \"x\"\n"
      "f0:4:28: unknown field \"proc.nmae\"; did you mean \"proc.name\"?\n"
      "f0:4:18: len takes a text, and proc.pid is a number\n");
  EXPECT_EQ(complaints({begin + "  output: o %join(\",\", proc.name)\n"
                                "  condition: proc.nmae = a and proc.pid = b\n"
                                "  exceptions:\n    - name: e\n      fields: [proc.name]\n"
                                "      values: [[a, b]]\n"}),
            "f0:9:16: expected a list of 1 values, one for each field\n"
            "f0:5:14: unknown field \"proc.nmae\"; did you mean \"proc.name\"?\n"
            "f0:5:43: proc.pid: expected a number, not \"b\"\n"
            "f0:4:24: expected a list, as proc.args is one, not proc.name\n");
}

TEST(Load, OutputsAreCheckedAsConditionsAre) {
  const std::string begin =
      "- rule: R\n  desc: d\n  priority: INFO\n  condition: evt.type = exec\n";
  EXPECT_EQ(complaints({begin + "  output: o %tolower(proc.pid) %getopt(proc.args, proc.name)\n"}),
            "f0:5:22: tolower takes a text, and proc.pid is a number\n"
            "f0:5:33: getopt takes the letters of the options in quotes, as in \"ab:\"\n");
  EXPECT_EQ(complaints({begin + "  output: o %concat(proc.nmae, \"a\") %tolower(evt.buffer)\n"}),
            "f0:5:21: unknown field \"proc.nmae\"; did you mean \"proc.name\"?\n"
            "f0:5:46: warning: evt.buffer is shown as <NA>: what is read, written, sent and "
            "received is not recorded\n");
}

TEST(Load, KeysThatNobodyKnows) {
  const Loaded loaded = load({rule("  condition: evt.num=0\n  enabeld: false\n") +
                              "- rle: x\n- required_engine_version: 0.99.0\n"
                              "- required_plugin_versions: [{name: json, version: 0.1.0}]\n"});
  EXPECT_TRUE(loaded.rules);
  EXPECT_EQ(
      complaints(loaded),
      "f0:6:3: warning: unknown key \"enabeld\" of a rule; did you mean \"enabled\"?\n"
      "f0:8:3: warning: unknown entry \"rle\"; did you mean \"rule\"?; it is left out\n"
      "f0:9:28: warning: written for version 0.99.0 of Falco's engine; what is newer than "
      "0.62.0 may not be understood\n"
      "f0:10:30: warning: there are no plugins: rules about the fields or events of \"json\" do "
      "not run\n");
  EXPECT_THAT(complaints({"- required_engine_version: soon\n"}), HasSubstr("is no version"));
  EXPECT_EQ(complaints({"- required_engine_version: 57\n"}), "");
  EXPECT_EQ(complaints({"a: b\n"}), "f0:1:1: a rule file must be a list, not keys\n");
  EXPECT_EQ(complaints({"", "# nothing\n", "---\n---\n"}), "");
}

TEST(Load, TwoDocumentsAndAliases) {
  EXPECT_EQ(condition({"- list: a\n  items: &x [p, q]\n---\n- list: b\n  items: [r]\n" +
                       rule("  condition: proc.name in (a, b)\n")}),
            "proc.name in (p, q, r)");
  EXPECT_EQ(condition({"- list: a\n  items: &x [p, q]\n- list: b\n  items: *x\n" +
                       rule("  condition: proc.name in (b)\n")}),
            "proc.name in (p, q)");
}

TEST(Load, ShowsTheLine) {
  const Loaded loaded = load({rule("  condition: evt.num=0 and proc.name startwith a\n")});
  ASSERT_EQ(loaded.problems.errors(), 1U);
  EXPECT_EQ(print_problem(loaded.problems.kept()[0], loaded.sources),
            "f0:5:38: expected an operator behind \"proc.name\", not \"startwith\"; did you mean "
            "\"startswith\"?\n"
            "    condition: evt.num=0 and proc.name startwith a\n"
            "                                       ^~~~~~~~~\n");
  const Loaded wide = load({rule("  condition: " + std::string(300, ' ') + "proc.nmae=a" +
                                 std::string(300, ' ') + "or \x1b[31mred\n")});
  const std::string shown = print_problem(wide.problems.kept()[0], wide.sources);
  EXPECT_LT(shown.size(), 400U);
  EXPECT_EQ(shown.find('\x1b'), std::string::npos);
  const Loaded named = load_rules({{"\x1b[31mred", "a: b"}});
  EXPECT_TRUE(print_problem(named.problems.kept()[0], named.sources).starts_with("?[31mred:1:1: "));
}

}  // namespace
}  // namespace gancho::rules
