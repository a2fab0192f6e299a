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
    for (std::size_t i = 0; i < names; ++i) wanted.path += "/" + std::string(chain.bytes, 'n');
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

TEST(Limits, OfBytes) {
  Walker walker;
  constexpr std::size_t k_bytes = 255, k_most = EV_PATH_MAX / (k_bytes + 1);
  static_assert(EV_PATH_MAX % (k_bytes + 1) == 0);
  EXPECT_TRUE(gives(walker, {.names = k_most, .bytes = k_bytes}, k_most, 0));
  EXPECT_TRUE(gives(walker, {.names = k_most + 1, .bytes = k_bytes}, k_most, k_cut));
}

}  // namespace
}  // namespace gancho::test
