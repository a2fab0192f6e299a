// SPDX-License-Identifier: Apache-2.0
#include "sinks/datagram.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>

namespace gancho {
namespace {

// So that the largest alert is one datagram; the kernel may give less.
constexpr int k_send_buffer = 1 << 20;

}  // namespace

int DatagramSocket::connect() {
  sockaddr_un address{};
  if (path_.size() >= sizeof(address.sun_path)) return ENAMETOOLONG;
  address.sun_family = AF_UNIX;
  std::ranges::copy(path_, std::begin(address.sun_path));
  Fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return errno;
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_SNDBUF, &k_send_buffer, sizeof(k_send_buffer));
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    return errno;
  socket_ = std::move(socket);
  return 0;
}

int DatagramSocket::send(std::span<const iovec> parts, std::chrono::milliseconds limit) {
  msghdr header{};
  header.msg_iov = const_cast<iovec*>(parts.data());
  header.msg_iovlen = parts.size();
  bool connected_now = false;
  bool waited = false;
  for (;;) {
    if (!socket_.valid()) {
      if (const int error = connect(); error != 0) return error;
      connected_now = true;
    }
    if (::sendmsg(socket_.get(), &header, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) return 0;
    const int error = errno;
    if (error == EINTR) continue;
    if (error == EMSGSIZE) return error;
    if (error == EAGAIN || error == ENOBUFS) {
      if (waited) return ETIMEDOUT;
      pollfd wait{.fd = socket_.get(), .events = POLLOUT, .revents = 0};
      if (::poll(&wait, 1, static_cast<int>(limit.count())) == 0) return ETIMEDOUT;
      waited = true;
      continue;
    }
    socket_.reset();
    if (connected_now) return error;
  }
}

}  // namespace gancho
