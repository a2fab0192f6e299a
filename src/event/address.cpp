// SPDX-License-Identifier: Apache-2.0
#include "event/address.h"

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <cstring>

#include "base/bytes.h"
#include "event/socket_names.h"

namespace gancho {
namespace {

char* put(char* out, std::string_view text) {
  return out + text.copy(out, text.size());
}

char* write_v4(char* out, const __u8* bytes) {
  for (int i = 0; i < 4; ++i) {
    if (i != 0) *out++ = '.';
    out = write_decimal(out, std::uint64_t{bytes[i]});
  }
  return out;
}

// Up to four digits, without leading zeros.
char* write_short_hex(char* out, unsigned value) {
  bool leading = true;
  for (int shift = 12; shift >= 0; shift -= 4) {
    const unsigned digit = value >> shift & 15;
    leading = leading && digit == 0 && shift != 0;
    if (!leading) *out++ = "0123456789abcdef"[digit];
  }
  return out;
}

struct Run {
  int begin = 8;
  int length = 1;  // a single zero is not shortened
};

Run longest_zeros(const std::array<unsigned, 8>& groups) {
  Run longest;
  for (int begin = 0; begin < 8; ++begin) {
    int end = begin;
    while (end < 8 && groups[static_cast<std::size_t>(end)] == 0) ++end;
    if (end - begin > longest.length) longest = {.begin = begin, .length = end - begin};
    if (end > begin) begin = end - 1;
  }
  return longest;
}

char* write_v6(char* out, const __u8 (&bytes)[16]) {
  static constexpr __u8 mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::memcmp(bytes, mapped, sizeof(mapped)) == 0)
    return write_v4(put(out, "::ffff:"), bytes + sizeof(mapped));

  std::array<unsigned, 8> groups;
  for (std::size_t i = 0; i < 8; ++i) groups[i] = bytes[2 * i] * 256U + bytes[2 * i + 1];
  const Run zeros = longest_zeros(groups);
  for (int i = 0; i < 8; ++i) {
    if (i == zeros.begin) {
      out = put(out, "::");
      i += zeros.length - 1;
      continue;
    }
    if (i != 0 && i != zeros.begin + zeros.length) *out++ = ':';
    out = write_short_hex(out, groups[static_cast<std::size_t>(i)]);
  }
  return out;
}

std::uint32_t word(const ev_address& address, std::size_t index) {
  std::uint32_t value;
  std::memcpy(&value, address.bytes + 4 * index, sizeof(value));
  return value;
}

char* write_number(char* out, std::uint64_t value) {
  *out++ = ':';
  return write_decimal(out, value);
}

// What is not bound, of the other end's family.
ev_address zero_like(const ev_address& other) {
  ev_address zero{};
  zero.family = other.family;
  return zero;
}

}  // namespace

bool is_ip(const ev_address& address) {
  return address.family == AF_INET || address.family == AF_INET6;
}

char* write_ip(char* out, const ev_address& address) {
  return address.family == AF_INET ? write_v4(out, address.bytes) : write_v6(out, address.bytes);
}

char* write_endpoint(char* out, const ev_address& address) {
  switch (address.family) {
    case AF_INET:
      return write_number(write_v4(out, address.bytes), address.port);
    case AF_INET6:
      *out++ = '[';
      out = write_v6(out, address.bytes);
      if (address.scope != 0) {
        *out++ = '%';
        out = write_decimal(out, std::uint64_t{address.scope});
      }
      *out++ = ']';
      return write_number(out, address.port);
    case AF_NETLINK:
      return write_number(put(out, "netlink"), word(address, 0));
    case AF_PACKET:
      out = put(write_number(put(out, "packet"), address.scope), ":0x");
      return write_short_hex(out, address.port);
    case AF_VSOCK:
      return write_number(write_number(put(out, "vsock"), word(address, 0)), word(address, 1));
    default:
      return write_named(out, k_socket_families, address.family);
  }
}

char* write_connection(char* out, const ev_socket& socket) {
  const bool serves = (socket.flags & EV_SOCKET_SERVER) != 0;
  ev_address client = serves ? socket.remote : socket.local;
  ev_address server = serves ? socket.local : socket.remote;
  if (socket.remote.family == AF_UNSPEC)
    return socket.local.family == AF_UNSPEC ? out : write_endpoint(out, socket.local);
  if (client.family == AF_UNSPEC) client = zero_like(server);
  if (server.family == AF_UNSPEC) server = zero_like(client);
  return write_endpoint(put(write_endpoint(out, client), "->"), server);
}

ev_string unix_name(const ev_socket& socket) {
  return socket.remote.name.offset != 0 ? socket.remote.name : socket.local.name;
}

}  // namespace gancho
