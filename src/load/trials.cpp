// SPDX-License-Identifier: Apache-2.0
#include "load/trials.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <sched.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

namespace gancho {
namespace {

// In the order of HookKind.
constexpr auto k_trials = std::to_array<Trial>({
    try_tracepoint,
    try_raw_tracepoint,
    try_tp_btf,
    try_kprobe,
    try_kretprobe,
    try_kprobe_multi,
    try_fentry,
    try_fexit,
    try_fmod_ret,
    try_lsm,
    try_iter,
    try_iter_sleepable,
    try_uprobe,
    try_uretprobe,
    try_perf_event,
    try_xdp,
    try_tc,
    try_tcx,
    try_netfilter,
    try_cgroup_skb,
    try_cgroup_connect,
    try_socket_filter,
    try_struct_ops,
    try_sleepable,
    try_loop,
    try_dynptr,
    try_kfunc,
    try_ring_buffer,
    try_task_storage,
    try_array_of_maps,
});

Attempt make_network_namespace() {
  Attempt attempt;
  // Only the thread moves, and the namespace lives on in the descriptor.
  const int error = in_own_thread([&attempt] {
    if (unshare(CLONE_NEWNET) != 0) {
      attempt = attempt_of(-errno);
      return;
    }
    const int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    attempt = attempt_of(fd < 0 ? -errno : fd);
  });
  return error == 0 ? std::move(attempt) : attempt_of(-error);
}

Attempt attach_trampoline(TrialRoom& room) {
  const KernelBtf* btf = room.btf();
  if (btf == nullptr) return attempt_of(-ENOENT);
  const Attempt program = load_program({.type = BPF_PROG_TYPE_TRACING,
                                        .attach_type = BPF_TRACE_FEXIT,
                                        .attach_btf_id = btf->function(k_idle_function)});
  if (!program.works()) return attempt_of(-program.error);
  Attempt link = attempt_of(bpf_raw_tracepoint_open(nullptr, program.fd.get()));
  room.let_go(std::move(link.fd));
  return link;
}

}  // namespace

Trial trial_of(HookKind kind) {
  return k_trials[static_cast<std::size_t>(kind)];
}

const KernelBtf* TrialRoom::btf() {
  if (!btf_) btf_.emplace(KernelBtf::create());
  return btf_->has_value() ? &btf_->value() : nullptr;
}

const Attempt& TrialRoom::network_namespace() {
  if (!network_namespace_) network_namespace_ = make_network_namespace();
  return *network_namespace_;
}

const Attempt& TrialRoom::trampoline() {
  if (!trampoline_) trampoline_ = attach_trampoline(*this);
  return *trampoline_;
}

void TrialRoom::let_go(Fd attached) {
  try {
    closing_.emplace_back([fd = std::move(attached)]() mutable { fd.reset(); });
  } catch (const std::system_error&) {
    // No thread to be had: it was closed on the way here, and we have waited for that.
  }
}

void TrialRoom::wait_until_gone() {
  closing_.clear();
}

int in_own_thread(const std::function<void()>& work) {
  try {
    std::thread(work).join();
    return 0;
  } catch (const std::system_error&) {
    return EAGAIN;
  }
}

HookResult works(std::string tried) {
  return {.outcome = Outcome::works, .tried = std::move(tried), .reason = {}, .remedy = {}};
}

HookResult refused(std::string tried, const Attempt& attempt) {
  return {.outcome = Outcome::refused,
          .error = attempt.error,
          .tried = std::move(tried),
          .reason = attempt.reason,
          .remedy = {}};
}

HookResult not_tried(std::string reason) {
  return {.outcome = Outcome::not_tried, .tried = {}, .reason = std::move(reason), .remedy = {}};
}

}  // namespace gancho
