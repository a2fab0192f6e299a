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

// The end, which adds nothing, is still seen when there is room for nothing.
TEST_F(Escapes, APathThatJustFits) {
  const std::string name(255, 'n');
  constexpr std::size_t k_names = EV_PATH_MAX / 256;
  for (const char* directory : {"/tmp/source", "/tmp/source/inner", "/tmp/bound"})
    ASSERT_EQ(mkdir(directory, 0755), 0) << directory;
  ASSERT_EQ(mount("/tmp/source", "/tmp/bound", nullptr, MS_BIND, nullptr), 0);
  Fd at(open("/tmp/bound/inner", O_PATH | O_DIRECTORY));
  std::string path = "/" + name;
  for (std::size_t i = 1; i < k_names; ++i) {
    ASSERT_EQ(mkdirat(at.get(), name.c_str(), 0755), 0);
    at.reset(openat(at.get(), name.c_str(), O_PATH | O_DIRECTORY));
    path += "/" + name;
  }
  ASSERT_EQ(path.size(), EV_PATH_MAX);
  ASSERT_EQ(rename("/tmp/source/inner", ("/tmp/" + name).c_str()), 0);

  Walker walker;
  const auto walked = walker.walk({at.get()}).front().value_or(Walked{});
  EXPECT_EQ(walked, (Walked{.path = path, .flags = k_no_way_up})) << shown(walked);
}

}  // namespace
}  // namespace gancho::test
