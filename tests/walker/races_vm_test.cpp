// SPDX-License-Identifier: Apache-2.0
//
// The path walker while names change below it.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/fd.h"
#include "walker/bpf_walker.h"
#include "walker/sandbox.h"
#include "walker/walker.bpf.h"

namespace gancho::test {
namespace {

// Each thread on its own, or they only take turns.
void run_on(int processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  check(sched_setaffinity(0, sizeof(set), &set) == 0, "sched_setaffinity");
}

// Two names of one directory, in two directories; the walker asks for the file below. Whatever the
// moment, it must be one of the two: the name and the parent change in one d_move(), which the
// walker sees (d_seq). Above a limit of steps it stops, with TRUNCATED, and says nothing wrong;
// that must stay rare.
void rename_to_and_fro(const std::string& there, const std::string& back) {
  constexpr std::size_t k_walks = 20'000, k_renames = 10'000;
  const std::string left = "/tmp/left/" + there, right = "/tmp/the directory on the right/" + back;
  for (const char* directory : {"/tmp/left", "/tmp/the directory on the right"})
    check(mkdir(directory, 0755) == 0, directory);
  check(mkdir(left.c_str(), 0755) == 0 && mkdir((left + "/below").c_str(), 0755) == 0, "mkdir");
  const Fd file(open((left + "/below/file").c_str(), O_RDWR | O_CREAT, 0644));
  check(file.valid(), "open");
  const std::string at_left = left + "/below/file", at_right = right + "/below/file";

  Walker walker;
  std::atomic<bool> end = false;
  std::atomic<std::uint64_t> renames = 0;
  run_on(0);
  std::thread renamer([&] {
    run_on(1);
    for (; !end; renames += 2) {
      check(rename(left.c_str(), right.c_str()) == 0 && rename(right.c_str(), left.c_str()) == 0,
            "rename");
    }
  });
  std::uint64_t lefts = 0, rights = 0, cut = 0, mixed = 0;
  std::set<std::string> mixtures;
  std::size_t walks = 0;
  for (; walks < k_walks || renames < k_renames; walks += WALKS_MAX) {
    for (const auto& answer : walker.walk(std::vector<int>(WALKS_MAX, file.get()))) {
      if (!answer) {
        ++cut;
      } else if ((answer->flags & EV_PATH_TRUNCATED) != 0) {
        const bool right_as_far =
            at_left.ends_with(answer->path) || at_right.ends_with(answer->path);
        ++(right_as_far ? cut : mixed);
      } else if (answer->flags == 0 && answer->path == at_left) {
        ++lefts;
      } else if (answer->flags == 0 && answer->path == at_right) {
        ++rights;
      } else {
        ++mixed;
        mixtures.insert(shown(*answer));
      }
    }
  }
  end = true;
  renamer.join();
  fmt::print("{} renames; {} left, {} right, {} cut, {} mixed\n", renames.load(), lefts, rights,
             cut, mixed);
  for (const std::string& mixture : mixtures) fmt::print("  {}\n", mixture);
  EXPECT_EQ(mixed, 0U);
  EXPECT_LT(cut, walks / 100);
  EXPECT_GT(lefts, 0U);
  EXPECT_GT(rights, 0U);
}

class Races : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(mount("races", "/tmp", "tmpfs", 0, nullptr), 0); }
  void TearDown() override { umount2("/tmp", MNT_DETACH); }
};

// Names this short are kept in the dentry itself, and overwritten there.
TEST_F(Races, ARenameOfAShortName) {
  rename_to_and_fro("short", "other name");
}

TEST_F(Races, ARenameOfALongName) {
  rename_to_and_fro(std::string(200, 'a'), std::string(120, 'b'));
}

}  // namespace
}  // namespace gancho::test
