// SPDX-License-Identifier: Apache-2.0
//
// Numbers as a suite writes them: in digits, or by the names of C, joined by |.
#pragma once

#include <string>
#include <string_view>

namespace gancho::test {

enum class Names {
  none,
  open_flags,
  mode,
  resolve,
  at_flags,
  socket_domain,
  socket_type,
  socket_protocol,
  message_flags,
  signal,
  ptrace_request,
  mount_flags,
  module_flags,
  memory_flags,
  error,
};

// Throws std::runtime_error with the word that it does not know.
[[nodiscard]] long read_number(std::string_view text, Names names);

}  // namespace gancho::test
