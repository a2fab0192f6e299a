// SPDX-License-Identifier: Apache-2.0
//
// What a walk costs, in a machine that counts instructions (`./dev vm --icount`): a nanosecond is
// an instruction there, and nothing else runs.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <limits>

#include "walker/bpf_walker.h"
#include "walker/chain.h"
#include "walker/sandbox.h"
#include "walker/walker.bpf.h"

namespace gancho::test {
namespace {

long now() {
  timespec at{};
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * 1'000'000'000 + at.tv_nsec;
}

// Of WALKS_MAX walks of the descriptor, the run without an interrupt.
long run(Walker& walker, int fd) {
  std::array<int, WALKS_MAX> fds{};
  fds.fill(fd);
  long least = std::numeric_limits<long>::max();
  for (int i = 0; i < 20; ++i) {
    const long start = now();
    walker.run(fds.data(), fds.size());
    least = std::min(least, now() - start);
  }
  return least;
}

// Whether one walk of so many names, with the slot taken for it and the path copied out of it,
// costs at most this.
bool costs_at_most(Walker& walker, std::size_t names, long most) {
  constexpr int k_not_open = 63;  // in every table, so the walker looks it up, and is done
  return in_child([&] {
    const Fd end = make_chain({.names = names, .bytes = 8});
    const long cost = (run(walker, end.get()) - run(walker, k_not_open)) / WALKS_MAX;
    fmt::print("{} names: {} instructions\n", names, cost);
    return cost <= most;
  });
}

// The measured ones and a quarter.
TEST(Cost, OfAWalk) {
  Walker walker;
  EXPECT_TRUE(costs_at_most(walker, 4, 1370));
  EXPECT_TRUE(costs_at_most(walker, 20, 4610));
}

}  // namespace
}  // namespace gancho::test
