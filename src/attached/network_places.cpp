// SPDX-License-Identifier: Apache-2.0
#include <bpf/bpf.h>
#include <fcntl.h>
#include <sched.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "attached/networks.h"
#include "attached/place_look.h"
#include "attached/program_query.h"
#include "load/kernel_btf.h"
#include "load/trials.h"

namespace gancho {
namespace {

// What belongs to a namespace as a whole. `inode` is its own, `network` what attachments bear.
void look_at_namespace(PlaceLook& look, int network_file, std::uint64_t inode,
                       std::uint64_t network) {
  struct Kind {
    bpf_prog_type program;
    bpf_attach_type attach;
  };
  ProgramQuery query;
  for (const auto& [program, attach] : {Kind{BPF_PROG_TYPE_FLOW_DISSECTOR, BPF_FLOW_DISSECTOR},
                                        Kind{BPF_PROG_TYPE_SK_LOOKUP, BPF_SK_LOOKUP}}) {
    if (!look.loaded[program]) continue;
    const std::string how = place_of_attach_type(attach);
    if (const int error = query.ask(network_file, attach); error != 0 && error != EINVAL)
      look.blank(how + " of some network namespaces: " + std::strerror(error));
    for (const auto& one : query.answer())
      look.add({.program = one.program,
                .link = look.links.take(BPF_LINK_TYPE_NETNS, inode, attach, one.program),
                .how = how,
                .place = "network namespace",
                .network = network});
  }
}

// A kernel that does not know the question would look for a module that answers it. Its types take
// a while to read, and stay.
bool tells_xdp_features() {
  static const bool tells = [] {
    const auto types = KernelBtf::create();
    return types && !types->enumeration("netdev_xdp_act").empty();
  }();
  return tells;
}

void look_at_other(PlaceLook& look, const FoundNetwork& network) {
  const std::uint64_t inode = network.facts.inode;
  const Fd file = open_network(network);
  if (!file.valid()) return;
  NetworkNamespace facts = network.facts;
  look_at_namespace(look, file.get(), inode, inode);
  // A namespace is a thread's.
  int refused = 0;
  const int error = in_own_thread([&] {
    if (setns(file.get(), CLONE_NEWNET) != 0) {
      refused = errno;
      return;
    }
    facts.interfaces = read_interfaces(tells_xdp_features());
    if (can_be_at_interfaces(look.loaded)) look_at_interfaces(look, inode);
  });
  look.attached.networks.push_back(std::move(facts));
  if (error != 0 || refused != 0)
    look.blank(std::string("some network namespaces could not be entered: ") +
               std::strerror(error != 0 ? error : refused));
}

}  // namespace

void look_at_networks(PlaceLook& look) {
  FoundNetworks found = find_networks();
  for (std::string& blank : found.blanks) look.blank(std::move(blank));
  const Fd ours(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  if (ours.valid()) look_at_namespace(look, ours.get(), found.ours, 0);
  if (can_be_at_interfaces(look.loaded)) look_at_interfaces(look, 0);
  for (const FoundNetwork& network : found.other) look_at_other(look, network);
}

}  // namespace gancho
