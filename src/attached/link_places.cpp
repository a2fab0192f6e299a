// SPDX-License-Identifier: Apache-2.0
//
// Where a link says that its program is. Perf events and struct_ops have files of their own; links
// of interfaces, namespaces, cgroups and maps of sockets are found where all programs of a place
// are asked for.
#include <fmt/format.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "attached/reading.h"
#include "attached/type_words.h"

namespace gancho {
namespace {

// A raw tracepoint that the program knows by its types.
std::string how_at_tracepoint(std::uint32_t program_type) {
  return program_type == BPF_PROG_TYPE_TRACING ? "tp_btf" : "raw_tracepoint";
}

std::string how_at_function(std::uint32_t attach_type) {
  switch (attach_type) {
    case BPF_TRACE_FENTRY:
      return "fentry";
    case BPF_TRACE_FEXIT:
      return "fexit";
    case BPF_MODIFY_RETURN:
      return "fmod_ret";
    case BPF_LSM_MAC:
      return "lsm";
    case BPF_TRACE_RAW_TP:
      return "tp_btf";
    default:
      return attach_type_word(attach_type);
  }
}

std::string_view without(std::string_view prefix, std::string_view name) {
  if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  return name;
}

// Does the link lead to a function of the kernel, and not of another program? Both are named by a
// number, of BTF or of the program.
bool is_at_kernel(Reading& reading, const LinkWords& link) {
  if (reading.type_of_program(link.info.prog_id) == BPF_PROG_TYPE_EXT) return false;
  const auto target = reading.targets.find(link.info.prog_id);
  if (target != reading.targets.end() && target->second.told)
    return reading.types.is_kernel(target->second.btf);
  return reading.types.is_kernel(link.info.tracing.target_obj_id);
}

void add_tracing(Reading& reading, const LinkWords& link, Attachment attachment) {
  const auto& tracing = link.info.tracing;
  const bool extension = reading.type_of_program(link.info.prog_id) == BPF_PROG_TYPE_EXT;
  attachment.how = extension ? "freplace" : how_at_function(tracing.attach_type);
  if (is_at_kernel(reading, link)) {
    const std::string name = reading.types.name(tracing.target_obj_id, tracing.target_btf_id);
    if (attachment.how == "lsm") {
      attachment.kind = PlaceKind::lsm;
      attachment.place = without("bpf_lsm_", name);
    } else if (attachment.how == "tp_btf") {
      attachment.kind = PlaceKind::btf_tracepoint;
      attachment.place = without("btf_trace_", name);
    } else {
      attachment.kind = PlaceKind::function;
      attachment.place = name;
    }
  } else {
    attachment.place = fmt::format("program {}", tracing.target_obj_id);
    const auto target = reading.attached.programs.find(tracing.target_obj_id);
    if (target != reading.attached.programs.end())
      attachment.detail = reading.types.name(target->second.btf, tracing.target_btf_id);
  }
  reading.add(std::move(attachment));
}

void add_iterator(Reading& reading, const LinkWords& link, Attachment attachment) {
  const auto& iterator = link.info.iter;
  attachment.how = "iterator";
  attachment.kind = PlaceKind::iterator;
  attachment.place = link.name;
  if (iterator.map.map_id != 0 &&
      (link.name == "bpf_map_elem" || link.name == "bpf_sk_storage_map" || link.name == "sockmap"))
    attachment.detail = fmt::format("map {}", iterator.map.map_id);
  if (link.name.starts_with("task") && iterator.task.pid != 0)
    attachment.detail = fmt::format("process {}", iterator.task.pid);
  if (link.name.starts_with("task") && iterator.task.pid == 0 && iterator.task.tid != 0)
    attachment.detail = fmt::format("thread {}", iterator.task.tid);
  reading.add(std::move(attachment));
}

std::string number_of_places(std::string_view what, std::size_t count) {
  return count == 1 ? std::string() : fmt::format("multi, {} {}", count, what);
}

// One for each function: who looks for what hangs on a function finds it by its name.
void add_kprobes(Reading& reading, const LinkWords& link, Attachment attachment) {
  const bool returns = (link.info.kprobe_multi.flags & BPF_F_KPROBE_MULTI_RETURN) != 0;
  attachment.how = returns ? "kretprobe" : "kprobe";
  const std::string detail = number_of_places("functions", link.places.size());
  const bool hidden =
      std::ranges::all_of(link.places, [](std::uint64_t address) { return address == 0; });
  if (hidden) {
    if (!link.places.empty())
      reading.blank("the kernel hides the addresses of functions that kprobes are at");
    attachment.detail =
        link.places.empty() ? "multi; the kernel tells where from Linux 6.6 on" : detail;
    reading.add(std::move(attachment));
    return;
  }
  attachment.kind = PlaceKind::function;
  for (const std::uint64_t address : link.places) {
    Attachment one = attachment;
    one.detail = detail;
    if (const auto function = reading.symbols.find(address)) {
      one.place = function->name;
      // A function's beginning may be behind the mark for indirect branches, of 4 bytes.
      if (function->offset > 4)
        one.detail += fmt::format("{}+0x{:x}", detail.empty() ? "" : "; ", function->offset);
    } else {
      one.kind.reset();
      one.place = fmt::format("0x{:x}", address);
    }
    reading.add(std::move(one));
  }
}

void add_uprobes(Reading& reading, const LinkWords& link, Attachment attachment) {
  const auto& uprobes = link.info.uprobe_multi;
  attachment.how = (uprobes.flags & BPF_F_UPROBE_MULTI_RETURN) != 0 ? "uretprobe" : "uprobe";
  attachment.detail = number_of_places("places", link.places.size());
  if (uprobes.pid != 0)
    attachment.detail +=
        fmt::format("{}process {}", attachment.detail.empty() ? "" : "; ", uprobes.pid);
  if (link.places.empty()) {
    attachment.detail = "multi; the kernel tells where from Linux 6.8 on";
    reading.add(std::move(attachment));
    return;
  }
  for (const std::uint64_t offset : link.places) {
    Attachment one = attachment;
    one.place = fmt::format("{}+0x{:x}", link.name, offset);
    reading.add(std::move(one));
  }
}

// A link of Netfilter is in the namespace of whoever made it; the kernel does not tell which, its
// owners do.
std::uint64_t network_of_owners(const Reading& reading, std::uint32_t link) {
  const auto inode = [](const std::string& process) -> std::uint64_t {
    struct stat status{};
    return ::stat(("/proc/" + process + "/ns/net").c_str(), &status) == 0 ? status.st_ino : 0;
  };
  std::uint64_t network = 0;
  for (const HeldLink& held : reading.held_links) {
    if (held.link != link) continue;
    const std::uint64_t one = inode(std::to_string(held.task));
    if (network != 0 && one != network) return 0;
    network = one;
  }
  return network == inode("self") ? 0 : network;
}

void add_netfilter(Reading& reading, const LinkWords& link, Attachment attachment) {
  constexpr std::array<std::string_view, NF_INET_NUMHOOKS> k_hooks{
      "pre_routing", "local_in", "forward", "local_out", "post_routing"};
  const auto& netfilter = link.info.netfilter;
  const std::string family = netfilter.pf == NFPROTO_IPV4   ? "ipv4"
                             : netfilter.pf == NFPROTO_IPV6 ? "ipv6"
                                                            : fmt::format("pf {}", netfilter.pf);
  attachment.how = "netfilter";
  attachment.kind = PlaceKind::netfilter;
  attachment.place = netfilter.hooknum < k_hooks.size()
                         ? fmt::format("netfilter {} {}", family, k_hooks[netfilter.hooknum])
                         : fmt::format("netfilter {} hook {}", family, netfilter.hooknum);
  attachment.detail = fmt::format("prio {}", netfilter.priority);
  if ((netfilter.flags & BPF_F_NETFILTER_IP_DEFRAG) != 0) attachment.detail += ", defragments";
  attachment.network = network_of_owners(reading, attachment.link);
  reading.add(std::move(attachment));
}

}  // namespace

void add_link_places(Reading& reading) {
  for (const auto& [id, link] : reading.links) {
    Attachment attachment = attachment_of(link.info.prog_id, id);
    switch (link.info.type) {
      case BPF_LINK_TYPE_RAW_TRACEPOINT: {
        attachment.how = how_at_tracepoint(reading.type_of_program(link.info.prog_id));
        attachment.kind =
            attachment.how == "tp_btf" ? PlaceKind::btf_tracepoint : PlaceKind::raw_tracepoint;
        attachment.place = link.name;
        reading.add(std::move(attachment));
        break;
      }
      case BPF_LINK_TYPE_TRACING:
        add_tracing(reading, link, std::move(attachment));
        break;
      case BPF_LINK_TYPE_ITER:
        add_iterator(reading, link, std::move(attachment));
        break;
      case BPF_LINK_TYPE_KPROBE_MULTI:
        add_kprobes(reading, link, std::move(attachment));
        break;
      case BPF_LINK_TYPE_UPROBE_MULTI:
        add_uprobes(reading, link, std::move(attachment));
        break;
      case BPF_LINK_TYPE_NETFILTER:
        add_netfilter(reading, link, std::move(attachment));
        break;
      // Others' chapters; and of type 0 nothing is known but that a perf event is behind it.
      case BPF_LINK_TYPE_UNSPEC:
      case BPF_LINK_TYPE_PERF_EVENT:
      case BPF_LINK_TYPE_STRUCT_OPS:
      case BPF_LINK_TYPE_SOCKMAP:
      case BPF_LINK_TYPE_CGROUP:
      case BPF_LINK_TYPE_NETNS:
      case BPF_LINK_TYPE_XDP:
      case BPF_LINK_TYPE_TCX:
      case BPF_LINK_TYPE_NETKIT:
        break;
      default:  // a kind that is newer than we are
        attachment.how = link_type_word(link.info.type);
        if (attachment.program != 0) reading.add(std::move(attachment));
    }
  }
}

}  // namespace gancho
