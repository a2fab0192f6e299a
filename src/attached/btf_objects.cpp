// SPDX-License-Identifier: Apache-2.0
#include "attached/btf_objects.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>

#include <array>
#include <string_view>

#include "base/fd.h"

namespace gancho {

BtfObjects::~BtfObjects() {
  // Those of modules stand on the kernel's.
  for (auto& [id, one] : objects_) btf__free(one.own);
  btf__free(kernel_);
}

const btf* BtfObjects::kernel() {
  if (!kernel_read_) kernel_ = btf__load_vmlinux_btf();
  kernel_read_ = true;
  return kernel_;
}

BtfObjects::Object& BtfObjects::object(std::uint32_t id) {
  const auto [at, fresh] = objects_.try_emplace(id);
  if (!fresh) return at->second;
  const Fd fd(bpf_btf_get_fd_by_id(id));
  if (!fd.valid()) return at->second;
  std::array<char, 64> name{};
  bpf_btf_info info{};
  info.name = reinterpret_cast<std::uintptr_t>(name.data());
  info.name_len = name.size();
  std::uint32_t size = sizeof(info);
  if (bpf_btf_get_info_by_fd(fd.get(), &info, &size) != 0) return at->second;
  at->second.kernel = info.kernel_btf != 0;
  at->second.base = at->second.kernel && std::string_view(name.data()) == "vmlinux";
  return at->second;
}

const btf* BtfObjects::types(std::uint32_t id) {
  if (id == 0) return nullptr;
  Object& one = object(id);
  if (one.base) return kernel();
  if (!one.loaded) {
    one.loaded = true;
    one.own = one.kernel ? btf__load_from_kernel_by_id_split(id, const_cast<btf*>(kernel()))
                         : btf__load_from_kernel_by_id(id);
  }
  return one.own;
}

bool BtfObjects::is_kernel(std::uint32_t id) {
  return id != 0 && object(id).kernel;
}

std::string BtfObjects::name(std::uint32_t id, std::uint32_t type) {
  const btf* all = types(id);
  const btf_type* found = all == nullptr || type == 0 ? nullptr : btf__type_by_id(all, type);
  const char* text = found == nullptr ? nullptr : btf__name_by_offset(all, found->name_off);
  return text == nullptr ? "" : text;
}

}  // namespace gancho
