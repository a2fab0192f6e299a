// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstring>
#include <sstream>

#include "cli/stat_syscalls.h"

namespace gancho {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::uint64_t k_second = 1'000'000'000;

// One CPU's calls, as a program would count them.
void count(SyscallRow& row, std::uint64_t ns, std::uint64_t times = 1) {
  row.value.calls += times;
  row.value.timed += times;
  row.value.total += ns * times;
  row.value.longest = std::max<std::uint64_t>(row.value.longest, ns);
  row.value.slots[latency_slot(ns)] += times;
}

SyscallRow row(std::uint32_t number, std::uint32_t table = STAT_TABLE_64) {
  SyscallRow row;
  row.key.number = number;
  row.key.table = table;
  return row;
}

SyscallRow process(std::uint32_t pid, std::string_view name) {
  SyscallRow row;
  row.key.pid = pid;
  row.key.start_time = pid * k_second;
  name.copy(reinterpret_cast<char*>(row.value.comm), sizeof(row.value.comm));
  return row;
}

SyscallTable ten_seconds(std::vector<SyscallRow> rows) {
  return {.begin_ns = 0, .end_ns = 10 * k_second, .rows = std::move(rows)};
}

StatView view(std::uint32_t by = STAT_BY_CALL) {
  return {.by = by, .utc = true};
}

std::vector<boost::json::object> lines_of(const std::string& text) {
  std::vector<boost::json::object> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);)
    lines.push_back(boost::json::parse(line).as_object());
  return lines;
}

TEST(StatBy, OneOrSeveralWithCommas) {
  EXPECT_EQ(parse_stat_by("call").value(), std::uint32_t{STAT_BY_CALL});
  EXPECT_EQ(parse_stat_by("process,errno").value(), std::uint32_t{STAT_BY_PROCESS | STAT_BY_ERRNO});
  EXPECT_EQ(parse_stat_by("call,call").value(), std::uint32_t{STAT_BY_CALL});
}

TEST(StatBy, WrongWordsAreNamed) {
  for (const auto& [text, message] : std::vector<std::pair<std::string, std::string>>{
           {"proces", "--by: unknown word \"proces\"; did you mean \"process\"?"},
           {"call,", "--by: unknown word \"\"; write some of call, process, errno"},
           {"", "--by: unknown word \"\"; write some of call, process, errno"}}) {
    const auto by = parse_stat_by(text);
    ASSERT_FALSE(by) << text;
    EXPECT_EQ(by.error().code, Errc::usage);
    EXPECT_EQ(by.error().message, message);
  }
}

TEST(StatText, AlignedAndInTheOrderOfCalls) {
  SyscallRow getppid = row(110);
  count(getppid, 128, 1000);
  SyscallRow old = row(6, STAT_TABLE_32);
  count(old, 2000, 10);
  old.value.errors = 10;
  SyscallRow waits = row(0);
  waits.under_way = 2;
  waits.under_way_ns = 1'500'000'000;
  SyscallRow unknown = row(STAT_NUMBERS);
  unknown.value.calls = 1;
  EXPECT_EQ(stat_text(ten_seconds({old, waits, getppid, unknown}), view()),
            "00:00:10  1011 calls in 10s, 101.1 a second, 10 errors\n"
            "CALL        CALLS     /S  ERRORS   MEAN    P99    MAX  TOTAL  UNDER WAY\n"
            "getppid      1000  100.0       0  128ns  128ns  128ns  128us\n"
            "close [32]     10    1.0      10    2us    2us    2us   20us\n"
            "unknown         1    0.1       0      -      -      -      -\n"
            "read            0    0.0       0      -      -      -      -  2 for 1.5s\n"
            "1 without a duration: no beginning seen, or no end (exit)\n");
}

TEST(StatText, OtherOrders) {
  SyscallRow often = row(110);
  count(often, 100, 1000);
  SyscallRow slow = row(0);
  count(slow, k_second, 1);
  slow.value.errors = 1;
  const SyscallTable table = ten_seconds({often, slow});
  for (const auto& [order, first] :
       std::vector<std::pair<StatOrder, std::string>>{{StatOrder::calls, "getppid"},
                                                      {StatOrder::errors, "read"},
                                                      {StatOrder::total, "read"},
                                                      {StatOrder::mean, "read"},
                                                      {StatOrder::p99, "read"},
                                                      {StatOrder::max, "read"},
                                                      {StatOrder::name, "getppid"}}) {
    StatView ordered = view();
    ordered.order = order;
    ordered.top = 1;
    const std::string text = stat_text(table, ordered);
    EXPECT_THAT(text, HasSubstr("\n" + first + " ")) << static_cast<int>(order);
    EXPECT_THAT(text, HasSubstr("\nand 1 more rows, "));
  }
}

