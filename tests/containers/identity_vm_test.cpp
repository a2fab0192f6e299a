// SPDX-License-Identifier: Apache-2.0
//
// Which container an event is of: decided by cgroups, whoever made them and when.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <memory>

#include "containers/stage.h"
#include "support/account.h"

namespace gancho::test {
namespace {

Agent watch() {
  return Agent({"watch", "exec", "-o", "json"});
}

TEST(Identity, OutsideItIsTheHost) {
  Agent agent = watch();
  run_outside("outside");
  const Event event = wait_for_tag(agent, "outside");
  EXPECT_EQ(text_of(event, "container.id"), "host");
  EXPECT_FALSE(event.contains("container.full_id"));
  EXPECT_FALSE(event.contains("container.name"));
  EXPECT_FALSE(event.contains("container.unknown"));
  EXPECT_EQ(text_of(event, "user.name"), "root");
  expect_balance(agent.stop());
}

TEST(Identity, FromTheRuntimesNames) {
  struct Case {
    std::string path;  // ID stands for an id
    std::string type;
    bool short_id = true;
  };
  const std::vector<Case> cases{
      {"/system.slice/docker-ID.scope", "docker"},
      {"/docker/ID", "docker"},
      {"/kubepods.slice/kubepods-pod1.slice/cri-containerd-ID.scope", "containerd"},
      {"/kubepods/burstable/pod1/ID", "unknown"},
      {"/kubepods.slice/crio-ID.scope", "cri-o"},
      {"/machine.slice/libpod-ID.scope", "podman"},
      {"/libpod_parent/libpod-ID", "podman"},
  };
  Agent agent = watch();
  for (const Case& one : cases) {
    SCOPED_TRACE(one.path);
    const std::string id = new_id();
    std::string path = one.path;
    path.replace(path.find("ID"), 2, id);
    const Cgroup cgroup(path);
    run_in(cgroup, path);
    const Event event = wait_for_tag(agent, path);
    EXPECT_EQ(text_of(event, "container.id"), id.substr(0, 12));
    EXPECT_EQ(text_of(event, "container.full_id"), id);
    EXPECT_EQ(text_of(event, "container.type"), one.type);
    EXPECT_EQ(text_of(event, "cgroup.path"), path);
  }
  for (const auto& [path, type, name] :
       {std::tuple{"/lxc/web1", "lxc", "web1"},
        {"/lxc.payload.web2", "lxc", "web2"},
        {"/machine.slice/machine-web\\x2d3.scope", "systemd-nspawn", "web-3"}}) {
    SCOPED_TRACE(path);
    const Cgroup cgroup(path);
    run_in(cgroup, path);
    const Event event = wait_for_tag(agent, path);
    EXPECT_EQ(text_of(event, "container.name"), name);
    EXPECT_EQ(text_of(event, "container.type"), type);
    EXPECT_TRUE(event.contains("container.unknown") && !flag_of(event, "container.unknown"));
  }
  for (const char* path :
       {"/machine.slice/machine-qemu\\x2d1\\x2dvm.scope", "/system.slice/x.service"}) {
    const Cgroup cgroup(path);
    run_in(cgroup, path);
    EXPECT_EQ(text_of(wait_for_tag(agent, path), "container.id"), "host") << path;
  }
  expect_balance(agent.stop());
}

// A monitor runs on the machine; a pod is no container; a name as long as names get is none either.
TEST(Identity, WhatOnlyLooksLikeOne) {
  Agent agent = watch();
  const std::string id = new_id();
  for (const std::string& path :
       {"/machine.slice/libpod-conmon-" + id + ".scope", "/libpod_parent/" + id,
        "/" + std::string(190, 'x') + id, "/docker-" + id.substr(1) + ".scope"}) {
    const Cgroup cgroup(path);
    run_in(cgroup, path);
    EXPECT_EQ(text_of(wait_for_tag(agent, path), "container.id"), "host") << path;
  }
}

TEST(Identity, ANestedCgroupBelongsToTheContainer) {
  Agent agent = watch();
  const std::string outer = new_id();
  const std::string inner = new_id();
  std::string path = "/system.slice/docker-" + outer + ".scope";
  const Cgroup container(path);
  path += "/init.scope";
  const Cgroup nested(path);
  const Cgroup posing("/system.slice/docker-" + outer + ".scope/docker-" + inner + ".scope");
  run_in(nested, "nested");
  run_in(posing, "posing");
  for (const char* tag : {"nested", "posing"})
    EXPECT_EQ(text_of(wait_for_tag(agent, tag), "container.full_id"), outer) << tag;
  // Deeper than any walk upwards goes.
  std::vector<std::unique_ptr<Cgroup>> levels;
  for (int i = 0; i < 80; ++i) {
    path += "/d";
    levels.push_back(std::make_unique<Cgroup>(path));
  }
  run_in(*levels.back(), "deep");
  EXPECT_EQ(text_of(wait_for_tag(agent, "deep"), "container.full_id"), outer);
  while (!levels.empty()) levels.pop_back();
  expect_balance(agent.stop());
}

TEST(Identity, OfContainersOlderThanTheAgent) {
  const std::string busy = new_id();
  const std::string empty = new_id();
  const Cgroup with_a_process("/system.slice/docker-" + busy + ".scope");
  const Cgroup nested("/system.slice/docker-" + busy + ".scope/inner");
  const Cgroup without("/system.slice/docker-" + empty + ".scope");
  const Cgroup without_nested("/system.slice/docker-" + empty + ".scope/a/b");
  const pid_t sleeper = start_in(nested, "sleeper", CONTAINER_SLEEPER);
  Agent agent = watch();
  run_in(with_a_process, "busy");
  run_in(nested, "nested");
  run_in(without, "empty");
  run_in(without_nested, "empty nested");
  const Cgroup later("/system.slice/docker-" + empty + ".scope/a/b/later");
  run_in(later, "later");
  for (const auto& [tag, id] : {std::pair{"busy", busy},
                                {"nested", busy},
                                {"empty", empty},
                                {"empty nested", empty},
                                {"later", empty}})
    EXPECT_EQ(text_of(wait_for_tag(agent, tag), "container.full_id"), id) << tag;
  ::kill(sleeper, SIGKILL);
  ::waitpid(sleeper, nullptr, 0);
}

// Where cgroups cannot be gone through, because their hierarchy is not mounted or the kernel has no
// iterator for them, processes tell of their containers.
TEST(Identity, OfOlderContainersByTheirProcesses) {
  const TemporaryDirectory directory;
  const std::string wrapper = directory.path() + "/gancho";
  std::ofstream(wrapper) << "#!/bin/sh\nexec unshare -m sh -c 'umount -l /sys/fs/cgroup && exec "
                         << gancho_path() << " \"$@\"' gancho \"$@\"\n";
  ::chmod(wrapper.c_str(), 0755);
  const std::string id = new_id();
  const Cgroup cgroup("/system.slice/docker-" + id + ".scope/a/b");
  const pid_t sleeper = start_in(cgroup, "sleeper", CONTAINER_SLEEPER);
  ::setenv("GANCHO", wrapper.c_str(), 1);
  Agent agent = watch();
  ::unsetenv("GANCHO");
  const Cgroup later(cgroup.path() + "/later");
  run_in(cgroup, "older");
  run_in(later, "later");
  for (const char* tag : {"older", "later"})
    EXPECT_EQ(text_of(wait_for_tag(agent, tag), "container.full_id"), id) << tag;
  ::kill(sleeper, SIGKILL);
  ::waitpid(sleeper, nullptr, 0);
}

TEST(Identity, AFailedExecIsOfItsContainerToo) {
  Agent agent = watch();
  const std::string id = new_id();
  const Cgroup cgroup("/docker/" + id);
  const pid_t pid = start_in(cgroup, "failed", "/none/such");
  ::waitpid(pid, nullptr, 0);
  const Event event = wait_for_tag(agent, "failed");
  EXPECT_EQ(text_of(event, "evt.res"), "ENOENT");
  EXPECT_EQ(text_of(event, "container.full_id"), id);
}

// The map in the kernel holds sixteen here.
class Full : public testing::Test {
 protected:
  void SetUp() override {
    config_ = directory_.path() + "/gancho.yaml";
    std::ofstream(config_) << "containers:\n  max: 16\n";
  }
  Agent run() { return Agent({"run", "--config", config_}); }
  TemporaryDirectory directory_;
  std::string config_;
};

TEST_F(Full, WhatIsGoneMakesRoom) {
  Agent agent = run();
  for (int i = 0; i < 100; ++i) const Cgroup cgroup("/docker/" + new_id());
  const std::string id = new_id();
  const Cgroup cgroup("/docker/" + id);
  run_in(cgroup, "last");
  EXPECT_EQ(text_of(wait_for_tag(agent, "last"), "container.full_id"), id);
  const Ended ended = agent.stop();
  EXPECT_EQ(ended.error.find("found no room"), std::string::npos) << ended.error;
}

TEST_F(Full, WhatFindsNoRoomIsCountedAndNobodyIsCalledTheHost) {
  Agent agent = run();
  std::vector<std::unique_ptr<Cgroup>> all;
  for (int i = 0; i < 20; ++i) all.push_back(std::make_unique<Cgroup>("/docker/" + new_id()));
  run_in(*all.front(), "first");
  run_in(*all.back(), "last");
  run_outside("outside");
  EXPECT_EQ(text_of(wait_for_tag(agent, "first"), "container.full_id"),
            all.front()->path().substr(8));
  EXPECT_FALSE(wait_for_tag(agent, "last").contains("container.id"));
  EXPECT_FALSE(wait_for_tag(agent, "outside").contains("container.id"));
  const Ended ended = agent.stop();
  EXPECT_NE(ended.error.find("4 cgroups of containers found no room"), std::string::npos)
      << ended.error;
}

}  // namespace
}  // namespace gancho::test
