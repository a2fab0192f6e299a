// SPDX-License-Identifier: Apache-2.0
#include "cli/privilege.h"

#include <unistd.h>

#include <cstddef>
#include <span>

#include "agent/sandbox.h"
#include "cli/file_bytes.h"

namespace gancho {

Status give_up_privilege() {
  if (::geteuid() != 0) return {};
  const auto passwd = FileBytes::open("/etc/passwd");
  const std::span<const std::byte> bytes = passwd ? passwd->view() : std::span<const std::byte>{};
  return enter_sandbox(
      choose_sandbox_user({reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
}

}  // namespace gancho
