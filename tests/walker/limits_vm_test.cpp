// SPDX-License-Identifier: Apache-2.0
//
// The path walker at its two limits, and beyond them: the steps of a walk (a name, a mount point
// and the end take one each), and the bytes of a path.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "base/fd.h"
#include "walker/bpf_walker.h"
#include "walker/chain.h"
#include "walker/sandbox.h"
#include "wire/event.h"

namespace gancho::test {
namespace {

constexpr std::uint32_t k_cut = EV_PATH_TRUNCATED | EV_PATH_UNREACHABLE;

// Whether the walk of the chain's end gives its last `names`, with the flags.
bool gives(Walker& walker, const Chain& chain, std::size_t names, std::uint32_t flags) {
  return in_child([&] {
    const Fd end = make_chain(chain);
    const auto walked = walker.walk({end.get()}).front();
    Walked wanted{.path = "", .root_length = 0, .flags = flags};
    for (std::size_t i = 0; i < names; ++i) wanted.path += "/" + chain_name(chain.bytes);
    if (walked == wanted) return true;
    fmt::print("{} names, {} mounts: {}\n", chain.names, chain.mounts,
               walked ? shown(*walked) : "no answer");
    return false;
  });
}

TEST(Limits, OfSteps) {
  Walker walker;
  const std::size_t steps = walker.max_steps();
  EXPECT_TRUE(gives(walker, {.names = steps - k_root_steps}, steps - k_root_steps, 0));
  // The process's root is met, and what is above it is not known.
  EXPECT_TRUE(gives(walker, {.names = steps - 1}, steps - 1, EV_PATH_TRUNCATED));
  EXPECT_TRUE(gives(walker, {.names = steps}, steps, k_cut));
  EXPECT_TRUE(gives(walker, {.names = steps + 1}, steps, k_cut));
}

TEST(Limits, OfStepsWithMounts) {
  Walker walker;
  constexpr std::size_t k_mounts = 20;
  const std::size_t names = walker.max_steps() - k_root_steps - k_mounts;
  EXPECT_TRUE(gives(walker, {.names = names, .mounts = k_mounts}, names, 0));
  EXPECT_TRUE(gives(walker, {.names = names, .mounts = k_mounts + 1}, names, EV_PATH_TRUNCATED));
  EXPECT_TRUE(gives(walker, {.names = names, .mounts = k_mounts + 2}, names, k_cut));
}

// A path of just the most bytes, or nearly, and one name more.
TEST(Limits, OfBytes) {
  Walker walker;
  for (const std::size_t bytes : {8, 15, 16, 24, 31, 32, 33, 63, 127, 254, 255}) {
    const std::size_t most = EV_PATH_MAX / (bytes + 1);
    EXPECT_TRUE(gives(walker, {.names = most, .bytes = bytes}, most, 0));
    EXPECT_TRUE(gives(walker, {.names = most + 1, .bytes = bytes}, most, k_cut));
  }
}

// Short names are copied in another way than long ones, and short paths too.
TEST(Limits, OfNames) {
  Walker walker;
  for (std::size_t bytes = 1; bytes <= 255; bytes += bytes < 66 ? 1 : 27) {
    EXPECT_TRUE(gives(walker, {.names = 1, .bytes = bytes}, 1, 0));
    EXPECT_TRUE(gives(walker, {.names = 3, .bytes = bytes}, 3, 0));
  }
}

}  // namespace
}  // namespace gancho::test
