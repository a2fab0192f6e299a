// SPDX-License-Identifier: Apache-2.0
//
// Names of what sockets are made of.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "event/names.h"
#include "wire/socket.h"

namespace gancho {

// Address families (linux/socket.h).
inline constexpr auto k_socket_families = std::to_array<NamedNumber>({
    {0, "AF_UNSPEC"},      {1, "AF_UNIX"},      {2, "AF_INET"},      {3, "AF_AX25"},
    {4, "AF_IPX"},         {5, "AF_APPLETALK"}, {6, "AF_NETROM"},    {7, "AF_BRIDGE"},
    {8, "AF_ATMPVC"},      {9, "AF_X25"},       {10, "AF_INET6"},    {11, "AF_ROSE"},
    {12, "AF_DECnet"},     {13, "AF_NETBEUI"},  {14, "AF_SECURITY"}, {15, "AF_KEY"},
    {16, "AF_NETLINK"},    {17, "AF_PACKET"},   {18, "AF_ASH"},      {19, "AF_ECONET"},
    {20, "AF_ATMSVC"},     {21, "AF_RDS"},      {22, "AF_SNA"},      {23, "AF_IRDA"},
    {24, "AF_PPPOX"},      {25, "AF_WANPIPE"},  {26, "AF_LLC"},      {27, "AF_IB"},
    {28, "AF_MPLS"},       {29, "AF_CAN"},      {30, "AF_TIPC"},     {31, "AF_BLUETOOTH"},
    {32, "AF_IUCV"},       {33, "AF_RXRPC"},    {34, "AF_ISDN"},     {35, "AF_PHONET"},
    {36, "AF_IEEE802154"}, {37, "AF_CAIF"},     {38, "AF_ALG"},      {39, "AF_NFC"},
    {40, "AF_VSOCK"},      {41, "AF_KCM"},      {42, "AF_QIPCRTR"},  {43, "AF_SMC"},
    {44, "AF_XDP"},        {45, "AF_MCTP"},
});

// "SOCK_STREAM|SOCK_CLOEXEC"; of flags alone "SOCK_CLOEXEC"; what has no name, in hexadecimal. At
// most k_socket_name_max bytes at `out`; returns the end.
inline constexpr std::size_t k_socket_name_max = 80;  // write_decimal() stores more than it keeps
char* write_socket_type(char* out, std::uint32_t type);

// "tcp", "NETLINK_ROUTE", "ETH_P_ALL": what a protocol number means depends on the family; else the
// number.
char* write_socket_protocol(char* out, std::uint32_t family, std::uint32_t protocol);

// The names that both write.
[[nodiscard]] std::vector<std::string_view> socket_type_names();
[[nodiscard]] std::vector<std::string_view> socket_protocol_names();

// Falco's words for a socket. `at`: an ev_socket, of any alignment; "" when there is no word for
// it.
[[nodiscard]] std::string_view socket_type_word(const std::byte* at);    // "ipv4"
[[nodiscard]] std::string_view socket_type_letter(const std::byte* at);  // "4"
[[nodiscard]] std::string_view socket_family_word(const std::byte* at);  // "ip"
[[nodiscard]] std::string_view socket_l4_protocol(const std::byte* at);  // "tcp"
[[nodiscard]] std::string_view socket_state_word(const std::byte* at);   // "ESTABLISHED"
[[nodiscard]] std::span<const std::string_view> socket_state_words();

}  // namespace gancho
