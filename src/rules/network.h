// SPDX-License-Identifier: Apache-2.0
//
// IP addresses and networks of conditions. What is IPv4 in IPv6 (::ffff:192.0.2.1) is IPv4, as in
// records.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/socket.h"

namespace gancho::rules {

struct IpAddress {
  bool v6 = false;
  std::array<std::uint8_t, 16> bytes{};  // of IPv4 the first four
  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

// Of a family that has one: is_ip().
[[nodiscard]] IpAddress ip_of(const ev_address& address);

struct Network {
  IpAddress address;        // zeros behind the prefix
  std::uint8_t prefix = 0;  // bits
  [[nodiscard]] bool contains(const IpAddress& other) const;
  friend auto operator<=>(const Network&, const Network&) = default;
};

// "192.0.2.1", "2001:db8::/32". nullopt for anything else.
[[nodiscard]] std::optional<Network> parse_network(std::string_view text);

// As parse_network() reads it back.
[[nodiscard]] std::string print_address(const IpAddress& address);

// Many of them: one look-up for each length of a prefix that occurs.
class NetworkSet {
 public:
  void add(const Network& network);
  void finish();  // after the last
  [[nodiscard]] bool contains(const IpAddress& address) const;

 private:
  struct Group {
    bool v6;
    std::uint8_t prefix;
    std::vector<IpAddress> addresses;  // sorted
  };
  std::vector<Group> groups_;
};

}  // namespace gancho::rules
