// SPDX-License-Identifier: Apache-2.0
//
// One network namespace's interfaces: what rtnetlink tells of each, and what BPF itself does.
#include <bpf/bpf.h>
#include <fmt/format.h>
#include <linux/if_link.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>
#include <utility>

#include "attached/net_messages.h"
#include "attached/netlink.h"
#include "attached/place_look.h"
#include "attached/program_query.h"

namespace gancho {
namespace {

// RTEXT_FILTER_SKIP_STATS: counters are half of the answer.
constexpr std::uint32_t k_no_counters = 1U << 3;

template <class Number>
std::string_view bytes_of(const Number& number) {
  return {reinterpret_cast<const char*>(&number), sizeof number};
}

// As tc(8) writes them: "1:", "1:2"
std::string qdisc_words(std::uint32_t number) {
  const std::uint32_t minor = TC_H_MIN(number);
  return fmt::format("{:x}:", TC_H_MAJ(number) >> 16) +
         (minor == 0 ? "" : fmt::format("{:x}", minor));
}

class InterfaceLook {
 public:
  InterfaceLook(PlaceLook& look, RouteSocket socket, std::uint64_t network)
      : look_(look), socket_(std::move(socket)), network_(network) {}

  void run() {
    Question question(RTM_GETLINK, ifinfomsg{});
    question.add(IFLA_EXT_MASK, bytes_of(k_no_counters));
    for (const std::string& body : list(question))
      if (auto found = parse_interface(body)) interfaces_.push_back(std::move(*found));
    for (const NetInterface& interface : interfaces_) {
      add_xdp(interface);
      if (look_.loaded[BPF_PROG_TYPE_SCHED_CLS]) add_linked(interface);
    }
    if (look_.loaded[BPF_PROG_TYPE_SCHED_CLS] || look_.loaded[BPF_PROG_TYPE_SCHED_ACT])
      add_filters();
    if (look_.loaded[BPF_PROG_TYPE_SCHED_ACT]) add_idle_actions();
  }

 private:
  std::vector<std::string> list(const Question& question) {
    auto bodies = socket_.list(question);
    if (bodies) return std::move(*bodies);
    look_.blank("interfaces of some network namespaces: " + bodies.error().message);
    return {};
  }

  void add_xdp(const NetInterface& interface) {
    for (const XdpProgram& one : interface.xdp)
      look_.add(
          {.program = one.program,
           .link = look_.links.take(BPF_LINK_TYPE_XDP, static_cast<std::uint64_t>(interface.index),
                                    BPF_XDP, one.program),
           .how = "xdp",
           .kind = PlaceKind::xdp,
           .place = "xdp " + interface.name,
           .detail = std::string(one.mode),
           .network = network_});
  }

  // tcx and netkit.
  void add_linked(const NetInterface& interface) {
    ask(interface, BPF_TCX_INGRESS, PlaceKind::tcx, " ingress");
    ask(interface, BPF_TCX_EGRESS, PlaceKind::tcx, " egress");
    if (!interface.netkit) return;
    // The pair's first end answers for both, the other one refuses.
    ask(interface, BPF_NETKIT_PRIMARY, PlaceKind::netkit, " primary");
    ask(interface, BPF_NETKIT_PEER, PlaceKind::netkit, " peer");
  }

  void ask(const NetInterface& interface, bpf_attach_type type, PlaceKind kind, const char* where) {
    const int error = query_.ask(interface.index, type, ProgramQuery::Also::links);
    const std::string how(place_kind_name(kind));
    // EINVAL: a kernel without it; ENOENT, ENODEV: nothing there, or no interface any more.
    if (error != 0 && error != EINVAL && error != ENOENT && error != ENODEV && error != EACCES)
      look_.blank(how + " of some interfaces: " + std::strerror(error));
    for (const auto& one : query_.answer()) {
      look_.links.take(one.link);
      look_.add({.program = one.program,
                 .link = one.link,
                 .how = how,
                 .kind = kind,
                 .place = how + ' ' + interface.name + where,
                 .network = network_});
    }
  }

  void add_filters() {
    for (const std::string& body : list(Question(RTM_GETQDISC, tcmsg{}))) {
      const auto qdisc = parse_qdisc(body);
      if (!qdisc || qdisc->kind == "noqueue") continue;
      const auto interface = std::ranges::find(interfaces_, qdisc->interface, &NetInterface::index);
      if (interface != interfaces_.end()) add_filters_of(*interface, *qdisc);
    }
  }

