// SPDX-License-Identifier: Apache-2.0
#include "attached/lsm_hook.h"

#include <bpf/bpf.h>

#include <string_view>

#include "base/fd.h"

namespace gancho {

std::string lsm_hook_of(std::uint32_t program, BtfObjects& types) {
  constexpr std::string_view k_before_name = "bpf_lsm_";
  const Fd fd(bpf_prog_get_fd_by_id(program));
  bpf_prog_info info{};
  std::uint32_t size = sizeof(info);
  if (!fd.valid() || bpf_prog_get_info_by_fd(fd.get(), &info, &size) != 0) return "";
  if (info.type != BPF_PROG_TYPE_LSM || info.attach_btf_obj_id == 0) return "";
  const std::string name = types.name(info.attach_btf_obj_id, info.attach_btf_id);
  return name.starts_with(k_before_name) ? name.substr(k_before_name.size()) : "";
}

}  // namespace gancho
