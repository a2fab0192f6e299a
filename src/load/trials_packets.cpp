// SPDX-License-Identifier: Apache-2.0
//
// Programs that see packets and connections. What is attached lets everything pass, in a network
// namespace of our own that has no packets.
#include <bpf/bpf.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/netfilter.h>
#include <sched.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

#include "load/trials.h"

namespace gancho {
namespace {

constexpr int k_loopback = 1;
constexpr const char* k_attached = "attached in a network namespace of our own";

Attempt link_in_own_namespace(TrialRoom& room, int program, int target, bpf_attach_type type,
                              const bpf_link_create_opts& options) {
  const Attempt& ns = room.network_namespace();
  if (!ns.works())
    return {.fd = {}, .error = ns.error, .reason = "no network namespace: " + ns.reason};
  Attempt link;
  const int error = in_own_thread([&] {
    if (setns(ns.fd.get(), CLONE_NEWNET) != 0) {
      link = attempt_of(-errno);
      return;
    }
    link = attempt_of(bpf_link_create(program, target, type, &options));
  });
  return error == 0 ? std::move(link) : attempt_of(-error);
}

HookResult try_linked(TrialRoom& room, Depth depth, const SmallProgram& small, int target,
                      const bpf_link_create_opts& options) {
  const Attempt program = load_program(small);
  if (!program.works()) return refused("", program);
  if (depth == Depth::load) return works("loaded");
  Attempt link = link_in_own_namespace(room, program.fd.get(), target, small.attach_type, options);
  if (!link.works()) return refused("loaded; attaching it", link);
  room.let_go(std::move(link.fd));
  return works(k_attached);
}

HookResult try_loaded(const SmallProgram& small, const std::string& why_not_attached) {
  const Attempt program = load_program(small);
  if (!program.works()) return refused("", program);
  return works("loaded; not attached: " + why_not_attached);
}

}  // namespace

HookResult try_xdp(TrialRoom& room, Depth depth) {
  bpf_link_create_opts options{};
  options.sz = sizeof options;
  options.flags = XDP_FLAGS_SKB_MODE;
  return try_linked(room, depth,
                    {.type = BPF_PROG_TYPE_XDP, .attach_type = BPF_XDP, .return_value = XDP_PASS},
                    k_loopback, options);
}

HookResult try_tc(TrialRoom& /*room*/, Depth /*depth*/) {
  // -1 is TC_ACT_UNSPEC: go on.
  return try_loaded({.type = BPF_PROG_TYPE_SCHED_CLS, .return_value = -1},
                    "a clsact qdisc may load kernel modules");
}

HookResult try_tcx(TrialRoom& room, Depth depth) {
  bpf_link_create_opts options{};
  options.sz = sizeof options;
  // 6.1 would load the program, and shows only on attaching that it has no tcx.
  return try_linked(
      room, depth == Depth::load ? Depth::attach : depth,
      {.type = BPF_PROG_TYPE_SCHED_CLS, .attach_type = BPF_TCX_INGRESS, .return_value = -1},
      k_loopback, options);
}

HookResult try_netfilter(TrialRoom& room, Depth depth) {
  bpf_link_create_opts options{};
  options.sz = sizeof options;
  options.netfilter.pf = NFPROTO_IPV4;
  options.netfilter.hooknum = NF_INET_LOCAL_IN;
  options.netfilter.priority = -128;
  return try_linked(
      room, depth,
      {.type = BPF_PROG_TYPE_NETFILTER, .attach_type = BPF_NETFILTER, .return_value = NF_ACCEPT}, 0,
      options);
}

HookResult try_cgroup_skb(TrialRoom& /*room*/, Depth /*depth*/) {
  return try_loaded(
      {.type = BPF_PROG_TYPE_CGROUP_SKB, .attach_type = BPF_CGROUP_INET_EGRESS, .return_value = 1},
      "it could drop");
}

HookResult try_cgroup_connect(TrialRoom& /*room*/, Depth /*depth*/) {
  return try_loaded({.type = BPF_PROG_TYPE_CGROUP_SOCK_ADDR,
                     .attach_type = BPF_CGROUP_INET4_CONNECT,
                     .return_value = 1},
                    "it could deny");
}

HookResult try_socket_filter(TrialRoom& /*room*/, Depth depth) {
  const Attempt program = load_program({.type = BPF_PROG_TYPE_SOCKET_FILTER});
  if (!program.works()) return refused("", program);
  if (depth == Depth::load) return works("loaded");
  std::array<int, 2> pair{};
  if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair.data()) != 0) {
    return works("loaded");
  }
  const Fd ours(pair[0]);
  const Fd other(pair[1]);
  const int fd = program.fd.get();
  if (setsockopt(ours.get(), SOL_SOCKET, SO_ATTACH_BPF, &fd, sizeof fd) != 0) {
    return refused("loaded; attaching it", attempt_of(-errno));
  }
  return works("attached to a socket of our own");
}

}  // namespace gancho
