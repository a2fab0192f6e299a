// SPDX-License-Identifier: Apache-2.0
//
// What keeper and courier say to each other, over a socket pair that keeps messages whole. As with
// the worker, the keeper trusts nothing: a fixed size, a kind out of a list, a text that is
// cleaned.
//
//   keeper -> courier   start, file, no_file, finish
//   courier -> keeper   ready, want_file, say, failed
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace gancho {

enum class CourierMessageKind : std::uint32_t {
  start = 1,  // descriptors in the order of CourierDescriptor
  file,       // its descriptor: asked for, or to be used from now on
  no_file,    // it cannot be opened
  finish,     // deliver what is queued, within `value` ms, and end
  ready,      // the cage is shut
  want_file,  // `value` 1: rotated before
  say,        // a line of text for whoever runs the agent
  failed,     // the text says why; it ends
};

enum CourierDescriptor : std::uint8_t {
  k_courier_options,   // pack_options()
  k_courier_alerts,    // messages of write_alert()
  k_courier_counters,  // CourierCounters
  k_courier_users,     // the text of /etc/passwd
  k_courier_descriptors,
};

struct CourierMessage {
  CourierMessageKind kind{};
  std::uint32_t value = 0;
  std::array<char, 512> text{};

  void set_text(std::string_view line);
  [[nodiscard]] std::string clean_text() const;
};

struct ReceivedCourierMessage {
  CourierMessage message;
  std::vector<Fd> fds;
};

[[nodiscard]] Status send_courier_message(int socket, const CourierMessage& message,
                                          std::span<const int> fds = {}, int flags = 0);
// Errc::system when the other side is gone, or, with MSG_DONTWAIT, says nothing.
[[nodiscard]] Result<ReceivedCourierMessage> receive_courier_message(int socket, int flags = 0);

}  // namespace gancho
