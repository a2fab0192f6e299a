// SPDX-License-Identifier: Apache-2.0
//
// Reads alerts and hands each to all sinks. It waits for none of them, so that the socket to the
// worker is always read.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/fd.h"
#include "base/memory_map.h"
#include "base/result.h"
#include "sinks/counters.h"
#include "sinks/courier_message.h"
#include "sinks/options.h"
#include "sinks/sink.h"

namespace gancho {

class FileSink;

class Courier {
 public:
  // Opens what has to be opened, with the privilege that is still there and one thread. `start` is
  // the keeper's first message. `cage` is for the process that executes programs.
  [[nodiscard]] static Result<std::unique_ptr<Courier>> create(int control,
                                                               ReceivedCourierMessage start,
                                                               const std::function<Status()>& cage);
  ~Courier();

  // What these sinks need of a cage.
  [[nodiscard]] bool needs_network() const { return !options_.http.url.empty(); }

  // Starts the sinks, and serves until the keeper says finish, or is gone.
  [[nodiscard]] Status run();

 private:
  Courier(int control, AlertOptions options) : control_(control), options_(std::move(options)) {}

  [[nodiscard]] SinkContext context(SinkKind kind) const;
  [[nodiscard]] Status make_sinks(const std::function<Status()>& cage);
  [[nodiscard]] bool take_one();
  // When to be done, once that is known.
  [[nodiscard]] Result<std::optional<std::chrono::milliseconds>> hear_keeper();
  void finish(std::chrono::milliseconds limit);

  int control_;
  AlertOptions options_;
  Fd alerts_;
  MemoryMap map_;
  CourierCounters* counters_ = nullptr;
  std::vector<std::unique_ptr<Sink>> sinks_;
  FileSink* file_ = nullptr;  // one of them
  Fd runner_;                 // a handle of the process that executes programs
  std::vector<std::byte> buffer_;
};

}  // namespace gancho
