// SPDX-License-Identifier: Apache-2.0
//
// What programs may do on this kernel, and the kinds of map that the agent is made of.
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include <array>
#include <cerrno>
#include <memory>

#include "load/libbpf_log.h"
#include "load/trials.h"

namespace gancho {
namespace {

HookResult try_helper(bpf_func_id helper) {
  capture_libbpf_log();
  const int answer = libbpf_probe_bpf_helper(BPF_PROG_TYPE_RAW_TRACEPOINT, helper, nullptr);
  if (answer > 0) return works("a program that calls it was looked at by the verifier");
  if (answer < 0) return refused("", attempt_of(answer));
  return refused("", {.fd = {}, .error = EINVAL, .reason = "the verifier does not know it"});
}

HookResult made(const Attempt& map) {
  return map.works() ? works("made") : refused("", map);
}

// What task storage needs to be told of its value: an int.
Attempt load_int_type() {
  const std::unique_ptr<btf, void (*)(btf*)> types(btf__new_empty(), btf__free);
  if (!types) return attempt_of(-errno);
  if (const int id = btf__add_int(types.get(), "int", 4, BTF_INT_SIGNED); id < 0) {
    return attempt_of(id);
  }
  std::uint32_t size = 0;
  const void* raw = btf__raw_data(types.get(), &size);
  if (raw == nullptr) return attempt_of(-ENOMEM);
  return attempt_of(bpf_btf_load(raw, size, nullptr));
}

}  // namespace

HookResult try_struct_ops(TrialRoom& room, Depth /*depth*/) {
  const KernelBtf* btf = room.btf();
  if (btf == nullptr) {
    return refused(
        "", {.fd = {}, .error = ENOENT, .reason = "this kernel has no type information (BTF)"});
  }
  std::string offered;
  for (const std::string& name : btf->struct_ops()) {
    offered += (offered.empty() ? "" : ", ") + name;
  }
  if (offered.empty()) {
    return refused("", {.fd = {}, .error = ENOENT, .reason = "this kernel has none"});
  }
  const std::uint32_t id = btf->structure("tcp_congestion_ops");
  const int member = btf->structure_member("tcp_congestion_ops", "ssthresh");
  if (member < 0) return not_tried("this kernel offers " + offered);
  const Attempt program = load_program({.type = BPF_PROG_TYPE_STRUCT_OPS,
                                        .attach_type = static_cast<bpf_attach_type>(member),
                                        .attach_btf_id = id});
  if (!program.works()) return refused("tcp_congestion_ops", program);
  return works("tcp_congestion_ops.ssthresh loaded; offered: " + offered);
}

HookResult try_loop(TrialRoom& /*room*/, Depth /*depth*/) {
  return try_helper(BPF_FUNC_loop);
}

HookResult try_dynptr(TrialRoom& /*room*/, Depth /*depth*/) {
  return try_helper(BPF_FUNC_ringbuf_reserve_dynptr);
}

HookResult try_kfunc(TrialRoom& room, Depth /*depth*/) {
  const KernelBtf* btf = room.btf();
  const std::uint32_t hook = btf != nullptr ? btf->type_definition("btf_trace_mark_victim") : 0;
  const std::uint32_t lock = hook != 0 ? btf->function("bpf_rcu_read_lock") : 0;
  const std::uint32_t unlock = lock != 0 ? btf->function("bpf_rcu_read_unlock") : 0;
  if (unlock == 0) {
    return refused("",
                   {.fd = {}, .error = ENOENT, .reason = "this kernel has no bpf_rcu_read_lock"});
  }
  const auto call = [](std::uint32_t id) {
    return bpf_insn{.code = BPF_JMP | BPF_CALL,
                    .dst_reg = 0,
                    .src_reg = BPF_PSEUDO_KFUNC_CALL,
                    .off = 0,
                    .imm = static_cast<std::int32_t>(id)};
  };
  const std::array<bpf_insn, 4> code{{
      call(lock),
      call(unlock),
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .src_reg = 0, .off = 0, .imm = 0},
      {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
  }};
  const Attempt program = load_program({.type = BPF_PROG_TYPE_TRACING,
                                        .attach_type = BPF_TRACE_RAW_TP,
                                        .attach_btf_id = hook,
                                        .code = code});
  if (!program.works()) return refused("", program);
  return works("loaded: a BTF tracepoint that calls bpf_rcu_read_lock");
}

HookResult try_ring_buffer(TrialRoom& /*room*/, Depth /*depth*/) {
  constexpr std::uint32_t k_bytes = 64U << 10;  // a page on every architecture
  return made(
      attempt_of(bpf_map_create(BPF_MAP_TYPE_RINGBUF, "gancho_probe", 0, 0, k_bytes, nullptr)));
}

HookResult try_task_storage(TrialRoom& /*room*/, Depth /*depth*/) {
  const Attempt types = load_int_type();
  if (!types.works()) return refused("its types", types);
  bpf_map_create_opts options{};
  options.sz = sizeof options;
  options.map_flags = BPF_F_NO_PREALLOC;
  options.btf_fd = static_cast<std::uint32_t>(types.fd.get());
  options.btf_key_type_id = 1;
  options.btf_value_type_id = 1;
  return made(
      attempt_of(bpf_map_create(BPF_MAP_TYPE_TASK_STORAGE, "gancho_probe", 4, 4, 0, &options)));
}

HookResult try_array_of_maps(TrialRoom& /*room*/, Depth /*depth*/) {
  const Attempt inner =
      attempt_of(bpf_map_create(BPF_MAP_TYPE_ARRAY, "gancho_probe", 4, 4, 1, nullptr));
  if (!inner.works()) return refused("the inner map", inner);
  bpf_map_create_opts options{};
  options.sz = sizeof options;
  options.inner_map_fd = static_cast<std::uint32_t>(inner.fd.get());
  return made(
      attempt_of(bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "gancho_probe", 4, 4, 1, &options)));
}

}  // namespace gancho
