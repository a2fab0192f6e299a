// SPDX-License-Identifier: Apache-2.0
//
// Files that somebody wrote to hurt: each is refused or read within a second and 100 MB. Each runs
// in a process of its own, whose peak of memory the kernel tells.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <string>

#include "event/names.h"
#include "rules/load.h"
#include "rules/typed_rules.h"
#include "support/sanitized.h"

namespace gancho::rules {
namespace {

using test::k_sanitized;

std::string repeated(std::size_t times, std::string_view what) {
  std::string text;
  text.reserve(times * what.size());
  for (std::size_t i = 0; i < times; ++i) text += what;
  return text;
}

std::string rule(std::string_view name, std::string_view condition) {
  return "- rule: " + std::string(name) +
         "\n  desc: d\n  output: o\n  priority: INFO\n  condition: " + std::string(condition) +
         "\n";
}

struct Spent {
  bool accepted = false;
  std::chrono::duration<double> time{};  // of a processor: others may be at work, too
  long kilobytes = 0;
};

// What loading `text` takes.
Spent load_apart(const std::string& text) {
  const pid_t child = ::fork();
  if (child == 0) {
    Loaded loaded = load_rules({{"hostile.yaml", text}});
    bool accepted = loaded.rules.has_value();
    if (accepted) accepted = type_rules(*loaded.rules, loaded.problems).has_value();
    std::string all;
    for (const Problem& problem : loaded.problems.kept())
      all += print_problem(problem, loaded.sources);
    ::_exit(accepted ? 0 : all.size() < 100'000 && !all.empty() ? 1 : 2);
  }
  int status = 0;
  rusage used{};
  ::wait4(child, &status, 0, &used);
  EXPECT_TRUE(WIFEXITED(status)) << "killed by " << WTERMSIG(status);
  EXPECT_NE(WEXITSTATUS(status), 2) << "no message, or one that nobody reads";
  const auto seconds = [](const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  };
  return {WEXITSTATUS(status) == 0, seconds(used.ru_utime) + seconds(used.ru_stime),
          used.ru_maxrss};
}

void expect_cheap(const char* what, const std::string& text, bool accepted) {
  const Spent spent = load_apart(text);
  std::printf("%-40s %6.0f ms %6.1f MB\n", what, spent.time.count() * 1000,
              static_cast<double>(spent.kilobytes) / 1024);
  EXPECT_EQ(spent.accepted, accepted) << what;
  EXPECT_LT(spent.time.count(), k_sanitized ? 20 : 1) << what;
  if (!k_sanitized) {
    EXPECT_LT(spent.kilobytes, 100 * 1024) << what;
  }
}

TEST(Hostile, Conditions) {
  expect_cheap("10 000 parentheses", rule("r", repeated(10'000, "(") + "evt.num=0"), false);
  expect_cheap("250 000 times not", rule("r", repeated(250'000, "not ") + "evt.num=0"), true);
  expect_cheap("75 000 comparisons", rule("r", "evt.num=0" + repeated(75'000, " and fd.num=1")),
               false);
  expect_cheap("a condition of nothing but errors", rule("r", repeated(250'000, "a = ")), false);
  expect_cheap("500 000 values in one condition",
               rule("r", "fd.num in (1" + repeated(500'000, ",1") + ")"), false);
  expect_cheap("a quoted value of 1 MB",
               rule("r", "fd.name = \"" + repeated(250'000, "\\\\xx") + "\""), true);
  std::string fields;
  for (int i = 0; i < 9000; ++i) fields += " and prox.nam" + std::to_string(i) + "=1";
  expect_cheap("9000 unknown fields", rule("r", "evt.num=0" + fields), false);
  std::string arguments;
  for (int i = 0; i < 9000; ++i)
    arguments += (i == 0 ? "" : " or ") + ("evt.arg.x" + std::to_string(i)) + "=b and evt.res=E";
  expect_cheap("9000 unknown arguments", rule("r", arguments), false);
}

TEST(Hostile, Sizes) {
  expect_cheap("more than 1 MiB", repeated(2 << 20, "#"), false);
  expect_cheap("1 MB of comments", repeated(1'000'000, "#"), true);
  expect_cheap("a list of a million items",
               "- list: l\n  items: [a" + repeated(1'000'000, ",a") + "]\n", false);
  expect_cheap("500 000 items", "- list: l\n  items: [a" + repeated(500'000, ",a") + "]\n", false);
  expect_cheap("150 000 as a block", "- list: l\n  items:\n" + repeated(150'000, "  - a\n"), false);
  expect_cheap("a list of 90 000 items",
               "- list: l\n  items: [a" + repeated(90'000, ", abcdefg") + "]\n", true);
  std::string rules;
  for (int i = 0; i < 20'000; ++i) rules += rule("r" + std::to_string(i), "evt.num=0");
  expect_cheap("10 000 rules", rules.substr(0, rules.rfind("- rule", 1'000'000)), true);
  std::string unknown;
  for (int i = 0; i < 18'000; ++i)
    unknown += rule("r" + std::to_string(i), "unknown_" + std::to_string(i));
  expect_cheap("18 000 unknown macros", unknown.substr(0, unknown.rfind("- rule", 1'000'000)),
               false);
}

TEST(Hostile, Yaml) {
  expect_cheap("a million brackets", repeated(1'000'000, "["), false);
  expect_cheap("500 000 brackets that are closed", "- list: l\n  items: " + repeated(500'000, "[]"),
               false);
  expect_cheap("entries in entries", repeated(500'000, "- "), false);
  expect_cheap("300 000 documents", repeated(300'000, "---\n"), false);
  expect_cheap(
      "keys of one entry",
      "- rule: r\n" +
          [] {
            std::string keys;
            for (int i = 0; i < 80'000; ++i) keys += "  k" + std::to_string(i) + ": v\n";
            return keys;
          }(),
      false);
  std::string bomb = "- list: l0\n  items: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "- list: l" + std::to_string(i) + "\n  items: &a" + std::to_string(i) + " [" +
            repeated(9, before + ", ") + before + "]\n";
  }
  expect_cheap("a bomb of aliases", bomb, false);
}

TEST(Hostile, MacrosAndLists) {
  std::string macros = "- macro: m0\n  condition: evt.num=0 or evt.num=1\n";
  for (int i = 1; i < 64; ++i) {
    const std::string before = "m" + std::to_string(i - 1);
    macros +=
        "- macro: m" + std::to_string(i) + "\n  condition: " + before + " or " + before + "\n";
  }
  expect_cheap("macros that double", macros, false);
  std::string chain = "- macro: m0\n  condition: evt.num=0\n";
  for (int i = 1; i < 20'000; ++i)
    chain += "- macro: m" + std::to_string(i) + "\n  condition: m" + std::to_string(i - 1) + "\n";
  expect_cheap("20 000 macros in a row", chain, true);
  std::string lists = "- list: l0\n  items: [a, b]\n";
  for (int i = 1; i < 64; ++i) {
    const std::string before = "l" + std::to_string(i - 1);
    lists += "- list: l" + std::to_string(i) + "\n  items: [" + before + ", " + before + "]\n";
  }
  expect_cheap("lists that double", lists + rule("r", "proc.name in (l63)"), false);
  std::string many = "- list: l\n  items: [a" + repeated(20'000, ",a") + "]\n";
  for (int i = 0; i < 1000; ++i) many += rule("r" + std::to_string(i), "proc.name in (l)");
  expect_cheap("a long list in 1000 rules", many, false);
  std::string large =
      "- macro: m\n  condition: evt.num=0" + repeated(5'000, " or evt.num=1") + "\n";
  for (int i = 0; i < 1000; ++i) large += rule("r" + std::to_string(i), "m");
  expect_cheap("a long macro in 1000 rules", large, false);
}

TEST(Hostile, NamesOfSystemCalls) {
  std::string each;
  for (const std::string_view call : syscall_names())
    each += (each.empty() ? "evt.type = " : " or evt.type = ") + std::string(call);
  expect_cheap("each system call and all of them", rule("r", "(" + each + ") and (" + each + ")"),
               true);
  std::string most;
  for (int i = 0; i < 3000; ++i)
    most += " and evt.type != " + std::string(syscall_names()[static_cast<std::size_t>(i) % 60]) +
            " and not evt.type startswith x" + std::to_string(i);
  expect_cheap("6000 comparisons with the names of 60", rule("r", "evt.num = 0" + most), true);
  expect_cheap("4000 that all calls meet",
               rule(
                   "r", "evt.num = 0" +
                            [] {
                              std::string all;
                              for (int i = 0; i < 4000; ++i)
                                all += " and evt.type != \"z" + std::to_string(i) + "\"";
                              return all;
                            }()),
               true);
}

TEST(Hostile, Patterns) {
  const auto patterns = [](int count, const std::string& pattern) {
    std::string list = "fd.name regex anyof (";
    for (int i = 0; i < count; ++i)
      list += std::string(i == 0 ? "" : ", ") + "\"" + pattern + std::to_string(i) + "\"";
    return rule("r", "evt.type = open and " + list + ")");
  };
  expect_cheap("999 repetitions", patterns(999, "(?i)(abcdefghij|klm){999}"), false);
  expect_cheap("999 times 900 dots", patterns(999, std::string(900, '.')), false);
  expect_cheap("9000 that begin with anything", patterns(9000, "(.*a){900}b"), false);
  expect_cheap("one that others take for ever", rule("r", "fd.name regex \"(a*)*(a*)*b\""), true);
  expect_cheap("500 as people write them", patterns(500, "/home/[^/]+/[.]ssh/.*"), true);
}

TEST(Hostile, Exceptions) {
  std::string text =
      rule("r", "evt.num=0") +
      "  exceptions:\n    - name: e\n      fields: [proc.name, fd.name]\n      values:\n";
  expect_cheap("20 000 exceptions", text + repeated(20'000, "        - [a, b]\n"), false);
  expect_cheap("4 000 exceptions", text + repeated(4'000, "        - [a, b]\n"), true);
}

}  // namespace
}  // namespace gancho::rules
