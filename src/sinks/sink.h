// SPDX-License-Identifier: Apache-2.0
//
// One place that alerts go to: a bounded queue and a thread of its own, so that one that is slow
// never holds up another. What is full drops, and counts it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "sinks/alert.h"
#include "sinks/counters.h"

namespace gancho {

// Says one line to whoever runs the agent. Called by any thread.
using Voice = std::function<void(const std::string& line)>;

struct SinkContext {
  SinkCounters& counters;
  Voice say;
  std::size_t queue = 1024;           // alerts
  std::size_t queue_bytes = 8 << 20;  // of their messages
};

class Sink {
 public:
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  virtual ~Sink();

  // Begins to deliver. Alerts may be offered before.
  void start();

  // Takes it or drops it; never waits. One thread.
  void offer(std::shared_ptr<const HeldAlert> alert);

  // No more will be offered. True when all is delivered, or given up, by `limit`.
  [[nodiscard]] bool finish(std::chrono::steady_clock::time_point limit);

  [[nodiscard]] SinkKind kind() const { return kind_; }

 protected:
  enum class Outcome {
    delivered,
    failed,  // and will not be better the next time
    retry,
    taken,  // whoever took it counts it
  };
  struct Delivery {
    Outcome outcome = Outcome::delivered;
    std::string why;  // of failed and retry
  };

  Sink(SinkKind kind, SinkContext context);

  // To be called by the destructor of the class that implements deliver().
  void end();

  // On the sink's thread. `retry` is 0 at the first attempt.
  [[nodiscard]] virtual Delivery deliver(const Alert& alert, unsigned retry) = 0;
  // Before retry number `retry`, 1 or more.
  [[nodiscard]] virtual std::chrono::milliseconds wait_before(unsigned retry);
  // Whether what was taken has been counted; by finish().
  [[nodiscard]] virtual bool settled() { return true; }

  // Waits until `until`, or less when the sink ends. False then.
  [[nodiscard]] bool sleep_until(std::chrono::steady_clock::time_point until);
  // Wakes finish(): what settled() says has changed.
  void wake();
  [[nodiscard]] bool ending();

  // Tells of the first failure, and of the first success after it.
  void tell(const Delivery& delivery);

  [[nodiscard]] SinkCounters& counters() { return context_.counters; }
  void say(const std::string& line) const;

 private:
  void run();
  void deliver_front(const HeldAlert& alert);

  SinkKind kind_;
  SinkContext context_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<const HeldAlert>> queue_;  // its front is being delivered
  std::size_t bytes_ = 0;
  bool finishing_ = false;
  bool ending_ = false;
  bool full_ = false;  // told
  std::mutex trouble_mutex_;
  bool trouble_ = false;  // told
  std::thread thread_;
};

}  // namespace gancho
