// SPDX-License-Identifier: Apache-2.0
#include "attached/places.h"

#include <bpf/bpf.h>

#include <algorithm>
#include <cerrno>
#include <tuple>
#include <utility>

#include "attached/lsm_hook.h"
#include "attached/place_look.h"
#include "base/fd.h"
#include "load/libbpf_log.h"

namespace gancho {
namespace {

// A link whose place none of the looks came by.
Attachment elsewhere(PlaceLook& look, const PlaceLink& link) {
  Attachment found{.program = link.program, .link = link.id};
  const std::string target = std::to_string(link.target);
  const char* const hidden = "in a network namespace that is not to be seen";
  switch (link.type) {
    case BPF_LINK_TYPE_CGROUP:
      found = look.at_cgroup(link.program, link.id, link.attach_type,
                             place_of_attach_type(link.attach_type));
      found.detail = "cgroup " + target + ", which is not to be seen";
      found.sharing = "multi";
      break;
    case BPF_LINK_TYPE_NETNS:
      found.how = place_of_attach_type(link.attach_type);
      found.place = "network namespace";
      found.network = link.target;
      break;
    case BPF_LINK_TYPE_SOCKMAP:
      found.how = how_of_sockmap(link.attach_type);
      found.place = "map " + target;
      break;
    case BPF_LINK_TYPE_TCX:
      found.how = "tcx";
      found.place = "tcx interface " + target +
                    (link.attach_type == BPF_TCX_INGRESS ? " ingress" : " egress");
      found.detail = hidden;
      break;
    case BPF_LINK_TYPE_NETKIT:
      found.how = "netkit";
      found.place = "netkit interface " + target +
                    (link.attach_type == BPF_NETKIT_PRIMARY ? " primary" : " peer");
      found.detail = hidden;
      break;
    default:
      found.how = "xdp";
      found.place = "xdp interface " + target;
      found.detail = hidden;
  }
  return found;
}

void add_what_only_links_tell(PlaceLook& look) {
  for (const PlaceLink& link : look.links.rest()) {
    Attachment found = elsewhere(look, link);
    if (found.network != 0 &&
        std::ranges::find(look.attached.networks, found.network, &NetworkNamespace::inode) ==
            look.attached.networks.end())
      look.attached.networks.push_back({.inode = found.network, .name = {}, .pid = 0});
    look.add(std::move(found));
  }
}

// Kinds of programs of which the kernel tells nobody where they hang.
void add_blanks(PlaceLook& look) {
  const auto any = [&](std::initializer_list<bpf_prog_type> types) {
    return std::ranges::any_of(types, [&](bpf_prog_type type) { return look.loaded[type]; });
  };
  if (any({BPF_PROG_TYPE_SOCKET_FILTER, BPF_PROG_TYPE_SK_REUSEPORT}))
    look.blank("socket filters: the kernel does not tell which sockets have which");
  if (any({BPF_PROG_TYPE_LWT_IN, BPF_PROG_TYPE_LWT_OUT, BPF_PROG_TYPE_LWT_XMIT,
           BPF_PROG_TYPE_LWT_SEG6LOCAL}))
    look.blank("routes: the kernel does not tell which of them run which program");
  if (any({BPF_PROG_TYPE_LIRC_MODE2})) look.blank("infrared receivers (/dev/lirc*): not looked at");
}

}  // namespace

Result<ProgramTypes> loaded_types() {
  ProgramTypes types;
  std::uint32_t id = 0;
  while (bpf_prog_get_next_id(id, &id) == 0) {
    const Fd program(bpf_prog_get_fd_by_id(id));
    if (!program.valid()) {
      if (errno == ENOENT) continue;  // it went meanwhile
      return fail_errno("programs by their ids", errno);
    }
    bpf_prog_info info{};
    std::uint32_t size = sizeof info;
    if (bpf_prog_get_info_by_fd(program.get(), &info, &size) == 0 && info.type < types.size())
      types.set(info.type);
  }
  if (errno != ENOENT) return fail_errno("programs by their ids", errno);
  return types;
}

void PlaceLook::blank(std::string what) {
  if (std::ranges::find(attached.blanks, what) == attached.blanks.end())
    attached.blanks.push_back(std::move(what));
}

Attachment PlaceLook::at_cgroup(std::uint32_t program, std::uint32_t link,
                                std::uint32_t attach_type, std::string name) {
  // The hook is what one looks for; that it is for a cgroup alone, its detail says.
  if (attach_type == BPF_LSM_CGROUP)
    if (std::string hook = lsm_hook_of(program, types); !hook.empty())
      return {.program = program,
              .link = link,
              .how = "lsm_cgroup",
              .kind = PlaceKind::lsm,
              .place = std::move(hook)};
  return {.program = program,
          .link = link,
          .how = "cgroup",
          .kind = PlaceKind::cgroup,
          .place = std::move(name)};
}

void add_places(Attached& attached) {
  capture_libbpf_log();
  PlaceLook look{.loaded = {}, .links = PlaceLinks::read(), .attached = attached};
  if (auto types = loaded_types()) {
    look.loaded = *types;
  } else {
    look.blank("interfaces, cgroups and sockmaps: " + types.error().message);
  }
  look_at_cgroups(look);
  look_at_networks(look);
  look_at_sockmaps(look);
  add_what_only_links_tell(look);
  add_blanks(look);
  std::ranges::sort(attached.attachments, {}, [](const Attachment& one) {
    return std::tie(one.program, one.place, one.network, one.how, one.detail, one.link);
  });
  std::ranges::sort(attached.networks, {}, &NetworkNamespace::inode);
}

}  // namespace gancho
