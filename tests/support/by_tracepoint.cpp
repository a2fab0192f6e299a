// SPDX-License-Identifier: Apache-2.0
//
// Linked into a test of system calls: its agents take them from the tracepoints of all system
// calls, as they would on a kernel that has nothing better.
#include <cstdlib>

namespace gancho::test {
namespace {

[[maybe_unused]] const int k_set = ::setenv("GANCHO_TEST_SYSCALL_HOOKS", "tracepoint", 1);

}  // namespace
}  // namespace gancho::test
