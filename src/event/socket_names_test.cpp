// SPDX-License-Identifier: Apache-2.0
#include "event/socket_names.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/if_ether.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <string>

namespace gancho {
namespace {

template <class... Arguments>
std::string name(char* (*write)(char*, Arguments...), Arguments... arguments) {
  std::array<char, k_socket_name_max> out;
  char* const end = write(out.data(), arguments...);
  EXPECT_LE(end - out.data(), static_cast<std::ptrdiff_t>(out.size()));
  return {out.data(), end};
}

std::string family(std::uint32_t value) {
  return name(write_named, NameTable(k_socket_families), std::uint64_t{value});
}
std::string type(std::uint32_t value) {
  return name(write_socket_type, value);
}
std::string protocol(std::uint32_t family, std::uint32_t value) {
  return name(write_socket_protocol, family, value);
}

TEST(SocketNames, Families) {
  EXPECT_EQ(family(AF_UNSPEC), "AF_UNSPEC");
  EXPECT_EQ(family(AF_UNIX), "AF_UNIX");
  EXPECT_EQ(family(AF_INET), "AF_INET");
  EXPECT_EQ(family(AF_NETLINK), "AF_NETLINK");
  EXPECT_EQ(family(AF_PACKET), "AF_PACKET");
  EXPECT_EQ(family(AF_ALG), "AF_ALG");
  EXPECT_EQ(family(AF_XDP), "AF_XDP");
  EXPECT_EQ(family(45), "AF_MCTP");
  EXPECT_EQ(family(46), "46");
  EXPECT_EQ(family(UINT32_MAX), "-1");
}

TEST(SocketNames, Types) {
  EXPECT_EQ(type(SOCK_STREAM), "SOCK_STREAM");
  EXPECT_EQ(type(SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC),
            "SOCK_DGRAM|SOCK_NONBLOCK|SOCK_CLOEXEC");
  EXPECT_EQ(type(SOCK_CLOEXEC), "SOCK_CLOEXEC");
  EXPECT_EQ(type(0), "0");
  EXPECT_EQ(type(9), "0x00000009");
  EXPECT_EQ(type(SOCK_RAW | 0x10000000), "SOCK_RAW|0x10000000");
  EXPECT_EQ(type(UINT32_MAX), "SOCK_NONBLOCK|SOCK_CLOEXEC|0xfff7f7ff");
}

TEST(SocketNames, ProtocolsDependOnTheFamily) {
  EXPECT_EQ(protocol(AF_INET, IPPROTO_TCP), "tcp");
  EXPECT_EQ(protocol(AF_INET6, IPPROTO_ICMPV6), "icmpv6");
  EXPECT_EQ(protocol(AF_INET, 262), "mptcp");
  EXPECT_EQ(protocol(AF_INET, 0), "ip");
  EXPECT_EQ(protocol(AF_INET, 4242), "4242");
  EXPECT_EQ(protocol(AF_NETLINK, NETLINK_ROUTE), "NETLINK_ROUTE");
  EXPECT_EQ(protocol(AF_NETLINK, NETLINK_AUDIT), "NETLINK_AUDIT");
  EXPECT_EQ(protocol(AF_PACKET, htons(ETH_P_ALL)), "ETH_P_ALL");
  EXPECT_EQ(protocol(AF_PACKET, htons(0x1234)), "4660");
  EXPECT_EQ(protocol(AF_PACKET, 0x10000), "65536");
  EXPECT_EQ(protocol(AF_UNIX, 0), "0");
}

struct Words {
  std::string type, letter, family, l4, state;
};
Words words(const ev_socket& socket) {
  const auto* at = reinterpret_cast<const std::byte*>(&socket);
  return {.type = std::string(socket_type_word(at)),
          .letter = std::string(socket_type_letter(at)),
          .family = std::string(socket_family_word(at)),
          .l4 = std::string(socket_l4_protocol(at)),
          .state = std::string(socket_state_word(at))};
}
void expect(const Words& is, const Words& should) {
  EXPECT_EQ(is.type, should.type);
  EXPECT_EQ(is.letter, should.letter);
  EXPECT_EQ(is.family, should.family);
  EXPECT_EQ(is.l4, should.l4);
  EXPECT_EQ(is.state, should.state);
}
ev_socket socket_of(std::uint32_t family, std::uint32_t type, std::uint32_t protocol,
                    std::uint32_t state = 1) {
  ev_socket socket{};
  socket.kind = {.family = family, .type = type, .protocol = protocol};
  socket.state = state;
  return socket;
}

TEST(SocketWords, AreFalcos) {
  expect(words(socket_of(AF_INET, SOCK_STREAM, IPPROTO_TCP, 10)),
         {"ipv4", "4", "ip", "tcp", "LISTEN"});
  expect(words(socket_of(AF_INET6, SOCK_DGRAM, IPPROTO_UDP, 7)),
         {"ipv6", "6", "ip", "udp", "CLOSE"});
  expect(words(socket_of(AF_INET, SOCK_RAW, IPPROTO_ICMP)),
         {"ipv4", "4", "ip", "raw", "ESTABLISHED"});
  expect(words(socket_of(AF_INET, SOCK_DGRAM, IPPROTO_ICMP)),
         {"ipv4", "4", "ip", "icmp", "ESTABLISHED"});
  expect(words(socket_of(AF_INET, SOCK_STREAM, 262, 2)), {"ipv4", "4", "ip", "tcp", "SYN_SENT"});
  expect(words(socket_of(AF_INET, SOCK_STREAM, IPPROTO_SCTP)),
         {"ipv4", "4", "ip", "sctp", "ESTABLISHED"});
  expect(words(socket_of(AF_UNIX, SOCK_STREAM, 0)), {"unix", "u", "unix", "", "ESTABLISHED"});
  expect(words(socket_of(AF_NETLINK, SOCK_RAW, 0)), {"netlink", "n", "", "", ""});
  expect(words(socket_of(AF_PACKET, SOCK_RAW, 0)), {"packet", "o", "", "", ""});
  expect(words(socket_of(4242, SOCK_RAW, 0)), {"unknown", "o", "", "", ""});
  expect(words(socket_of(AF_INET, SOCK_STREAM, IPPROTO_TCP, 4242)), {"ipv4", "4", "ip", "tcp", ""});
}

TEST(SocketWords, AnAddressOfVersion4MakesASocketOfVersion6One) {
  ev_socket socket = socket_of(AF_INET6, SOCK_STREAM, IPPROTO_TCP);
  socket.local.family = AF_INET6;
  socket.remote.family = AF_INET;
  EXPECT_EQ(words(socket).type, "ipv4");
  EXPECT_EQ(words(socket).letter, "4");
  socket.remote.family = AF_UNSPEC;
  EXPECT_EQ(words(socket).type, "ipv6");
}

}  // namespace
}  // namespace gancho
