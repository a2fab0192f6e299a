// SPDX-License-Identifier: Apache-2.0
#include "enrich/container_privilege.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>

#include "event/capability_names.h"

namespace gancho {
namespace {

using namespace runtime_state;

// Those that every runtime knows, up to CAP_AUDIT_READ. A newer kernel has more, and an older
// runtime does not name them.
constexpr std::size_t k_common = 38;
static_assert(k_capabilities[k_common - 1] == "CAP_AUDIT_READ");

Privileged of(bool privileged) {
  return privileged ? Privileged::yes : Privileged::no;
}

bool has_all_capabilities(const json::array& given) {
  return std::ranges::all_of(std::span(k_capabilities).first(k_common), [&](std::string_view name) {
    return std::ranges::any_of(given, [&](const json::value& one) {
      const json::string* text = one.if_string();
      return text != nullptr && std::string_view(text->data(), text->size()) == name;
    });
  });
}

bool has_entries(const json::object& in, std::string_view key) {
  const json::array* list = array_in(in, key);
  return list != nullptr && !list->empty();
}

// What it was made of tells, where nobody has written it down.
Privileged by_what_it_has(const json::object& spec) {
  const json::object* process = object_in(spec, "process");
  const json::object* linux_part = object_in(spec, "linux");
  const json::object* sets = process != nullptr ? object_in(*process, "capabilities") : nullptr;
  const json::array* given = sets != nullptr ? array_in(*sets, "bounding") : nullptr;
  if (given == nullptr || linux_part == nullptr) return Privileged::unknown;
  return of(has_all_capabilities(*given) && !has_entries(*linux_part, "maskedPaths") &&
            !has_entries(*linux_part, "readonlyPaths") &&
            object_in(*linux_part, "seccomp") == nullptr);
}

}  // namespace

Privileged privilege_of_docker(const json::object& host_config) {
  const json::value* given = host_config.if_contains("Privileged");
  const bool* privileged = given != nullptr ? given->if_bool() : nullptr;
  return privileged != nullptr ? of(*privileged) : Privileged::unknown;
}

Privileged privilege_of_spec(const json::object& spec) {
  if (const json::object* notes = object_in(spec, "annotations"); notes != nullptr) {
    const std::string_view podman = text_in(*notes, "io.podman.annotations.privileged");
    // Since version 5 it says nothing of those that are not.
    if (!podman.empty() || text_in(*notes, "io.container.manager") == "libpod")
      return of(podman == "TRUE");
    const std::string_view pod = text_in(*notes, "io.kubernetes.cri-o.PrivilegedRuntime");
    if (text_in(*notes, "io.kubernetes.cri-o.ContainerType") == "sandbox" && !pod.empty())
      return of(pod == "true");
  }
  return by_what_it_has(spec);
}

}  // namespace gancho
