// SPDX-License-Identifier: Apache-2.0
//
// An alert as the worker hands it over, and the way it takes to the courier: one message of a
// SOCK_SEQPACKET socket for each, so that there is never half of one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "rules/rule.h"

namespace gancho {

struct Alert {
  std::string_view json{};  // one line, without its newline
  std::string_view text{};  // for people, one line
  std::string_view rule{};
  rules::Priority priority = rules::Priority::debug;  // its order is syslog's severity
  std::uint64_t wall_ns = 0;                          // since 1970
  std::string_view source = "syscall";                // of the rule
};

// The most that a message may have, its header included.
inline constexpr std::size_t k_alert_message_max = 128U << 10;

// In `message`, which keeps its memory from one alert to the next. False when it is too large.
[[nodiscard]] bool write_alert(const Alert& alert, std::string& message);

// Views into `message`; nullopt when it is none of write_alert()'s.
[[nodiscard]] std::optional<Alert> read_alert(std::span<const std::byte> message);

// One that outlives its message: the queues of several sinks share it.
class HeldAlert {
 public:
  [[nodiscard]] static std::optional<HeldAlert> create(std::span<const std::byte> message);
  [[nodiscard]] Alert alert() const;
  [[nodiscard]] std::size_t bytes() const { return message_.size(); }

 private:
  explicit HeldAlert(std::string message) : message_(std::move(message)) {}
  std::string message_;
};

// The worker's end. Needs sendmsg, poll and clock_gettime only. One thread.
class AlertSender {
 public:
  AlertSender() = default;                   // sends nowhere, counts nothing
  explicit AlertSender(int fd) : fd_(fd) {}  // somebody else's

  // Waits when the courier is behind: 100 ms, and once it waited for so long in vain not again
  // until something has been taken. False when the alert was not taken; then it is counted.
  bool send(const Alert& alert);

  [[nodiscard]] bool connected() const { return fd_ >= 0; }
  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }  // no room, or no courier
  [[nodiscard]] std::uint64_t too_large() const { return too_large_; }

 private:
  [[nodiscard]] bool wait_for_room();

  int fd_ = -1;
  std::int64_t patience_ns_ = 0;  // what is left to wait since something was taken
  bool behind_ = false;
  std::string message_;
  std::uint64_t sent_ = 0;
  std::uint64_t dropped_ = 0;
  std::uint64_t too_large_ = 0;
};

}  // namespace gancho
