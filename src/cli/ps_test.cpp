// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/ps_answer.h"
#include "cli/ps_text.h"
#include "enrich/known_facts.h"
#include "enrich/process_json.h"

namespace gancho {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

// What an agent would answer for the processes of a test.
class Agent {
 public:
  void found(std::uint32_t pid, std::uint32_t parent, std::string_view name,
             const std::string& args = "", bool kernel = false, const std::string& tty = "") {
    Lifecycle change;
    change.change = Lifecycle::Change::found;
    change.process = {.pid = pid, .start_time = pid * 1000ULL};
    if (parent != 0) change.parent = {.pid = parent, .start_time = parent * 1000ULL};
    change.name = name;
    change.program.args = args;
    change.program.kernel = kernel;
    change.program.tty = tty.empty() ? 0 : 5;
    change.program.tty_name = tty;
    change.program.credentials.euid = 1000;
    table.apply(change);
  }
  void exit(std::uint32_t pid) {
    Lifecycle change;
    change.change = Lifecycle::Change::ended;
    change.process = {.pid = pid, .start_time = pid * 1000ULL};
    table.apply(change);
  }
  // The same as the worker's client desk.
  std::string answer() const {
    ByteBuffer out;
    std::uint64_t lines = 0;
    for (std::size_t place = 0; place < table.places(); ++place) {
      const auto facts = table.at(place);
      if (!facts) continue;
      write_process_json(*facts, table, users, {}, out);
      ++lines;
    }
    out.append("{\"end\":\"processes\",\"lines\":" + std::to_string(lines) + "}\n");
    return std::string(out.view());
  }
  std::string text(PsTextOptions options = {}) const {
    options.utc = true;
    if (options.now == 0) options.now = 100'000'000'000'000;  // the next day
    const std::string bytes = answer();
    const auto read = read_ps_answer(bytes);
    EXPECT_TRUE(read) << read.error().message;
    return read ? ps_text(*read, options) : "";
  }

