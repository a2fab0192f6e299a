// SPDX-License-Identifier: Apache-2.0
#include "load/probe.h"

#include <linux/bpf.h>
#include <linux/capability.h>

#include <cerrno>
#include <map>
#include <optional>
#include <utility>

#include "load/pseudo_fs.h"
#include "load/trials.h"

namespace gancho {
namespace {

Availability no(std::string why, std::string remedy = {}) {
  return {.works = false, .why = std::move(why), .remedy = std::move(remedy)};
}

Availability yes() {
  return {.works = true, .why = {}, .remedy = {}};
}

// How the target of a kind that goes by BTF is loaded. The id is 0 when the target does not exist.
std::optional<SmallProgram> program_on(const KernelBtf& btf, const ProgramName& name) {
  const std::string target(name.target);
  const auto tracing = [](bpf_attach_type type, std::uint32_t id) {
    return SmallProgram{.type = BPF_PROG_TYPE_TRACING, .attach_type = type, .attach_btf_id = id};
  };
  switch (name.kind) {
    case HookKind::tp_btf:
      return tracing(BPF_TRACE_RAW_TP, btf.type_definition("btf_trace_" + target));
    case HookKind::fentry:
      return tracing(BPF_TRACE_FENTRY, btf.function(target));
    case HookKind::fexit:
      return tracing(BPF_TRACE_FEXIT, btf.function(target));
    case HookKind::fmod_ret:
      return tracing(BPF_MODIFY_RETURN, btf.function(target));
    case HookKind::iter:
      return tracing(BPF_TRACE_ITER, btf.function("bpf_iter_" + target));
    case HookKind::iter_sleepable: {
      SmallProgram program = tracing(BPF_TRACE_ITER, btf.function("bpf_iter_" + target));
      program.sleepable = true;
      return program;
    }
    case HookKind::lsm:
      return SmallProgram{.type = BPF_PROG_TYPE_LSM,
                          .attach_type = BPF_LSM_MAC,
                          .attach_btf_id = btf.function("bpf_lsm_" + target)};
    default:
      return std::nullopt;
  }
}

// EPERM says little: look for what stands in the way.
void explain_refusal(const KernelFacts& facts, HookResult& result) {
  if (result.outcome != Outcome::refused || result.reason != k_not_permitted) return;
  if (describe(result.kind).group == "packets" && !has_capability(facts, CAP_NET_ADMIN) &&
      !has_capability(facts, CAP_SYS_ADMIN)) {
    result.reason = "needs CAP_NET_ADMIN";
    result.remedy = "run as root or with CAP_NET_ADMIN";
  } else if (facts.lockdown == "confidentiality") {
    result.reason = "lockdown (confidentiality) forbids it";
    result.remedy = "boot without lockdown=confidentiality";
  } else if (has_capability(facts, CAP_SYS_ADMIN)) {
    result.reason = "this kernel forbids it, whatever the privilege";
  }
}

bool is_kprobe(HookKind kind) {
  return kind == HookKind::kprobe || kind == HookKind::kretprobe || kind == HookKind::kprobe_multi;
}

// That a program of the kind loads on the target itself proves what load() of the kind would.
bool loading_is_enough(HookKind kind) {
  return kind == HookKind::tp_btf || kind == HookKind::fentry || kind == HookKind::fexit ||
         kind == HookKind::fmod_ret || kind == HookKind::iter || kind == HookKind::iter_sleepable;
}

}  // namespace

struct KernelProbe::State {
  KernelFacts facts = read_kernel_facts();
  TrialRoom room{facts};
  std::map<std::pair<HookKind, Depth>, HookResult> results;
  std::map<std::string, Availability, std::less<>> programs;

