// SPDX-License-Identifier: Apache-2.0
//
// What runtimes leave on disk about a container, and what a container says of its users, read into
// a ContainerInfo. Pure; any byte of the input may be hostile: size, depth and the lengths of what
// is taken are bounded. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "event/container.h"

namespace gancho {

// What a file is. Numbers go over the socket between keeper and worker.
enum class ContainerFile : std::uint8_t {
  none = 0,
  docker_config = 1,  // config.v2.json of dockerd
  oci_config = 2,     // config.json of a bundle: containerd, CRI-O, podman
  storage_list = 3,   // containers.json of containers/storage: podman
  passwd = 4,         // the container's
  group = 5,
  uid_map = 6,  // of a process in it, as the initial user namespace sees it
  gid_map = 7,
  docker_host_config = 8,  // hostconfig.json of dockerd, beside config.v2.json
  podman_config = 9,       // config.json of a bundle, of a container in a storage_list
};

// No file is larger that is looked at, bytes.
[[nodiscard]] std::size_t container_file_max(ContainerFile file);

// The container `id` in the text of a state file; nullopt when it makes no sense, or says nothing
// of this container. `runtime` is what its cgroup's name says (enum ev_runtime).
[[nodiscard]] std::optional<ContainerInfo> parse_container_state(ContainerFile file,
                                                                 std::string_view text,
                                                                 std::string_view id,
                                                                 std::uint32_t runtime);

// What a file beside the state says of privilege: docker_host_config, podman_config. The state of
// an oci_config has it itself.
[[nodiscard]] Privileged parse_container_privilege(ContainerFile file, std::string_view text);

// What is known of a container whose runtime leaves no state that we read: LXC, systemd-nspawn and
// BuildKit. nullopt for all others.
[[nodiscard]] std::optional<ContainerInfo> container_without_state(std::string_view id,
                                                                   std::uint32_t runtime);

// Repository, tag and digest of "registry:5000/a/b:tag@sha256:..."; the tag is "latest" when
// neither tag nor digest is given, as runtimes take it. An id instead of a name ("sha256:...") has
// none of them.
void split_image(ContainerInfo& info);

// Names from the text of /etc/passwd or /etc/group, with the ids that the text of uid_map or
// gid_map makes of them; an empty map leaves them as they are. Sorted by id.
[[nodiscard]] std::vector<IdName> container_names(std::string_view names, std::string_view map);

}  // namespace gancho
