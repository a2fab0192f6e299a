// SPDX-License-Identifier: Apache-2.0
#include "attached/where.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "attached/attached_json.h"

namespace gancho {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;

Inventory some_inventory() {
  Inventory inventory;
  inventory.places = {
      {.kind = PlaceKind::function, .subsystem = Subsystem::memory, .name = "kfree"},
      {.kind = PlaceKind::function, .subsystem = Subsystem::vfs, .name = "vfs_read"},
      {.kind = PlaceKind::function, .subsystem = Subsystem::vfs, .name = "vfs_write"},
      {.kind = PlaceKind::xdp, .subsystem = Subsystem::drivers, .name = "xdp eth0"},
  };
  return inventory;
}

Attachment at_function(std::uint32_t program, const char* function) {
  return {.program = program, .how = "fentry", .kind = PlaceKind::function, .place = function};
}

Attached some_programs() {
  Attached attached;
  for (const std::uint32_t id : {1U, 2U, 3U, 4U}) attached.programs[id].id = id;
  attached.attachments = {at_function(1, "vfs_read"),
                          at_function(1, "vfs_write"),
                          at_function(1, "kfree"),
                          at_function(2, "vfs_read"),
                          {.program = 3, .how = "tail call", .place = "map 7[3]"}};
  return attached;
}

TEST(Where, AnAttachmentIsOfItsPlacesSubsystem) {
  const Inventory inventory = some_inventory();
  EXPECT_EQ(subsystem_of(inventory, at_function(1, "kfree")), Subsystem::memory);
  EXPECT_EQ(subsystem_of(inventory, at_function(1, "vfs_write")), Subsystem::vfs);
  EXPECT_EQ(subsystem_of(inventory, at_function(1, "nobody_knows")), Subsystem::unknown);
}

TEST(Where, WhatIsInNoInventoryIsOfItsKindsSubsystem) {
  const Inventory inventory = some_inventory();
  const auto of = [&](std::optional<PlaceKind> kind, const char* how, const char* place,
                      std::uint64_t network) {
    return subsystem_of(
        inventory, {.program = 1, .how = how, .kind = kind, .place = place, .network = network});
  };
  EXPECT_EQ(of(PlaceKind::xdp, "xdp", "xdp veth7", 4026532000), Subsystem::drivers);
  EXPECT_EQ(of(PlaceKind::tc, "tc", "tc veth7 ingress", 4026532000), Subsystem::network);
  EXPECT_EQ(of(PlaceKind::cgroup, "cgroup", "cgroup_inet_ingress", 0), Subsystem::network);
  EXPECT_EQ(of(std::nullopt, "sk_lookup", "", 0), Subsystem::network);
  EXPECT_EQ(of(std::nullopt, "tc action", "tc action 7", 0), Subsystem::network);
  EXPECT_EQ(of(std::nullopt, "devmap", "map 7[3]", 0), Subsystem::network);
  EXPECT_EQ(of(std::nullopt, "uprobe", "/bin/bash+0x10", 0), Subsystem::process);
  EXPECT_EQ(of(std::nullopt, "tail call", "map 7[3]", 0), Subsystem::core);
}

TEST(Where, AtAPlaceIsWhatIsAttachedThereInOurNamespace) {
  Attached attached = some_programs();
  const Inventory inventory = some_inventory();
  std::vector<std::uint32_t> ids;
  for (const Attachment* one : attached_at(attached, inventory.places[1]))
    ids.push_back(one->program);
  EXPECT_THAT(ids, ElementsAre(1, 2));

  attached.attachments.push_back({.program = 4,
                                  .how = "xdp",
                                  .kind = PlaceKind::xdp,
                                  .place = "xdp eth0",
                                  .network = 4026532000});
  EXPECT_TRUE(attached_at(attached, inventory.places[3]).empty());
}

TEST(Where, AnLsmHookOfACgroupIsAtTheHookAndAtTheCgroup) {
  Attached attached;
  attached.attachments = {{.program = 7,
                           .how = "lsm_cgroup",
                           .kind = PlaceKind::lsm,
                           .place = "socket_bind",
                           .detail = "/a.slice"}};
  const Place hook{.kind = PlaceKind::lsm, .name = "socket_bind"};
  const Place other{.kind = PlaceKind::lsm, .name = "socket_create"};
  const Place cgroup{.kind = PlaceKind::cgroup, .name = "lsm_cgroup"};
  EXPECT_EQ(attached_at(attached, hook).size(), 1U);
  EXPECT_TRUE(attached_at(attached, other).empty());
  EXPECT_EQ(attached_at(attached, cgroup).size(), 1U);
  EXPECT_EQ(subsystem_of(some_inventory(), attached.attachments.front()), Subsystem::network);
}

TEST(Where, AProgramCountsOnceInEachSubsystemAndCostsOnce) {
  Costs costs{.elapsed = std::chrono::seconds(2), .programs = {}};
  costs.programs[1] = {.runs = 1000, .time_ns = 20'000'000};
  costs.programs[3] = {.runs = 10, .time_ns = 2'000'000};
  const AttachedFigures figures = figures_of(some_inventory(), some_programs(), costs);
  const auto programs = [&](Subsystem subsystem) {
    return figures.programs[static_cast<std::size_t>(subsystem)];
  };
  EXPECT_EQ(programs(Subsystem::vfs), 2u);
  EXPECT_EQ(programs(Subsystem::memory), 1u);
  EXPECT_EQ(programs(Subsystem::core), 1u);
  ASSERT_TRUE(figures.share);
  const auto share = [&](Subsystem subsystem) {
    return (*figures.share)[static_cast<std::size_t>(subsystem)];
  };
  EXPECT_THAT(share(Subsystem::vfs), DoubleNear(0.01, 1e-9));
  EXPECT_EQ(share(Subsystem::memory), 0);
  EXPECT_THAT(share(Subsystem::core), DoubleNear(0.001, 1e-9));
}

TEST(Where, CountingCostsWhatItAddsToEachRun) {
  Costs costs{.elapsed = std::chrono::seconds(1), .programs = {}, .own_ns = 20};
  costs.programs[1] = {.runs = 1'000'000, .time_ns = 100'000'000};
  EXPECT_THAT(costs.own_share(), DoubleNear(0.02, 1e-9));
  EXPECT_THAT(costs.share(costs.programs[1]), DoubleNear(0.1, 1e-9));
}

TEST(Where, ProgramsWithoutAPlaceAreKnown) {
  const Attached attached = some_programs();
  const auto rest = not_attached(attached);
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest.front()->id, 4u);
}

