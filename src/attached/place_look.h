// SPDX-License-Identifier: Apache-2.0
//
// What the looks at the kinds of places share.
#pragma once

#include <bitset>
#include <string>
#include <utility>

#include "attached/attached.h"
#include "attached/btf_objects.h"
#include "attached/place_links.h"
#include "base/result.h"

namespace gancho {

// By enum bpf_prog_type.
using ProgramTypes = std::bitset<128>;

// Those of all programs in the kernel.
[[nodiscard]] Result<ProgramTypes> loaded_types();

struct PlaceLook {
  ProgramTypes loaded;
  PlaceLinks links;
  Attached& attached;
  BtfObjects types{};  // looked up when somebody asks

  // A program at some cgroup by `link` (0: none); `name` is the attach type's.
  [[nodiscard]] Attachment at_cgroup(std::uint32_t program, std::uint32_t link,
                                     std::uint32_t attach_type, std::string name);
  void add(Attachment attachment) { attached.attachments.push_back(std::move(attachment)); }
  // Once each, however often it is met.
  void blank(std::string what);
};

void look_at_cgroups(PlaceLook& look);
void look_at_networks(PlaceLook& look);  // other namespaces too
void look_at_sockmaps(PlaceLook& look);

// In the calling thread's network namespace, whose `inode` (0: ours) attachments are to bear.
void look_at_interfaces(PlaceLook& look, std::uint64_t inode);
// Whether there is anything that could be found so.
[[nodiscard]] bool can_be_at_interfaces(const ProgramTypes& loaded);

}  // namespace gancho
