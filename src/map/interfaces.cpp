// SPDX-License-Identifier: Apache-2.0
#include "map/interfaces.h"

#include <bpf/libbpf.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>

#include "base/fd.h"
#include "load/libbpf_log.h"

namespace gancho {
namespace {

// NETDEV_XDP_ACT_BASIC of <linux/netdev.h>, Linux 6.3.
constexpr std::uint64_t k_basic = 1;

// Not from sysfs, which shows the namespace that it was mounted in.
std::string driver_of(const Fd& socket, const std::string& name) {
  ethtool_drvinfo info{};
  info.cmd = ETHTOOL_GDRVINFO;
  ifreq request{};
  name.copy(request.ifr_name, sizeof request.ifr_name - 1);
  request.ifr_data = reinterpret_cast<char*>(&info);
  if (::ioctl(socket.get(), SIOCETHTOOL, &request) != 0) return "";
  return {info.driver, ::strnlen(info.driver, sizeof info.driver)};
}

std::optional<std::uint64_t> xdp_features(int index) {
  bpf_xdp_query_opts options{};
  options.sz = sizeof options;
  if (bpf_xdp_query(index, 0, &options) != 0) return std::nullopt;
  return options.feature_flags;
}

}  // namespace

std::vector<Interface> read_interfaces(bool tells_xdp) {
  capture_libbpf_log();
  std::vector<Interface> interfaces;
  struct if_nameindex* const all = if_nameindex();
  if (all == nullptr) return interfaces;
  const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  for (const struct if_nameindex* one = all; one->if_index != 0; ++one) {
    Interface found;
    found.name = one->if_name;
    found.index = static_cast<int>(one->if_index);
    found.driver = driver_of(socket, found.name);
    found.netkit = found.driver == "netkit";
    if (tells_xdp) found.xdp = xdp_features(found.index);
    interfaces.push_back(std::move(found));
  }
  if_freenameindex(all);
  return interfaces;
}

std::string xdp_modes(const Interface& interface) {
  if (!interface.xdp) return "generic; native unknown";
  return (*interface.xdp & k_basic) != 0 ? "native, generic" : "generic";
}

}  // namespace gancho