TEST(AttachedJson, IsJsonWhateverANameIs) {
  Attached attached = some_programs();
  attached.programs[1].name = "a\"\\\n\xff";
  attached.programs[1].holders = {.owners = {{.pid = 7, .name = "x\x01", .container = "c0ffee"}},
                                  .pins = {"/sys/fs/bpf/\"p\""}};
  attached.maps[9].id = 9;
  attached.links[5].id = 5;
  attached.networks.push_back({.inode = 4026532000, .name = "blue", .pid = 0});
  attached.blanks = {"no \"such\" thing"};
  Costs costs{.elapsed = std::chrono::seconds(1), .programs = {}, .own_ns = 20};
  costs.programs[1] = {.runs = 4, .time_ns = 100};
  const Inventory inventory = some_inventory();
  const auto root = boost::json::parse(attached_json(inventory, attached, costs));
  EXPECT_EQ(root.at("programs").as_array().size(), 4u);
  const auto& first = root.at("programs").at(0);
  EXPECT_EQ(first.at("name").as_string(), "a\"\\\n\u00ff");
  EXPECT_EQ(first.at("owners").at(0).at("container").as_string(), "c0ffee");
  EXPECT_EQ(first.at("pins").at(0).as_string(), "/sys/fs/bpf/\"p\"");
  EXPECT_EQ(root.at("attachments").at(0).at("subsystem").as_string(), "vfs");
  EXPECT_EQ(root.at("networks").at(0).at("name").as_string(), "blue");
  EXPECT_EQ(root.at("not_seen").at(0).as_string(), "no \"such\" thing");
  EXPECT_EQ(root.at("cost").at("programs").at(0).at("ns_per_run").to_number<double>(), 25);

  const auto one =
      boost::json::parse(programs_json(inventory, attached, costs, {&attached.programs.at(1)}));
  EXPECT_EQ(one.at("attachments").as_array().size(), 3u);
}

}  // namespace
}  // namespace gancho
