// SPDX-License-Identifier: Apache-2.0
//
// What can be read about this kernel and about what we may do on it. Plain data, read once; reading
// changes nothing and needs no privilege, only shows more with it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gancho {

enum class CgroupVersion : std::uint8_t { none, v1, hybrid, v2 };

struct KernelFacts {
  std::string release;          // "6.12.41+deb13-amd64"
  std::string build;            // "#1 SMP PREEMPT_DYNAMIC Debian ..."
  std::string architecture;     // "x86_64"
  std::uint64_t btf_bytes = 0;  // 0: the kernel has no type information
  // Active security modules in their order; nullopt when they cannot be seen.
  std::optional<std::vector<std::string>> security_modules;
  std::optional<std::string> lockdown;  // "none", "integrity", "confidentiality"
  CgroupVersion cgroup = CgroupVersion::none;
  std::string cgroup2_at;              // where the v2 hierarchy is mounted, "" when nowhere
  std::uint64_t capabilities = 0;      // effective, of this process
  bool initial_user_namespace = true;  // capabilities of another one do not count for BPF
  std::uint64_t memlock = 0;           // RLIMIT_MEMLOCK, bytes; ~0: unlimited
  std::optional<int> unprivileged_bpf_disabled;
  std::optional<int> jit_enable;
  std::optional<int> jit_harden;
  std::optional<int> perf_event_paranoid;
  std::string tracefs_at;
  std::string bpffs_at;
  std::string securityfs_at;
  std::string preemption;  // "none", "voluntary", "full", "lazy"; "" when not visible
  std::uint32_t possible_cpus = 0;
};

[[nodiscard]] KernelFacts read_kernel_facts();

// Capability by its number in <linux/capability.h>.
[[nodiscard]] bool has_capability(const KernelFacts& facts, unsigned capability);

// Why we may not load BPF programs that observe the kernel; "" when we may.
[[nodiscard]] std::string missing_privilege(const KernelFacts& facts);

// "nmi_watchdog=0 (none) voluntary full" -> the word in parentheses, or in brackets; "" without
// one.
[[nodiscard]] std::string_view marked_word(std::string_view text);

}  // namespace gancho
