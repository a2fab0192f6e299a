// SPDX-License-Identifier: Apache-2.0
#include "attached/place_links.h"

#include <gtest/gtest.h>
#include <linux/bpf.h>

namespace gancho {
namespace {

PlaceLink at_interface(std::uint32_t id, std::uint32_t program, std::uint64_t index) {
  return {.id = id,
          .type = BPF_LINK_TYPE_XDP,
          .program = program,
          .attach_type = BPF_XDP,
          .target = index};
}

TEST(PlaceLinks, AreFoundByAllThatIsKnownOfThem) {
  PlaceLinks links({at_interface(1, 10, 2)});
  EXPECT_EQ(links.take(BPF_LINK_TYPE_TCX, 2, BPF_XDP, 10), 0U);
  EXPECT_EQ(links.take(BPF_LINK_TYPE_XDP, 3, BPF_XDP, 10), 0U);
  EXPECT_EQ(links.take(BPF_LINK_TYPE_XDP, 2, BPF_SK_LOOKUP, 10), 0U);
  EXPECT_EQ(links.take(BPF_LINK_TYPE_XDP, 2, BPF_XDP, 11), 0U);
  EXPECT_EQ(links.take(BPF_LINK_TYPE_XDP, 2, BPF_XDP, 10), 1U);
}

TEST(PlaceLinks, AreGivenAwayOnce) {
  PlaceLinks links({at_interface(1, 10, 2), at_interface(2, 10, 2), at_interface(3, 10, 2)});
  links.take(2);
  EXPECT_EQ(links.take(BPF_LINK_TYPE_XDP, 2, BPF_XDP, 10), 1U);
  EXPECT_EQ(links.take(BPF_LINK_TYPE_XDP, 2, BPF_XDP, 10), 3U);
  EXPECT_EQ(links.take(BPF_LINK_TYPE_XDP, 2, BPF_XDP, 10), 0U);
}

TEST(PlaceLinks, HaveNamesForTheirAttachTypes) {
  EXPECT_EQ(place_of_attach_type(BPF_CGROUP_INET_INGRESS), "cgroup_inet_ingress");
  EXPECT_EQ(place_of_attach_type(BPF_LSM_CGROUP), "lsm_cgroup");
  EXPECT_EQ(place_of_attach_type(BPF_FLOW_DISSECTOR), "flow_dissector");
  EXPECT_EQ(place_of_attach_type(100'000), "100000");
  EXPECT_EQ(how_of_sockmap(BPF_SK_SKB_VERDICT), "sk_skb verdict");
  EXPECT_EQ(how_of_sockmap(BPF_SK_MSG_VERDICT), "sk_msg verdict");
}

}  // namespace
}  // namespace gancho
