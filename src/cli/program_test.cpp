// SPDX-License-Identifier: Apache-2.0
//
// The program itself, as a shell runs it: statuses, streams, pipes. Nothing here needs root.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "agent/config.h"
#include "agent/version.h"
#include "base/byte_sink.h"
#include "base/fd.h"
#include "event/recording.h"
#include "event/reference.h"
#include "load/hooks_page.h"
#include "process/process.h"
#include "support/sanitized.h"

namespace gancho {
namespace {

struct Outcome {
  int status = -1;
  std::string out;  // standard output, then standard error when the command says 2>&1
};

// `command` in sh, where $GANCHO is the program.
Outcome sh(const std::string& command) {
  ::setenv("GANCHO", GANCHO_PROGRAM, 1);
  Outcome outcome;
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return outcome;
  std::array<char, 65536> bytes{};
  for (std::size_t got = 0; (got = std::fread(bytes.data(), 1, bytes.size(), pipe)) > 0;) {
    outcome.out.append(bytes.data(), got);
  }
  const int status = ::pclose(pipe);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return outcome;
}

class Program : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "gancho_program_" + std::to_string(::getpid());
    std::filesystem::create_directory(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // A recording of `count` exits, with or without its end.
  std::string record(const std::string& name, std::uint64_t count, bool whole) {
    const std::string path = folder_ + "/" + name;
    Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    FdSink sink(file.get(), path);
    auto writer = RecordingWriter::create(sink, {.clock = {},
                                                 .writer = "test",
                                                 .kernel_release = "6.1",
                                                 .host = "here",
                                                 .users = {},
                                                 .groups = {}});
    EXPECT_TRUE(writer) << writer.error().message;
    for (std::uint64_t number = 0; number < count; ++number) {
      ev_process_exit exit{};
      exit.header.size = sizeof(exit);
      exit.header.type = EV_PROCESS_EXIT;
      exit.header.number = number;
      exit.header.pid = static_cast<__u32>(1000 + number);
      exit.status = 3;
      exit.signal = number == 0 ? 9 : 0;  // in red
      EXPECT_TRUE(writer->append(std::as_bytes(std::span(&exit, 1))));
    }
    RecordingTotals totals{};
    totals[EV_CLASS_VITAL] = {.offered = count, .delivered = count, .lost_ring = 0, .lost_slot = 0};
    EXPECT_TRUE(writer->flush());
    if (whole) {
      EXPECT_TRUE(writer->finish(totals));
    }
    return path;
  }

  std::string folder_;
};

TEST_F(Program, PrintsItsVersion) {
  const std::string line = "gancho " + std::string(k_version) + "\n";
  for (const char* command : {"$GANCHO version", "$GANCHO --version", "$GANCHO -V"}) {
    const Outcome outcome = sh(command);
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.out, line);
  }
}

TEST_F(Program, WrongUsageIsOneLineOnStandardErrorAndStatus64) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "no command given; gancho --help lists them"},
      {"wacth", "unknown command \"wacth\"; did you mean \"watch\"?"},
      {"watch exce", "unknown event \"exce\"; did you mean \"exec\"?"},
      {"watch exec --pidd 1", "unknown option \"--pidd\" of watch; did you mean \"--pid\"?"},
      {"docs evnts", "unknown page \"evnts\"; did you mean \"events\"?"},
      {"completion bsh", "unknown shell \"bsh\"; did you mean \"bash\"?"},
      {"help wacth", "unknown command \"wacth\"; did you mean \"watch\"?"},
      {"worker", "worker is for the agent itself; use gancho watch or gancho run"},
  };
  for (const auto& [words, expected] : cases) {
    const Outcome silent = sh(std::string("$GANCHO ") + words + " 2>/dev/null");
    EXPECT_EQ(silent.status, 64) << words;
    EXPECT_EQ(silent.out, "") << words;
    EXPECT_EQ(sh(std::string("$GANCHO ") + words + " 2>&1").out,
              std::string("gancho: ") + expected + "\n");
  }
}

