// SPDX-License-Identifier: Apache-2.0
//
// Places by name, and their arguments from the types of the kernel that runs.
#include "map/find.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "map/since.h"

namespace gancho {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Inventory sample() {
  KernelWords words;
  words.symbols = KernelSymbols::parse(
      "1 T vfs_read\n2 T vfs_write\n4 T register_kprobe\n5 T __x64_sys_openat\n"
      "6 T __traceiter_sched_switch\n7 t hidden\n");
  words.types.functions = {{"vfs_read", ""}, {"bpf_lsm_file_open", ""}};
  words.types.lsm_hooks = {"file_open"};
  words.types.btf_tracepoints = {{"sched_switch", ""}};
  words.types.attach_types = {"BPF_TCX_INGRESS"};
  words.types.netfilter_hooks = {"NF_INET_LOCAL_IN"};
  words.tracing.functions = "vfs_read\nvfs_write\n__x64_sys_openat\n";
  words.tracing.events =
      "sched:sched_switch\nsyscalls:sys_enter_openat\nsyscalls:sys_exit_openat\n";
  words.tracing.blacklist = "";
  words.interfaces = {
      {.name = "eth0", .index = 2, .driver = "virtio_net", .netkit = false, .xdp = 1}};
  words.perf_events = {"software"};
  words.types.software_events = {"PERF_COUNT_SW_PAGE_FAULTS"};
  return make_inventory(std::move(words));
}

std::vector<std::string> found(const Inventory& inventory, std::string_view name) {
  std::vector<std::string> names;
  for (const Place* place : find_places(inventory, name))
    names.push_back(std::string(place_kind_name(place->kind)) + " " + std::string(place->name));
  return names;
}

TEST(FindPlaces, ByTheNamesThatPeopleGiveThem) {
  const Inventory inventory = sample();
  EXPECT_THAT(found(inventory, "vfs_read"), ElementsAre("function vfs_read"));
  EXPECT_THAT(found(inventory, "file_open"), ElementsAre("lsm file_open"));
  EXPECT_THAT(found(inventory, "bpf_lsm_file_open"), ElementsAre("lsm file_open"));
  EXPECT_THAT(found(inventory, "sched:sched_switch"), ElementsAre("tracepoint sched:sched_switch"));
  EXPECT_THAT(found(inventory, "sched_switch"),
              ElementsAre("tracepoint sched:sched_switch", "btf_tracepoint sched_switch",
                          "raw_tracepoint sched_switch"));
  EXPECT_THAT(found(inventory, "openat"),
              ElementsAre("syscall openat", "tracepoint syscalls:sys_enter_openat",
                          "tracepoint syscalls:sys_exit_openat", "function __x64_sys_openat"));
  EXPECT_THAT(found(inventory, "xdp eth0"), ElementsAre("xdp xdp eth0"));
  EXPECT_THAT(found(inventory, "tcx eth0"),
              ElementsAre("tcx tcx eth0 egress", "tcx tcx eth0 ingress"));
  EXPECT_EQ(found(inventory, "eth0").size(), 5U);
  EXPECT_EQ(found(inventory, "local_in").size(), 2U);
  EXPECT_THAT(found(inventory, "page-faults"), ElementsAre("perf_event software:page-faults"));
  EXPECT_THAT(found(inventory, "vfs"), IsEmpty());
  EXPECT_THAT(found(inventory, ""), IsEmpty());
}

TEST(FindPlaces, SuggestsWhatIsNear) {
  const Inventory inventory = sample();
  EXPECT_EQ(similar_places(inventory, "vfs_raed"), "; did you mean \"vfs_read\"?");
  EXPECT_EQ(similar_places(inventory, "sched_swich"), "; did you mean \"sched_switch\"?");
  EXPECT_THAT(similar_places(inventory, "hidd"), HasSubstr("hidden"));
  EXPECT_THAT(similar_places(inventory, "_wri"), HasSubstr("vfs_write"));
  EXPECT_EQ(similar_places(inventory, "nothing_of_the_kind"), "");
  EXPECT_EQ(similar_places(inventory, ""), "");
}

TEST(ProgramKinds, AreThoseThatThePlaceTakes) {
  const Inventory inventory = sample();
  EXPECT_THAT(program_kinds(*find_places(inventory, "vfs_read").front()),
              ElementsAre("fentry", "fexit", "kprobe", "kretprobe"));
  EXPECT_THAT(program_kinds(*find_places(inventory, "vfs_write").front()),
              ElementsAre("kprobe", "kretprobe"));
  EXPECT_THAT(program_kinds(*find_places(inventory, "hidden").front()), IsEmpty());
  EXPECT_THAT(program_kinds(*find_places(inventory, "local_in").front()), IsEmpty())
      << "no links before 6.4";
}

TEST(ProgramKinds, OneProgramAtManyFunctionsWhereTheKernelCan) {
  KernelWords words;
  words.symbols =
      KernelSymbols::parse("1 T vfs_read\n2 T forbidden\n4 t register_fprobe_ips\n5 T untraced\n");
  words.tracing.functions = "vfs_read\nforbidden\n";
  const Inventory inventory = make_inventory(std::move(words));
  for (const char* name : {"vfs_read", "forbidden"})
    EXPECT_THAT(program_kinds(*find_places(inventory, name).front()),
                ElementsAre("kprobe.multi", "kretprobe.multi"));
  EXPECT_THAT(program_kinds(*find_places(inventory, "untraced").front()), IsEmpty());
}

// Whatever a place of this kind takes.
TEST(ProgramKinds, AreOfAKnownRelease) {
  const Inventory inventory = sample();
  for (const Place& place : inventory.places)
    for (const std::string_view kind : program_kinds(place))
      EXPECT_NE(linux_since(kind), "") << kind;
  for (std::size_t i = 0; i < k_place_kinds; ++i) {
    const Place place{
        .kind = static_cast<PlaceKind>(i), .name = "cgroup_device", .detail = "bpf link"};
    for (const std::string_view kind : program_kinds(place))
      EXPECT_NE(linux_since(kind), "") << kind;
  }
}

TEST(Format, OfATracepointIsReadWithItsTypes) {
  const Prototype fields = parse_format(
      "name: sched_switch\nID: 1\nformat:\n"
      "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n\n"
      "\tfield:char prev_comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
      "\tfield:const char * filename;\toffset:24;\tsize:8;\tsigned:0;\n"
      "\tfield:__data_loc char[] name;\toffset:32;\tsize:4;\tsigned:0;\n"
      "\tfield:int __syscall_nr;\toffset:8;\tsize:4;\tsigned:1;\n"
      "\tbroken field:\n"
      "\nprint fmt: \"%s\", REC->name\n");
  ASSERT_EQ(fields.arguments.size(), 3U);
  EXPECT_EQ(fields.arguments[0].name, "prev_comm");
  EXPECT_EQ(fields.arguments[0].type, "char [16]");
  EXPECT_EQ(fields.arguments[1].name, "filename");
  EXPECT_EQ(fields.arguments[1].type, "const char *");
  EXPECT_EQ(fields.arguments[2].name, "name");
  EXPECT_EQ(fields.arguments[2].type, "char[]");
}

std::string text(const Prototype& prototype) {
  std::string line = prototype.returns + "(";
  for (const Argument& argument : prototype.arguments)
    line += argument.type + "|" + argument.name + ";";
  return line + ")";
}

// Signatures that have been the same since long before 5.15.
TEST(KernelTypesHere, AreWrittenAsInC) {
  const auto types = KernelTypes::create();
  if (!types) GTEST_SKIP() << types.error().message;
  const auto read = types->function("vfs_read");
  ASSERT_TRUE(read);
  EXPECT_EQ(text(*read), "ssize_t(struct file *|file;char *|buf;size_t|count;loff_t *|pos;)");
  const auto fork = types->tracepoint("sched_process_fork");
  ASSERT_TRUE(fork);
  EXPECT_EQ(text(*fork).substr(0, 43), "void(struct task_struct *|parent;struct tas");
  const auto open = types->function("bpf_lsm_file_open");
  ASSERT_TRUE(open);
  EXPECT_EQ(text(*open), "int(struct file *|file;)");
  // A pointer to a constant; a pointer to a pointer to one; a function.
  const auto path = types->function("bpf_lsm_path_unlink");
  ASSERT_TRUE(path);
  EXPECT_EQ(path->arguments.front().type, "const struct path *");
  const auto operations = types->structure("tcp_congestion_ops");
  ASSERT_TRUE(operations);
  bool function = false;
  for (const Argument& member : operations->arguments)
    function |= member.name == "ssthresh" && member.type == "u32 (*)(struct sock *)";
  EXPECT_TRUE(function) << text(*operations);
  const auto task = types->iterator("task");
  ASSERT_TRUE(task);
  EXPECT_EQ(text(*task), "(struct bpf_iter_meta *|meta;struct task_struct *|task;)");
  EXPECT_FALSE(types->function("no_such_function"));
  EXPECT_FALSE(types->tracepoint("no_such_tracepoint"));
}

}  // namespace
}  // namespace gancho
