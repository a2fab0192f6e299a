// SPDX-License-Identifier: Apache-2.0
#include "map/interfaces.h"

#include <bpf/libbpf.h>
#include <fcntl.h>
#include <net/if.h>
#include <unistd.h>

#include <array>

#include "base/fd.h"
#include "load/libbpf_log.h"
#include "load/pseudo_fs.h"

namespace gancho {
namespace {

// NETDEV_XDP_ACT_BASIC of <linux/netdev.h>, Linux 6.3.
constexpr std::uint64_t k_basic = 1;

std::string driver_of(const std::string& folder) {
  std::array<char, 256> target{};
  const ssize_t size = readlink((folder + "/device/driver").c_str(), target.data(), target.size());
  if (size <= 0) return "";
  const std::string path(target.data(), static_cast<std::size_t>(size));
  return path.substr(path.rfind('/') + 1);
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
  for (const struct if_nameindex* one = all; one->if_index != 0; ++one) {
    Interface found;
    found.name = one->if_name;
    found.index = static_cast<int>(one->if_index);
    const std::string folder = "/sys/class/net/" + found.name;
    found.driver = driver_of(folder);
    const auto event = read_small_file(AT_FDCWD, (folder + "/uevent").c_str());
    found.netkit = event && event->find("DEVTYPE=netkit") != std::string::npos;
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
