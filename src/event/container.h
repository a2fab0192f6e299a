// SPDX-License-Identifier: Apache-2.0
//
// A container as events show it: what the kernel side knows of it (struct ev_container) and what is
// joined to that from the state of its runtime. A room that has a struct ev_container in a record
// says where (EventDesc::container) and takes its fields from here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "event/id_name.h"
#include "event/schema.h"
#include "wire/task.h"

namespace gancho {

// Was the container given everything? Numbers are those of recordings.
enum class Privileged : std::uint8_t { unknown = 0, no = 1, yes = 2 };

// From the files of a runtime and of the container: any byte may occur in any of the strings.
struct ContainerInfo {
  bool found = false;     // what follows up to the users was read from the runtime's state
  std::string type = {};  // "docker": of the runtime whose state it was
  std::string name = {};
  std::string image = {};  // as it was asked for: "docker.io/library/nginx:1.25"
  std::string image_repository = {};
  std::string image_tag = {};
  std::string image_digest = {};
  std::string image_id = {};
  std::string created = {};  // RFC 3339, as its runtime wrote it
  std::string pod_name = {};
  std::string pod_namespace = {};
  Privileged privileged = Privileged::unknown;
  // Of the container's own files, by id in the initial user namespace; sorted.
  std::vector<IdName> users = {};
  std::vector<IdName> groups = {};
  bool operator==(const ContainerInfo&) const = default;
};

// Its task has the machine's own files before it, that of users among them.
[[nodiscard]] inline bool sees_machine(const ev_container& container) {
  return container.cgroup_id == 0 || (container.flags & EV_CONTAINER_MACHINE) != 0;
}

// "docker", "podman", ...: a runtime as container.type shows it; "unknown" for one that is not
// known.
[[nodiscard]] std::string_view runtime_name(std::uint32_t runtime);

// The digits that people use: the first twelve of 64; another id is shown whole.
[[nodiscard]] std::string_view short_container_id(std::string_view id);

// What is shown for a fact; empty: nothing. `info` is what is known of the container, or nullptr.
[[nodiscard]] std::string_view container_text(ContainerFact fact, const ev_container& container,
                                              std::string_view id, const ContainerInfo* info);

// The fields of a struct ev_container at `offset` in a record.
[[nodiscard]] consteval auto container_fields(std::size_t offset) {
  using enum ContainerFact;
  const auto field = [&](std::string_view name, ContainerFact fact, std::string_view meaning,
                         Cost cost = Cost::free, FieldType type = FieldType::container) {
    FieldDesc desc{.name = name, .type = type, .offset = static_cast<std::uint16_t>(offset)};
    desc.cost = cost;
    desc.meaning = meaning;
    desc.fact = fact;
    return desc;
  };
  return std::array{
      field("container.id", id, "first 12 digits of the container's id, or host", Cost::low),
      field("container.full_id", full_id, "the whole id, or the name where the runtime has no ids",
            Cost::low),
      field("container.type", type, "its runtime, such as docker, podman, containerd or cri-o"),
      field("container.name", name, "name given by its user"),
      field("container.image", image, "image, as it was asked for"),
      field("container.image.repository", image_repository, "image without tag and digest"),
      field("container.image.tag", image_tag, "tag of the image"),
      field("container.image.digest", image_digest, "digest of the image"),
      field("container.image.id", image_id, "id of the image on this machine"),
      field("container.created", created, "when it was created, RFC 3339"),
      field("k8s.pod.name", pod_name, "name of its Kubernetes pod"),
      field("k8s.ns.name", pod_namespace, "Kubernetes namespace of its pod"),
      field("container.unknown", unknown,
            "no more than the id could be found out within a second; the fields above are missing",
            Cost::free, FieldType::container_flag),
  };
}

}  // namespace gancho
