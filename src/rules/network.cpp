// SPDX-License-Identifier: Apache-2.0
#include "rules/network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "rules/number.h"

namespace gancho::rules {
namespace {

constexpr std::array<std::uint8_t, 12> k_mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

IpAddress masked(IpAddress address, unsigned prefix) {
  for (std::size_t i = 0; i < address.bytes.size(); ++i) {
    const auto begins = static_cast<unsigned>(8 * i);
    const unsigned keeps = prefix <= begins ? 0 : std::min(prefix - begins, 8U);
    address.bytes[i] &= static_cast<std::uint8_t>(0xff00U >> keeps);
  }
  return address;
}

IpAddress unmapped(const IpAddress& address) {
  if (!address.v6 || std::memcmp(address.bytes.data(), k_mapped.data(), k_mapped.size()) != 0)
    return address;
  IpAddress v4;
  std::copy_n(address.bytes.begin() + k_mapped.size(), 4, v4.bytes.begin());
  return v4;
}

}  // namespace

IpAddress ip_of(const ev_address& address) {
  IpAddress made{.v6 = address.family == AF_INET6};
  std::copy_n(address.bytes, made.v6 ? 16 : 4, made.bytes.begin());
  return unmapped(made);
}

bool Network::contains(const IpAddress& other) const {
  return other.v6 == address.v6 && masked(other, prefix) == address;
}

std::optional<Network> parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string host(text.substr(0, slash));
  IpAddress address;
  if (::inet_pton(AF_INET, host.c_str(), address.bytes.data()) != 1) {
    address.v6 = true;
    if (::inet_pton(AF_INET6, host.c_str(), address.bytes.data()) != 1) return std::nullopt;
  }
  unsigned prefix = address.v6 ? 128 : 32;
  if (slash != std::string_view::npos) {
    const auto bits = parse_number(text.substr(slash + 1));
    if (!bits || !bits->positive || bits->bits > prefix) return std::nullopt;
    prefix = static_cast<unsigned>(bits->bits);
  }
  if (const IpAddress v4 = unmapped(address); v4.v6 != address.v6 && prefix >= 96) {
    address = v4;
    prefix -= 96;
  }
  return Network{masked(address, prefix), static_cast<std::uint8_t>(prefix)};
}

std::string print_address(const IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(address.v6 ? AF_INET6 : AF_INET, address.bytes.data(), text.data(), text.size());
  return text.data();
}

void NetworkSet::add(const Network& network) {
  const auto same = [&](const Group& group) {
    return group.v6 == network.address.v6 && group.prefix == network.prefix;
  };
  auto group = std::ranges::find_if(groups_, same);
  if (group == groups_.end())
    group = groups_.insert(group, {network.address.v6, network.prefix, {}});
  group->addresses.push_back(network.address);
}

void NetworkSet::finish() {
  for (Group& group : groups_) std::ranges::sort(group.addresses);
}

bool NetworkSet::contains(const IpAddress& address) const {
  return std::ranges::any_of(groups_, [&](const Group& group) {
    return group.v6 == address.v6 &&
           std::ranges::binary_search(group.addresses, masked(address, group.prefix));
  });
}

}  // namespace gancho::rules
