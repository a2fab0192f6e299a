// SPDX-License-Identifier: Apache-2.0
//
// Reading a task iterator makes its program run, once for each task of the machine; the program
// sends a record of it to the vital ring and gives its reader a byte for each. The reader stops
// while the ring is half full, so that a machine with many processes does not lose the records of
// most.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/result.h"
#include "load/ring_reader.h"

namespace gancho {

enum class VisitDepth : unsigned char {
  task,    // what the kernel itself knows of a process
  memory,  // also what stands in its memory: its arguments
};

struct TaskVisit {
  // A process kept the reader of its arguments waiting, so that arguments of older processes are
  // missing.
  bool held_up = false;
};

struct RingRoom {
  const RingGauge* gauge;
  std::uint64_t ring_bytes;
};

// Reads to the end.
[[nodiscard]] Status visit_here(int iterator, RingRoom room);

// The same in a process of its own, for a program that reads other processes' memory: what such a
// read waits for is in their hands. False when it did not come to an end within `limit`.
inline constexpr std::chrono::milliseconds k_visit_limit{10'000};
[[nodiscard]] Result<bool> visit_apart(int iterator, RingRoom room,
                                       std::chrono::milliseconds limit = k_visit_limit);

}  // namespace gancho
