// SPDX-License-Identifier: Apache-2.0
#include "enrich/container_state.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <map>
#include <string>
#include <utility>

#include "enrich/container_privilege.h"
#include "enrich/state_json.h"
#include "enrich/users.h"

namespace gancho {
namespace {

namespace json = boost::json;
using runtime_state::k_text_max;
using runtime_state::object_in;
using runtime_state::parse;
using runtime_state::text_in;

constexpr std::size_t k_state_max = 512 * 1024;  // an OCI configuration has some tens of KiB
constexpr std::size_t k_list_max = 1024 * 1024;
constexpr std::size_t k_names_file_max = 64 * 1024;
constexpr std::size_t k_users_max = 1024;  // users, and groups, of a container

// The first that is there and not empty.
std::string_view first_of(const json::object& in, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys)
    if (const std::string_view text = text_in(in, key); !text.empty()) return text;
  return {};
}

constexpr std::string_view k_pod_name = "io.kubernetes.pod.name";
constexpr std::string_view k_pod_namespace = "io.kubernetes.pod.namespace";
constexpr std::string_view k_kube_container = "io.kubernetes.container.name";

// Labels that the kubelet gives every container, whichever the runtime.
void take_kube_labels(const json::object& labels, ContainerInfo& info) {
  if (info.pod_name.empty()) info.pod_name = text_in(labels, k_pod_name);
  if (info.pod_namespace.empty()) info.pod_namespace = text_in(labels, k_pod_namespace);
  if (const std::string_view name = text_in(labels, k_kube_container); !name.empty())
    info.name = name;
}

std::optional<ContainerInfo> from_docker(const json::object& state, std::string_view id) {
  if (text_in(state, "ID") != id) return std::nullopt;
  ContainerInfo info{.found = true, .type = "docker"};
  std::string_view name = text_in(state, "Name");
  if (name.starts_with('/')) name.remove_prefix(1);
  info.name = name;
  info.image_id = text_in(state, "Image");
  info.created = text_in(state, "Created");
  if (const json::object* config = object_in(state, "Config"); config != nullptr) {
    info.image = text_in(*config, "Image");
    if (const json::object* labels = object_in(*config, "Labels"); labels != nullptr)
      take_kube_labels(*labels, info);
  }
  return info;
}

void from_containerd(const json::object& notes, ContainerInfo& info) {
  info.type = "containerd";
  info.image = text_in(notes, "io.kubernetes.cri.image-name");
  info.pod_name = text_in(notes, "io.kubernetes.cri.sandbox-name");
  info.pod_namespace = text_in(notes, "io.kubernetes.cri.sandbox-namespace");
  info.name = first_of(notes, {"io.kubernetes.cri.container-name", "nerdctl/name"});
  // What holds the pod's namespaces has no name of its own; Kubernetes calls it so.
  if (text_in(notes, "io.kubernetes.cri.container-type") == "sandbox") info.name = "POD";
}

void from_crio(const json::object& notes, ContainerInfo& info) {
  info.type = "cri-o";
  // Which of them is the name has changed between versions; an id is put aside by split_image().
  info.image = first_of(notes, {"io.kubernetes.cri-o.ImageName", "io.kubernetes.cri-o.Image"});
  info.image_id = text_in(notes, "io.kubernetes.cri-o.ImageRef");
  info.created = text_in(notes, "io.kubernetes.cri-o.Created");
  info.name = first_of(notes, {"io.kubernetes.cri-o.ContainerName", "io.kubernetes.cri-o.Name"});
  if (text_in(notes, "io.kubernetes.cri-o.ContainerType") == "sandbox") info.name = "POD";
  take_kube_labels(notes, info);
  const std::string_view labels = text_in(notes, "io.kubernetes.cri-o.Labels");
  if (const auto inner = parse(labels, k_text_max); inner && inner->is_object())
    take_kube_labels(inner->get_object(), info);
}

bool has_prefix(const json::object& notes, std::string_view prefix) {
  return std::ranges::any_of(notes, [&](const auto& note) {
    return std::string_view(note.key().data(), note.key().size()).starts_with(prefix);
  });
}

std::optional<ContainerInfo> from_oci(const json::object& spec, std::string_view id,
                                      std::uint32_t runtime) {
  if (text_in(spec, "ociVersion").empty()) return std::nullopt;
  ContainerInfo info{.found = true, .type = std::string(runtime_name(runtime))};
  info.privileged = privilege_of_spec(spec);
  const json::object* notes = object_in(spec, "annotations");
  if (notes == nullptr) return info;
  if (has_prefix(*notes, "io.kubernetes.cri-o.")) {
    // It says whose it is.
    const std::string_view whose = text_in(*notes, "io.kubernetes.cri-o.ContainerID");
    if (!whose.empty() && whose != id) return std::nullopt;
    from_crio(*notes, info);
  } else if (has_prefix(*notes, "io.kubernetes.cri.") || has_prefix(*notes, "nerdctl/")) {
    from_containerd(*notes, info);
  }
  return info;
}

std::string rfc3339(std::int64_t seconds) {
  const std::time_t when = seconds;
  std::tm utc{};
  if (seconds <= 0 || ::gmtime_r(&when, &utc) == nullptr || utc.tm_year > 8099) return {};
  std::array<char, 32> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return {text.data(), length};
}

std::optional<ContainerInfo> from_storage(const json::array& list, std::string_view id) {
  for (const json::value& entry : list) {
    const json::object* container = entry.if_object();
    if (container == nullptr || text_in(*container, "id") != id) continue;
    ContainerInfo info{.found = true, .type = "podman"};
    info.image_id = text_in(*container, "image");
    info.created = text_in(*container, "created");
    const json::value* names = container->if_contains("names");
    if (names != nullptr && names->is_array() && !names->get_array().empty())
      if (const json::string* name = names->get_array().front().if_string(); name != nullptr)
        info.name.assign(name->data(), std::min<std::size_t>(name->size(), k_text_max));
    // A string of JSON within the JSON, up to a few hundred bytes.
    const json::value* inner = container->if_contains("metadata");
    const json::string* text = inner != nullptr ? inner->if_string() : nullptr;
    if (text == nullptr) return info;
    const auto metadata = parse({text->data(), text->size()}, 16 * k_text_max);
    if (!metadata || !metadata->is_object()) return info;
    const json::object& more = metadata->get_object();
    // CRI-O keeps its containers in the same store.
    if (more.if_contains("pod-name") != nullptr) info.type = "cri-o";
    if (info.type == "podman")
      if (const std::string_view name = text_in(more, "name"); !name.empty()) info.name = name;
    info.image = text_in(more, "image-name");
    if (const json::value* at = more.if_contains("created-at");
        at != nullptr && at->is_int64() && info.created.empty())
      info.created = rfc3339(at->get_int64());
    return info;
  }
  return std::nullopt;
}

bool is_image_id(std::string_view image) {
  if (image.starts_with("sha256:")) image.remove_prefix(7);
  return image.size() == 64 && std::ranges::all_of(image, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

// systemd writes what is not a letter, digit, ':', '_' or '.' as \xNN.
std::string unescape(std::string_view name) {
  std::string plain;
  while (!name.empty()) {
    unsigned byte = 0;
    if (name.size() >= 4 && name.starts_with("\\x") &&
        std::from_chars(name.data() + 2, name.data() + 4, byte, 16).ptr == name.data() + 4) {
      plain.push_back(static_cast<char>(byte));
      name.remove_prefix(4);
    } else {
      plain.push_back(name.front());
      name.remove_prefix(1);
    }
  }
  return plain;
}

struct IdRange {
  std::uint32_t inside;
  std::uint32_t outside;
  std::uint32_t count;
};

// user_namespaces(7): "inside outside count" a line, at most 340 of them.
std::vector<IdRange> parse_map(std::string_view text) {
  std::vector<IdRange> ranges;
  const char* at = text.data();
  const char* const end = at + text.size();
  std::array<std::uint32_t, 3> number{};
  std::size_t count = 0;
  while (at != end && ranges.size() < 340) {
    if (*at == ' ' || *at == '\n') {
      ++at;
      continue;
    }
    const auto [next, error] = std::from_chars(at, end, number[count]);
    if (error != std::errc{}) break;
    at = next;
    if (++count < number.size()) continue;
    count = 0;
    ranges.push_back({.inside = number[0], .outside = number[1], .count = number[2]});
  }
  return ranges;
}

std::optional<std::uint32_t> outside_of(const std::vector<IdRange>& ranges, std::uint32_t inside) {
  for (const IdRange& range : ranges) {
    if (inside < range.inside || inside - range.inside >= range.count) continue;
    const std::uint64_t outside = std::uint64_t{range.outside} + (inside - range.inside);
    if (outside < UINT32_MAX) return static_cast<std::uint32_t>(outside);
  }
  return std::nullopt;
}

}  // namespace

std::size_t container_file_max(ContainerFile file) {
  switch (file) {
    case ContainerFile::docker_config:
    case ContainerFile::oci_config:
    case ContainerFile::docker_host_config:
    case ContainerFile::podman_config:
      return k_state_max;
    case ContainerFile::storage_list:
      return k_list_max;
    case ContainerFile::passwd:
    case ContainerFile::group:
    case ContainerFile::uid_map:
    case ContainerFile::gid_map:
      return k_names_file_max;
    case ContainerFile::none:
      break;
  }
  return 0;
}

std::optional<ContainerInfo> parse_container_state(ContainerFile file, std::string_view text,
                                                   std::string_view id, std::uint32_t runtime) {
  const auto state = parse(text, container_file_max(file));
  if (!state) return std::nullopt;
  std::optional<ContainerInfo> info;
  if (file == ContainerFile::docker_config && state->is_object())
    info = from_docker(state->get_object(), id);
  if (file == ContainerFile::oci_config && state->is_object())
    info = from_oci(state->get_object(), id, runtime);
  if (file == ContainerFile::storage_list && state->is_array())
    info = from_storage(state->get_array(), id);
  if (info) split_image(*info);
  return info;
}

Privileged parse_container_privilege(ContainerFile file, std::string_view text) {
  const auto state = parse(text, container_file_max(file));
  if (!state || !state->is_object()) return Privileged::unknown;
  if (file == ContainerFile::docker_host_config) return privilege_of_docker(state->get_object());
  if (file == ContainerFile::podman_config) return privilege_of_spec(state->get_object());
  return Privileged::unknown;
}

std::optional<ContainerInfo> container_without_state(std::string_view id, std::uint32_t runtime) {
  if (runtime != EV_RUNTIME_LXC && runtime != EV_RUNTIME_NSPAWN && runtime != EV_RUNTIME_BUILDKIT)
    return std::nullopt;
  ContainerInfo info{.found = true, .type = std::string(runtime_name(runtime))};
  if (runtime != EV_RUNTIME_BUILDKIT)
    info.name = runtime == EV_RUNTIME_NSPAWN ? unescape(id) : std::string(id);
  return info;
}

void split_image(ContainerInfo& info) {
  if (is_image_id(info.image)) {
    if (info.image_id.empty()) info.image_id = info.image;
    return;
  }
  std::string_view rest = info.image;
  if (const auto at = rest.find('@'); at != std::string_view::npos) {
    info.image_digest = rest.substr(at + 1);
    rest = rest.substr(0, at);
  }
  // A colon before the last slash belongs to the registry's port.
  const auto colon = rest.rfind(':');
  const auto slash = rest.rfind('/');
  if (colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash)) {
    info.image_tag = rest.substr(colon + 1);
    rest = rest.substr(0, colon);
  } else if (!rest.empty() && info.image_digest.empty()) {
    info.image_tag = "latest";
  }
  info.image_repository = rest;
}

std::vector<IdName> container_names(std::string_view names, std::string_view map) {
  if (names.size() > k_names_file_max) return {};
  const std::vector<IdRange> ranges = parse_map(map);
  // Ranges may come in any order, and may not overlap: the kernel sees to that, we do not rely on
  // it.
  std::map<std::uint32_t, std::string> by_id;
  const UserTable inside = UserTable::parse(names, {});
  for (const IdName& entry : inside.users()) {
    const auto id = map.empty() ? entry.id : outside_of(ranges, entry.id);
    if (id && entry.name.size() <= k_text_max && by_id.size() < k_users_max)
      by_id.try_emplace(*id, entry.name);
  }
  std::vector<IdName> found;
  for (auto& [id, name] : by_id) found.push_back({.id = id, .name = std::move(name)});
  return found;
}

}  // namespace gancho
