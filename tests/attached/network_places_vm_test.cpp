// SPDX-License-Identifier: Apache-2.0
//
// XDP, tc, tcx, netkit and what belongs to a network namespace: in namespaces that are kept in each
// of the ways that there are.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/if_link.h>
#include <places.skel.h>
#include <sched.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>

#include "attached/place_stage.h"

namespace gancho::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Field;
using testing::IsSubsetOf;
using testing::UnorderedElementsAreArray;
using Held = Network::Held;

std::set<std::uint32_t> programs_in(const Attached& attached, std::uint64_t network) {
  std::set<std::uint32_t> ids;
  for (const Attachment& one : attached.attachments)
    if (one.network == network) ids.insert(one.program);
  return ids;
}

// bpftool(8) lists only what it was told to look at: interfaces of the namespace that it runs in.
void expect_no_more_by_bpftool(const Attached& attached, std::uint64_t network,
                               const std::string& json) {
  const auto theirs = numbers_in(json, {"id", "prog_id"});
  EXPECT_FALSE(theirs.empty()) << json;
  EXPECT_THAT(theirs, IsSubsetOf(programs_in(attached, network))) << json;
}

const std::string k_bpftool_net = std::string(BPFTOOL) + " net -j";

// A pair of interfaces, up.
void add_pair(const Network& network, const std::string& one, const std::string& other) {
  network.run("ip link add " + one + " type veth peer name " + other);
  network.run("ip link set " + one + " up && ip link set " + other + " up");
}

int link_of(const bpf_program* program, int target, bpf_attach_type type, std::uint32_t flags = 0) {
  bpf_link_create_opts options{};
  options.sz = sizeof options;
  options.flags = flags;
  return bpf_link_create(bpf_program__fd(program), target, type, &options);
}

TEST(Places, OfXdpInEachModeWithAndWithoutALink) {
  Programs& programs = test_programs();
  const auto& all = programs.all().progs;
  const Network blue(Held::by_name, "blue");
  add_pair(blue, "v0", "v1");
  add_pair(blue, "v2", "v3");
  std::optional<Link> native;
  std::optional<Link> generic;
  blue.inside([&] {
    ASSERT_EQ(bpf_xdp_attach(blue.interface("v0"), bpf_program__fd(all.xdp_native),
                             XDP_FLAGS_DRV_MODE, nullptr),
              0);
    ASSERT_EQ(bpf_xdp_attach(blue.interface("v1"), bpf_program__fd(all.xdp_generic),
                             XDP_FLAGS_SKB_MODE, nullptr),
              0);
    native.emplace(link_of(all.xdp_native_link, blue.interface("v2"), BPF_XDP));
    generic.emplace(
        link_of(all.xdp_generic_link, blue.interface("v3"), BPF_XDP, XDP_FLAGS_SKB_MODE));
  });
  const Attached attached = look();
  const auto line = [&](const char* name, const char* mode, std::uint32_t link,
                        const bpf_program* program) {
    return fmt::format("xdp | xdp | xdp {} | {} |  | network {} | link {} | program {}", name, mode,
                       blue.inode(), link, id_of(program));
  };
  EXPECT_THAT(
      words_of(attached, programs),
      UnorderedElementsAreArray({line("v0", "native", 0, all.xdp_native),
                                 line("v1", "generic", 0, all.xdp_generic),
                                 line("v2", "native", native->id(), all.xdp_native_link),
                                 line("v3", "generic", generic->id(), all.xdp_generic_link)}));
  expect_no_more_by_bpftool(attached, blue.inode(), blue.run(k_bpftool_net));
  const auto network = std::ranges::find(attached.networks, blue.inode(), &NetworkNamespace::inode);
  ASSERT_NE(network, attached.networks.end());
  EXPECT_THAT(network->interfaces,
              Contains(AllOf(Field(&Interface::name, "v0"), Field(&Interface::driver, "veth"))));
}