TEST_F(Program, PrintsReferencePages) {
  EXPECT_EQ(sh("$GANCHO docs events").out, events_page());
  EXPECT_EQ(sh("$GANCHO docs hooks").out, hooks_page());
  EXPECT_EQ(sh("$GANCHO docs config").out, config_page());
}

TEST_F(Program, ChecksAConfiguration) {
  const std::string path = folder_ + "/gancho.yaml";
  std::ofstream(path) << "nap: 30ms\n";
  Outcome outcome = sh("$GANCHO run --check-config --config " + path + " 2>&1");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out, "");
  outcome = sh("$GANCHO run --print-config --config " + path);
  EXPECT_EQ(outcome.status, 0);
  EXPECT_NE(outcome.out.find("\nnap: 30ms\n"), std::string::npos) << outcome.out;

  std::ofstream(path) << "naps: 30ms\nrecrod: x\n";
  outcome = sh("$GANCHO run --check-config --config " + path + " 2>&1");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.out, "gancho: " + path + ":1:1: unknown key \"naps\"; did you mean \"nap\"?\n" +
                             "gancho: " + path +
                             ":2:1: unknown key \"recrod\"; did you mean \"record\"?\n");
}

// All of it, and nothing is created.
TEST_F(Program, ChecksRulesAndWhereAlertsGo) {
  const std::string config = folder_ + "/gancho.yaml";
  const std::string rules = folder_ + "/rules.yaml";
  const std::string alerts = folder_ + "/alerts.json";
  // At its end LeakSanitizer wants a thread, and AddressSanitizer a call, that the sandbox forbids:
  // the latter says so.
  const std::string check =
      "ASAN_OPTIONS=detect_leaks=0 $GANCHO run --check-config --config " + config + " 2>&1";
  std::ofstream(config) << "rules:\n  files: [" << rules << "]\nalert_file:\n  path: " << alerts
                        << "\nalert_program:\n  command: [/bin/true]\n";
  Outcome outcome = sh(check);
  EXPECT_EQ(outcome.status, 1);
  EXPECT_NE(outcome.out.find(rules + ": No such file or directory\n"), std::string::npos)
      << outcome.out;
  std::ofstream(rules) << "- rule: R\n  desc: d\n  condition: evt.type = execve\n"
                          "  output: o\n  priority: INFO\n";
  outcome = sh(check);
  EXPECT_EQ(outcome.status, 0);
  if (!test::k_sanitized) {
    EXPECT_EQ(outcome.out, "");
  }
  EXPECT_FALSE(std::filesystem::exists(alerts));

  std::ofstream(rules) << "- rule: R\n  desc: d\n  condition: evt.tpye = execve\n"
                          "  output: o\n  priority: INFO\n";
  std::ofstream(config, std::ios::app)
      << "alert_http:\n  url: http://127.0.0.1:1/\n  headers_file: " << rules << "\n";
  std::filesystem::create_directory(alerts);
  outcome = sh(check);
  EXPECT_EQ(outcome.status, 1);
  for (const std::string& expected :
       {"gancho: " + rules + ":3:14: unknown field \"evt.tpye\"",
        "gancho: alert_file.path: cannot open " + alerts + ": Is a directory\n",
        "gancho: alert_http: " + rules + " can be read by others than its owner"})
    EXPECT_NE(outcome.out.find(expected), std::string::npos) << expected << "\n" << outcome.out;
}

TEST_F(Program, ReplaysARecording) {
  const std::string path = record("three.rec", 3, true);
  Outcome outcome = sh("$GANCHO replay " + path + " -o json 2>&1");
  EXPECT_EQ(outcome.status, 0) << outcome.out;
  EXPECT_EQ(std::ranges::count(outcome.out, '\n'), 3) << outcome.out;
  EXPECT_NE(outcome.out.find("\"proc.pid\":1002"), std::string::npos) << outcome.out;
  EXPECT_EQ(sh("$GANCHO replay - -o json < " + path).out, outcome.out);
  EXPECT_EQ(sh("cat " + path + " | $GANCHO replay - -o json").out, outcome.out);

  outcome = sh("$GANCHO replay " + path + " --count 2");
  EXPECT_EQ(std::ranges::count(outcome.out, '\n'), 2) << outcome.out;
  EXPECT_EQ(outcome.out.find('\x1b'), std::string::npos);
  EXPECT_NE(sh("$GANCHO replay --color always " + path).out.find('\x1b'), std::string::npos);
}

