// SPDX-License-Identifier: Apache-2.0
#include "event/address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <string>

#include "event/json.h"
#include "event/text.h"
#include "support/facts.h"
#include "support/record_builder.h"
#include "support/sample_room.h"

namespace gancho {
namespace {

ev_address ip(int family, const char* text, std::uint16_t port = 0) {
  ev_address address{};
  address.family = static_cast<std::uint16_t>(family);
  address.port = port;
  EXPECT_EQ(::inet_pton(family, text, address.bytes), 1) << text;
  return address;
}
ev_address v4(const char* text, std::uint16_t port = 0) {
  return ip(AF_INET, text, port);
}
ev_address v6(const char* text, std::uint16_t port = 0) {
  return ip(AF_INET6, text, port);
}

std::string written_ip(const ev_address& address) {
  std::array<char, k_ip_max + 32> out;
  char* const end = write_ip(out.data(), address);
  EXPECT_LE(end - out.data(), static_cast<std::ptrdiff_t>(k_ip_max));
  return {out.data(), end};
}
std::string written(const ev_address& address) {
  std::array<char, k_endpoint_max> out;
  return {out.data(), write_endpoint(out.data(), address)};
}
std::string written(const ev_socket& socket) {
  std::array<char, k_connection_max> out;
  return {out.data(), write_connection(out.data(), socket)};
}

TEST(Ip, Version4) {
  for (const char* text : {"0.0.0.0", "127.0.0.1", "192.0.2.1", "255.255.255.255"})
    EXPECT_EQ(written_ip(v4(text)), text);
}

// RFC 5952, section 4 and 5.
TEST(Ip, Version6IsWrittenInOneWayOnly) {
  struct Case {
    const char* given;
    const char* written;
  };
  static constexpr Case cases[] = {
      {"::", "::"},
      {"::1", "::1"},
      {"1::", "1::"},
      {"2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1"},
      {"2001:DB8::0001", "2001:db8::1"},
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
      {"0:0:1:0:0:1:0:0", "::1:0:0:1:0:0"},
      {"1:0:0:0:0:0:0:0", "1::"},
      {"0:1:0:0:0:0:0:0", "0:1::"},
      {"fe80::a00:27ff:fe4e:66a1", "fe80::a00:27ff:fe4e:66a1"},
      {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
      {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
      {"::192.0.2.1", "::c000:201"},
      {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
  };
  for (const Case& one : cases) EXPECT_EQ(written_ip(v6(one.given)), one.written);
}

TEST(Ip, AnyVersion6IsReadBack) {
  EXPECT_TRUE(rc::check([](const std::array<std::uint8_t, 16>& bytes, std::uint16_t zeros) {
    ev_address address{};
    address.family = AF_INET6;
    // Groups of zeros come often, or they would hardly ever come.
    for (std::size_t i = 0; i < 16; ++i)
      address.bytes[i] = (zeros >> i / 2 & 1) != 0 ? 0 : bytes[i];
    const std::string text = written_ip(address);
    std::array<__u8, 16> back{};
    RC_ASSERT(::inet_pton(AF_INET6, text.c_str(), back.data()) == 1);
    RC_ASSERT(std::memcmp(back.data(), address.bytes, 16) == 0);
    RC_ASSERT(text.find(":0:0:0") == std::string::npos || text.find("::") != std::string::npos);
  }));
}

TEST(Endpoint, HasAPort) {
  EXPECT_EQ(written(v4("192.0.2.1", 80)), "192.0.2.1:80");
  EXPECT_EQ(written(v6("::1", 65535)), "[::1]:65535");
  ev_address local = v6("fe80::1", 22);
  local.scope = 3;
  EXPECT_EQ(written(local), "[fe80::1%3]:22");
}

TEST(Endpoint, OfOtherFamilies) {
  ev_address address{};
  EXPECT_EQ(written(address), "AF_UNSPEC");
  address.family = AF_NETLINK;
  const std::uint32_t words[] = {4711, 1234};
  std::memcpy(address.bytes, words, sizeof(words));
  EXPECT_EQ(written(address), "netlink:4711");
  address.family = AF_VSOCK;
  EXPECT_EQ(written(address), "vsock:4711:1234");
  address.family = AF_PACKET;
  address.scope = 2;
  address.port = 0x800;
  EXPECT_EQ(written(address), "packet:2:0x800");
  address.family = 4242;
  EXPECT_EQ(written(address), "4242");
}

TEST(Endpoint, TheLongestFits) {
  ev_address address = v6("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65535);
  address.scope = UINT32_MAX;
  EXPECT_LE(written(address).size() + 24, k_endpoint_max);
}

TEST(Connection, TheClientStandsFirst) {
  ev_socket socket{};
  socket.local = v4("10.0.0.1", 40000);
  socket.remote = v4("10.0.0.2", 80);
  EXPECT_EQ(written(socket), "10.0.0.1:40000->10.0.0.2:80");
  socket.flags = EV_SOCKET_SERVER;
  EXPECT_EQ(written(socket), "10.0.0.2:80->10.0.0.1:40000");
}

TEST(Connection, WithOneEndOrNone) {
  ev_socket socket{};
  EXPECT_EQ(written(socket), "");
  socket.remote = v6("::1", 80);
  EXPECT_EQ(written(socket), "[::]:0->[::1]:80");
  socket.flags = EV_SOCKET_SERVER;
  EXPECT_EQ(written(socket), "[::1]:80->[::]:0");
  socket.local = v4("0.0.0.0", 80);
  socket.remote = {};
  EXPECT_EQ(written(socket), "0.0.0.0:80");
}

// As fields: what JSON and text make of the same record.
struct Rendered {
  std::string json;
  std::string text;
};
Rendered rendered(test::RecordBuilder& builder) {
  const test::SampleFacts facts;
  Rendered rendered;
  ByteBuffer out;
  JsonRenderer(facts, {}).render(builder.view(), out);
  rendered.json = out.view();
  out.clear();
  TextRenderer(facts, {}, {.colour = false, .utc = true}).render(builder.view(), out);
  rendered.text = out.view();
  return rendered;
}

void expect_has(const std::string& line, std::string_view part) {
  EXPECT_NE(line.find(part), std::string::npos) << part << "\n" << line;
}
void expect_lacks(const std::string& line, std::string_view part) {
  EXPECT_EQ(line.find(part), std::string::npos) << part << "\n" << line;
}

const EventDesc& sample() {
  return *find_event("sample");
}
constexpr std::size_t k_socket_at = offsetof(test::ev_sample, socket);

TEST(AddressFields, OfAnIpSocket) {
  ev_socket socket{};
  socket.kind = {.family = AF_INET6, .type = SOCK_STREAM | SOCK_CLOEXEC, .protocol = 6};
  socket.local = v6("2001:db8::1", 443);
  socket.remote = v6("2001:db8::2", 50000);
  test::RecordBuilder builder(sample());
  builder.number("s.endpoint", 0).number("s.family", 0).put(k_socket_at, socket);
  const auto [json, text] = rendered(builder);
  expect_has(json,
             R"("s.ip":"2001:db8::1","s.port":443,"s.endpoint":"[2001:db8::1]:443",)"
             R"("s.connection":"[2001:db8::1]:443->[2001:db8::2]:50000","s.family":"AF_INET6",)"
             R"("s.type":"SOCK_STREAM|SOCK_CLOEXEC","s.protocol":"tcp","s.word":"tcp"})");
  expect_has(text,
             "s.ip=2001:db8::1 s.port=443 s.endpoint=[2001:db8::1]:443 "
             "s.connection=[2001:db8::1]:443->[2001:db8::2]:50000 s.family=AF_INET6 "
             "s.type=SOCK_STREAM|SOCK_CLOEXEC s.protocol=tcp s.word=tcp\n");
}

TEST(AddressFields, WhatIsNotThereIsLeftOut) {
  test::RecordBuilder builder(sample());
  const auto [json, text] = rendered(builder);
  for (const char* name : {"s.ip", "s.port", "s.endpoint", "s.connection", "s.family", "s.word"}) {
    expect_lacks(json, name);
    expect_lacks(text, name);
  }
}

// The name lies in the tail; "s.string" puts it there.
Rendered rendered_unix(std::string_view name) {
  test::RecordBuilder builder(sample());
  builder.text("s.string", name).number("s.endpoint", 0);
  ev_socket socket{};
  socket.kind.family = AF_UNIX;
  socket.local.family = AF_UNIX;
  socket.local.name = {.offset = sizeof(test::ev_sample),
                       .length = static_cast<__u16>(name.size())};
  builder.put(k_socket_at, socket);
  return rendered(builder);
}

TEST(AddressFields, OfAUnixSocket) {
  const auto [json, text] = rendered_unix("/run/a b");
  expect_has(json, R"("s.endpoint":"/run/a b","s.connection":"/run/a b")");
  expect_has(text, "s.endpoint='/run/a b' s.connection='/run/a b'");
  expect_lacks(json, R"("s.ip")");
}

TEST(AddressFields, OfAnAbstractUnixSocket) {
  const auto plain = rendered_unix(std::string_view("\0bus", 4));
  expect_has(plain.json, R"("s.endpoint":"@bus","s.connection":"@bus")");
  expect_has(plain.text, "s.endpoint=@bus ");
  // Any bytes: none is lost, none steers the terminal.
  const auto odd = rendered_unix(std::string_view("\0a\0\xff\x1b", 5));
  expect_has(odd.json,
             "\"s.endpoint\":\"@a\\u0000\xef\xbf\xbd\\u001b\",\"s.endpoint.hex\":\"006100ff1b\"");
  expect_has(odd.text, R"(s.endpoint=@$'a\x00\xff\x1b')");
  expect_has(rendered_unix(std::string_view("\0", 1)).text, "s.endpoint=@ ");
}

TEST(AddressFields, AUnixNameOutsideOfTheRecordIsLeftOut) {
  test::RecordBuilder builder(sample());
  builder.number("s.endpoint", 0);
  ev_socket socket{};
  socket.kind.family = AF_UNIX;
  socket.local.family = AF_UNIX;
  socket.local.name = {.offset = 60000, .length = 5000};
  builder.put(k_socket_at, socket);
  const auto [json, text] = rendered(builder);
  expect_lacks(json, "s.endpoint");
  expect_lacks(text, "s.connection");
}

}  // namespace
}  // namespace gancho
