// SPDX-License-Identifier: Apache-2.0
//
// Programs that implement a structure of the kernel's (a congestion control, a scheduler). The
// structure is a map of one entry, in which the kernel writes a program's id where the pointer to a
// function is. It is in force when its state says so, or, from Linux 6.4 on, when a link does.
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <fmt/format.h>

#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "attached/reading.h"
#include "base/fd.h"

namespace gancho {
namespace {

constexpr std::string_view k_wrapper = "bpf_struct_ops_";
constexpr std::uint32_t k_in_use = 1;  // enum bpf_struct_ops_state

const btf_type* plain(const btf* types, std::uint32_t id) {
  const btf_type* type = btf__type_by_id(types, id);
  while (type != nullptr && (btf_is_mod(type) || btf_is_typedef(type)))
    type = btf__type_by_id(types, type->type);
  return type;
}

bool is_function_pointer(const btf* types, std::uint32_t id) {
  const btf_type* type = plain(types, id);
  if (type == nullptr || !btf_is_ptr(type)) return false;
  const btf_type* to = plain(types, type->type);
  return to != nullptr && btf_is_func_proto(to);
}

// Of the structure `type`, whose value begins at `at`: visit(name, value) for each function.
template <class Visit>
void each_function(const btf* types, const btf_type* type, std::span<const std::byte> value,
                   std::size_t at, Visit visit) {
  for (int i = 0; i < btf_vlen(type); ++i) {
    const btf_member* member = btf_members(type) + i;
    if (!is_function_pointer(types, member->type)) continue;
    const std::size_t offset = at + btf_member_bit_offset(type, static_cast<__u32>(i)) / 8;
    std::uint64_t word = 0;
    if (offset + sizeof(word) > value.size()) continue;
    std::memcpy(&word, value.data() + offset, sizeof(word));
    visit(btf__name_by_offset(types, member->name_off), word);
  }
}

// Where in the wrapper the state is, and where the structure that it wraps.
struct Layout {
  std::optional<std::size_t> state;
  std::size_t data = 0;
  const btf_type* structure = nullptr;
};

void look_at(const btf* types, const btf_type* wrapper, std::size_t begin, Layout& layout) {
  for (int i = 0; i < btf_vlen(wrapper); ++i) {
    const btf_member* member = btf_members(wrapper) + i;
    const std::string_view name = btf__name_by_offset(types, member->name_off);
    const std::size_t offset = begin + btf_member_bit_offset(wrapper, static_cast<__u32>(i)) / 8;
    const btf_type* type = plain(types, member->type);
    if (type == nullptr) continue;
    if (name == "state") layout.state = offset;
    if (name == "common" && btf_is_composite(type)) look_at(types, type, offset, layout);
    if (name == "data" && btf_is_struct(type)) {
      layout.data = offset;
      layout.structure = type;
    }
  }
}

std::vector<std::uint32_t> links_of(const Reading& reading, std::uint32_t map) {
  std::vector<std::uint32_t> links;
  for (const auto& [id, link] : reading.links)
    if (link.info.type == BPF_LINK_TYPE_STRUCT_OPS && link.info.struct_ops.map_id == map)
      links.push_back(id);
  return links;
}

void add_structure(Reading& reading, const MapFacts& map) {
  const MapTypes where = reading.map_types.at(map.id);
  const btf* types = where.module != 0 ? reading.types.types(where.module) : reading.types.kernel();
  const btf_type* wrapper = types == nullptr ? nullptr : btf__type_by_id(types, where.value);
  const Fd fd(bpf_map_get_fd_by_id(map.id));
  if (!fd.valid()) return;
  Layout layout;
  if (wrapper != nullptr && btf_is_struct(wrapper)) look_at(types, wrapper, 0, layout);
  const std::uint32_t key = 0;
  std::vector<std::byte> value(map.value_size);
  if (layout.structure == nullptr || !layout.state ||
      *layout.state + sizeof(std::uint32_t) > value.size() ||
      bpf_map_lookup_elem(fd.get(), &key, value.data()) != 0) {
    reading.blank(
        fmt::format("map {} is of a structure that the kernel's types do not explain", map.id));
    return;
  }
  std::vector<std::uint32_t> links = links_of(reading, map.id);
  std::uint32_t state = 0;
  std::memcpy(&state, value.data() + *layout.state, sizeof(state));
  if (links.empty() && state == k_in_use) links.push_back(0);
  std::string_view name = btf__name_by_offset(types, wrapper->name_off);
  if (name.starts_with(k_wrapper)) name.remove_prefix(k_wrapper.size());
  for (const std::uint32_t link : links)
    each_function(
        types, layout.structure, value, layout.data,
        [&](std::string_view function, std::uint64_t word) {
          const auto program = static_cast<std::uint32_t>(word);
          if (word == 0 || reading.type_of_program(program) != BPF_PROG_TYPE_STRUCT_OPS) return;
          reading.add({.program = program,
                       .link = link,
                       .how = "struct_ops",
                       .kind = PlaceKind::struct_ops,
                       .place = std::string(name),
                       .detail = fmt::format("{} of map {} {}", function, map.id, map.name)});
        });
}

}  // namespace

void add_struct_ops_places(Reading& reading) {
  for (const auto& [id, map] : reading.attached.maps)
    if (map.type == BPF_MAP_TYPE_STRUCT_OPS) add_structure(reading, map);
}

}  // namespace gancho
