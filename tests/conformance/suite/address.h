// SPDX-License-Identifier: Apache-2.0
//
// Where a socket connects to: "unix:///PATH", "127.0.0.1:80", "[::1]:80".
#pragma once

#include <sys/socket.h>

#include <string>

namespace gancho::test {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

[[nodiscard]] SocketAddress read_address(const std::string& text);

// Gives the loopback device this address, should no device have it.
void have_address(const SocketAddress& address);

}  // namespace gancho::test
