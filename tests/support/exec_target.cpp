// SPDX-License-Identifier: Apache-2.0
//
// The program that tests execute. It reports (exec_target.h) and ends; or it goes on:
//
//   exec_target --exec PROGRAM ARGUMENT...   executes PROGRAM
//   exec_target --fork PROGRAM ARGUMENT...   forks, and the child executes PROGRAM
//
// Only the last program of such a chain reports.
#include "support/exec_target.h"

#include <linux/capability.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string_view>

namespace {

std::uint64_t mask(std::uint32_t low, std::uint32_t high) {
  return low | static_cast<std::uint64_t>(high) << 32;
}

void report(int argc) {
  gancho::test::TargetReport self{};
  self.argc = static_cast<std::uint32_t>(argc);
  self.secure = static_cast<std::uint32_t>(::getauxval(AT_SECURE));
  ::getresuid(&self.uid, &self.euid, &self.suid);
  ::getresgid(&self.gid, &self.egid, &self.sgid);
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, 2> data{};
  ::syscall(SYS_capget, &header, data.data());
  self.cap_permitted = mask(data[0].permitted, data[1].permitted);
  self.cap_effective = mask(data[0].effective, data[1].effective);
  ::prctl(PR_GET_NAME, self.comm);
  [[maybe_unused]] const auto written = ::write(gancho::test::k_report_fd, &self, sizeof(self));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view word = argc > 2 ? argv[1] : "";
  if (word == "--fork") {
    const pid_t child = ::fork();
    if (child != 0) return ::waitpid(child, nullptr, 0) == child ? 0 : 1;
  }
  if (word == "--fork" || word == "--exec") {
    ::execv(argv[2], argv + 2);
    return 1;
  }
  report(argc);
  return 0;
}