TEST_F(Program, ReplaysWhatAConditionHoldsFor) {
  const std::string path = record("three.rec", 3, true);
  const auto replay = [&](const std::string& condition, const std::string& more = "") {
    return sh("$GANCHO replay " + path + " --fields proc.pid -o json " + more + " --where '" +
              condition + "' 2>&1");
  };
  EXPECT_EQ(replay("proc.exit_signal = 9").out, "{\"proc.pid\":1000}\n");
  EXPECT_EQ(replay("not proc.exit_signal = 9 and evt.type = exit").out,
            "{\"proc.pid\":1001}\n{\"proc.pid\":1002}\n");
  // Only what matched counts.
  EXPECT_EQ(replay("proc.pid > 1000", "-n 1").out, "{\"proc.pid\":1001}\n");
  // An exit has no file: nobody knows whether it is that one.
  EXPECT_EQ(replay("fd.name = x or not fd.name = x").out, "");
  EXPECT_EQ(replay("not fd.name exists and proc.pid in (1002, 7)").out, "{\"proc.pid\":1002}\n");
}

TEST_F(Program, ShowsWhereAConditionIsWrongAndEndsWithStatus2) {
  const std::string path = record("one.rec", 1, true);
  Outcome outcome =
      sh("$GANCHO replay " + path + " --where 'proc.nme = x and proc.pid = bash' 2>&1");
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.out,
            "gancho: --where:1:1: no event has a field called \"proc.nme\"; did you mean "
            "\"proc.name\"?\n"
            "  proc.nme = x and proc.pid = bash\n"
            "  ^~~~~~~~\n"
            "gancho: --where:1:29: proc.pid: expected a number, not \"bash\"\n"
            "  proc.nme = x and proc.pid = bash\n"
            "                              ^~~~\n");
  // Before anything else: also of who may not watch.
  outcome = sh("$GANCHO watch exec --where 'proc.name > 1' 2>&1");
  EXPECT_EQ(outcome.status, 2);
  EXPECT_NE(outcome.out.find("\n            ^\n"), std::string::npos) << outcome.out;
}

TEST_F(Program, SaysWhyNoEventCanMeetACondition) {
  const std::string path = record("one.rec", 1, true);
  const auto replay = [&](const std::string& where, int status) {
    const Outcome outcome = sh("$GANCHO replay " + path + " --where '" + where + "' 2>&1");
    EXPECT_EQ(outcome.status, status) << where;
    return outcome.out;
  };
  EXPECT_EQ(replay("evt.type = open and fd.rip exists", 2),
            "gancho: --where matches none of the events that were asked for: fd.rip is not "
            "recorded of open, syscall; no event can\n");
  const std::string misspelt =
      "gancho: --where:1:12: warning: no event and no system call is called \"opn\"; did you mean "
      "\"open\"?\n";
  EXPECT_EQ(replay("evt.type = opn", 2),
            misspelt +
                "  evt.type = opn\n"
                "             ^~~\n"
                "gancho: --where matches none of the events that were asked for: no event is "
                "called opn; no event can\n");
  EXPECT_TRUE(replay("evt.type = opn or evt.type = fork", 0).starts_with(misspelt));
  EXPECT_EQ(sh("$GANCHO watch exec --where 'evt.type = open' 2>&1").status, 2);
}

TEST_F(Program, SalvagesADamagedRecordingOnlyWhenAsked) {
  const std::string path = record("unfinished.rec", 2, false);
  Outcome outcome = sh("$GANCHO replay " + path + " 2>&1 >/dev/null");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_TRUE(outcome.out.starts_with("gancho: " + path + ": ")) << outcome.out;
  EXPECT_EQ(std::ranges::count(outcome.out, '\n'), 1) << outcome.out;
  EXPECT_EQ(sh("$GANCHO replay " + path + " 2>/dev/null").out, "");

  outcome = sh("$GANCHO replay --salvage " + path + " 2>/dev/null");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(std::ranges::count(outcome.out, '\n'), 2) << outcome.out;
}

