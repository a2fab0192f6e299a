// SPDX-License-Identifier: Apache-2.0
#include "support/bpf_ids.h"

#include <bpf/bpf.h>

namespace gancho::test {
namespace {

std::set<std::uint32_t> all(int (*next)(__u32, __u32*)) {
  std::set<std::uint32_t> ids;
  for (__u32 id = 0; next(id, &id) == 0;) ids.insert(id);
  return ids;
}

}  // namespace

BpfIds BpfIds::now() {
  return {.programs = all(bpf_prog_get_next_id),
          .maps = all(bpf_map_get_next_id),
          .links = all(bpf_link_get_next_id)};
}

}  // namespace gancho::test
