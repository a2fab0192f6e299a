// SPDX-License-Identifier: Apache-2.0
//
// The courier as its keeper sees it: a child process, the socket to it, the socket that workers
// send alerts to, and the page of its counters. The last two outlive it: what waits in the socket
// when a courier dies is read by its successor, and a worker need not know. One thread.
//
//   auto courier = TRY(CourierProcess::create(options.alerts));     when options.alerts.any_sink()
//   TRY(courier.start());
//   courier.worker_fd()                  sent to each worker, which gives it to an AlertSender
//   poll courier.socket() for POLLIN;    then, after SIGCHLD, and now and then (the tick):
//   for (line : courier.mind()) say(line);
//   courier.reopen();                    on SIGHUP
//   courier.stop(5s);                    at the end, when the worker is done
#pragma once

#include <sys/types.h>

#include <array>
#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/memory_map.h"
#include "base/result.h"
#include "sinks/counters.h"
#include "sinks/courier_message.h"
#include "sinks/options.h"

namespace gancho {

struct CourierReport {
  std::uint64_t received = 0;   // alerts, from all workers
  std::uint64_t malformed = 0;  // messages that were none
  std::uint64_t restarts = 0;
  std::array<SinkCounts, k_sink_kinds> sinks;  // by SinkKind
};

class CourierProcess {
 public:
  // Opens the file of alerts: what is wrong with it is said at once. `program` is this one's own.
  [[nodiscard]] static Result<CourierProcess> create(const AlertOptions& options,
                                                     std::string program = "/proc/self/exe");
  CourierProcess(CourierProcess&& other) noexcept;
  CourierProcess& operator=(CourierProcess&& other) noexcept;
  ~CourierProcess();  // kills it

  // Starts a process. A failure of the system's; what the courier itself cannot do, mind() tells.
  [[nodiscard]] Status start();

  [[nodiscard]] int worker_fd() const { return worker_end_.get(); }

  // -1 while there is none, which poll() ignores.
  [[nodiscard]] int socket() const { return socket_.get(); }

  // Hears it, opens and rotates the file for it, and starts another one when it has ended: five in
  // a minute, then it waits. Never waits itself. Lines for whoever runs the agent.
  [[nodiscard]] std::vector<std::string> mind();

  // Opens the file anew, by its name.
  [[nodiscard]] Status reopen();

  // Waits until all that was sent is delivered, but at most so long; then it is ended. Lines as
  // those of mind().
  [[nodiscard]] std::vector<std::string> stop(std::chrono::milliseconds limit);

  [[nodiscard]] CourierReport report() const;
  [[nodiscard]] bool running() const { return pid_ > 0; }
  [[nodiscard]] bool ready() const { return ready_; }  // its cage is shut, and it reads
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  CourierProcess() = default;

  void hear(std::vector<std::string>& lines);
  [[nodiscard]] Result<Fd> make_file(bool rotate);
  void give_file(bool rotate, std::vector<std::string>& lines);
  [[nodiscard]] std::optional<int> reap();
  void count_lost();

  AlertOptions options_;
  std::string program_;
  pid_t pid_ = -1;
  bool ready_ = false;
  bool stopping_ = false;
  Fd socket_;
  Fd worker_end_;
  Fd courier_end_;
  Fd counters_file_;
  Fd options_file_;
  MemoryMap map_;
  std::uint64_t restarts_ = 0;
  std::deque<std::chrono::steady_clock::time_point> starts_;  // after a death, within a minute
};

// "alerts, http: 12 delivered, 3 retried, 1 given up": of each sink that lost something, for the
// end.
[[nodiscard]] std::vector<std::string> losses(const CourierReport& report);

}  // namespace gancho
