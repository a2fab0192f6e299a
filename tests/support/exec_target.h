// SPDX-License-Identifier: Apache-2.0
//
// What the program that tests execute says about itself: it writes one of these to k_report_fd,
// when that is open. So a test knows from the executed program, not only from the agent, what came
// out.
#pragma once

#include <cstdint>

namespace gancho::test {

inline constexpr int k_report_fd = 200;

struct TargetReport {
  std::uint32_t argc;
  std::uint32_t secure;  // AT_SECURE
  std::uint32_t uid, euid, suid;
  std::uint32_t gid, egid, sgid;
  std::uint64_t cap_permitted;
  std::uint64_t cap_effective;
  char comm[16];  // as the kernel named the new program
};

}  // namespace gancho::test
