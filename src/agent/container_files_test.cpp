// SPDX-License-Identifier: Apache-2.0
#include "agent/container_files.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace gancho {
namespace {

const std::string k_id(64, 'a');

ContainerQuestion question(std::uint32_t runtime, std::uint32_t owner = 0,
                           const std::string& id = k_id) {
  ContainerQuestion question{};
  question.runtime = runtime;
  question.owner = owner;
  question.id_length = static_cast<std::uint32_t>(id.size());
  id.copy(question.id.data(), question.id.size());
  return question;
}

std::vector<std::string> paths(const ContainerQuestion& question, const std::string& home = "") {
  std::vector<std::string> all;
  for (const ContainerPlace& place : container_places(question, home))
    all.push_back(place.directory + " " + place.path);
  return all;
}

TEST(ContainerFiles, OnlyWhatCannotLeadAnywhereIsPartOfAPath) {
  EXPECT_TRUE(is_path_id(k_id));
  EXPECT_TRUE(is_path_id("x3bq0r9lw2m5n8v1z7k4c6t0p"));
  for (const std::string& id :
       {std::string(), std::string("short"), std::string(65, 'a'), "../" + k_id.substr(3),
        "a/" + k_id.substr(2), k_id.substr(1) + ".", k_id.substr(1) + "A",
        k_id.substr(1) + std::string(1, '\0'), std::string("............")}) {
    EXPECT_FALSE(is_path_id(id)) << id;
    if (id.size() <= EV_CONTAINER_ID_MAX) {
      EXPECT_TRUE(paths(question(EV_RUNTIME_DOCKER, 0, id)).empty()) << id;
    }
  }
  ContainerQuestion hostile = question(EV_RUNTIME_DOCKER);
  hostile.id_length = UINT32_MAX;
  EXPECT_EQ(hostile.id_text().size(), hostile.id.size());
}

TEST(ContainerFiles, EachRuntimeHasItsPlaces) {
  EXPECT_EQ(paths(question(EV_RUNTIME_DOCKER)).front(),
            "/var/lib/docker containers/" + k_id + "/config.v2.json");
  EXPECT_EQ(paths(question(EV_RUNTIME_CONTAINERD)).front(),
            "/run/containerd io.containerd.runtime.v2.task/k8s.io/" + k_id + "/config.json");
  EXPECT_EQ(paths(question(EV_RUNTIME_CRIO)).front(),
            "/run/containers/storage overlay-containers/" + k_id + "/userdata/config.json");
  EXPECT_EQ(paths(question(EV_RUNTIME_PODMAN)).front(),
            "/var/lib/containers/storage overlay-containers/containers.json");
  const auto any = paths(question(EV_RUNTIME_OTHER));
  EXPECT_GT(any.size(), paths(question(EV_RUNTIME_PODMAN)).size());
  EXPECT_EQ(any.front(), paths(question(EV_RUNTIME_DOCKER)).front());
  EXPECT_TRUE(paths(question(EV_RUNTIME_LXC)).empty());
  EXPECT_TRUE(paths(question(777)).empty());
}

// Who could only make the cgroup as an ordinary user does not get the containers of root for it.
TEST(ContainerFiles, AUsersContainersAreInHisHome) {
  for (const std::uint32_t runtime : {EV_RUNTIME_DOCKER, EV_RUNTIME_PODMAN, EV_RUNTIME_OTHER}) {
    const auto mine = paths(question(runtime, 1000), "/home/alice");
    EXPECT_FALSE(mine.empty());
    for (const std::string& path : mine)
      EXPECT_TRUE(path.starts_with("/home/alice ") || path.starts_with("/run/user/1000 ")) << path;
    EXPECT_TRUE(paths(question(runtime, 1000), "").empty());
    EXPECT_TRUE(paths(question(runtime, 1000), "relative").empty());
  }
  EXPECT_TRUE(paths(question(EV_RUNTIME_CRIO, 1000), "/home/alice").empty());
}

// Docker and podman keep it apart from the rest.
TEST(ContainerFiles, PrivilegeIsBesideTheState) {
  const auto beside = [](std::uint32_t runtime, std::uint32_t owner, const std::string& home) {
    std::set<std::string> all;
    const ContainerQuestion asked = question(runtime, owner);
    for (const ContainerPlace& state : container_places(asked, home))
      for (const ContainerPlace& place : privilege_places(state, asked, home))
        all.insert(place.directory + " " + place.path);
    return all;
  };
  EXPECT_TRUE(beside(EV_RUNTIME_DOCKER, 0, "")
                  .contains("/var/lib/docker containers/" + k_id + "/hostconfig.json"));
  const auto podman = beside(EV_RUNTIME_PODMAN, 0, "");
  for (const char* store : {"/var/lib/containers/storage", "/run/containers/storage"})
    EXPECT_TRUE(podman.contains(std::string(store) + " overlay-containers/" + k_id +
                                "/userdata/config.json"));
  EXPECT_TRUE(beside(EV_RUNTIME_PODMAN, 1000, "/home/alice")
                  .contains("/home/alice .local/share/containers/storage/vfs-containers/" + k_id +
                            "/userdata/config.json"));
  for (const auto& place : beside(EV_RUNTIME_OTHER, 1000, "/home/alice"))
    EXPECT_TRUE(place.starts_with("/home/alice ") || place.starts_with("/run/user/1000 ")) << place;
  EXPECT_TRUE(beside(EV_RUNTIME_CONTAINERD, 0, "").empty());
}

TEST(ContainerFiles, HomesAreThoseOfThePasswd) {
  const std::string passwd =
      "root:x:0:0:root:/root:/bin/bash\nbroken\n::::::\nbad:x:1000x:1::/bad:/\n"
      "alice:x:1000:1000:A:/home/alice:/bin/sh\nalice2:x:1000:1000::/home/other:/bin/sh";
  EXPECT_EQ(home_of(1000, passwd), "/home/alice");
  EXPECT_EQ(home_of(0, passwd), "/root");
  EXPECT_EQ(home_of(7, passwd), "");
  EXPECT_EQ(home_of(7, ""), "");
}

}  // namespace
}  // namespace gancho
