// SPDX-License-Identifier: Apache-2.0
//
// From the kernel's words to places; JSON of them, and back.
#include "map/inventory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>

#include "map/map_json.h"

namespace gancho {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;

// A kernel of a few functions.
KernelWords sample() {
  KernelWords words;
  words.symbols = KernelSymbols::parse(
      "ffffffff81000010 T vfs_read\n"
      "ffffffff81000020 t silent_helper\n"
      "ffffffff81000028 t silent_helper.cold\n"
      "ffffffff81000030 T vfs_write\n"
      "ffffffff81000040 T register_kprobe\n"
      "ffffffff81000050 T __x64_sys_read\n"
      "ffffffff81000060 T __x64_sys_newuname\n"
      "ffffffff81000070 W __x64_sys_spu_run\n"
      "ffffffff81000080 T __x64_sys_of_the_future\n"
      "ffffffff81000090 t __pfx_vfs_read\n"
      "ffffffff81000095 T __traceiter_sched_switch\n"
      "ffffffff81000098 T __traceiter_pelt_se_tp\n"
      "ffffffff810000a0 T _sinittext\n"
      "ffffffff810000b0 t vfs_caches_init\n"
      "ffffffff810000c0 T _einittext\n"
      "ffffffff82000000 r __BTF_ID__set8__task_kfuncs\n"
      "ffffffff82000000 r task_kfuncs\n"
      "ffffffff82000008 r __BTF_ID__func__bpf_task_acquire__7123\n"
      "ffffffff82000010 r __BTF_ID__func__bpf_task_release__7134\n"
      "ffffffff82000100 r __BTF_ID__set__denied\n"
      "ffffffff82000104 r __BTF_ID__func__migrate_disable__1\n"
      "ffffffffc0000000 t ovl_open\t[overlay]\n"
      "ffffffffc1000000 t bpf_prog_6deef7357e7b4530\t[bpf]\n"
      "no symbol\n");
  words.types.functions = {{"vfs_read", ""},
                           {"vfs_write", ""},
                           {"ovl_open", "overlay"},
                           {"bpf_lsm_file_open", ""},
                           {"bpf_lsm_verify_prog", ""}};
  words.types.lsm_hooks = {"file_open", "inode_free_security_rcu"};
  words.types.btf_tracepoints = {{"sched_switch", ""}};
  words.types.attach_types = {"BPF_CGROUP_DEVICE", "BPF_TCX_INGRESS", "BPF_XDP"};
  words.types.netfilter_hooks = {"NF_INET_LOCAL_IN", "NF_INET_NUMHOOKS"};
  words.tracing.events = "sched:sched_switch\nsyscalls:sys_enter_read\n";
  words.tracing.functions = "vfs_read\nvfs_write\novl_open [overlay]\n";
  words.tracing.blacklist = "0xffffffff81000030-0xffffffff81000040\tvfs_write\n";
  words.interfaces = {
      {.name = "eth0", .index = 2, .driver = "virtio_net", .netkit = false, .xdp = {}}};
  return words;
}

std::vector<std::string> names_of(const Inventory& inventory, PlaceKind kind) {
  std::vector<std::string> names;
  for (const Place& place : inventory.of_kind(kind)) names.emplace_back(place.name);
  return names;
}

const Place* find(const Inventory& inventory, PlaceKind kind, std::string_view name) {
  const auto places = inventory.of_kind(kind);
  const auto found = std::ranges::find(places, name, &Place::name);
  return found == places.end() ? nullptr : &*found;
}

TEST(Inventory, FunctionsWithWhatTheyTake) {
  const Inventory inventory = make_inventory(sample());
  const Place* read = find(inventory, PlaceKind::function, "vfs_read");
  ASSERT_NE(read, nullptr);
  EXPECT_TRUE(takes_fentry(*read));
  EXPECT_TRUE(takes_kprobe(*read));
  EXPECT_EQ(read->subsystem, Subsystem::vfs);
  const Place* write = find(inventory, PlaceKind::function, "vfs_write");
  ASSERT_NE(write, nullptr);
  EXPECT_TRUE(takes_fentry(*write));
  EXPECT_FALSE(takes_kprobe(*write)) << "the kernel forbids it";
  const Place* silent = find(inventory, PlaceKind::function, "silent_helper");
  ASSERT_NE(silent, nullptr);
  EXPECT_TRUE(counts_as(*silent, Count::refused));
  EXPECT_EQ(silent->subsystem, Subsystem::vfs) << "as its neighbours are";
  const Place* module = find(inventory, PlaceKind::function, "ovl_open");
  ASSERT_NE(module, nullptr);
  EXPECT_EQ(module->module, "overlay");
  EXPECT_TRUE(takes_fentry(*module));
  EXPECT_THAT(names_of(inventory, PlaceKind::function),
              Not(Contains(testing::AnyOf("vfs_caches_init", "__pfx_vfs_read", "silent_helper.cold",
                                          "bpf_prog_6deef7357e7b4530"))));
}

TEST(Inventory, CallsUnderTheNamesThatUsersKnow) {
  const Inventory inventory = make_inventory(sample());
  EXPECT_THAT(names_of(inventory, PlaceKind::syscall),
              ElementsAre("of_the_future", "read", "uname"));
  EXPECT_EQ(find(inventory, PlaceKind::syscall, "uname")->detail, "__x64_sys_newuname");
}

TEST(Inventory, TracepointsOfAllThreeKinds) {
  const Inventory inventory = make_inventory(sample());
  EXPECT_THAT(names_of(inventory, PlaceKind::tracepoint),
              ElementsAre("sched:sched_switch", "syscalls:sys_enter_read"));
  EXPECT_THAT(names_of(inventory, PlaceKind::raw_tracepoint),
              ElementsAre("pelt_se_tp", "sched_switch"));
  EXPECT_THAT(names_of(inventory, PlaceKind::btf_tracepoint), ElementsAre("sched_switch"));
  EXPECT_EQ(find(inventory, PlaceKind::raw_tracepoint, "pelt_se_tp")->subsystem,
            Subsystem::process);
}

TEST(Inventory, WhatOnlyBpfCanHook) {
  const Inventory inventory = make_inventory(sample());
  EXPECT_THAT(names_of(inventory, PlaceKind::lsm), ElementsAre("file_open"))
      << "a hook is in the union and has a function";
  EXPECT_THAT(names_of(inventory, PlaceKind::kfunc),
              ElementsAre("bpf_task_acquire", "bpf_task_release"));
  EXPECT_THAT(names_of(inventory, PlaceKind::cgroup), ElementsAre("cgroup_device"));
  EXPECT_THAT(names_of(inventory, PlaceKind::xdp), ElementsAre("xdp eth0"));
  EXPECT_THAT(names_of(inventory, PlaceKind::tcx),
              ElementsAre("tcx eth0 egress", "tcx eth0 ingress"));
  EXPECT_THAT(names_of(inventory, PlaceKind::netkit), ElementsAre());
  EXPECT_THAT(names_of(inventory, PlaceKind::netfilter),
              ElementsAre("netfilter ipv4 local_in", "netfilter ipv6 local_in"));
}

TEST(Inventory, SaysWhatItCouldNotRead) {
  KernelWords words = sample();
  words.tracing = {};
  const Inventory inventory = make_inventory(std::move(words));
  EXPECT_THAT(inventory.gaps, ElementsAre(Gap::tracepoints, Gap::traceable, Gap::blacklist));
  const Place* read = find(inventory, PlaceKind::function, "vfs_read");
  EXPECT_FALSE(takes_fentry(*read));
  EXPECT_FALSE(counts_as(*read, Count::refused)) << "nobody has said so";
}

TEST(Inventory, TakesAKernelWithoutKprobesAtItsWord) {
  KernelWords words = sample();
  words.symbols = KernelSymbols::parse("ffffffff81000010 T vfs_read\n");
  const Inventory inventory = make_inventory(std::move(words));
  EXPECT_TRUE(inventory.lacks(Gap::kprobes));
  EXPECT_FALSE(takes_kprobe(*find(inventory, PlaceKind::function, "vfs_read")));
}

TEST(MapJson, IsReadBackAsItWasWritten) {
  Inventory inventory = make_inventory(sample());
  inventory.release = "6.12.0 \"x\"";
  const std::string text = map_json(inventory, std::nullopt);
  const auto document = parse_map(text);
  ASSERT_TRUE(document) << document.error().message;
  EXPECT_EQ(document->release, inventory.release);
  ASSERT_EQ(document->places.size(), inventory.places.size());
  for (std::size_t i = 0; i < inventory.places.size(); ++i) {
    EXPECT_EQ(document->places[i].kind, inventory.places[i].kind);
    EXPECT_EQ(document->places[i].name, inventory.places[i].name);
    EXPECT_EQ(document->places[i].subsystem, inventory.places[i].subsystem);
    EXPECT_EQ(document->places[i].module, inventory.places[i].module);
  }
}

TEST(MapJson, CountsWhatItLists) {
  const Inventory inventory = make_inventory(sample());
  const auto root = boost::json::parse(map_json(inventory, Subsystem::vfs));
  ASSERT_EQ(root.at("subsystems").as_array().size(), 1U);
  const auto& counts = root.at("subsystems").at(0).at("counts");
  std::int64_t functions = 0;
  for (const auto& place : root.at("places").as_array()) {
    EXPECT_EQ(place.at("subsystem").as_string(), "vfs");
    if (place.at("kind").as_string() == "function") ++functions;
  }
  EXPECT_EQ(counts.at("functions").as_int64(), functions);
  EXPECT_GT(functions, 0);
}

TEST(MapJson, RefusesWhatItIsNot) {
  EXPECT_FALSE(parse_map("{"));
  EXPECT_FALSE(parse_map("[]"));
  EXPECT_FALSE(parse_map(R"({"format":1,"kernel":{},"places":[1]})"));
  const auto later = parse_map(R"({"format":9,"kernel":{},"places":[]})");
  ASSERT_FALSE(later);
  EXPECT_NE(later.error().message.find("format 9"), std::string::npos);
}

}  // namespace
}  // namespace gancho
