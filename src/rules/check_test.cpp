// SPDX-License-Identifier: Apache-2.0
#include "rules/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "event/room.h"
#include "rules/evaluate.h"
#include "rules/parser.h"
#include "rules/where.h"

namespace gancho::rules {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// What is wrong with it, one a line; "" when nothing is.
std::string wrong(std::string_view text) {
  Problems problems;
  const auto parsed = parse_condition(RuleText(text), problems);
  if (parsed) {
    const bool fits = check_condition(*parsed, problems).has_value();
    EXPECT_EQ(fits, problems.errors() == 0) << text;
  }
  std::string all;
  for (const Problem& problem : problems.kept())
    all += std::to_string(problem.at.column) + "+" + std::to_string(problem.at.length) + ": " +
           problem.message + "\n";
  return all;
}

TypedCondition checked(std::string_view text) {
  Problems problems;
  const auto parsed = parse_condition(RuleText(text), problems);
  auto made = check_condition(parsed.value(), problems);
  EXPECT_TRUE(made) << text << ": " << (problems.kept().empty() ? "" : problems.kept()[0].message);
  return made ? std::move(*made) : TypedCondition{};
}

EventSet types(std::string_view text) {
  return event_types(checked(text).logic);
}

TEST(Check, TakesWhatThePublicRulesAskFor) {
  for (const char* text : {
           "evt.type in (open, openat, openat2) and evt.is_open_read = true and fd.num >= 0",
           "evt.type in (execve, execveat) and evt.dir = < and not proc.name in (bash, sh)",
           "fd.typechar = 'f' and fd.name startswith /etc and fd.directory in (/etc, /root/.ssh)",
           "proc.aname[2] = sshd or proc.aname in (sshd, cron) or proc.pname = systemd",
           "proc.cmdline contains \"ssh \" and proc.args icontains id_rsa",
           "user.loginuid = -1 and user.uid != 0 and user.name != root",
           "evt.type = connect and fd.sip in (10.0.0.0/8, 2001:db8::/32, 192.0.2.1)",
           "fd.snet in (10.0.0.0/8) and fd.sport in (80, 443) and fd.l4proto = tcp",
           "evt.arg.mode contains S_ISUID or evt.arg[mode] = 4755",
           "evt.arg.flags contains O_CREAT and evt.res = ENOENT",
           "thread.cap_effective contains CAP_SYS_ADMIN and container.id != host",
           "fd.name pmatch (/etc, /usr) or fd.name glob /proc/*/mem",
           "fd.name startswith anyof (/a, /b) and proc.name regex \"[a-z]+\"",
           "tolower(proc.name) = x and len(proc.args) > 3 and basename(proc.exepath) = "
           "val(proc.name)",
           "join(\",\", proc.args) = a and concat(proc.name, \"-\", proc.exe) = b",
           "getopt(proc.args, \"ab:\")[b] = x and getopt(proc.args, \"ab\") = a",
           "proc.pexe exists and proc.pcmdline exists and proc.pexepath exists",
       })
    EXPECT_EQ(wrong(text), "") << text;
}

TEST(Check, NamesTheNearestField) {
  EXPECT_EQ(wrong("proc.nam = bash"),
            "1+8: no event has a field called \"proc.nam\"; did you mean \"proc.name\"?\n");
  EXPECT_THAT(wrong("proc.vmsize > 1"),
              StartsWith("1+11: proc.vmsize cannot be supplied: what a process uses"));
  EXPECT_THAT(wrong("zz.qqqqqqqqqqq = 1"), HasSubstr("; gancho policy fields lists them"));
  EXPECT_EQ(wrong("evt.time > 1"), "10+1: > takes a number, and evt.time is a text\n");
  EXPECT_EQ(wrong("proc.name[1] = x"), "1+12: proc.name takes nothing in brackets\n");
  EXPECT_EQ(wrong("proc.aname[x] = x"), "1+13: proc.aname takes a number in brackets, not \"x\"\n");
}

TEST(Where, SaysWhyNoneOfTheEventsCanMeetIt) {
  const auto never = [](std::string_view text, std::string_view event) {
    EventSet events;
    events.add(find_event(event)->type);
    return where_remarks(text, events).never;
  };
  EXPECT_EQ(never("fd.rip exists", "exec"), "fd.rip is not recorded of exec");
  EXPECT_EQ(never("evt.type in (exec, unlink) and fd.name = /a", "unlink"),
            "fd.name is not recorded of unlink: fs.path.name is");
  EXPECT_EQ(never("evt.dir = >", "exec"),
            "evt.dir is always <: a record is made when the call returns; leave evt.dir out");
  EXPECT_EQ(never("evt.type = mlock and evt.type = munlock", "syscall"),
            "no event is of a type that it asks for");
  EXPECT_EQ(never("evt.type = open", "exec"), "");  // it asks for another
  EXPECT_EQ(never("fd.rip exists", "connect"), "");
  EXPECT_EQ(never("fd.rip = x", "exec"), "");  // an error, which read_where() tells
}

TEST(Where, WarnsOfNamesThatThereAreNot) {
  const auto warnings =
      where_remarks("evt.type = opn or evt.res = ENOENTT", EventSet::all()).warnings;
  ASSERT_EQ(warnings.size(), 2U);
  EXPECT_THAT(warnings[0],
              StartsWith("--where:1:12: warning: no event and no system call is called \"opn\""));
  EXPECT_THAT(warnings[1], StartsWith("--where:1:29: warning: evt.res is never \"ENOENTT\"; did "
                                      "you mean \"ENOENT\"?\n"));
}

TEST(Check, HoldsOperatorsAgainstTypes) {
  EXPECT_EQ(wrong("proc.pid contains 1"),
            "10+8: contains takes a text, and proc.pid is a number\n");
  EXPECT_EQ(wrong("proc.name > 1"), "11+1: > takes a number, and proc.name is a text\n");
  EXPECT_EQ(wrong("proc.is_suid regex x"),
            "14+5: regex takes a text, and proc.is_suid is true or false\n");
  EXPECT_EQ(wrong("fd.rip startswith 10"),
            "8+10: startswith takes a text, and fd.rip is an IP address\n");
  EXPECT_EQ(wrong("proc.name = val(proc.pid)"),
            "13+13: expected a text, and val(proc.pid) is a number\n");
  EXPECT_EQ(wrong("proc.name regex val(proc.exe)"),
            "17+13: expected a value behind regex, not a field\n");
  EXPECT_EQ(wrong("tolower(proc.pid) = 1"),
            "9+8: tolower takes a text, and proc.pid is a number\n");
  EXPECT_EQ(wrong("join(\",\", proc.name) = x"),
            "11+9: expected a list, as proc.args is one, not proc.name\n");
  EXPECT_EQ(wrong("concat(proc.aname, \"x\") = y"),
            "8+10: concat takes one text, and proc.aname may have several values\n");
}

TEST(Check, ReadsValuesOnceAsWhatTheFieldIs) {
  EXPECT_EQ(wrong("proc.pid = bash"), "12+4: proc.pid: expected a number, not \"bash\"\n");
  EXPECT_EQ(wrong("proc.pid = proc.ppid"),
            "12+9: proc.pid: expected a number, not \"proc.ppid\"; the field is val(proc.ppid)\n");
  EXPECT_EQ(wrong("fd.sport = https and fd.lport in (ssh, 80, domain)"), "");
  EXPECT_EQ(wrong("fd.sport = htps"), "12+4: fd.sport: expected a number, not \"htps\"\n");
  EXPECT_EQ(wrong("proc.pid in (1, x, 3)"), "17+1: proc.pid: expected a number, not \"x\"\n");
  EXPECT_EQ(wrong("evt.num = 18446744073709551616"),
            "11+20: evt.num: expected a number, not \"18446744073709551616\"\n");
  EXPECT_EQ(wrong("proc.is_suid = yes"),
            "16+3: proc.is_suid: expected true or false, not \"yes\"\n");
  EXPECT_EQ(wrong("fd.rip = 10.0.0.0/33"),
            "10+11: fd.rip: expected an IP address or a network, as in 10.0.0.0/8, not "
            "\"10.0.0.0/33\"\n");
  EXPECT_EQ(wrong("fd.mode = 8"),
            "11+1: fd.mode: expected a number in octal, as in 4755, not \"8\"\n");
  EXPECT_THAT(wrong("proc.name regex \"(\""),
              StartsWith("17+3: proc.name: expected a regular expression (RE2), not \"(\": "));
  EXPECT_THAT(wrong("proc.name bcontains 7g"), HasSubstr("expected bytes in hexadecimal"));
  EXPECT_EQ(wrong("proc.pid < +1 and evt.rawres >= +31"), "");
  EXPECT_EQ(wrong(R"(fd.name contains "\xff")"), "");
  EXPECT_EQ(wrong(R"(proc.name = "\x00")"),
            "13+6: proc.name: no text has a byte that is 0: it ends there\n");
}

TEST(Check, SaysSeveralErrorsInOneRun) {
  EXPECT_EQ(wrong("proc.nam = a and proc.pid = b or fd.rip = c"),
            "1+8: no event has a field called \"proc.nam\"; did you mean \"proc.name\"?\n"
            "29+1: proc.pid: expected a number, not \"b\"\n"
            "43+1: fd.rip: expected an IP address or a network, as in 10.0.0.0/8, not \"c\"\n");
  EXPECT_EQ(wrong("exec"),
            "1+4: expected a comparison, as in proc.name = bash, not \"exec\"; write evt.type = "
            "exec\n");
  EXPECT_THAT(wrong("spawned_process"), HasSubstr("macros are known in rule files only"));
}

TEST(Check, BoundsWhatAHostileConditionCosts) {
  std::string many = "proc.name regex anyof (a";
  for (int i = 0; i < 2000; ++i) many += ", a" + std::to_string(i);
  EXPECT_THAT(wrong(many + ")"), HasSubstr("more than 1000 regular expressions"));
  std::string texts = "tolower(proc.name) = x";
  for (int i = 0; i < 1500; ++i)
    texts += " or concat(proc.cmdline, \"" + std::to_string(i) + "\") = x";
  EXPECT_THAT(wrong(texts), HasSubstr("too many different texts"));
}

TEST(Check, KnowsForWhichEventsItMayMatch) {
  EXPECT_EQ(types("evt.type = exec"), (EventSet{EV_PROCESS_EXEC}));
  EXPECT_EQ(types("evt.type in (execve, execveat)"), (EventSet{EV_PROCESS_EXEC, EV_SYSCALL}));
  EXPECT_EQ(types("evt.type in (exec, open) and proc.name = x"),
            (EventSet{EV_PROCESS_EXEC, EV_OPEN, EV_SYSCALL}));
  EXPECT_EQ(types("proc.exit_status = 1 and proc.name = x"), (EventSet{EV_PROCESS_EXIT}));
  EXPECT_EQ(types("evt.type = exec and evt.type = open"), EventSet{});
  EXPECT_EQ(types("not (evt.type != exec or proc.name = x)"), (EventSet{EV_PROCESS_EXEC}));
  EXPECT_FALSE(types("not evt.type = exec").contains(EV_PROCESS_EXEC));
  EXPECT_TRUE(types("not evt.type = exec").contains(EV_OPEN));
  // By the call that it came by.
  EXPECT_EQ(types("evt.type = openat"), (EventSet{EV_OPEN, EV_SYSCALL}));
  EXPECT_TRUE(types("not evt.type = openat").contains(EV_OPEN));
  EXPECT_TRUE(types("evt.type startswith uns").contains(EV_UNSHARE));
  // Falco's name of pwrite64.
  EXPECT_TRUE(types("evt.type = pwrite").contains(EV_WRITE));
  EXPECT_TRUE(types("evt.type in (pread, x)").contains(EV_READ));
  EXPECT_EQ(types("evt.arg[0] contains AF_PACKET"), (EventSet{EV_SOCKET, EV_SOCKETPAIR}));
  // Not to have a field is something that any event can do.
  EXPECT_TRUE(types("not proc.exit_status exists").contains(EV_OPEN));
  EXPECT_EQ(types("not proc.exit_status = 1"), (EventSet{EV_PROCESS_EXIT}));
}

TEST(Check, KnowsWhetherTheProcessTableIsNeeded) {
  EXPECT_FALSE(checked("proc.name = x and fd.name = y").terms.needs_processes);
  EXPECT_TRUE(checked("proc.cmdline contains x").terms.needs_processes);
  EXPECT_TRUE(checked("proc.pname = x").terms.needs_processes);
}

TEST(Check, NamesOfHosts) {
  EXPECT_EQ(wrong("fd.sip.name = db.example.org and fd.cip.name in (a, b_1) and "
                  "fd.lip.name != 192.0.2.1"),
            "");
  for (const char* text :
       {"fd.sip.name startswith db", "fd.sip.name exists", "fd.sip.name < a", "fd.sip.name regex a",
        "fd.sip.name intersects (a)", "fd.sip.name = val(fd.name)", "fd.sip.name = anyof (a, b)"})
    EXPECT_THAT(wrong(text), HasSubstr("fd.sip.name takes =, != and in, with names of hosts"))
        << text;
  EXPECT_THAT(wrong("fd.sip.name = 10.0.0.0/8"), HasSubstr("expected the name of a host"));
  // As in Falco, no error: it only never is so.
  EXPECT_EQ(wrong("fd.sip.name in (a, 'b c')"),
            "20+5: \"b c\" is the name of no host: nothing equals it\n");
  EXPECT_THAT(wrong("tolower(fd.sip.name) = a"),
              HasSubstr("fd.sip.name is compared with =, != and in only"));
  EXPECT_THAT(wrong("fd.name = val(fd.sip.name)"), HasSubstr("fd.sip.name) stands on the left"));
  const auto alone = read_where("evt.type = connect and fd.sip.name = a");
  ASSERT_FALSE(alone);
  EXPECT_THAT(alone.error()[0],
              HasSubstr("names of hosts are looked up for rules only: compare fd.sip"));
}

TEST(Check, ReadsTheSameOnce) {
  const TypedCondition typed =
      checked("proc.cmdline contains a or proc.cmdline contains b or val(proc.cmdline) = c");
  EXPECT_EQ(typed.terms.operands.size(), 1U);
  EXPECT_EQ(typed.terms.comparisons.size(), 3U);
}

}  // namespace
}  // namespace gancho::rules
