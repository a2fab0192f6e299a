// SPDX-License-Identifier: Apache-2.0
#include "conformance/suite/address.h"

#include <arpa/inet.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace gancho::test {
namespace {

void add_v4(int socket, const sockaddr_in& address) {
  // Each address of a device has a name of its own here.
  const std::string name = "lo:" + std::to_string(ntohl(address.sin_addr.s_addr) % 1'000'000);
  ifreq request{};
  name.copy(request.ifr_name, IFNAMSIZ - 1);
  std::memcpy(&request.ifr_addr, &address, sizeof(address));
  reinterpret_cast<sockaddr_in&>(request.ifr_addr).sin_port = 0;
  if (::ioctl(socket, SIOCSIFADDR, &request) != 0)
    throw std::runtime_error(std::string("SIOCSIFADDR: ") + std::strerror(errno));
  auto& mask = reinterpret_cast<sockaddr_in&>(request.ifr_netmask);
  mask = {};
  mask.sin_family = AF_INET;
  mask.sin_addr.s_addr = 0xffffffff;
  if (::ioctl(socket, SIOCSIFNETMASK, &request) != 0)
    throw std::runtime_error(std::string("SIOCSIFNETMASK: ") + std::strerror(errno));
}

void add_v6(int socket, const sockaddr_in6& address) {
  in6_ifreq request{.ifr6_addr = address.sin6_addr,
                    .ifr6_prefixlen = 128,
                    .ifr6_ifindex = static_cast<int>(::if_nametoindex("lo"))};
  if (::ioctl(socket, SIOCSIFADDR, &request) != 0 && errno != EEXIST)
    throw std::runtime_error(std::string("SIOCSIFADDR: ") + std::strerror(errno));
}

}  // namespace

SocketAddress read_address(const std::string& text) {
  SocketAddress address;
  constexpr std::string_view unix_prefix = "unix://";
  if (text.starts_with(unix_prefix)) {
    auto& path = reinterpret_cast<sockaddr_un&>(address.storage);
    path.sun_family = AF_UNIX;
    text.substr(unix_prefix.size()).copy(path.sun_path, sizeof(path.sun_path) - 1);
    address.size = sizeof(path);
    return address;
  }
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) throw std::runtime_error("no address with a port: " + text);
  std::string host = text.substr(0, colon);
  const auto port = htons(static_cast<std::uint16_t>(std::atoi(text.c_str() + colon + 1)));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  auto& v4 = reinterpret_cast<sockaddr_in&>(address.storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(address.storage);
  if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = port;
    address.size = sizeof(v4);
  } else if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = port;
    address.size = sizeof(v6);
  } else {
    throw std::runtime_error("no address: " + text);
  }
  return address;
}

void have_address(const SocketAddress& address) {
  const int family = address.storage.ss_family;
  if (family == AF_UNIX) return;
  const int socket = ::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) throw std::runtime_error(std::string("socket: ") + std::strerror(errno));
  SocketAddress any_port = address;
  // Both have the port at the same place.
  reinterpret_cast<sockaddr_in&>(any_port.storage).sin_port = 0;
  const bool has = ::bind(socket, any_port.get(), any_port.size) == 0;
  try {
    if (!has && family == AF_INET)
      add_v4(socket, reinterpret_cast<const sockaddr_in&>(address.storage));
    else if (!has)
      add_v6(socket, reinterpret_cast<const sockaddr_in6&>(address.storage));
  } catch (...) {
    ::close(socket);
    throw;
  }
  ::close(socket);
}

}  // namespace gancho::test