  const HookResult& find(HookKind kind, Depth depth);
  [[nodiscard]] bool tried(HookKind kind, Depth depth) const {
    return results.contains({kind, depth});
  }
  Availability look_for(const ProgramName& name);
  Availability look_for_target(const ProgramName& name);
};

const HookResult& KernelProbe::State::find(HookKind kind, Depth depth) {
  const auto [entry, is_new] = results.try_emplace({kind, depth});
  if (!is_new) return entry->second;
  HookResult& result = entry->second;
  if (const std::string missing = missing_privilege(facts); !missing.empty()) {
    result = not_tried("no privilege: " + missing);
  } else {
    result = trial_of(kind)(room, depth);
  }
  result.kind = kind;
  explain_refusal(facts, result);
  return result;
}

Availability KernelProbe::State::look_for_target(const ProgramName& name) {
  const KernelBtf* btf = room.btf();
  const std::string target(name.target);
  if (target == "*") return yes();  // whatever functions will be asked for
  if (name.kind == HookKind::tracepoint) {
    const auto id = tracepoint_id("", name.target);
    return id ? yes() : no(id.error().message);
  }
  if (btf == nullptr) return yes();  // nothing to look in; loading the object will tell
  if (const auto program = program_on(*btf, name)) {
    if (program->attach_btf_id == 0) return no("this kernel has no such target: " + target);
    // Type information also names functions that were inlined or may not be traced: loading tells.
    const Attempt attempt = load_program(*program);
    if (attempt.works()) return yes();
    return no(target + " refused (" + error_name(attempt.error) + "): " + attempt.reason);
  }
  if (name.kind == HookKind::raw_tracepoint && btf->type_definition("btf_trace_" + target) == 0) {
    return no("this kernel has no tracepoint " + target);
  }
  if (is_kprobe(name.kind) && btf->function(target) == 0) {
    return no("this kernel has no function " + target);
  }
  return yes();
}

Availability KernelProbe::State::look_for(const ProgramName& name) {
  const auto answer_of_kind = [&](const HookResult& kind) {
    if (kind.outcome == Outcome::works) return yes();
    std::string why(describe(name.kind).name);
    why += kind.outcome == Outcome::refused ? " refused" : " not tried";
    if (kind.error != 0) why += " (" + error_name(kind.error) + ")";
    return no(why + ": " + kind.reason, kind.remedy);
  };
  // What attaching has shown, if it was tried, is worth more than what loading shows.
  const Depth depth = tried(name.kind, Depth::attach) ? Depth::attach : Depth::load;
  const bool kind_is_known = tried(name.kind, depth);
  if (kind_is_known || !loading_is_enough(name.kind)) {
    if (Availability kind = answer_of_kind(find(name.kind, depth)); !kind.works) return kind;
    return look_for_target(name);
  }
  Availability target = look_for_target(name);
  if (target.works) return target;
  // Where the whole kind is refused, that is the reason to give.
  Availability kind = answer_of_kind(find(name.kind, depth));
  return kind.works ? target : kind;
}

KernelProbe::KernelProbe() : state_(std::make_unique<State>()) {}
KernelProbe::KernelProbe(KernelProbe&&) noexcept = default;
KernelProbe& KernelProbe::operator=(KernelProbe&&) noexcept = default;
KernelProbe::~KernelProbe() = default;

const KernelFacts& KernelProbe::facts() const {
  return state_->facts;
}

const HookResult& KernelProbe::load(HookKind kind) {
  return state_->find(kind, Depth::load);
}

const HookResult& KernelProbe::attach(HookKind kind) {
  return state_->find(kind, Depth::attach);
}

std::vector<HookResult> KernelProbe::attach_all() {
  std::vector<HookResult> results;
  for (const HookKindDesc& desc : hook_kinds()) results.push_back(attach(desc.kind));
  state_->room.wait_until_gone();
  return results;
}

Result<Availability> KernelProbe::available(std::string_view program_name) {
  if (const auto known = state_->programs.find(program_name); known != state_->programs.end()) {
    return known->second;
  }
  // A system call by its name: that of its function in the first table stands for all.
  for (const std::string_view prefix : {"syscall__", "retsyscall__"}) {
    if (program_name.starts_with(prefix))
      return available("kprobe____x64_sys_" + std::string(program_name.substr(prefix.size())));
  }
  const auto name = parse_program_name(program_name);
  if (!name) {
    return fail(Errc::usage, "no kind of BPF program that we know: " + std::string(program_name));
  }
  return state_->programs.emplace(program_name, state_->look_for(*name)).first->second;
}

Result<bool> KernelProbe::program_works(std::string_view program_name) {
  return TRY(available(program_name)).works;
}

bool KernelProbe::probes_at_once() {
  const KernelBtf* btf = state_->room.btf();
  return btf != nullptr && btf->function("register_fprobe_syms") != 0;
}

}  // namespace gancho