TEST(StatText, ByProcessAndErrnoWithNamesThatSteerNothing) {
  SyscallRow evil = process(4242, "a\x1b[31m b");
  evil.key.error = -2;
  evil.value.calls = evil.value.errors = 3;
  SyscallRow restarted = process(7, "bash");
  restarted.key.error = -512;
  restarted.value.calls = restarted.value.interrupted = 2;
  SyscallRow waiting = process(7, "bash");
  waiting.key.error = STAT_NOT_RETURNED;
  waiting.under_way = 1;
  waiting.under_way_ns = 9 * k_second;
  waiting.older = true;
  const std::string text =
      stat_text(ten_seconds({evil, restarted, waiting}), view(STAT_BY_PROCESS | STAT_BY_ERRNO));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, HasSubstr(" PID  NAME "));
  EXPECT_THAT(text, HasSubstr("4242  $'a\\x1b[31m b'  ENOENT "));
  EXPECT_THAT(text, HasSubstr("   7  bash            ERESTARTSYS "));
  EXPECT_THAT(text, HasSubstr("1 for >9s\n"));
  EXPECT_THAT(text, HasSubstr("5 without a duration: no beginning seen, or no end (exit); 2 "
                              "interrupted by a signal\n"));
}

TEST(StatText, WhatFoundNoRoomIsARowAndInTheSums) {
  SyscallTable table = ten_seconds({row(110)});
  count(table.rows[0], 100, 5);
  table.rest.calls = 95;
  table.rest.errors = 7;
  table.rest_rows = 1;
  const std::string text = stat_text(table, view());
  EXPECT_THAT(text, HasSubstr("100 calls in 10s, 10.0 a second, 7 errors\n"));
  EXPECT_THAT(text, HasSubstr("\n[no room]     95 "));
  EXPECT_EQ(stat_warnings(table),
            "gancho: the table was full with 1 rows: 95 calls are in none of them, only in the "
            "sums; raise --rows\n");
  EXPECT_EQ(stat_warnings(ten_seconds({})), "");
}

TEST(StatText, ColumnsStandAlsoBelowNamesInOtherAlphabets) {
  SyscallRow other = process(1, "дом");
  SyscallRow latin = process(2, "house");
  count(other, 100);
  count(latin, 100);
  const std::string text = stat_text(ten_seconds({other, latin}), view(STAT_BY_PROCESS));
  EXPECT_THAT(text, HasSubstr("\n  1  'дом'      1  "));
  EXPECT_THAT(text, HasSubstr("\n  2  house      1  "));
}

TEST(StatJson, EveryRowAndTheSums) {
  SyscallRow open = row(257);
  open.key.pid = 42;
  open.key.start_time = 4711;
  open.key.error = -2;
  std::memcpy(open.value.comm, "\xff", 2);
  count(open, 1000, 4);
  open.value.errors = 4;
  const auto lines = lines_of(
      stat_json(ten_seconds({open}), view(STAT_BY_CALL | STAT_BY_PROCESS | STAT_BY_ERRNO)));
  ASSERT_EQ(lines.size(), 2U);
  const boost::json::object expected{
      {"evt.time", "1970-01-01T00:00:10.000000000Z"},
      {"evt.type", "syscalls"},
      {"stat.interval", 10'000'000'000},
      {"proc.pid", 42},
      {"proc.start_time", 4711},
      {"proc.name", "\xef\xbf\xbd"},
      {"proc.name.hex", "ff"},
      {"evt.syscall", "openat"},
      {"evt.is_compat", false},
      {"evt.res", "ENOENT"},
      {"stat.calls", 4},
      {"stat.per_second", 0.4},
      {"stat.errors", 4},
      {"stat.interrupted", 0},
      {"stat.timed", 4},
      {"stat.mean", 1000},
      {"stat.p99", 1000},
      {"stat.max", 1000},
      {"stat.total", 4000},
      {"stat.under_way", 0},
  };
  EXPECT_EQ(lines[0], expected) << boost::json::serialize(lines[0]);
  EXPECT_EQ(lines[1].at("evt.type"), "syscalls.total");
  EXPECT_EQ(lines[1].at("stat.calls"), 4);
  EXPECT_EQ(lines[1].at("stat.rows"), 1);
  EXPECT_EQ(lines[1].at("stat.calls_without_row"), 0);
}

TEST(StatJson, WhatIsLeftOutIsCounted) {
  StatView two = view();
  two.top = 2;
  const auto lines = lines_of(stat_json(ten_seconds({row(0), row(1), row(2)}), two));
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[2].at("stat.rows"), 3);
  EXPECT_EQ(lines[2].at("stat.rows_left_out"), 1);
}

}  // namespace
}  // namespace gancho
