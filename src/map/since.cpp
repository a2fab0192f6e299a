// SPDX-License-Identifier: Apache-2.0
#include "map/since.h"

#include <algorithm>
#include <array>

namespace gancho {
namespace {

// Source: the commit that brought each, and the first release that contains it, as the kernel's
// history has them (git describe --contains COMMIT).
constexpr auto k_since = std::to_array<Since>({
    {"kprobe", "4.1", "2541517c32be"},
    {"kretprobe", "4.1", "2541517c32be"},
    {"kprobe.multi", "5.18", "0dcac2725406"},
    {"kretprobe.multi", "5.18", "0dcac2725406"},
    {"uprobe", "4.3", "04a22fae4cbc"},
    {"uretprobe", "4.3", "04a22fae4cbc"},
    {"uprobe.multi", "6.6", "89ae89f53d20"},
    {"USDT semaphore", "4.20", "1cc33161a83d"},
    {"tracepoint", "4.7", "98b5c2c65c29"},
    {"raw_tracepoint", "4.17", "c4f6699dfcb8"},
    {"tp_btf", "5.5", "f1b9509c2fb0"},
    {"fentry", "5.5", "fec56f5890d9"},
    {"fexit", "5.5", "fec56f5890d9"},
    {"fmod_ret", "5.7", "ae24082331d9"},
    {"lsm", "5.7", "fc611f47f218"},
    {"lsm_cgroup", "6.0", "69fd337a975c"},
    {"iter", "5.8", "15d83c4d7cef"},
    {"struct_ops", "5.6", "27ae7997a661"},
    {"kfunc", "5.13", "e6ac2450d6de"},
    {"perf_event", "4.9", "0515e5999a46"},
    {"xdp", "4.8", "6a773a15a1e8"},
    {"tc", "4.1", "96be4325f443"},
    {"tcx", "6.6", "e420bed02507"},
    {"netkit", "6.7", "35dfaad7188c"},
    {"netfilter", "6.4", "84601d6ee68a"},
    {"cgroup_inet_ingress", "4.10", "0e33661de493"},
    {"cgroup_inet_egress", "4.10", "0e33661de493"},
    {"cgroup_inet_sock_create", "4.10", "610236587600"},
    {"cgroup_sock_ops", "4.13", "40304b2a1567"},
    {"cgroup_device", "4.15", "ebc614f68736"},
    {"cgroup_inet4_bind", "4.17", "4fbac77d2d09"},
    {"cgroup_inet6_bind", "4.17", "4fbac77d2d09"},
    {"cgroup_inet4_connect", "4.17", "d74bad4e74ee"},
    {"cgroup_inet6_connect", "4.17", "d74bad4e74ee"},
    {"cgroup_inet4_post_bind", "4.17", "aac3fc320d94"},
    {"cgroup_inet6_post_bind", "4.17", "aac3fc320d94"},
    {"cgroup_udp4_sendmsg", "4.18", "1cedee13d25a"},
    {"cgroup_udp6_sendmsg", "4.18", "1cedee13d25a"},
    {"cgroup_sysctl", "5.2", "7b146cebe30c"},
    {"cgroup_udp4_recvmsg", "5.2", "983695fa6765"},
    {"cgroup_udp6_recvmsg", "5.2", "983695fa6765"},
    {"cgroup_getsockopt", "5.3", "0d01da6afc54"},
    {"cgroup_setsockopt", "5.3", "0d01da6afc54"},
    {"cgroup_inet4_getpeername", "5.8", "1b66d253610c"},
    {"cgroup_inet6_getpeername", "5.8", "1b66d253610c"},
    {"cgroup_inet4_getsockname", "5.8", "1b66d253610c"},
    {"cgroup_inet6_getsockname", "5.8", "1b66d253610c"},
    {"cgroup_inet_sock_release", "5.9", "f5836749c9c0"},
    {"cgroup_unix_connect", "6.7", "859051dd165e"},
    {"cgroup_unix_sendmsg", "6.7", "859051dd165e"},
    {"cgroup_unix_recvmsg", "6.7", "859051dd165e"},
    {"cgroup_unix_getpeername", "6.7", "859051dd165e"},
    {"cgroup_unix_getsockname", "6.7", "859051dd165e"},
});

}  // namespace

std::span<const Since> all_since() {
  return k_since;
}

std::string_view linux_since(std::string_view way) {
  const auto* const found = std::ranges::find(k_since, way, &Since::way);
  return found == k_since.end() ? std::string_view{} : found->release;
}

}  // namespace gancho
