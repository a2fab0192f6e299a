// SPDX-License-Identifier: Apache-2.0
//
// Names of what sockets are made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "wire/socket.h"

namespace gancho {

// "AF_INET"; the number of an unknown one. At most k_socket_name_max bytes; returns the end.
inline constexpr std::size_t k_socket_name_max = 80;  // write_decimal() stores more than it keeps
char* write_socket_family(char* out, std::uint32_t family);

// "SOCK_STREAM|SOCK_CLOEXEC"; of flags alone "SOCK_CLOEXEC"; what has no name, in hexadecimal.
char* write_socket_type(char* out, std::uint32_t type);

// "tcp", "NETLINK_ROUTE", "ETH_P_ALL": what a protocol number means depends on the family; else the
// number.
char* write_socket_protocol(char* out, std::uint32_t family, std::uint32_t protocol);

// Falco's words for a socket. `at`: an ev_socket, of any alignment; "" when there is no word for
// it.
[[nodiscard]] std::string_view socket_type_word(const std::byte* at);    // "ipv4"
[[nodiscard]] std::string_view socket_type_letter(const std::byte* at);  // "4"
[[nodiscard]] std::string_view socket_family_word(const std::byte* at);  // "ip"
[[nodiscard]] std::string_view socket_l4_protocol(const std::byte* at);  // "tcp"
[[nodiscard]] std::string_view socket_state_word(const std::byte* at);   // "ESTABLISHED"

}  // namespace gancho
