// SPDX-License-Identifier: Apache-2.0
#include "attached/netlink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/if_link.h>
#include <linux/pkt_cls.h>
#include <linux/tc_act/tc_bpf.h>

#include <cstring>

#include "attached/net_messages.h"

namespace gancho {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

template <class Plain>
std::string bytes_of(const Plain& plain) {
  return {reinterpret_cast<const char*>(&plain), sizeof plain};
}

std::string number(std::uint16_t type, std::uint32_t value) {
  return attribute(type, bytes_of(value));
}

std::string text(std::uint16_t type, std::string_view value) {
  return attribute(type, std::string(value) + '\0');
}

std::vector<std::uint16_t> types_of(std::string_view bytes) {
  std::vector<std::uint16_t> types;
  while (const auto one = next_attribute(bytes)) types.push_back(one->type);
  return types;
}

// With a length that is not its own.
std::string lying(std::uint16_t length) {
  std::string bytes = number(7, 1);
  std::memcpy(bytes.data(), &length, sizeof length);
  return bytes;
}

TEST(Attributes, AreReadOneAfterTheOther) {
  constexpr std::uint16_t k_nested = 3 | NLA_F_NESTED;
  const std::string bytes = text(1, "ab") + number(2, 5) + attribute(k_nested, "");
  EXPECT_THAT(types_of(bytes), ElementsAre(1, 2, 3));
  EXPECT_EQ(text_of(find_attribute(bytes, 1)), "ab");
  EXPECT_EQ(number_of(find_attribute(bytes, 2)), 5U);
  EXPECT_EQ(find_attribute(bytes, 4), "");
}

TEST(Attributes, EndWhereALengthMakesNoSense) {
  for (const std::uint16_t length : std::vector<std::uint16_t>{0, 1, 3, 9, 100, 0xffff})
    EXPECT_THAT(types_of(number(1, 1) + lying(length)), ElementsAre(1)) << length;
  EXPECT_THAT(types_of(number(1, 1) + "abc"), ElementsAre(1)) << "no room for a header";
  // The last one need not be padded.
  EXPECT_EQ(text_of(find_attribute(lying(5).substr(0, 5), 7)), "\x01");
}

TEST(Attributes, AreNoNumbersUnlessOfTheirSize) {
  EXPECT_EQ(number_of(""), 0U);
  EXPECT_EQ(number_of("abc"), 0U);
  EXPECT_EQ(number_of("abcde"), 0U);
}

std::string interface_message() {
  ifinfomsg header{};
  header.ifi_index = 7;
  return bytes_of(header) + text(IFLA_IFNAME, "eth0") +
         attribute(IFLA_LINKINFO, text(IFLA_INFO_KIND, "netkit")) +
         attribute(IFLA_XDP, attribute(IFLA_XDP_ATTACHED, "\x04") +
                                 number(IFLA_XDP_DRV_PROG_ID, 11) +
                                 number(IFLA_XDP_SKB_PROG_ID, 12));
}

std::string bpf_action(std::uint32_t program, std::uint32_t index) {
  tc_act_bpf parameters{};
  parameters.index = index;
  return text(TCA_ACT_KIND, "bpf") +
         attribute(TCA_ACT_OPTIONS, attribute(TCA_ACT_BPF_PARMS, bytes_of(parameters)) +
                                        number(TCA_ACT_BPF_ID, program));
}

std::string filter_message(std::string_view kind, const std::string& options) {
  tcmsg header{};
  header.tcm_handle = 1;
  header.tcm_info = 7U << 16 | 0x0300;
  return bytes_of(header) + text(TCA_KIND, kind) + number(TCA_CHAIN, 4) +
         attribute(TCA_OPTIONS, options);
}

TEST(Messages, TellAnInterfacesPrograms) {
  const auto found = parse_interface(interface_message());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->index, 7);
  EXPECT_EQ(found->name, "eth0");
  EXPECT_TRUE(found->netkit);
  ASSERT_EQ(found->xdp.size(), 2U);
  EXPECT_EQ(found->xdp[0].mode, "native");
  EXPECT_EQ(found->xdp[0].program, 11U);
  EXPECT_EQ(found->xdp[1].mode, "generic");
  EXPECT_EQ(found->xdp[1].program, 12U);
}

TEST(Messages, TellAClassifierAndItsActions) {
  const std::string actions = attribute(1, bpf_action(21, 3)) +
                              attribute(2, text(TCA_ACT_KIND, "gact")) +
                              attribute(3, bpf_action(22, 4));
  const auto found = parse_filter(filter_message(
      "bpf", number(TCA_BPF_ID, 20) + number(TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT) +
                 attribute(TCA_BPF_ACT, actions)));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kind, "bpf");
  EXPECT_EQ(found->program, 20U);
  EXPECT_TRUE(found->direct_action);
  EXPECT_EQ(found->handle, 1U);
  EXPECT_EQ(found->prio, 7U);
  EXPECT_EQ(found->chain, 4U);
  ASSERT_EQ(found->actions.size(), 2U);
  EXPECT_EQ(found->actions[0].program, 21U);
  EXPECT_EQ(found->actions[0].index, 3U);
  EXPECT_EQ(found->actions[1].program, 22U);

  // The same numbers mean something else to another classifier.
  const auto other = parse_filter(
      filter_message("matchall", number(TCA_BPF_ID, 20) + attribute(TCA_MATCHALL_ACT, actions)));
  ASSERT_TRUE(other);
  EXPECT_EQ(other->program, 0U);
  EXPECT_EQ(other->actions.size(), 2U);
  EXPECT_THAT(
      parse_filter(filter_message("strange", attribute(TCA_MATCHALL_ACT, actions)))->actions,
      IsEmpty());
}

TEST(Messages, TellActionsOfANamespace) {
  const std::string message =
      bytes_of(tcamsg{}) + attribute(TCA_ACT_TAB, attribute(1, bpf_action(30, 9)));
  const auto found = parse_actions(message);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].program, 30U);
  EXPECT_EQ(found[0].index, 9U);
}

// Cut off anywhere, or with any byte changed, they say less or something else, and nothing breaks.
TEST(Messages, MayBeBroken) {
  const std::string whole[] = {
      interface_message(),
      filter_message(
          "bpf", number(TCA_BPF_ID, 20) + attribute(TCA_BPF_ACT, attribute(1, bpf_action(21, 3))))};
  const auto read = [](const std::string& message) {
    // A copy of its size: a read behind it is seen by the address sanitizer.
    const std::vector<char> bytes(message.begin(), message.end());
    const std::string_view view(bytes.data(), bytes.size());
    (void)parse_interface(view);
    (void)parse_filter(view);
    (void)parse_actions(view);
    (void)parse_qdisc(view);
    (void)parse_class(view);
  };
  for (const std::string& message : whole) {
    for (std::size_t size = 0; size < message.size(); ++size) read(message.substr(0, size));
    for (std::size_t at = 0; at < message.size(); ++at)
      for (const char value : {'\x00', '\x01', '\x04', '\x7f', '\xff'}) {
        std::string changed = message;
        changed[at] = value;
        read(changed);
      }
  }
  EXPECT_FALSE(parse_interface("short"));
  EXPECT_FALSE(parse_filter("short"));
  EXPECT_FALSE(parse_qdisc("short"));
}

}  // namespace
}  // namespace gancho
