// SPDX-License-Identifier: Apache-2.0
//
// Directories that were moved out of their bind mounts: what the random trees leave out, or meet
// too seldom.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <optional>
#include <string>

#include "base/fd.h"
#include "walker/bpf_walker.h"
#include "walker/kernel_word.h"
#include "walker/sandbox.h"
#include "wire/event.h"

namespace gancho::test {
namespace {

constexpr std::uint32_t k_no_way_up = EV_PATH_DETACHED | EV_PATH_UNREACHABLE;

class Escapes : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(mount("escapes", "/tmp", "tmpfs", 0, nullptr), 0); }
  void TearDown() override { umount2("/tmp", MNT_DETACH); }
};

TEST_F(Escapes, AMountInWhatLeftItsBindMount) {
  for (const char* directory : {"/tmp/source", "/tmp/source/inner", "/tmp/source/inner/on",
                                "/tmp/source/inner/on/not seen", "/tmp/bound", "/tmp/away"})
    ASSERT_EQ(mkdir(directory, 0755), 0) << directory;
  ASSERT_EQ(mount("/tmp/source", "/tmp/bound", nullptr, MS_BIND, nullptr), 0);
  ASSERT_EQ(mount("mounted", "/tmp/bound/inner/on", "tmpfs", 0, nullptr), 0);
  const Fd file(open("/tmp/bound/inner/on/file", O_RDWR | O_CREAT, 0644));
  ASSERT_TRUE(file.valid());
  Walker walker;
  const Proc proc;
  const auto walk = [&] { return walker.walk({file.get()}).front().value_or(Walked{}); };

  EXPECT_EQ(proc.link(file.get()), "/tmp/bound/inner/on/file");
  EXPECT_EQ(walk(), (Walked{.path = "/tmp/bound/inner/on/file"}));

  // The kernel gives nothing; the walker the names down from the root of the file system.
  ASSERT_EQ(rename("/tmp/source/inner", "/tmp/away/moved"), 0);
  EXPECT_EQ(proc.link(file.get()), "/");
  EXPECT_EQ(walk(), (Walked{.path = "/away/moved/on/file", .flags = k_no_way_up})) << shown(walk());

  ASSERT_EQ(rename("/tmp/away/moved", "/tmp/source/back"), 0);
  EXPECT_EQ(proc.link(file.get()), "/tmp/bound/back/on/file");
  EXPECT_EQ(walk(), (Walked{.path = "/tmp/bound/back/on/file"})) << shown(walk());
}

}  // namespace
}  // namespace gancho::test
