// SPDX-License-Identifier: Apache-2.0
#include "attached/fdinfo.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "load/pseudo_fs.h"

namespace gancho {
namespace {

template <class Number>
Number number_in(std::string_view text) {
  Number number = 0;
  const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  (void)std::from_chars(text.data() + begin, text.data() + text.size(), number);
  return number;
}

}  // namespace

std::optional<DescribedObject> parse_fdinfo(std::string_view text) {
  std::uint32_t program = 0;
  std::uint32_t map = 0;
  std::uint32_t link = 0;
  std::uint64_t memory = 0;
  while (!text.empty()) {  // "map_id:\t12"
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view key = line.substr(0, colon);
    const std::string_view value = line.substr(colon + 1);
    if (key == "prog_id") program = number_in<std::uint32_t>(value);
    if (key == "map_id" && map == 0) map = number_in<std::uint32_t>(value);
    if (key == "link_id") link = number_in<std::uint32_t>(value);
    if (key == "memlock") memory = number_in<std::uint64_t>(value);
  }
  // A link names its program too, and some their map.
  if (link != 0) return DescribedObject{.kind = ObjectKind::link, .id = link, .program = program};
  if (map != 0) return DescribedObject{.kind = ObjectKind::map, .id = map, .memory = memory};
  if (program != 0)
    return DescribedObject{.kind = ObjectKind::program, .id = program, .memory = memory};
  return std::nullopt;
}

std::optional<DescribedObject> describe(int fd) {
  const auto text = read_small_file(AT_FDCWD, fmt::format("/proc/self/fdinfo/{}", fd).c_str());
  return text ? parse_fdinfo(*text) : std::nullopt;
}

std::optional<ObjectKind> object_kind_of(std::string_view link_target) {
  constexpr std::string_view k_prefix = "anon_inode:";
  if (!link_target.starts_with(k_prefix)) return std::nullopt;
  const std::string_view name = link_target.substr(k_prefix.size());
  if (name == "bpf-prog") return ObjectKind::program;
  if (name == "bpf-map") return ObjectKind::map;
  if (name == "bpf_link" || name == "bpf-link") return ObjectKind::link;
  return std::nullopt;
}

}  // namespace gancho
