// SPDX-License-Identifier: Apache-2.0
//
// Links that say at which place of ours they are, to be matched with what is found there: at most
// places the kernel tells the program only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gancho {

struct PlaceLink {
  std::uint32_t id = 0;
  std::uint32_t type = 0;  // enum bpf_link_type
  std::uint32_t program = 0;
  std::uint32_t attach_type = 0;
  // An interface's index, a namespace's inode, a cgroup's or a map's id; 0: what it was attached to
  // has gone.
  std::uint64_t target = 0;
  bool operator==(const PlaceLink&) const = default;
};

class PlaceLinks {
 public:
  // What can be read; none without CAP_SYS_ADMIN.
  [[nodiscard]] static PlaceLinks read();
  explicit PlaceLinks(std::vector<PlaceLink> links);

  // By which link `program` is there; 0: by none. A link is given away once. Interfaces of two
  // namespaces can have the same number: of equal links there, which is whose cannot be known.
  [[nodiscard]] std::uint32_t take(std::uint32_t type, std::uint64_t target,
                                   std::uint32_t attach_type, std::uint32_t program);
  // The place itself told the link.
  void take(std::uint32_t id);

  // Those that nobody took, and that are there still.
  [[nodiscard]] std::vector<PlaceLink> rest() const;

 private:
  std::vector<PlaceLink> links_;  // not taken, by id
};

// "cgroup_inet_ingress", "lsm_cgroup", "sk_lookup": the attach type as the inventory names it; a
// number for one that we do not know.
[[nodiscard]] std::string place_of_attach_type(std::uint32_t attach_type);
// "sk_skb stream verdict"
[[nodiscard]] std::string how_of_sockmap(std::uint32_t attach_type);

}  // namespace gancho
