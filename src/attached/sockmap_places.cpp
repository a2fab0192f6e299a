// SPDX-License-Identifier: Apache-2.0
#include <bpf/bpf.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "attached/place_look.h"
#include "attached/program_query.h"
#include "base/fd.h"

namespace gancho {
namespace {

constexpr std::array k_types{BPF_SK_SKB_STREAM_PARSER, BPF_SK_SKB_STREAM_VERDICT,
                             BPF_SK_SKB_VERDICT, BPF_SK_MSG_VERDICT};

void look_at_map(PlaceLook& look, ProgramQuery& query, int map, const bpf_map_info& info) {
  std::string place = "map " + std::to_string(info.id);
  if (info.name[0] != '\0') place += ' ' + std::string(info.name, strnlen(info.name, 16));
  for (const bpf_attach_type type : k_types) {
    // Before Linux 5.17 a sockmap does not answer.
    const int error = query.ask(map, type);
    if (error != 0 && type == k_types.front())
      look.blank(std::string("sockmaps: ") + (error == EINVAL
                                                  ? "this kernel does not tell their programs"
                                                  : std::strerror(error)));
    if (error != 0) continue;
    for (const auto& one : query.answer())
      look.add({.program = one.program,
                .link = look.links.take(BPF_LINK_TYPE_SOCKMAP, info.id, type, one.program),
                .how = how_of_sockmap(type),
                .place = place});
  }
}

}  // namespace

void look_at_sockmaps(PlaceLook& look) {
  if (!look.loaded[BPF_PROG_TYPE_SK_SKB] && !look.loaded[BPF_PROG_TYPE_SK_MSG]) return;
  ProgramQuery query;
  std::uint32_t id = 0;
  while (bpf_map_get_next_id(id, &id) == 0) {
    const Fd map(bpf_map_get_fd_by_id(id));
    bpf_map_info info{};
    std::uint32_t size = sizeof info;
    if (!map.valid() || bpf_map_get_info_by_fd(map.get(), &info, &size) != 0) continue;
    if (info.type == BPF_MAP_TYPE_SOCKMAP || info.type == BPF_MAP_TYPE_SOCKHASH)
      look_at_map(look, query, map.get(), info);
  }
}

}  // namespace gancho
