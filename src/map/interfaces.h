// SPDX-License-Identifier: Apache-2.0
//
// The network interfaces of the namespace that the calling thread is in, as places for programs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gancho {

struct Interface {
  std::string name;
  int index = 0;
  std::string driver;  // "virtio_net", "veth"; "" for one that has no name for it, such as lo
  bool netkit = false;
  // NETDEV_XDP_ACT_* of what its driver can do; nullopt when the kernel does not tell (before 6.3).
  std::optional<std::uint64_t> xdp;
};

// `tells_xdp`: the kernel knows the question what drivers can do. One that does not would look for
// a module that answers it, for seconds.
[[nodiscard]] std::vector<Interface> read_interfaces(bool tells_xdp);

// "native", "generic", "native or generic": where XDP would run; "basic, redirect" is what it may.
[[nodiscard]] std::string xdp_modes(const Interface& interface);

}  // namespace gancho
