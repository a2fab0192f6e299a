// SPDX-License-Identifier: Apache-2.0
//
// The real agent as a child of a test, on a real kernel: started, waited for, read, ended. Ready is
// what it tells systemd (NOTIFY_SOCKET), so no test sleeps and hopes.
#pragma once

#include <sys/types.h>

#include <boost/json.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"

namespace gancho::test {

using Event = boost::json::object;  // one line of the agent's JSON

// Whether this test's agents take system calls from their tracepoints (support/by_tracepoint.cpp).
[[nodiscard]] bool by_tracepoint();

// How the agent ended.
struct Ended {
  int status = -1;            // exit status, or 128 + signal
  std::vector<Event> events;  // all lines of standard output
  std::string error;          // standard error, without the account
  Event account;              // what --stats prints; empty when it was not reached
};

// What is particular to one agent.
struct Setup {
  int output = -1;  // its standard output; -1: a file, which the methods below read
  std::vector<std::string> environment;  // NAME=VALUE
  bool cut_lines =
      false;  // leave out lines that are no JSON: one may be cut when a worker is killed
};

class Agent {
 public:
  // Runs `gancho ARGUMENT...` and waits until it is ready. Throws std::runtime_error with what it
  // said when it ends before. `--stats` is added to a watch.
  explicit Agent(std::vector<std::string> arguments, Setup setup = {});
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;
  ~Agent();  // kills what is left

  [[nodiscard]] pid_t keeper() const { return pid_; }
  [[nodiscard]] pid_t worker() const;  // 0 when there is none just now

  // Where its standard output goes, a line for each event.
  [[nodiscard]] std::string output_path() const { return directory_ + "/out"; }

  // The events so far.
  [[nodiscard]] std::vector<Event> events() const;

  // Waits until the events so far satisfy `enough`; throws after `limit`.
  std::vector<Event> wait_for(const std::function<bool(const std::vector<Event>&)>& enough,
                              std::chrono::seconds limit = std::chrono::seconds(60)) const;

  // Waits until it tells systemd so; "READY=1" of its start has been taken already. Throws after
  // `limit`.
  void wait_for_notice(std::string_view word,
                       std::chrono::seconds limit = std::chrono::seconds(60)) const;

  // What it has said on standard error.
  [[nodiscard]] std::string error() const;

  // Sends `signal` and waits for the end.
  Ended stop(int signal = 15);
  // Waits for an end that comes by itself (--count, --for, an error).
  Ended wait();

 private:
  pid_t pid_ = -1;
  Setup setup_;
  Fd notify_;
  std::string directory_;  // of its output, below /tmp
  [[nodiscard]] std::string error_path() const { return directory_ + "/err"; }
};

// Runs a command that ends by itself; standard input is empty.
struct Ran {
  int status = -1;
  std::string output;
  std::string error;
};
Ran run(const std::vector<std::string>& command);

// The binary under test.
[[nodiscard]] std::string gancho_path();

// JSON Lines.
[[nodiscard]] std::vector<Event> parse_events(const std::string& lines);

// Fields of an event; a missing one is "" or -1.
[[nodiscard]] std::string text_of(const Event& event, std::string_view field);
[[nodiscard]] std::int64_t number_of(const Event& event, std::string_view field);
[[nodiscard]] bool flag_of(const Event& event, std::string_view field);
[[nodiscard]] std::vector<std::string> list_of(const Event& event, std::string_view field);

// Those whose field is `value`.
[[nodiscard]] std::vector<Event> where(const std::vector<Event>& events, std::string_view field,
                                       std::string_view value);

}  // namespace gancho::test
