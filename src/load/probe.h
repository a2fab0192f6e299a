// SPDX-License-Identifier: Apache-2.0
//
// Finds out what this kernel lets us do by trying it: release numbers and configuration lie
// (vendors backport and take away), a refusal does not. Each thing is tried once, when it is first
// asked for. Whatever is loaded or attached meanwhile is gone when attach_all() returns, or with
// the probe. Its functions are called from one thread.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "load/hook_kind.h"
#include "load/kernel_facts.h"
#include "load/signals.h"

namespace gancho {

class TrialRoom;

class KernelProbe {
 public:
  KernelProbe();
  KernelProbe(KernelProbe&&) noexcept;
  KernelProbe& operator=(KernelProbe&&) noexcept;
  ~KernelProbe();

  [[nodiscard]] const KernelFacts& facts() const;

  // By loading a program of the kind. Some kernels load what they will not attach; see attach().
  [[nodiscard]] const HookResult& load(HookKind kind);

  // By attaching it as well, where that is harmless.
  [[nodiscard]] const HookResult& attach(HookKind kind);

  // attach() of every kind, in the order of hook_kinds(). Without the privilege to load programs
  // nothing is tried.
  [[nodiscard]] std::vector<HookResult> attach_all();

  // Whether a program of this name (KIND__TARGET) would load here, and if not, why: the kind is
  // known to this kernel and the target exists. About 0.2 ms for each name, and some for opening
  // BTF. Errc::usage when the name's kind is none of ours.
  [[nodiscard]] Result<Availability> available(std::string_view program_name);
  [[nodiscard]] Result<bool> program_works(std::string_view program_name);

  // Whether one program can be attached to many functions at once (kprobe.multi). Only attaching
  // would prove it; what is looked for is the kernel's own function for it.
  [[nodiscard]] bool probes_at_once();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gancho
