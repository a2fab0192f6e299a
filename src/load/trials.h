// SPDX-License-Identifier: Apache-2.0
//
// One function for each way into the kernel, which tries it. What it attaches does nothing and is
// taken away again: functions that only BPF's own tests call, a tracepoint that almost never fires,
// a network namespace of our own, our own process.
#pragma once

#include <functional>
#include <optional>
#include <thread>
#include <vector>

#include "base/fd.h"
#include "load/attempt.h"
#include "load/hook_kind.h"
#include "load/kernel_btf.h"
#include "load/kernel_facts.h"

namespace gancho {

// Loading takes microseconds; attaching shows more, but taking it away again is dear.
enum class Depth : std::uint8_t { load, attach };

// What trials share. One thread.
class TrialRoom {
 public:
  explicit TrialRoom(const KernelFacts& facts) : facts_(facts) {}

  [[nodiscard]] const KernelFacts& facts() const { return facts_; }
  [[nodiscard]] const KernelBtf* btf();  // opened when first asked for; nullptr: there is none
  // A network namespace with nothing but its loopback, which has index 1.
  [[nodiscard]] const Attempt& network_namespace();
  // fentry and fexit are one mechanism, and the dear one to take away: tried once.
  [[nodiscard]] const Attempt& trampoline();
  // So are uprobes and uretprobes.
  [[nodiscard]] const HookResult& user_probe();

  // Closes what was attached while other trials go on: the kernel waits up to 0.15 s for nobody to
  // be inside, each time.
  void let_go(Fd attached);
  void wait_until_gone();

 private:
  const KernelFacts& facts_;
  std::optional<Result<KernelBtf>> btf_;
  std::optional<Attempt> network_namespace_;
  std::optional<Attempt> trampoline_;
  std::optional<HookResult> user_probe_;
  std::vector<std::jthread> closing_;
};

// Runs it in a thread that ends with it, for what changes the thread that does it. EAGAIN when
// there is no thread to be had, else 0.
[[nodiscard]] int in_own_thread(const std::function<void()>& work);

// HookResult::kind, and the remedy of what is refused, are filled by the caller.
using Trial = HookResult (*)(TrialRoom& room, Depth depth);
[[nodiscard]] Trial trial_of(HookKind kind);

// Results, as all trials make them.
[[nodiscard]] HookResult works(std::string tried);
[[nodiscard]] HookResult refused(std::string tried, const Attempt& attempt);
[[nodiscard]] HookResult not_tried(std::string reason);

// The kernel's BPF test-run calls it, and nothing else does.
inline constexpr const char* k_idle_function = "bpf_fentry_test1";

HookResult try_tracepoint(TrialRoom& room, Depth depth);
HookResult try_raw_tracepoint(TrialRoom& room, Depth depth);
HookResult try_tp_btf(TrialRoom& room, Depth depth);
HookResult try_kprobe(TrialRoom& room, Depth depth);
HookResult try_kretprobe(TrialRoom& room, Depth depth);
HookResult try_kprobe_multi(TrialRoom& room, Depth depth);
HookResult try_fentry(TrialRoom& room, Depth depth);
HookResult try_fexit(TrialRoom& room, Depth depth);
HookResult try_fmod_ret(TrialRoom& room, Depth depth);
HookResult try_lsm(TrialRoom& room, Depth depth);
HookResult try_iter(TrialRoom& room, Depth depth);
HookResult try_iter_sleepable(TrialRoom& room, Depth depth);
HookResult try_uprobe(TrialRoom& room, Depth depth);
HookResult try_uretprobe(TrialRoom& room, Depth depth);
HookResult try_perf_event(TrialRoom& room, Depth depth);
HookResult try_xdp(TrialRoom& room, Depth depth);
HookResult try_tc(TrialRoom& room, Depth depth);
HookResult try_tcx(TrialRoom& room, Depth depth);
HookResult try_netfilter(TrialRoom& room, Depth depth);
HookResult try_cgroup_skb(TrialRoom& room, Depth depth);
HookResult try_cgroup_connect(TrialRoom& room, Depth depth);
HookResult try_socket_filter(TrialRoom& room, Depth depth);
HookResult try_struct_ops(TrialRoom& room, Depth depth);
HookResult try_sleepable(TrialRoom& room, Depth depth);
HookResult try_loop(TrialRoom& room, Depth depth);
HookResult try_dynptr(TrialRoom& room, Depth depth);
HookResult try_kfunc(TrialRoom& room, Depth depth);
HookResult try_ring_buffer(TrialRoom& room, Depth depth);
HookResult try_task_storage(TrialRoom& room, Depth depth);
HookResult try_array_of_maps(TrialRoom& room, Depth depth);

}  // namespace gancho
