// SPDX-License-Identifier: Apache-2.0
//
// Messages of a fixed size over a socket that keeps them whole (SOCK_SEQPACKET), with descriptors:
// what the agent's processes say to each other.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace gancho {

// Waits for room unless `flags`, of send(2), hold MSG_DONTWAIT. Errc::system when the other side,
// which errors call `other`, is gone.
[[nodiscard]] Status send_with_fds(int socket, std::span<const std::byte> message,
                                   std::span<const int> fds, int flags, std::string_view other);
// Fills `message`; one of another size, or with more descriptors than `most`, is Errc::internal.
[[nodiscard]] Result<std::vector<Fd>> receive_with_fds(int socket, std::span<std::byte> message,
                                                       std::size_t most, int flags,
                                                       std::string_view other);

// A line in a field of a message: cut, and ended by a NUL.
void put_line(std::string_view line, std::span<char> field);
// Printable, whatever the other side sent.
[[nodiscard]] std::string clean_line(std::span<const char> field);

}  // namespace gancho
