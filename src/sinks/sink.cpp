// SPDX-License-Identifier: Apache-2.0
#include "sinks/sink.h"

#include <fmt/format.h>
#include <sys/prctl.h>

#include <algorithm>
#include <utility>

namespace gancho {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

Sink::Sink(SinkKind kind, SinkContext context) : kind_(kind), context_(std::move(context)) {}

Sink::~Sink() = default;

void Sink::start() {
  thread_ = std::thread([this] {
    ::prctl(PR_SET_NAME, fmt::format("alert-{}", word_of(kind_)).c_str());
    run();
  });
}

void Sink::end() {
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Sink::offer(std::shared_ptr<const HeldAlert> alert) {
  ++context_.counters.offered;
  bool first_dropped = false;
  {
    const std::scoped_lock lock(mutex_);
    if (queue_.size() < context_.queue && bytes_ + alert->bytes() <= context_.queue_bytes) {
      bytes_ += alert->bytes();
      queue_.push_back(std::move(alert));
      if (queue_.size() * 2 < context_.queue) full_ = false;
    } else {
      ++context_.counters.dropped;
      first_dropped = !std::exchange(full_, true);
    }
  }
  changed_.notify_all();
  if (first_dropped) say("the queue is full; what comes now is dropped and counted");
}

bool Sink::finish(steady_clock::time_point limit) {
  std::unique_lock lock(mutex_);
  finishing_ = true;
  changed_.notify_all();
  return changed_.wait_until(lock, limit, [this] { return queue_.empty() && settled(); });
}

milliseconds Sink::wait_before(unsigned retry) {
  return std::min(milliseconds(100) * (1U << std::min(retry - 1, 10U)), milliseconds(5000));
}

bool Sink::sleep_until(steady_clock::time_point until) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_until(lock, until, [this] { return ending_; });
}

void Sink::wake() {
  // Under the lock, so that finish() is not between its look and its wait.
  const std::scoped_lock lock(mutex_);
  changed_.notify_all();
}

bool Sink::ending() {
  const std::scoped_lock lock(mutex_);
  return ending_;
}

void Sink::say(const std::string& line) const {
  if (context_.say) context_.say(fmt::format("alerts, {}: {}", word_of(kind_), line));
}

void Sink::tell(const Delivery& delivery) {
  const bool good = delivery.outcome == Outcome::delivered;
  {
    const std::scoped_lock lock(trouble_mutex_);
    if (good != trouble_) return;
    trouble_ = !good;
  }
  say(good ? std::string("delivered again") : delivery.why);
}

void Sink::run() {
  for (;;) {
    std::shared_ptr<const HeldAlert> alert;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return ending_ || !queue_.empty(); });
      if (ending_) return;
      alert = queue_.front();
    }
    deliver_front(*alert);
    {
      const std::scoped_lock lock(mutex_);
      if (ending_) return;
      bytes_ -= alert->bytes();
      queue_.pop_front();
      changed_.notify_all();
    }
  }
}

void Sink::deliver_front(const HeldAlert& alert) {
  for (unsigned retry = 0;; ++retry) {
    if (retry != 0) {
      if (!sleep_until(steady_clock::now() + wait_before(retry))) return;
      ++context_.counters.retried;
    }
    const Delivery delivery = deliver(alert.alert(), retry);
    if (delivery.outcome == Outcome::taken) return;
    if (ending() && delivery.outcome != Outcome::delivered) return;
    if (delivery.outcome == Outcome::delivered) ++context_.counters.delivered;
    if (delivery.outcome == Outcome::failed) ++context_.counters.failed;
    tell(delivery);
    if (delivery.outcome != Outcome::retry) return;
  }
}

}  // namespace gancho
