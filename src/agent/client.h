// SPDX-License-Identifier: Apache-2.0
//
// The other end of a client's connection: what `gancho ps` is made of.
#pragma once

#include <sys/un.h>

#include <string>

#include "agent/request.h"
#include "base/fd.h"
#include "base/result.h"

namespace gancho {

// An answer is never longer, bytes.
inline constexpr std::size_t k_answer_max = std::size_t{256} << 20;

// Connects to the agent at `path`. An invalid descriptor when no agent is there; Errc::permission
// when one may be, and we may not ask it.
[[nodiscard]] Result<Fd> connect_to_agent(const std::string& path);

// Sends the request and returns the bytes of the answer, which are whoever's the agent's worker is:
// nothing in them has been looked at.
[[nodiscard]] Result<std::string> ask(int connection, Request request);

// ---- for both ends ----

[[nodiscard]] sockaddr_un unix_address(const std::string& path);  // cut to what fits
[[nodiscard]] Result<Fd> make_unix_socket(int flags);
[[nodiscard]] int connect_unix(const Fd& socket, const std::string& path);  // 0, or an errno

}  // namespace gancho
