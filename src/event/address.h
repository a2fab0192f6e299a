// SPDX-License-Identifier: Apache-2.0
//
// How the addresses of sockets are written. Any bytes may come: they are of the wire.
#pragma once

#include <cstddef>
#include <string_view>

#include "wire/socket.h"

namespace gancho {

// Does it have an IP address, and a port?
[[nodiscard]] bool is_ip(const ev_address& address);

// "192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1" (RFC 5952). For is_ip() only. Returns the end.
inline constexpr std::size_t k_ip_max = 39;
char* write_ip(char* out, const ev_address& address);

// "192.0.2.1:80", "[fe80::1%2]:80"; what has no IP address, by its family: "netlink:4711",
// "packet:2:0x0800", "vsock:2:1234", else the family's name. Returns the end.
inline constexpr std::size_t k_endpoint_max = 100;  // write_decimal() stores more than it keeps
char* write_endpoint(char* out, const ev_address& address);

// Both ends, the client's first, as Falco writes them: "127.0.0.1:34567->192.0.2.1:80". One end
// when there is no other; the zero address for what is not bound, when there is another. Returns
// the end, which is `out` when there is neither.
inline constexpr std::size_t k_connection_max = 2 * k_endpoint_max + 2;
char* write_connection(char* out, const ev_socket& socket);

// The end of a Unix socket that it is called by: the other one's where that has a name.
[[nodiscard]] ev_string unix_name(const ev_socket& socket);

// Of a Unix name: whether it stands in no file system. Written with a '@' for its first byte.
[[nodiscard]] inline bool is_abstract(std::string_view name) {
  return name.starts_with('\0');
}

}  // namespace gancho
