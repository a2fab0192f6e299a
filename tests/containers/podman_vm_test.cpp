// SPDX-License-Identifier: Apache-2.0
//
// A real runtime: Debian's podman, with an image made of one static program, without a network.
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "containers/stage.h"
#include "support/account.h"

namespace gancho::test {
namespace {

namespace fs = std::filesystem;

Ran podman(std::vector<std::string> words) {
  // There is no systemd here that would make scopes.
  words.insert(words.begin(), {"podman", "--cgroup-manager", "cgroupfs"});
  Ran ran = run(words);
  if (ran.status != 0) throw std::runtime_error(ran.error);
  return ran;
}

std::string line_of(const Ran& ran) {
  return ran.output.substr(0, ran.output.find('\n'));
}

class Podman : public testing::Test {
 protected:
  void SetUp() override {
    // The machine's root is an overlay, which holds no other.
    fs::create_directories("/var/lib/containers");
    ASSERT_EQ(::mount("tmpfs", "/var/lib/containers", "tmpfs", 0, nullptr), 0);
    const std::string image = directory_.path() + "/image";
    fs::create_directories(image + "/bin");
    fs::create_directories(image + "/etc");
    fs::copy_file("/bin/busybox", image + "/bin/busybox");
    for (const char* name : {"true", "sleep"})
      fs::create_symlink("busybox", image + "/bin/" + name);
    std::ofstream(image + "/etc/passwd") << "boss:x:0:0::/:/bin/sh\nwww:x:33:33::/:/bin/sh\n";
    std::ofstream(image + "/etc/group") << "chiefs:x:0:\npages:x:33:\n";
    ASSERT_EQ(run({"tar", "-C", image, "-cf", image + ".tar", "."}).status, 0);
    image_ = line_of(podman({"import", "-q", image + ".tar", "example.org/shop/tiny:1"}));
  }
  void TearDown() override {
    podman({"rm", "-f", "-t", "0", "-a"});
    ::umount2("/var/lib/containers", MNT_DETACH);
  }
  TemporaryDirectory directory_;
  std::string image_;  // "sha256:..."
};

TEST_F(Podman, IsKnownFromTheFirstProgramOn) {
  Agent agent({"watch", "exec", "-o", "json"});
  const std::string id = line_of(podman({"run", "-d", "--network", "none", "--user", "33", "--name",
                                         "web", "example.org/shop/tiny:1", "/bin/sleep", "1000"}));
  Event event = wait_for_tag(agent, "/bin/sleep");
  EXPECT_EQ(text_of(event, "container.full_id"), id);
  EXPECT_EQ(text_of(event, "container.id"), id.substr(0, 12));
  EXPECT_EQ(text_of(event, "container.type"), "podman");
  EXPECT_EQ(text_of(event, "container.name"), "web");
  EXPECT_EQ(text_of(event, "container.image"), "example.org/shop/tiny:1");
  EXPECT_EQ(text_of(event, "container.image.repository"), "example.org/shop/tiny");
  EXPECT_EQ(text_of(event, "container.image.tag"), "1");
  EXPECT_EQ("sha256:" + text_of(event, "container.image.id"), image_);
  EXPECT_FALSE(text_of(event, "container.created").empty());
  EXPECT_FALSE(flag_of(event, "container.unknown"));
  EXPECT_EQ(number_of(event, "user.uid"), 33);
  EXPECT_EQ(text_of(event, "user.name"), "www");
  EXPECT_EQ(text_of(event, "group.name"), "pages");

  // What is executed in it later is of it too.
  podman({"exec", "web", "/bin/true"});
  event = wait_for_tag(agent, "/bin/true");
  EXPECT_EQ(text_of(event, "container.name"), "web");
  EXPECT_EQ(text_of(event, "user.name"), "www");
  const std::string monitor = "conmon";
  const auto events = agent.events();
  const auto runs_outside = std::ranges::any_of(events, [&](const Event& one) {
    return text_of(one, "proc.name") == monitor && text_of(one, "container.id") == "host";
  });
  EXPECT_TRUE(runs_outside) << "the monitor is not in the container";
  expect_balance(agent.stop());
}

TEST_F(Podman, OneThatIsGoneAtOnceIsKnownAllTheSame) {
  Agent agent({"watch", "exec", "-o", "json"});
  podman({"run", "--rm", "--network", "none", "--name", "short", "example.org/shop/tiny:1",
          "/bin/true", "short"});
  const Event event = wait_for_tag(agent, "/bin/true");
  EXPECT_EQ(text_of(event, "container.name"), "short");
  EXPECT_FALSE(flag_of(event, "container.unknown"));
}

TEST_F(Podman, OneThatWasGivenEverything) {
  Agent agent({"watch", "exec", "-o", "json", "--where", "container.privileged = true"});
  const auto run_one = [](const char* how, const char* name) {
    std::vector<std::string> words{"run", "--rm", "--network", "none", how};
    words.insert(words.end(), {"--name", name, "example.org/shop/tiny:1", "/bin/true"});
    podman(words);
  };
  run_one("--cap-add=ALL", "plain");
  run_one("--privileged", "free");
  (void)wait_for_tag(agent, "/bin/true");
  // In their order: of the one before there was nothing to see, and nothing of the machine.
  for (const Event& event : agent.events()) EXPECT_EQ(text_of(event, "container.name"), "free");
  EXPECT_EQ(agent.stop().status, 0);
}

TEST_F(Podman, OneThatIsOlderThanTheAgent) {
  const std::string id = line_of(podman({"run", "-d", "--network", "none", "--name", "older",
                                         "example.org/shop/tiny:1", "/bin/sleep", "1000"}));
  Agent agent({"watch", "exec", "-o", "json"});
  podman({"exec", "older", "/bin/true"});
  const Event event = wait_for_tag(agent, "/bin/true");
  EXPECT_EQ(text_of(event, "container.full_id"), id);
  EXPECT_EQ(text_of(event, "container.name"), "older");
}

}  // namespace
}  // namespace gancho::test
