// SPDX-License-Identifier: Apache-2.0
//
// What is expected of an exec record, and the one agent whose records all tests here read. At the
// end the agent must have shown these records and no others, and have lost none.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "support/agent.h"
#include "support/exec_stage.h"

namespace gancho::test {

// What only the case knows. What /proc and the executed program say is checked for each case.
struct Expect {
  std::optional<std::string> filename;          // as given; unset: absent
  std::optional<std::string> filename_or = {};  // another kernel says so
  std::optional<std::string> exepath;  // as the process sees it; unset: absent, no file was opened
  std::string hostpath = {};           // empty: the same
  Words args = {};
  std::optional<std::int64_t> argc = {};       // unset: as many as args
  std::optional<Words> env = {{"A=1", "B="}};  // unset: absent
  std::optional<std::int64_t> envc = {};       // unset: as many as env
  std::set<std::string> flags =
      {};                 // those that are true, without "proc.is_": "memfd", "suid", ...
  std::string stat = {};  // the file that was loaded, for the test; empty: hostpath
  bool can_stat = true;   // the test can look at that file, and sees what the kernel sees
  std::optional<std::string> interp = {};
  std::optional<std::string> script = {};
  std::string script_stat = {};  // empty: the same as script
  std::optional<std::string> cwd = {};
  std::optional<std::string> name = {};  // of the thread; unset: the last part of filename
  std::optional<std::vector<std::string>> lineage = {};  // names, nearest first, as far as given
  bool user_memory = false;
};

// Starts the agent at the first call.
class ExecLog {
 public:
  static ExecLog& get();

  // The records of a process, `count` of them, waited for. More than that fails at the end.
  std::vector<Event> records(const std::string& name, pid_t pid, std::size_t count = 1);
  void ignore(pid_t pid);  // helpers of the test

  // Ends the agent; adds a failure for each record that is one too many, and for each lost one.
  void finish();

 private:
  struct Process {
    std::string name;
    std::size_t expected = 0;
    bool ignored = false;
    std::vector<Event> events;
  };

  ExecLog();
  void read_on();
  void take(Event event);

  Agent agent_;
  std::string partial_;
  std::size_t offset_ = 0;
  std::map<pid_t, Process> processes_;
  std::vector<Event> others_;  // lost records and the like
};

// Performs, waits for the one record, and checks each of its fields.
Event check(const std::string& name, const Act& act, const Expect& expect);

// The same without performing.
void check_record(const Outcome& outcome, const Event& event, const Expect& expect);

// An act that executes exec_target at `path` with `args`.
Act plainly(const std::string& path, const Words& args);

}  // namespace gancho::test
