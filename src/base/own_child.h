// SPDX-License-Identifier: Apache-2.0
//
// Processes of the agent's own that it starts from its own program, and what it gives them.
#pragma once

#include <sys/types.h>

#include <span>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"

namespace gancho {

struct OwnChild {
  std::string program = "/proc/self/exe";
  std::string name;                        // as ps shows it, and errors: "gancho-worker"
  std::string verb;                        // the hidden command that it runs
  int socket = -1;                         // ours, open in the child as k_own_child_socket
  std::span<const char* const> variables;  // of the environment, that it keeps
  bool no_output = false;                  // standard output is /dev/null, too
};

inline constexpr int k_own_child_socket = 3;

// It finds a clean table: its standard descriptors and the socket, given that all of ours are
// close-on-exec. Our signal mask and an ignored SIGPIPE are not for it, and Ctrl-C is for us: it
// has a process group of its own.
[[nodiscard]] Result<pid_t> start_own_child(const OwnChild& child);

// "was killed by signal 9", "exited with status 1"
[[nodiscard]] std::string describe_end(int wait_status);

// A file in memory that holds `text`, to be read from its beginning by whoever is given it.
[[nodiscard]] Result<Fd> memory_file(const char* name, std::string_view text);

}  // namespace gancho
