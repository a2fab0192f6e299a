// SPDX-License-Identifier: Apache-2.0
#include "attached/net_messages.h"

#include <linux/if_link.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/tc_act/tc_bpf.h>

#include <array>

#include "attached/netlink.h"

namespace gancho {
namespace {

// Where each classifier has its actions among its options.
struct Classifier {
  std::string_view kind;
  std::uint16_t actions;
};
constexpr std::array k_classifiers{
    Classifier{"bpf", TCA_BPF_ACT},           Classifier{"basic", TCA_BASIC_ACT},
    Classifier{"cgroup", TCA_CGROUP_ACT},     Classifier{"flow", TCA_FLOW_ACT},
    Classifier{"flower", TCA_FLOWER_ACT},     Classifier{"fw", TCA_FW_ACT},
    Classifier{"matchall", TCA_MATCHALL_ACT}, Classifier{"route", TCA_ROUTE4_ACT},
    Classifier{"rsvp", TCA_RSVP_ACT},         Classifier{"rsvp6", TCA_RSVP_ACT},
    Classifier{"tcindex", TCA_TCINDEX_ACT},   Classifier{"u32", TCA_U32_ACT},
};

// A list of actions: an attribute for each, numbered in their order.
std::vector<BpfAction> bpf_actions(std::string_view list) {
  std::vector<BpfAction> found;
  while (const auto action = next_attribute(list)) {
    if (text_of(find_attribute(action->value, TCA_ACT_KIND)) != "bpf") continue;
    const std::string_view options = find_attribute(action->value, TCA_ACT_OPTIONS);
    const std::uint32_t program = number_of(find_attribute(options, TCA_ACT_BPF_ID));
    if (program == 0) continue;  // classic BPF
    const auto parameters = header_of<tc_act_bpf>(find_attribute(options, TCA_ACT_BPF_PARMS));
    found.push_back({.program = program, .index = parameters ? parameters->index : 0});
  }
  return found;
}

}  // namespace

std::optional<NetInterface> parse_interface(std::string_view link_message) {
  const auto header = header_of<ifinfomsg>(link_message);
  if (!header) return std::nullopt;
  const std::string_view attributes = behind<ifinfomsg>(link_message);
  NetInterface found{.index = header->ifi_index,
                     .name = text_of(find_attribute(attributes, IFLA_IFNAME)),
                     .netkit = false,
                     .xdp = {}};
  const std::string_view info = find_attribute(attributes, IFLA_LINKINFO);
  found.netkit = text_of(find_attribute(info, IFLA_INFO_KIND)) == "netkit";
  const std::string_view xdp = find_attribute(attributes, IFLA_XDP);
  struct Mode {
    std::uint16_t attribute;
    std::string_view name;
  };
  for (const auto& [attribute, name] :
       {Mode{IFLA_XDP_DRV_PROG_ID, "native"}, Mode{IFLA_XDP_SKB_PROG_ID, "generic"},
        Mode{IFLA_XDP_HW_PROG_ID, "offload"}})
    if (const std::uint32_t program = number_of(find_attribute(xdp, attribute)); program != 0)
      found.xdp.push_back({.mode = name, .program = program});
  return found;
}

std::optional<Qdisc> parse_qdisc(std::string_view qdisc_message) {
  const auto header = header_of<tcmsg>(qdisc_message);
  if (!header) return std::nullopt;
  return Qdisc{.interface = header->tcm_ifindex,
               .handle = header->tcm_handle,
               .parent = header->tcm_parent,
               .kind = text_of(find_attribute(behind<tcmsg>(qdisc_message), TCA_KIND))};
}

std::uint32_t parse_class(std::string_view class_message) {
  const auto header = header_of<tcmsg>(class_message);
  return header ? header->tcm_handle : 0;
}

std::optional<Filter> parse_filter(std::string_view filter_message) {
  const auto header = header_of<tcmsg>(filter_message);
  if (!header) return std::nullopt;
  const std::string_view attributes = behind<tcmsg>(filter_message);
  Filter found{.kind = text_of(find_attribute(attributes, TCA_KIND)),
               .program = 0,
               .direct_action = false,
               .handle = header->tcm_handle,
               .prio = TC_H_MAJ(header->tcm_info) >> 16,
               .chain = number_of(find_attribute(attributes, TCA_CHAIN)),
               .actions = {}};
  const std::string_view options = find_attribute(attributes, TCA_OPTIONS);
  if (found.kind == "bpf") {
    found.program = number_of(find_attribute(options, TCA_BPF_ID));
    found.direct_action =
        (number_of(find_attribute(options, TCA_BPF_FLAGS)) & TCA_BPF_FLAG_ACT_DIRECT) != 0;
  }
  for (const auto& [kind, actions] : k_classifiers)
    if (kind == found.kind) found.actions = bpf_actions(find_attribute(options, actions));
  return found;
}

std::vector<BpfAction> parse_actions(std::string_view action_message) {
  return bpf_actions(find_attribute(behind<tcamsg>(action_message), TCA_ACT_TAB));
}

}  // namespace gancho
