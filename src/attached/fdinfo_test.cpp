// SPDX-License-Identifier: Apache-2.0
#include "attached/fdinfo.h"

#include <gtest/gtest.h>

namespace gancho {
namespace {

TEST(Fdinfo, OfAProgram) {
  const auto found = parse_fdinfo(
      "pos:\t0\nflags:\t02000002\nmnt_id:\t16\nino:\t1047\nprog_type:\t26\nprog_jited:\t1\n"
      "prog_tag:\t3f2a9c1b7d5e8f60\nmemlock:\t8192\nprog_id:\t41\nrun_time_ns:\t0\n");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kind, ObjectKind::program);
  EXPECT_EQ(found->id, 41U);
  EXPECT_EQ(found->memory, 8192U);
}

TEST(Fdinfo, OfAMap) {
  const auto found = parse_fdinfo(
      "map_type:\t27\nkey_size:\t0\nvalue_size:\t0\nmax_entries:\t4096\nmap_extra:\t0x0\n"
      "memlock:\t331776\nmap_id:\t7\nfrozen:\t0\n");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kind, ObjectKind::map);
  EXPECT_EQ(found->id, 7U);
  EXPECT_EQ(found->memory, 331776U);
}

TEST(Fdinfo, OfALinkNamesItsProgramToo) {
  const auto found = parse_fdinfo(
      "link_type:\titer\nlink_id:\t3\nprog_tag:\t0000000000000000\nprog_id:\t41\n"
      "target_name:\tbpf_map_elem\nmap_id:\t7\n");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kind, ObjectKind::link);
  EXPECT_EQ(found->id, 3U);
  EXPECT_EQ(found->program, 41U);
}

TEST(Fdinfo, OfSomethingElse) {
  EXPECT_FALSE(parse_fdinfo("pos:\t0\nflags:\t02\neventfd-count:\t0\n"));
  EXPECT_FALSE(parse_fdinfo(""));
  EXPECT_FALSE(parse_fdinfo("map_id"));
  EXPECT_FALSE(parse_fdinfo("map_id:\tx"));
}

TEST(Fdinfo, TellsObjectsByTheirNames) {
  EXPECT_EQ(object_kind_of("anon_inode:bpf-prog"), ObjectKind::program);
  EXPECT_EQ(object_kind_of("anon_inode:bpf-map"), ObjectKind::map);
  EXPECT_EQ(object_kind_of("anon_inode:bpf_link"), ObjectKind::link);
  EXPECT_EQ(object_kind_of("anon_inode:[eventpoll]"), std::nullopt);
  EXPECT_EQ(object_kind_of("/tmp/anon_inode:bpf-map"), std::nullopt);
}

}  // namespace
}  // namespace gancho