  void add_filters_of(const NetInterface& interface, const Qdisc& qdisc) {
    const std::string place = "tc " + interface.name;
    if (qdisc.kind == "clsact") {
      constexpr std::uint32_t k_major = TC_H_CLSACT & TC_H_MAJ_MASK;
      ask_filters(interface, k_major | TC_H_MIN_INGRESS, place + " ingress", "");
      ask_filters(interface, k_major | TC_H_MIN_EGRESS, place + " egress", "");
      return;
    }
    if (qdisc.kind == "ingress") {
      ask_filters(interface, qdisc.handle, place + " ingress", "");
      return;
    }
    // The queues of a device. One without a handle can be named when it is the outermost only.
    if (qdisc.handle == 0 && qdisc.parent != TC_H_ROOT) return;
    const std::string whose = qdisc.kind + ' ' + qdisc_words(qdisc.handle);
    ask_filters(interface, qdisc.handle, place + " egress", whose);
    // The kinds that let each class have filters of its own.
    if (qdisc.kind != "htb" && qdisc.kind != "hfsc" && qdisc.kind != "cbq") return;
    tcmsg header{};
    header.tcm_ifindex = interface.index;
    header.tcm_parent = qdisc.handle;
    for (const std::string& body : list(Question(RTM_GETTCLASS, header)))
      if (const std::uint32_t number = parse_class(body);
          TC_H_MAJ(number) == qdisc.handle && number != qdisc.handle)
        ask_filters(interface, number, place + " egress", qdisc.kind + ' ' + qdisc_words(number));
  }

  // `whose`: the qdisc or class, where the place does not say it.
  void ask_filters(const NetInterface& interface, std::uint32_t parent, const std::string& place,
                   const std::string& whose) {
    tcmsg header{};
    header.tcm_ifindex = interface.index;
    header.tcm_parent = parent;
    for (const std::string& body : list(Question(RTM_GETTFILTER, header)))
      if (const auto filter = parse_filter(body)) add_filter(*filter, place, whose);
  }

  void add_filter(const Filter& filter, const std::string& place, const std::string& whose) {
    const std::string before = whose.empty() ? "" : whose + ", ";
    std::string where = fmt::format("prio {} handle {:#x}", filter.prio, filter.handle);
    if (filter.chain != 0) where += fmt::format(" chain {}", filter.chain);
    Attachment found{.how = "tc", .kind = PlaceKind::tc, .place = place, .network = network_};
    if (filter.program != 0) {
      found.program = filter.program;
      found.detail = before + (filter.direct_action ? "direct-action, " : "") + where;
      look_.add(found);
    }
    for (const BpfAction& action : filter.actions) {
      in_use_.insert(action.index);
      found.program = action.program;
      found.how = "tc action";
      found.detail = fmt::format("{}{} {}, action {}", before, filter.kind, where, action.index);
      look_.add(found);
    }
  }

  // Actions can be made without a filter that uses them.
  void add_idle_actions() {
    Question question(RTM_GETACTION, tcamsg{});
    // In a list, as if it were to be made.
    question.add(TCA_ACT_TAB, attribute(1, attribute(TCA_ACT_KIND, std::string_view("bpf\0", 4))));
    for (const std::string& body : list(question))
      for (const BpfAction& action : parse_actions(body))
        if (!in_use_.contains(action.index))
          look_.add({.program = action.program,
                     .how = "tc action",
                     .place = "tc action " + std::to_string(action.index),
                     .detail = "no filter that we know uses it",
                     .network = network_});
  }

  PlaceLook& look_;
  RouteSocket socket_;
  std::uint64_t network_;
  ProgramQuery query_;
  std::vector<NetInterface> interfaces_;
  std::set<std::uint32_t> in_use_;  // actions
};

}  // namespace

bool can_be_at_interfaces(const ProgramTypes& loaded) {
  return loaded[BPF_PROG_TYPE_XDP] || loaded[BPF_PROG_TYPE_SCHED_CLS] ||
         loaded[BPF_PROG_TYPE_SCHED_ACT];
}

void look_at_interfaces(PlaceLook& look, std::uint64_t inode) {
  auto socket = RouteSocket::create();
  if (!socket) {
    look.blank("interfaces of some network namespaces: " + socket.error().message);
    return;
  }
  InterfaceLook(look, std::move(*socket), inode).run();
}

}  // namespace gancho