TEST(Places, AreFoundInNamespacesHoweverTheyAreKept) {
  Programs& programs = test_programs();
  const auto& all = programs.all().progs;
  const Network named(Held::by_name, "red");
  const Network with_process(Held::by_process, "");
  const Network mounted(Held::by_mount, "a namespace");
  const auto attach = [&](const Network& network, const bpf_program* program) {
    network.inside([&] {
      ASSERT_EQ(bpf_xdp_attach(network.interface("lo"), bpf_program__fd(program),
                               XDP_FLAGS_SKB_MODE, nullptr),
                0);
    });
  };
  attach(named, all.xdp_native);
  attach(with_process, all.xdp_unnamed);
  attach(mounted, all.xdp_mounted);
  // Our own.
  const auto lo = 1;
  ASSERT_EQ(bpf_xdp_attach(lo, bpf_program__fd(all.xdp_ours), XDP_FLAGS_SKB_MODE, nullptr), 0);
  const Attached attached = look();
  const std::string ours = run(k_bpftool_net);
  bpf_xdp_detach(lo, XDP_FLAGS_SKB_MODE, nullptr);

  const auto line = [](std::uint64_t network, const bpf_program* program) {
    return fmt::format("xdp | xdp | xdp lo | generic |  | network {} | link 0 | program {}",
                       network, id_of(program));
  };
  EXPECT_THAT(words_of(attached, programs),
              UnorderedElementsAreArray(
                  {line(named.inode(), all.xdp_native), line(with_process.inode(), all.xdp_unnamed),
                   line(mounted.inode(), all.xdp_mounted), line(0, all.xdp_ours)}));
  expect_no_more_by_bpftool(attached, 0, ours);

  const auto is = [](std::uint64_t inode, const std::string& name, int pid) {
    return AllOf(Field(&NetworkNamespace::inode, inode), Field(&NetworkNamespace::name, name),
                 Field(&NetworkNamespace::pid, pid));
  };
  EXPECT_THAT(attached.networks, Contains(is(named.inode(), "red", 0)));
  for (const NetworkNamespace& network : attached.networks)
    EXPECT_THAT(network.interfaces, Contains(Field(&Interface::name, "lo"))) << network.inode;
  EXPECT_THAT(attached.networks, Contains(is(with_process.inode(), "", with_process.pid())));
  EXPECT_THAT(attached.networks, Contains(is(mounted.inode(), "", 0)));
  struct stat own{};
  ASSERT_EQ(stat("/proc/self/ns/net", &own), 0);
  EXPECT_THAT(attached.networks,
              testing::Not(Contains(Field(&NetworkNamespace::inode, own.st_ino))));
  EXPECT_TRUE(std::ranges::is_sorted(attached.networks, {}, &NetworkNamespace::inode));
  // The look itself has moved nobody.
  struct stat after{};
  ASSERT_EQ(stat("/proc/thread-self/ns/net", &after), 0);
  EXPECT_EQ(after.st_ino, own.st_ino);
}

