// SPDX-License-Identifier: Apache-2.0
#include "attached/process_container.h"

#include <algorithm>

#include "config.bpf.h"
#include "container_name.h"

namespace gancho {
namespace {

bool has_controller(std::string_view controllers, std::string_view wanted) {
  while (!controllers.empty()) {
    const std::string_view one = controllers.substr(0, controllers.find(','));
    controllers.remove_prefix(std::min(one.size() + 1, controllers.size()));
    if (one == wanted) return true;
  }
  return false;
}

// "4:pids:/a/b", "0::/a/b": the path of the hierarchy.
std::string_view path_in(std::string_view text, std::uint32_t hierarchy) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const bool wanted = hierarchy == CONTAINERS_V1_PIDS     ? has_controller(controllers, "pids")
                        : hierarchy == CONTAINERS_V1_MEMORY ? has_controller(controllers, "memory")
                                                            : line.starts_with("0::");
    if (wanted) return line.substr(second + 1);
  }
  return {};
}

}  // namespace

std::string container_of(std::string_view proc_cgroup, std::uint32_t hierarchy) {
  std::string_view path = path_in(proc_cgroup, hierarchy);
  std::string above;
  // The outermost counts: cgroups below it are the container's own affair.
  while (!path.empty()) {
    path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
    const std::string name(path.substr(0, path.find('/')));
    path.remove_prefix(name.size());
    container_name found{};
    container_name_parse(&found, name.c_str(), static_cast<__u32>(name.size()), above.c_str());
    if (found.runtime != EV_RUNTIME_NONE) return name.substr(found.begin, found.length);
    above = name;
  }
  return {};
}

}  // namespace gancho