  ProcessTable table;
  UserTable users = UserTable::from_names({{1000, "alice"}}, {});
};

TEST(Ps, AListInTheOrderOfIds) {
  Agent agent;
  agent.found(20, 1, "sleep",
              "sleep\0"
              "600\0"s,
              false, "pts0");
  agent.found(1, 0, "init", "/sbin/init\0"s);
  agent.found(2, 0, "kthreadd", "", true);
  agent.found(30, 20, "gone");
  agent.exit(30);
  EXPECT_EQ(agent.text(),
            "    PID  USER   START       TTY   COMMAND\n"
            "      1  alice  1970-01-01        init  /sbin/init\n"
            "      2  alice  1970-01-01        kthreadd\n"
            "     20  alice  1970-01-01  pts0  sleep  sleep 600\n");
  EXPECT_THAT(agent.text({.ended = true}), HasSubstr("     30  alice  1970-01-01        [gone]\n"));
  EXPECT_EQ(agent.text({.pid = 20}),
            "    PID  USER   START       TTY   COMMAND\n"
            "     20  alice  1970-01-01  pts0  sleep  sleep 600\n");
}

TEST(Ps, ATreeThroughTheDead) {
  Agent agent;
  agent.found(1, 0, "init");
  agent.found(10, 1, "sshd");
  agent.found(20, 10, "deploy");
  agent.found(30, 20, "worker");
  agent.found(31, 20, "helper");
  agent.found(40, 1, "cron");
  agent.found(50, 40, "leaf");
  agent.exit(20);
  agent.exit(50);
  const std::string whole =
      "    PID  USER   START       TTY  COMMAND\n"
      "      1  alice  1970-01-01       init\n"
      "     10  alice  1970-01-01       ├─ sshd\n"
      "     20  -      1970-01-01       │  └─ [deploy]\n"
      "     30  alice  1970-01-01       │     ├─ worker\n"
      "     31  alice  1970-01-01       │     └─ helper\n"
      "     40  alice  1970-01-01       └─ cron\n";
  EXPECT_EQ(agent.text({.tree = true}), whole);
  EXPECT_EQ(agent.text({.tree = true, .pid = 30}),
            "    PID  USER   START       TTY  COMMAND\n"
            "      1  alice  1970-01-01       init\n"
            "     10  alice  1970-01-01       └─ sshd\n"
            "     20  -      1970-01-01          └─ [deploy]\n"
            "     30  alice  1970-01-01             └─ worker\n");
  EXPECT_THAT(agent.text({.tree = true, .ended = true}), HasSubstr("└─ [leaf]"));
}

TEST(Ps, WhatStartedTodayHasATimeOfDay) {
  Agent agent;
  agent.found(3'600'000, 0, "early");
  EXPECT_THAT(agent.text({.now = 5'000'000'000}), HasSubstr("  00:00:03    "));
}

TEST(Ps, LinesEndWhereTheTerminalDoes) {
  Agent agent;
  agent.found(1, 0, "init", std::string(300, 'x') + "\0"s);
  agent.found(2, 1, "wide", "\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57\0"s);
  const std::string text = agent.text({.width = 45});
  EXPECT_THAT(text, HasSubstr("      1  alice  1970-01-01       init  xxxxxx\n"));
  // In quotes; each takes two columns, so one column stays empty.
  EXPECT_THAT(text, HasSubstr("wide  '\u6f22\u5b57\n"));
}

TEST(Ps, NothingSteersTheTerminal) {
  Agent agent;
  agent.found(1, 0, "a\x1b[31m", "b\nc\0\xff\0[x]\0"s);
  const std::string text = agent.text();
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(std::ranges::count(text, '\n'), 2);
  EXPECT_THAT(text, HasSubstr("$'a\\x1b[31m'"));
  EXPECT_THAT(text, HasSubstr("'[x]'"));
  const std::string coloured = agent.text({.colour = true});
  EXPECT_THAT(coloured, HasSubstr("\x1b[1m$'a\\x1b[31m'\x1b[0m"));
}

TEST(Ps, AnAnswerIsNotBelieved) {
  Agent agent;
  agent.found(1, 0, "init");
  const std::string good = agent.answer();
  EXPECT_TRUE(read_ps_answer(good));
  for (std::size_t cut = 0; cut < good.size(); ++cut)
    EXPECT_FALSE(read_ps_answer(std::string_view(good).substr(0, cut))) << cut;
  for (const std::string bytes : {"x\n", "[]\n", "{}\n",
                                  R"({"proc.pid":0})"
                                  "\n",
                                  R"({"proc.pid":1,"proc.ancestors":[1]})"
                                  "\n",
                                  R"({"end":"processes","lines":1})"
                                  "\n"})
    EXPECT_FALSE(read_ps_answer(bytes)) << bytes;
  const std::string refusal = "{\"error\":\"no\\u001b\"}\n";
  const auto refused = read_ps_answer(refusal);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message.find('\x1b'), std::string::npos);
}

TEST(PsAnswer, SaysHowFullTheTablesAreInPlainNumbersOnly) {
  const auto answer = read_ps_answer(
      R"({"end":"processes","lines":0,"processes":{"max":1024,"refused":9,"\u001b[m":1,"x":"y"},)"
      R"("containers":{"known":3,"deep":{}},"more":{"max":1}})"
      "\n");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->refused, 9U);
  EXPECT_EQ(answer->holdings, R"({"processes":{"max":1024,"refused":9},"containers":{"known":3}})");
  const auto nothing = read_ps_answer("{\"end\":\"processes\",\"lines\":0}\n");
  ASSERT_TRUE(nothing) << nothing.error().message;
  EXPECT_EQ(nothing->holdings, "");
}

TEST(Ps, ACircleIsDrawnOnce) {
  const std::string circle =
      R"({"proc.pid":1,"proc.start_time":1,"proc.alive":true,"proc.ancestors":[{"pid":2,"start_time":2},{"pid":1,"start_time":1}]})"
      "\n"
      R"({"proc.pid":2,"proc.start_time":2,"proc.alive":true,"proc.ancestors":[{"pid":1,"start_time":1},{"pid":2,"start_time":2}]})"
      "\n"
      R"({"proc.pid":3,"proc.start_time":3,"proc.alive":true,"proc.ancestors":[{"pid":3,"start_time":3}]})"
      "\n"
      R"({"end":"processes","lines":3})"
      "\n";
  const auto answer = read_ps_answer(circle);
  ASSERT_TRUE(answer);
  EXPECT_THAT(ps_text(*answer, {.tree = true, .utc = true}), HasSubstr("      3  "));
}

}  // namespace
}  // namespace gancho