TEST(Places, OfTcAtQueuesClassesAndActions) {
  Programs& programs = test_programs();
  const auto& all = programs.all().progs;
  const Network blue(Held::by_name, "blue");
  add_pair(blue, "v0", "v1");
  const auto pinned = [&](bpf_program* program) {
    return "object-pinned " + programs.pin(program);
  };
  blue.run("tc qdisc add dev v0 clsact");
  blue.run("tc filter add dev v0 ingress prio 7 handle 3 bpf da " + pinned(all.tc_in));
  blue.run("tc filter add dev v0 egress prio 9 chain 2 handle 0x10 bpf " + pinned(all.tc_out) +
           " flowid 1:1");
  blue.run("tc filter add dev v0 egress prio 10 handle 1 bpf " + pinned(all.tc_own_action) +
           " action bpf " + pinned(all.act_of_bpf) + " index 5");
  blue.run("tc filter add dev v0 ingress prio 8 handle 1 matchall action pass action bpf " +
           pinned(all.act_of_matchall) + " index 6");
  blue.run("tc actions add action bpf " + pinned(all.act_idle) + " index 7");
  blue.run("tc qdisc add dev v0 root handle 1a: htb");
  blue.run("tc class add dev v0 parent 1a: classid 1a:2b htb rate 1mbit");
  blue.run("tc filter add dev v0 parent 1a: prio 1 handle 1 bpf da " + pinned(all.tc_root));
  blue.run("tc filter add dev v0 parent 1a:2b prio 2 handle 1 bpf da " + pinned(all.tc_class));
  blue.run("tc qdisc add dev v1 ingress");
  blue.run("tc filter add dev v1 parent ffff: prio 3 handle 1 bpf da " +
           pinned(all.tc_old_ingress));

  // One list of filters, of two interfaces.
  add_pair(blue, "v2", "v3");
  blue.run("tc qdisc add dev v2 ingress_block 22 clsact");
  blue.run("tc qdisc add dev v3 ingress_block 22 clsact");
  blue.run("tc filter add block 22 prio 4 handle 1 bpf da " + pinned(all.tc_shared));

  const Attached attached = look();
  const auto line = [&](const char* how, const char* place, const char* detail,
                        const bpf_program* program) {
    return fmt::format("{} | tc | {} | {} |  | network {} | link 0 | program {}", how, place,
                       detail, blue.inode(), id_of(program));
  };
  EXPECT_THAT(
      words_of(attached, programs),
      UnorderedElementsAreArray({
          line("tc", "tc v0 ingress", "direct-action, prio 7 handle 0x3", all.tc_in),
          line("tc", "tc v0 egress", "prio 9 handle 0x10 chain 2", all.tc_out),
          line("tc", "tc v0 egress", "prio 10 handle 0x1", all.tc_own_action),
          line("tc action", "tc v0 egress", "bpf prio 10 handle 0x1, action 5", all.act_of_bpf),
          line("tc action", "tc v0 ingress", "matchall prio 8 handle 0x1, action 6",
               all.act_of_matchall),
          fmt::format(
              "tc action | - | tc action 7 | no filter that we know uses it |  | network {} "
              "| link 0 | program {}",
              blue.inode(), id_of(all.act_idle)),
          line("tc", "tc v0 egress", "htb 1a:, direct-action, prio 1 handle 0x1", all.tc_root),
          line("tc", "tc v0 egress", "htb 1a:2b, direct-action, prio 2 handle 0x1", all.tc_class),
          line("tc", "tc v1 ingress", "direct-action, prio 3 handle 0x1", all.tc_old_ingress),
          line("tc", "tc v2 ingress", "direct-action, prio 4 handle 0x1", all.tc_shared),
          line("tc", "tc v3 ingress", "direct-action, prio 4 handle 0x1", all.tc_shared),
      }));
  expect_no_more_by_bpftool(attached, blue.inode(), blue.run(k_bpftool_net));
}

TEST(Places, OfTcxAndNetkit) {
  if (!knows_tcx()) GTEST_SKIP() << "Linux 6.6 has tcx, 6.7 netkit";
  Programs& programs = test_programs();
  const auto& all = programs.all().progs;
  const Network blue(Held::by_name, "blue");
  add_pair(blue, "v0", "v1");
  blue.run("ip link add kit type netkit");  // whose other end is called nk0
  std::optional<Link> in;
  std::optional<Link> out;
  std::optional<Link> primary;
  std::optional<Link> peer;
  blue.inside([&] {
    const int v0 = blue.interface("v0");
    in.emplace(link_of(all.tcx_in_link, v0, BPF_TCX_INGRESS));
    ASSERT_EQ(bpf_prog_attach(bpf_program__fd(all.tcx_in_bare), v0, BPF_TCX_INGRESS, 0), 0);
    out.emplace(link_of(all.tcx_out_link, v0, BPF_TCX_EGRESS));
    const int kit = blue.interface("kit");
    primary.emplace(link_of(all.netkit_primary, kit, BPF_NETKIT_PRIMARY));
    peer.emplace(link_of(all.netkit_peer, kit, BPF_NETKIT_PEER));
  });
  const Attached attached = look();
  const auto line = [&](const char* kind, const char* place, std::uint32_t link,
                        const bpf_program* program) {
    return fmt::format("{} | {} | {} |  |  | network {} | link {} | program {}", kind, kind, place,
                       blue.inode(), link, id_of(program));
  };
  EXPECT_THAT(words_of(attached, programs),
              UnorderedElementsAreArray(
                  {line("tcx", "tcx v0 ingress", in->id(), all.tcx_in_link),
                   line("tcx", "tcx v0 ingress", 0, all.tcx_in_bare),
                   line("tcx", "tcx v0 egress", out->id(), all.tcx_out_link),
                   line("netkit", "netkit kit primary", primary->id(), all.netkit_primary),
                   line("netkit", "netkit kit peer", peer->id(), all.netkit_peer)}));
  EXPECT_THAT(attached.blanks, testing::IsEmpty());
  expect_no_more_by_bpftool(attached, blue.inode(), blue.run(k_bpftool_net));
}

