// SPDX-License-Identifier: Apache-2.0
#include "attached/where.h"

#include <algorithm>
#include <set>

#include "map/classify.h"

namespace gancho {
namespace {

// Of what is in no inventory of ours.
Subsystem subsystem_of_kind(PlaceKind kind, std::string_view name) {
  switch (kind) {
    case PlaceKind::xdp:
      return Subsystem::drivers;
    case PlaceKind::tc:
    case PlaceKind::tcx:
    case PlaceKind::netkit:
    case PlaceKind::netfilter:
      return Subsystem::network;
    case PlaceKind::cgroup: {
      std::string type = "BPF_";
      for (const char letter : name)
        type += letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
      return subsystem_of_cgroup_type(type);
    }
    case PlaceKind::lsm:
      return subsystem_of_lsm_hook(name);
    default:
      return Subsystem::unknown;
  }
}

// What a program sees that is at no place of the map.
Subsystem subsystem_of_way(std::string_view how) {
  constexpr auto k_network = std::to_array<std::string_view>(
      {"sk_lookup", "flow_dissector", "sk_skb", "sk_msg", "tc action", "devmap", "cpumap"});
  const bool network =
      std::ranges::any_of(k_network, [&](std::string_view word) { return how.starts_with(word); });
  if (network) return Subsystem::network;
  // Code of a process, of which the kernel is only the guest.
  if (how.starts_with("uprobe") || how.starts_with("uretprobe")) return Subsystem::process;
  return Subsystem::core;
}

}  // namespace

Subsystem subsystem_of(const Inventory& inventory, const Attachment& attachment) {
  if (!attachment.kind) return subsystem_of_way(attachment.how);
  if (attachment.network == 0) {
    const auto places = inventory.of_kind(*attachment.kind);
    const auto found =
        std::ranges::lower_bound(places, std::string_view(attachment.place), {}, &Place::name);
    if (found != places.end() && found->name == attachment.place) return found->subsystem;
  }
  return subsystem_of_kind(*attachment.kind, attachment.place);
}

namespace {

bool is_at(const Attachment& one, const Place& place) {
  if (one.network != 0) return false;
  // An LSM hook of a cgroup is at the hook and at the cgroup.
  if (place.kind == PlaceKind::cgroup && one.how == place.name) return true;
  return one.kind == place.kind && one.place == place.name;
}

}  // namespace

std::vector<const Attachment*> attached_at(const Attached& attached, const Place& place) {
  std::vector<const Attachment*> found;
  for (const Attachment& one : attached.attachments)
    if (is_at(one, place)) found.push_back(&one);
  return found;
}

AttachedFigures figures_of(const Inventory& inventory, const Attached& attached,
                           const std::optional<Costs>& costs) {
  AttachedFigures figures;
  if (costs) figures.share.emplace();
  std::set<std::pair<std::uint32_t, Subsystem>> counted;
  std::set<std::uint32_t> paid;
  for (const Attachment& one : attached.attachments) {
    const Subsystem subsystem = subsystem_of(inventory, one);
    const auto at = static_cast<std::size_t>(subsystem);
    if (counted.emplace(one.program, subsystem).second) ++figures.programs[at];
    if (!costs || !paid.insert(one.program).second) continue;
    if (const auto cost = costs->programs.find(one.program); cost != costs->programs.end())
      (*figures.share)[at] += costs->share(cost->second);
  }
  return figures;
}

std::vector<const ProgramFacts*> not_attached(const Attached& attached) {
  std::set<std::uint32_t> placed;
  for (const Attachment& one : attached.attachments) placed.insert(one.program);
  std::vector<const ProgramFacts*> rest;
  for (const auto& [id, program] : attached.programs)
    if (!placed.contains(id)) rest.push_back(&program);
  return rest;
}

}  // namespace gancho
