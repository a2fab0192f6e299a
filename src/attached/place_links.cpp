// SPDX-License-Identifier: Apache-2.0
#include "attached/place_links.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/fd.h"

namespace gancho {
namespace {

// nullopt for links of other kinds, and those that are gone.
std::optional<PlaceLink> look_up(std::uint32_t id) {
  const Fd link(bpf_link_get_fd_by_id(id));
  bpf_link_info info{};
  std::uint32_t size = sizeof info;
  if (!link.valid() || bpf_link_get_info_by_fd(link.get(), &info, &size) != 0) return std::nullopt;
  PlaceLink found{.id = id, .type = info.type, .program = info.prog_id};
  switch (info.type) {
    case BPF_LINK_TYPE_CGROUP:
      found.attach_type = info.cgroup.attach_type;
      found.target = info.cgroup.cgroup_id;
      break;
    case BPF_LINK_TYPE_NETNS:
      found.attach_type = info.netns.attach_type;
      found.target = info.netns.netns_ino;
      break;
    case BPF_LINK_TYPE_XDP:
      found.attach_type = BPF_XDP;
      found.target = info.xdp.ifindex;
      break;
    case BPF_LINK_TYPE_TCX:
      found.attach_type = info.tcx.attach_type;
      found.target = info.tcx.ifindex;
      break;
    case BPF_LINK_TYPE_NETKIT:
      found.attach_type = info.netkit.attach_type;
      found.target = info.netkit.ifindex;
      break;
    case BPF_LINK_TYPE_SOCKMAP:
      found.attach_type = info.sockmap.attach_type;
      found.target = info.sockmap.map_id;
      break;
    default:
      return std::nullopt;
  }
  if (found.target == 0) return std::nullopt;
  return found;
}

}  // namespace

PlaceLinks PlaceLinks::read() {
  std::vector<PlaceLink> links;
  std::uint32_t id = 0;
  while (bpf_link_get_next_id(id, &id) == 0)
    if (const auto link = look_up(id)) links.push_back(*link);
  return PlaceLinks(std::move(links));
}

PlaceLinks::PlaceLinks(std::vector<PlaceLink> links) : links_(std::move(links)) {}

std::uint32_t PlaceLinks::take(std::uint32_t type, std::uint64_t target, std::uint32_t attach_type,
                               std::uint32_t program) {
  const auto found = std::ranges::find_if(links_, [&](const PlaceLink& link) {
    return link.type == type && link.target == target && link.attach_type == attach_type &&
           link.program == program;
  });
  if (found == links_.end()) return 0;
  const std::uint32_t id = found->id;
  links_.erase(found);
  return id;
}

void PlaceLinks::take(std::uint32_t id) {
  std::erase_if(links_, [id](const PlaceLink& link) { return link.id == id; });
}

std::vector<PlaceLink> PlaceLinks::rest() const {
  std::vector<PlaceLink> rest;
  for (const PlaceLink& link : links_)
    if (look_up(link.id) == link) rest.push_back(link);
  return rest;
}

std::string place_of_attach_type(std::uint32_t attach_type) {
  const char* const name = libbpf_bpf_attach_type_str(static_cast<bpf_attach_type>(attach_type));
  return name != nullptr ? name : std::to_string(attach_type);
}

std::string how_of_sockmap(std::uint32_t attach_type) {
  switch (attach_type) {
    case BPF_SK_SKB_STREAM_PARSER:
      return "sk_skb stream parser";
    case BPF_SK_SKB_STREAM_VERDICT:
      return "sk_skb stream verdict";
    case BPF_SK_SKB_VERDICT:
      return "sk_skb verdict";
    default:
      return "sk_msg verdict";
  }
}

}  // namespace gancho
