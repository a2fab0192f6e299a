// SPDX-License-Identifier: Apache-2.0
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <places.skel.h>

#include <optional>
#include <tuple>

#include "attached/place_stage.h"

namespace gancho::test {
namespace {

std::uint32_t id_of_map(const bpf_map* map) {
  bpf_map_info info{};
  std::uint32_t size = sizeof info;
  EXPECT_EQ(bpf_map_get_info_by_fd(bpf_map__fd(map), &info, &size), 0);
  return info.id;
}

TEST(SockmapPlaces, AreTheMaps) {
  Programs& programs = test_programs();
  const auto& all = programs.all().progs;
  const auto& maps = programs.all().maps;
  const int socks = bpf_map__fd(maps.socks);
  const int hash = bpf_map__fd(maps.sock_hash);
  const auto attach = [](const bpf_program* program, int map, bpf_attach_type type) {
    ASSERT_EQ(bpf_prog_attach(bpf_program__fd(program), map, type, 0), 0);
  };
  attach(all.skb_parser, socks, BPF_SK_SKB_STREAM_PARSER);
  attach(all.skb_stream_verdict, socks, BPF_SK_SKB_STREAM_VERDICT);
  attach(all.skb_verdict, hash, BPF_SK_SKB_VERDICT);
  // Since Linux 6.10 by a link.
  std::optional<Link> message;
  if (libbpf_find_vmlinux_btf_id("sock_map_link_create", BPF_TRACE_FENTRY) > 0)
    message.emplace(
        bpf_link_create(bpf_program__fd(all.msg_verdict), hash, BPF_SK_MSG_VERDICT, nullptr));
  else
    attach(all.msg_verdict, hash, BPF_SK_MSG_VERDICT);

  const auto line = [](const char* how, const bpf_map* map, const char* name, std::uint32_t link,
                       const bpf_program* program) {
    return fmt::format("{} | - | map {} {} |  |  | network 0 | link {} | program {}", how,
                       id_of_map(map), name, link, id_of(program));
  };
  const auto found = words_of(look(), programs);
  for (const auto& [program, map, type] :
       {std::tuple(all.skb_parser, socks, BPF_SK_SKB_STREAM_PARSER),
        std::tuple(all.skb_stream_verdict, socks, BPF_SK_SKB_STREAM_VERDICT),
        std::tuple(all.skb_verdict, hash, BPF_SK_SKB_VERDICT),
        std::tuple(all.msg_verdict, hash, BPF_SK_MSG_VERDICT)})
    if (!message || type != BPF_SK_MSG_VERDICT) {
      EXPECT_EQ(bpf_prog_detach2(bpf_program__fd(program), map, type), 0);
    }
  EXPECT_THAT(found,
              testing::UnorderedElementsAreArray({
                  line("sk_skb stream parser", maps.socks, "socks", 0, all.skb_parser),
                  line("sk_skb stream verdict", maps.socks, "socks", 0, all.skb_stream_verdict),
                  line("sk_skb verdict", maps.sock_hash, "sock_hash", 0, all.skb_verdict),
                  line("sk_msg verdict", maps.sock_hash, "sock_hash", message ? message->id() : 0,
                       all.msg_verdict),
              }));
}

}  // namespace
}  // namespace gancho::test