TEST_F(Program, SaysWhichFileCannotBeRead) {
  EXPECT_EQ(sh("$GANCHO replay /nonexistent 2>&1").out,
            "gancho: /nonexistent: No such file or directory\n");
  EXPECT_EQ(sh("$GANCHO replay / 2>&1").out, "gancho: /: Is a directory\n");
  const Outcome outcome = sh("$GANCHO replay /dev/null 2>&1");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_TRUE(outcome.out.starts_with("gancho: /dev/null: ")) << outcome.out;
}

TEST_F(Program, EndsQuietlyWhenItsReaderLeaves) {
  const std::string path = record("long.rec", 20'000, true);
  // The status of the first of the two, as PIPESTATUS has it; the trap is how a parent ignores
  // SIGPIPE.
  for (const char* before : {"", "trap '' PIPE; "}) {
    const Outcome outcome =
        sh(std::string(before) + "{ $GANCHO replay " + path + " -o json; echo status $? >&2; } 2>" +
           folder_ + "/err | head -n 1 | wc -l; cat " + folder_ + "/err");
    EXPECT_EQ(outcome.out, "1\nstatus 141\n") << before;
  }
}

TEST_F(Program, SaysThatADiskIsFull) {
  const Outcome outcome = sh("$GANCHO docs events 2>&1 >/dev/full");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.out, "gancho: standard output: No space left on device\n");
}

TEST_F(Program, MapOfThisKernelIsDrawnWrittenAndComparedWithItself) {
  const Outcome drawn = sh("COLUMNS=80 LC_ALL=C \"$GANCHO\" map");
  EXPECT_EQ(drawn.status, 0);
  EXPECT_NE(drawn.out.find("applications"), std::string::npos);
  EXPECT_EQ(drawn.out.find('\033'), std::string::npos);
  const Outcome spanish = sh("LC_ALL=es_ES.UTF-8 \"$GANCHO\" map memory");
  EXPECT_EQ(spanish.status, 0);
  EXPECT_NE(spanish.out.find("memoria"), std::string::npos);
  const std::string file = folder_ + "/map.json";
  EXPECT_EQ(sh("\"$GANCHO\" map --json > " + file).status, 0);
  const Outcome same = sh("LC_ALL=C \"$GANCHO\" map diff " + file + " " + file);
  EXPECT_EQ(same.status, 0);
  EXPECT_NE(same.out.find("No difference."), std::string::npos);
}

TEST_F(Program, MapSaysInOneLineWhatItDoesNotKnow) {
  for (const char* words : {"memroy", "vfs_raed", "uprobe /no/such/file", "diff /dev/null",
                            "uprobe /etc/passwd", "diff /etc/passwd /etc/passwd"}) {
    const Outcome outcome = sh(std::string("\"$GANCHO\" map ") + words + " 2>&1");
    EXPECT_NE(outcome.status, 0) << words;
    EXPECT_EQ(std::ranges::count(outcome.out, '\n'), 1) << outcome.out;
    EXPECT_TRUE(outcome.out.starts_with("gancho: ")) << outcome.out;
  }
  EXPECT_NE(sh("\"$GANCHO\" map memroy 2>&1").out.find("\"memory\""), std::string::npos);
}

