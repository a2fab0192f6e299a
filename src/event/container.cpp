// SPDX-License-Identifier: Apache-2.0
#include "event/container.h"

#include <algorithm>

namespace gancho {
namespace {

constexpr std::size_t k_long_id = 64;
constexpr std::size_t k_short_id = 12;
constexpr std::string_view k_host = "host";

bool has_name_for_id(std::uint32_t runtime) {
  return runtime == EV_RUNTIME_LXC || runtime == EV_RUNTIME_NSPAWN;
}

}  // namespace

std::string_view runtime_name(std::uint32_t runtime) {
  switch (runtime) {
    case EV_RUNTIME_DOCKER:
      return "docker";
    case EV_RUNTIME_CONTAINERD:
      return "containerd";
    case EV_RUNTIME_CRIO:
      return "cri-o";
    case EV_RUNTIME_PODMAN:
      return "podman";
    case EV_RUNTIME_BUILDKIT:
      return "buildkit";
    case EV_RUNTIME_LXC:
      return "lxc";
    case EV_RUNTIME_NSPAWN:
      return "systemd-nspawn";
    default:
      return "unknown";
  }
}

std::string_view short_container_id(std::string_view id) {
  const bool digits = std::ranges::all_of(
      id, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  return id.size() == k_long_id && digits ? id.substr(0, k_short_id) : id;
}

std::string_view container_text(ContainerFact fact, const ev_container& container,
                                std::string_view id, const ContainerInfo* info) {
  if (container.cgroup_id == 0) return fact == ContainerFact::id ? k_host : std::string_view{};
  static const ContainerInfo nothing;
  const ContainerInfo& known = info != nullptr ? *info : nothing;
  switch (fact) {
    case ContainerFact::id:
      return short_container_id(id);
    case ContainerFact::full_id:
      return id;
    case ContainerFact::type:
      return known.type.empty() ? runtime_name(container.runtime) : known.type;
    case ContainerFact::name:
      return known.name.empty() && has_name_for_id(container.runtime) ? id : known.name;
    case ContainerFact::image:
      return known.image;
    case ContainerFact::image_repository:
      return known.image_repository;
    case ContainerFact::image_tag:
      return known.image_tag;
    case ContainerFact::image_digest:
      return known.image_digest;
    case ContainerFact::image_id:
      return known.image_id;
    case ContainerFact::created:
      return known.created;
    case ContainerFact::pod_name:
      return known.pod_name;
    case ContainerFact::pod_namespace:
      return known.pod_namespace;
    case ContainerFact::unknown:
      break;
  }
  return {};
}

}  // namespace gancho
