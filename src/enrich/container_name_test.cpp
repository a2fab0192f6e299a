// SPDX-License-Identifier: Apache-2.0
//
// The names of containers' cgroups, as the kernel side reads them.
#include "container_name.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "event/container.h"

namespace gancho {
namespace {

const std::string k_id = "3f4ea2b1c0d95867a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718";
const std::string k_build_id = "x3bq0r9lw2m5n8v1z7k4c6t0p";
static_assert(CONTAINER_HEX_DIGITS == 64 && CONTAINER_BUILD_DIGITS == 25);

// "docker ID", or "" for a name that is no container's.
std::string parse(const std::string& name, const std::string& parent = "system.slice") {
  container_name found{};
  container_name_parse(&found, name.c_str(), static_cast<__u32>(name.size()), parent.c_str());
  if (found.runtime == EV_RUNTIME_NONE) return {};
  EXPECT_LE(found.begin + found.length, name.size());
  EXPECT_GE(found.length, 1U);
  EXPECT_LE(found.length, static_cast<__u32>(EV_CONTAINER_ID_MAX));
  return std::string(runtime_name(found.runtime)) + " " + name.substr(found.begin, found.length);
}

TEST(ContainerName, OfScopes) {
  EXPECT_EQ(parse("docker-" + k_id + ".scope"), "docker " + k_id);
  EXPECT_EQ(parse("cri-containerd-" + k_id + ".scope", "kubepods-pod1.slice"),
            "containerd " + k_id);
  EXPECT_EQ(parse("nerdctl-" + k_id + ".scope"), "containerd " + k_id);
  EXPECT_EQ(parse("crio-" + k_id + ".scope"), "cri-o " + k_id);
  EXPECT_EQ(parse("libpod-" + k_id + ".scope", "machine.slice"), "podman " + k_id);
  EXPECT_EQ(parse("libpod-" + k_id + ".scope", "user.slice"), "podman " + k_id);
  EXPECT_EQ(parse("somebodys-" + k_id + ".scope"), "unknown " + k_id);
  EXPECT_EQ(parse("docker-" + k_build_id + ".scope"), "buildkit " + k_build_id);
  EXPECT_EQ(parse("buildkit-" + k_build_id + ".scope"), "buildkit " + k_build_id);
}

TEST(ContainerName, OfDirectories) {
  EXPECT_EQ(parse(k_id, "docker"), "docker " + k_id);
  EXPECT_EQ(parse(k_id, "pod4cad64d0-7a36-452a-8a08-bd3a694cdad5"), "unknown " + k_id);
  EXPECT_EQ(parse("crio-" + k_id, "pod1"), "cri-o " + k_id);
  EXPECT_EQ(parse("libpod-" + k_id, "libpod_parent"), "podman " + k_id);
  EXPECT_EQ(parse("libpod-payload-" + k_id, "app.service"), "podman " + k_id);
  EXPECT_EQ(parse("kubepods-pod1.slice:cri-containerd:" + k_id, ""), "unknown " + k_id);
  EXPECT_EQ(parse(k_build_id, "buildkit"), "buildkit " + k_build_id);
}

TEST(ContainerName, WhereTheNameIsTheId) {
  EXPECT_EQ(parse("lxc.payload.web1", ""), "lxc web1");
  EXPECT_EQ(parse("web1", "lxc"), "lxc web1");
  EXPECT_EQ(parse("101", "lxc"), "lxc 101");
  EXPECT_EQ(parse("machine-web\\x2d1.scope", "machine.slice"), "systemd-nspawn web\\x2d1");
  EXPECT_EQ(parse("systemd-nspawn@web.service", "machine.slice"), "systemd-nspawn web");
  EXPECT_EQ(parse("lxc.payload." + std::string(80, 'n')), "lxc " + std::string(64, 'n'));
}

TEST(ContainerName, OfNoContainer) {
  for (const std::string& name : {
           std::string("system.slice"),
           std::string("init.scope"),
           std::string("session-3.scope"),
           std::string("lxc.payload."),
           std::string("lxc.monitor.web1"),
           std::string(".scope"),
           "docker-" + k_id.substr(1) + ".scope",
           "docker-" + k_id + ".slice",
           "docker-" + k_id + ".scope2",
           "docker-" + k_id.substr(1) + "g.scope",
           "docker-" + k_id.substr(1) + "F.scope",
           "docker-" + k_id.substr(1) + "/.scope",
           "docker-" + k_id.substr(1) + "`.scope",
           "docker_" + k_id + ".scope",
           k_id + ".scope",
           "a" + k_id,
           "libpod-conmon-" + k_id + ".scope",
           "crio-conmon-" + k_id + ".scope",
           "conmon-" + k_id,
           "machine-libpod_pod_" + k_id + ".slice",
           k_build_id,
           "docker-" + k_build_id,
           std::string(128, 'a'),
           std::string(255, 'a'),
       })
    EXPECT_EQ(parse(name), "") << name;
  EXPECT_EQ(parse(k_id, "libpod_parent"), "") << "a pod";
  EXPECT_EQ(parse("machine-qemu\\x2d1\\x2dvm.scope", "machine.slice"), "");
  EXPECT_EQ(parse("machine-web.scope", "user.slice"), "");
  EXPECT_EQ(parse("machine-.scope", "machine.slice"), "");
  EXPECT_EQ(parse("web1", "lxc2"), "");
  EXPECT_EQ(parse("web1", "lx"), "");
}

// The same by way of the standard library: for names near to those that count.
std::string expected(std::string_view name, std::string_view parent) {
  const std::string_view whole = name;
  const auto all = [](std::string_view text, std::string_view allowed) {
    return text.find_first_not_of(allowed) == std::string_view::npos;
  };
  const auto id = [](std::string_view runtime, std::string_view text) {
    return text.empty() ? std::string()
                        : std::string(runtime) + " " + std::string(text.substr(0, 64));
  };
  constexpr std::string_view hex = "0123456789abcdef";
  if (whole.empty() || whole.size() > 127) return {};
  if (whole.starts_with("lxc.payload.")) return id("lxc", whole.substr(12));
  if (parent == "lxc") return id("lxc", whole);
  const bool scope = name.ends_with(".scope");
  if (scope) name.remove_suffix(6);
  if (parent == "machine.slice") {
    if (whole.starts_with("systemd-nspawn@") && whole.ends_with(".service"))
      return id("systemd-nspawn", whole.substr(15, whole.size() - 23));
    if (scope && name.starts_with("machine-") && !name.starts_with("machine-qemu"))
      return id("systemd-nspawn", name.substr(8));
  }
  if (name.size() >= 64 && all(name.substr(name.size() - 64), hex)) {
    const std::string_view before = name.substr(0, name.size() - 64);
    const std::string_view digits = name.substr(before.size());
    if (before.empty()) {
      if (scope || parent == "libpod_parent") return {};
      return id(parent == "docker" ? "docker" : "unknown", digits);
    }
    if ((!before.ends_with('-') && !before.ends_with(':')) || before.ends_with("conmon-"))
      return {};
    for (const auto& [prefix, runtime] : {std::pair{"docker-", "docker"},
                                          {"cri-containerd-", "containerd"},
                                          {"nerdctl-", "containerd"},
                                          {"crio-", "cri-o"},
                                          {"libpod-", "podman"}})
      if (whole.starts_with(prefix)) return id(runtime, digits);
    return id("unknown", digits);
  }
  if (name.size() < 25 ||
      !all(name.substr(name.size() - 25), "0123456789abcdefghijklmnopqrstuvwxyz"))
    return {};
  const std::string_view before = name.substr(0, name.size() - 25);
  if (scope ? before == "docker-" || before == "buildkit-" : before.empty() && parent == "buildkit")
    return id("buildkit", name.substr(before.size()));
  return {};
}

TEST(ContainerName, IsReadAsByTheBook) {
  EXPECT_TRUE(rc::check([] {
    // Pieces of names, with now and then a byte that spoils them.
    const auto piece = rc::gen::element<std::string>(
        "docker-", "libpod-", "cri-containerd-", "crio-", "nerdctl-", "conmon-", "buildkit-",
        "machine-", "qemu", "systemd-nspawn@", "lxc.payload.", ".scope", ".service", ".slice", "-",
        ":", "x", k_id, k_id.substr(0, 63), k_build_id, "web", std::string(70, 'f'));
    const auto pieces = *rc::gen::resize(6, rc::gen::container<std::vector<std::string>>(piece));
    std::string name;
    for (const std::string& part : pieces) name += part;
    if (!name.empty() && *rc::gen::inRange(0, 4) == 0)
      name[*rc::gen::inRange<std::size_t>(0, name.size())] =
          static_cast<char>(*rc::gen::inRange(1, 256));
    const auto parent = *rc::gen::element<std::string>("", "docker", "lxc", "buildkit",
                                                       "machine.slice", "libpod_parent", "kubepods",
                                                       "machine.slice2", std::string(100, 'p'));
    RC_TAG(parse(name, parent).empty() ? "none" : "container");
    RC_ASSERT(parse(name, parent) == expected(name, parent));
  }));
}

}  // namespace
}  // namespace gancho