TEST_F(Program, ChecksAndListsRules) {
  // At its end LeakSanitizer wants a thread, and has none in the sandbox.
  const std::string policy = "ASAN_OPTIONS=detect_leaks=0 $GANCHO policy ";
  const std::string good = folder_ + "/a.yaml";
  const std::string bad = folder_ + "/b.yaml";
  std::ofstream(good) << "- macro: m\n  condition: evt.type = execve\n"
                         "- rule: R\n  desc: d\n  condition: m and proc.name = sh\n"
                         "  output: Shell (%proc.name)\n  priority: NOTICE\n";
  std::ofstream(bad) << "- rule: R\n  append: true\n  condition: and fd.nmae = x\n";
  const Outcome checked = sh(policy + "check " + good + " 2>&1");
  EXPECT_EQ(checked.status, 0);
  EXPECT_EQ(checked.out, "1 file: 1 rule, 1 macro, 0 lists\n");
  const Outcome wrong = sh(policy + "check " + folder_ + " 2>&1");
  EXPECT_EQ(wrong.status, 1);
  EXPECT_EQ(wrong.out, bad + ":3:18: unknown field \"fd.nmae\"; did you mean \"fd.name\"?\n" +
                           "    condition: and fd.nmae = x\n                   ^~~~~~~\n");
  EXPECT_EQ(sh("cat " + good + " | " + policy + "list - -o json").out,
            "{\"rule\":\"R\",\"priority\":\"Notice\",\"enabled\":true,\"runs\":true,\"source\":"
            "\"syscall\",\"tags\":[],\"action\":\"alert\"}\n");
  EXPECT_EQ(sh(policy + "chek x 2>&1").out,
            "gancho: policy has nothing called \"chek\"; did you mean \"check\"?\n");
  EXPECT_EQ(sh(policy + "check /no/such 2>&1").status, 1);
  EXPECT_EQ(sh(policy + "list < /dev/null 2>&1").status, 64);

  const Outcome explained = sh(policy + "explain " + good + " -o json 2>&1");
  EXPECT_EQ(explained.status, 0) << explained.out;
  EXPECT_NE(explained.out.find("\"asked_first\""), std::string::npos) << explained.out;
  EXPECT_EQ(sh(policy + "explain " + good + " --rule nobody 2>&1").status, 64);
  EXPECT_EQ(sh(policy + "check " + good + " --rule x 2>&1").out,
            "gancho: --rule is of policy explain and policy test, not of policy check\n");
  EXPECT_EQ(sh(policy + "test " + good + " 2>&1").out,
            "gancho: policy test needs --recording FILE\n");
  EXPECT_EQ(sh(policy + "test " + good + " --recording " + good + " 2>&1").status, 1);

  const Outcome json = sh(policy + "check " + folder_ + " -o json 2>/dev/null");
  EXPECT_EQ(json.status, 1);
  EXPECT_EQ(json.out,
            "{\"file\":\"" + bad +
                "\",\"line\":3,\"column\":18,\"severity\":\"error\",\"message\":\"unknown "
                "field \\\"fd.nmae\\\"; did you mean \\\"fd.name\\\"?\"}\n"
                "{\"files\":2,\"errors\":1,\"warnings\":0}\n");
  EXPECT_EQ(sh(policy + "check " + good + " -o json").status, 0);

  const std::string cut = record("cut.rec", 2, false);
  EXPECT_EQ(sh(policy + "test " + good + " --recording " + cut + " 2>/dev/null").status, 1);
  const Outcome salvaged = sh(policy + "test " + good + " --salvage --recording " + cut + " 2>&1");
  EXPECT_EQ(salvaged.status, 0) << salvaged.out;
  EXPECT_NE(salvaged.out.find("2 events, 0 alerts"), std::string::npos) << salvaged.out;
  EXPECT_EQ(sh(policy + "check " + good + " --salvage 2>&1").out,
            "gancho: --salvage is of policy test, not of policy check\n");
}

TEST_F(Program, ShowsTheFieldsOfAnEventByAnyOfItsNames) {
  const std::string fields = "$GANCHO policy fields ";
  const std::string open = sh(fields + "open").out;
  EXPECT_NE(open.find("fd.name"), std::string::npos);
  for (const char* name : {"openat", "openat2"})
    EXPECT_EQ(sh(fields + name + " 2>&1").out, open) << name;
  const std::string call = sh(fields + "syscall").out;
  EXPECT_NE(call.find("evt.latency"), std::string::npos) << call;
  for (const char* name : {"syscall:mlock", "mlock"})
    EXPECT_EQ(sh(fields + name).out, call) << name;
  EXPECT_EQ(sh(fields + "syscall:mount").status, 0);
  EXPECT_NE(sh(fields + "files").out.find("\n\nrename:\n"), std::string::npos);
  EXPECT_EQ(sh(fields + "opne 2>&1").out,
            "gancho: unknown event \"opne\"; did you mean \"open\"?\n");
}

}  // namespace
}  // namespace gancho