TEST(Places, OfANetworkNamespaceItself) {
  Programs& programs = test_programs();
  const auto& all = programs.all().progs;
  const Network blue(Held::by_name, "blue");
  const Link one(link_of(all.lookup_one, blue.fd(), BPF_SK_LOOKUP));
  const Link two(link_of(all.lookup_two, blue.fd(), BPF_SK_LOOKUP));
  blue.inside([&] {
    ASSERT_EQ(bpf_prog_attach(bpf_program__fd(all.dissector), 0, BPF_FLOW_DISSECTOR, 0), 0);
  });
  const Attached attached = look();
  const auto line = [&](const char* how, std::uint32_t link, const bpf_program* program) {
    return fmt::format("{} | - | network namespace |  |  | network {} | link {} | program {}", how,
                       blue.inode(), link, id_of(program));
  };
  EXPECT_THAT(words_of(attached, programs),
              UnorderedElementsAreArray({line("sk_lookup", one.id(), all.lookup_one),
                                         line("sk_lookup", two.id(), all.lookup_two),
                                         line("flow_dissector", 0, all.dissector)}));
  // It leaves out the braces here, and sk_lookup altogether.
  std::string json = blue.run(k_bpftool_net);
  const std::size_t begin = json.find(R"(["id":)");
  ASSERT_NE(begin, std::string::npos) << json;
  json.insert(json.find(']', begin), "}").insert(begin + 1, "{");
  expect_no_more_by_bpftool(attached, blue.inode(), json);
}

// Nothing tells of such a namespace but the links in it.
TEST(Places, InANamespaceThatIsHiddenAreToldByTheirLinks) {
  Programs& programs = test_programs();
  const auto& all = programs.all().progs;
  const Network hidden(Held::by_descriptor, "");
  const Link lookup(link_of(all.lookup_hidden, hidden.fd(), BPF_SK_LOOKUP));
  std::optional<Link> xdp;
  std::optional<Link> tcx;
  hidden.inside([&] {
    xdp.emplace(link_of(all.xdp_hidden, 1, BPF_XDP, XDP_FLAGS_SKB_MODE));
    if (knows_tcx()) tcx.emplace(link_of(all.tcx_hidden, 1, BPF_TCX_EGRESS));
  });
  const Attached attached = look();
  const char* const where = "in a network namespace that is not to be seen";
  std::set<std::string> expected{
      fmt::format("sk_lookup | - | network namespace |  |  | network {} | link {} | program {}",
                  hidden.inode(), lookup.id(), id_of(all.lookup_hidden)),
      fmt::format("xdp | - | xdp interface 1 | {} |  | network 0 | link {} | program {}", where,
                  xdp->id(), id_of(all.xdp_hidden))};
  if (tcx)
    expected.insert(
        fmt::format("tcx | - | tcx interface 1 egress | {} |  | network 0 | link {} | program {}",
                    where, tcx->id(), id_of(all.tcx_hidden)));
  EXPECT_EQ(words_of(attached, programs), expected);
  EXPECT_THAT(attached.networks, Contains(Field(&NetworkNamespace::inode, hidden.inode())));
}

// Interfaces of two namespaces have the same number, and one program hangs at both.
TEST(Places, OfOneProgramInTwoNamespacesHaveALinkEach) {
  Programs& programs = test_programs();
  const auto& all = programs.all().progs;
  const Network red(Held::by_name, "red");
  const Network blue(Held::by_name, "blue");
  std::optional<Link> first;
  std::optional<Link> second;
  red.inside([&] { first.emplace(link_of(all.xdp_generic, 1, BPF_XDP, XDP_FLAGS_SKB_MODE)); });
  blue.inside([&] { second.emplace(link_of(all.xdp_generic, 1, BPF_XDP, XDP_FLAGS_SKB_MODE)); });
  std::set<std::uint64_t> networks;
  std::set<std::uint32_t> links;
  for (const Attachment& one : look().attachments) {
    if (one.program != id_of(all.xdp_generic)) continue;
    networks.insert(one.network);
    links.insert(one.link);
  }
  EXPECT_EQ(networks, (std::set{red.inode(), blue.inode()}));
  EXPECT_EQ(links, (std::set{first->id(), second->id()}));
}

}  // namespace
}  // namespace gancho::test
