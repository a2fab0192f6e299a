// SPDX-License-Identifier: Apache-2.0
//
// Hooks in the kernel's own code that go by BTF or by a tracepoint's name.
#include <bpf/bpf.h>
#include <linux/perf_event.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "load/perf.h"
#include "load/pseudo_fs.h"
#include "load/trials.h"

namespace gancho {
namespace {

// Fires when the kernel is about to kill for lack of memory, and then our program does nothing.
constexpr const char* k_quiet_category = "oom";
constexpr const char* k_quiet_tracepoint = "mark_victim";

Attempt no_btf() {
  return {.fd = {}, .error = ENOENT, .reason = "this kernel has no type information (BTF)"};
}

Attempt no_target(const std::string& what) {
  return {.fd = {}, .error = ENOENT, .reason = "this kernel has no " + what};
}

// A program of type TRACING or LSM, on a function of the kernel.
Attempt load_on(TrialRoom& room, bpf_prog_type type, bpf_attach_type attach, const char* function,
                bool sleepable = false) {
  const KernelBtf* btf = room.btf();
  if (btf == nullptr) return no_btf();
  const std::uint32_t id = btf->function(function);
  if (id == 0) return no_target(std::string("function ") + function);
  return load_program(
      {.type = type, .attach_type = attach, .attach_btf_id = id, .sleepable = sleepable});
}

HookResult try_trampoline(TrialRoom& room, Depth depth, bpf_attach_type attach) {
  const Attempt program = load_on(room, BPF_PROG_TYPE_TRACING, attach, k_idle_function);
  if (!program.works()) return refused("", program);
  if (depth == Depth::load) return works("loaded");
  const Attempt& link = room.trampoline();
  if (!link.works()) return refused("loaded; attaching it", link);
  return works(std::string("loaded; fexit attached to ") + k_idle_function +
               ", which only BPF's tests call");
}

std::string lsm_parameter(const std::vector<std::string>& active) {
  std::string list;
  for (const std::string& module : active) {
    // Always first or last, and not for the user to choose.
    if (module != "capability" && module != "ima" && module != "evm") list += module + ',';
  }
  return "boot with lsm=" + list + "bpf";
}

}  // namespace

HookResult try_tracepoint(TrialRoom& room, Depth depth) {
  const Attempt program = load_program({.type = BPF_PROG_TYPE_TRACEPOINT});
  if (!program.works()) return refused("", program);
  const Result<Fd> tracefs = open_file_system("tracefs");
  if (!tracefs) {
    HookResult result =
        refused("loaded", {.fd = {}, .error = ENOENT, .reason = tracefs.error().message});
    result.remedy = "mount -t tracefs tracefs /sys/kernel/tracing";
    return result;
  }
  if (depth == Depth::load) return works("loaded");
  const Result<std::uint64_t> id = tracepoint_id(k_quiet_category, k_quiet_tracepoint);
  if (!id) return works("loaded");
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_TRACEPOINT;
  attributes.config = *id;
  Attempt event = attach_perf_event(attributes, program.fd.get());
  if (!event.works()) return refused("loaded; attaching it", event);
  room.let_go(std::move(event.fd));
  return works("attached to oom:mark_victim");
}

HookResult try_raw_tracepoint(TrialRoom& /*room*/, Depth depth) {
  const Attempt program = load_program({.type = BPF_PROG_TYPE_RAW_TRACEPOINT});
  if (!program.works()) return refused("", program);
  if (depth == Depth::load) return works("loaded");
  const Attempt link = attempt_of(bpf_raw_tracepoint_open(k_quiet_tracepoint, program.fd.get()));
  if (!link.works()) return refused("loaded; attaching it", link);
  return works("attached to mark_victim");
}

HookResult try_tp_btf(TrialRoom& room, Depth depth) {
  const KernelBtf* btf = room.btf();
  if (btf == nullptr) return refused("", no_btf());
  const std::uint32_t id = btf->type_definition(std::string("btf_trace_") + k_quiet_tracepoint);
  if (id == 0) return refused("", no_target("tracepoint mark_victim"));
  const Attempt program = load_program(
      {.type = BPF_PROG_TYPE_TRACING, .attach_type = BPF_TRACE_RAW_TP, .attach_btf_id = id});
  if (!program.works()) return refused("", program);
  if (depth == Depth::load) return works("loaded");
  const Attempt link = attempt_of(bpf_raw_tracepoint_open(nullptr, program.fd.get()));
  if (!link.works()) return refused("loaded; attaching it", link);
  return works("attached to mark_victim");
}

HookResult try_fentry(TrialRoom& room, Depth depth) {
  return try_trampoline(room, depth, BPF_TRACE_FENTRY);
}

HookResult try_fexit(TrialRoom& room, Depth depth) {
  return try_trampoline(room, depth, BPF_TRACE_FEXIT);
}

HookResult try_fmod_ret(TrialRoom& room, Depth /*depth*/) {
  // A security_ function: without CONFIG_FUNCTION_ERROR_INJECTION no others may be modified.
  const Attempt program =
      load_on(room, BPF_PROG_TYPE_TRACING, BPF_MODIFY_RETURN, "security_file_open");
  if (!program.works()) return refused("", program);
  return works("loaded; not attached: it would change what a function returns");
}

HookResult try_lsm(TrialRoom& room, Depth /*depth*/) {
  const Attempt program = load_on(room, BPF_PROG_TYPE_LSM, BPF_LSM_MAC, "bpf_lsm_file_open");
  if (!program.works()) return refused("", program);
  const auto& active = room.facts().security_modules;
  if (!active) {
    HookResult result = not_tried("it loads; whether the kernel would call it cannot be seen");
    result.remedy = "mount -t securityfs securityfs /sys/kernel/security";
    return result;
  }
  if (std::ranges::find(*active, "bpf") == active->end()) {
    // Attaching would succeed as well, and nothing would ever call the program.
    HookResult result = refused(
        "loaded",
        {.fd = {}, .error = 0, .reason = "\"bpf\" is not among the active security modules"});
    result.remedy = lsm_parameter(*active);
    return result;
  }
  return works("loaded; not attached: it could deny");
}

namespace {

HookResult try_task_iterator(TrialRoom& room, Depth depth, bool sleepable) {
  const Attempt program =
      load_on(room, BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER, "bpf_iter_task", sleepable);
  if (!program.works()) return refused("", program);
  if (depth == Depth::load) return works("loaded");
  const Attempt link = attempt_of(bpf_link_create(program.fd.get(), 0, BPF_TRACE_ITER, nullptr));
  if (!link.works()) return refused("loaded; its link", link);
  const Attempt iterator = attempt_of(bpf_iter_create(link.fd.get()));
  if (!iterator.works()) return refused("loaded; opening it", iterator);
  return works("task iterator opened, not read");
}

}  // namespace

HookResult try_iter(TrialRoom& room, Depth depth) {
  return try_task_iterator(room, depth, false);
}

HookResult try_iter_sleepable(TrialRoom& room, Depth depth) {
  return try_task_iterator(room, depth, true);
}

HookResult try_sleepable(TrialRoom& room, Depth /*depth*/) {
  std::string loaded;
  const auto note = [&loaded](const char* name, const Attempt& attempt) {
    if (attempt.works()) loaded += (loaded.empty() ? "" : ", ") + std::string(name);
    return attempt.works();
  };
  note("lsm.s", load_on(room, BPF_PROG_TYPE_LSM, BPF_LSM_MAC, "bpf_lsm_file_open", true));
  note("iter.s", load_on(room, BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER, "bpf_iter_task", true));
  const Attempt syscall = load_program({.type = BPF_PROG_TYPE_SYSCALL, .sleepable = true});
  note("syscall", syscall);
  if (loaded.empty()) return refused("", syscall);
  return works("loaded: " + loaded);
}

}  // namespace gancho
