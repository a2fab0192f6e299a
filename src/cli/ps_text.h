// SPDX-License-Identifier: Apache-2.0
//
// Processes for people, as a list or as a tree of who started whom:
//
//     PID  USER    START     TTY   COMMAND
//     612  root    08:11:03        sshd: /usr/sbin/sshd -D
//    1201  -       08:14:21        └─ [deploy.sh]
//    1240  alice   08:14:22  pts0     └─ sleep 600
//
// One that has ended stands in brackets. Bytes that would steer a terminal, or pass for our own
// words, are quoted as in event/text.h. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "cli/ps_answer.h"

namespace gancho {

struct PsTextOptions {
  bool tree = false;
  bool ended = false;  // also those that have ended and that nobody descends from
  bool colour = false;
  bool utc = false;       // times of day in UTC instead of local time
  std::uint32_t pid = 0;  // only this one; in a tree, with those above and below it; 0: all
  std::size_t width = 0;  // columns; 0: any
  WallClock clock = {};
  std::uint64_t now = 0;  // boot clock, ns
};

[[nodiscard]] std::string ps_text(const PsAnswer& answer, const PsTextOptions& options);

}  // namespace gancho
