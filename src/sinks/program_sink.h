// SPDX-License-Identifier: Apache-2.0
//
// A program for each alert, with its JSON on standard input. What exits with 0 has delivered it.
#pragma once

#include "sinks/program_runner.h"
#include "sinks/sink.h"

namespace gancho {

class ProgramSink final : public Sink {
 public:
  ProgramSink(AlertProgramOptions options, ProgramRunner runner, SinkContext context);
  ~ProgramSink() override;

 private:
  [[nodiscard]] Delivery deliver(const Alert& alert, unsigned retry) override;
  [[nodiscard]] bool settled() override;
  void listen();
  void count(const ProgramEnd& end);

  AlertProgramOptions options_;
  ProgramRunner runner_;
  std::mutex running_mutex_;
  std::condition_variable ended_;
  std::uint32_t running_ = 0;
  bool broken_ = false;  // the runner is gone, or the sink ends
  std::thread listener_;
};

}  // namespace gancho
