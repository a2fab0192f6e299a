// SPDX-License-Identifier: Apache-2.0
#include "load/tested_kernels.h"

#include <algorithm>
#include <array>

namespace gancho {
namespace {

using enum TestedKernel;

constexpr std::array k_tested{debian_6_1, debian_6_12, bare};

bool is_absent(std::string_view program, TestedKernel kernel) {
  return std::ranges::any_of(rooms(), [&](const Room* room) {
    return std::ranges::any_of(room->absent, [&](const AbsentProgram& absent) {
      return absent.kernel == kernel && absent.program == program;
    });
  });
}

bool is_probe_or_trampoline(std::string_view program) {
  if (program.starts_with("syscall__") || program.starts_with("retsyscall__")) return true;
  const auto name = parse_program_name(program);
  if (!name) return false;
  switch (name->kind) {
    case HookKind::kprobe:
    case HookKind::kretprobe:
    case HookKind::kprobe_multi:
    case HookKind::fentry:
    case HookKind::fexit:
    case HookKind::fmod_ret:
    case HookKind::lsm:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::span<const TestedKernel> tested_kernels() {
  return k_tested;
}

std::string_view short_name(TestedKernel kernel) {
  switch (kernel) {
    case debian_6_1:
      return "6.1";
    case debian_6_12:
      return "6.12";
    case bare:
      return "bare";
  }
  return "";
}

Available available_on(TestedKernel kernel) {
  return [kernel](std::string_view program) -> Availability {
    if (is_absent(program, kernel) || (kernel == bare && is_probe_or_trampoline(program)))
      return {.works = false, .why = "not there", .remedy = {}};
    return {.works = true, .why = {}, .remedy = {}};
  };
}

std::optional<TestedKernel> tested_kernel(KernelProbe& probe) {
  const bool probes = probe.load(HookKind::kprobe).outcome == Outcome::works;
  const bool trampolines = probe.load(HookKind::fentry).outcome == Outcome::works;
  if (!probes && !trampolines) return bare;
  if (!probes || !trampolines) return std::nullopt;
  const std::string_view release = probe.facts().release;
  if (release.starts_with("6.1.")) return debian_6_1;
  if (release.starts_with("6.12.")) return debian_6_12;
  return std::nullopt;
}

}  // namespace gancho
