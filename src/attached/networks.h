// SPDX-License-Identifier: Apache-2.0
//
// The network namespaces that can be found from here, and how to come into them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "attached/attached.h"
#include "base/fd.h"

namespace gancho {

struct FoundNetwork {
  NetworkNamespace facts;
  std::vector<std::string> ways;  // files that are the namespace, the surest first
};

struct FoundNetworks {
  std::uint64_t ours = 0;           // inode, of the thread that asked
  std::vector<FoundNetwork> other;  // by inode
  Blanks blanks;
};

// By /run/netns, mounts and processes.
[[nodiscard]] FoundNetworks find_networks();

// Invalid when it has gone. Never another one, even if a process's number was given anew.
[[nodiscard]] Fd open_network(const FoundNetwork& network);

// Of a text like /proc/self/mountinfo: where namespaces are mounted.
struct NamespaceMount {
  std::uint64_t inode = 0;
  std::string path;
  bool operator==(const NamespaceMount&) const = default;
};
[[nodiscard]] std::vector<NamespaceMount> network_mounts(std::string_view mountinfo);

// "net:[4026531840]"; 0 for anything else.
[[nodiscard]] std::uint64_t network_inode(std::string_view text);

}  // namespace gancho
