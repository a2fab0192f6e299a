// SPDX-License-Identifier: Apache-2.0
#include "base/fd_message.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace gancho {
namespace {

// As large as `count` descriptors need, aligned as CMSG_FIRSTHDR() wants it.
std::vector<cmsghdr> ancillary_for(std::size_t count) {
  return std::vector<cmsghdr>(CMSG_SPACE(sizeof(int) * count) / sizeof(cmsghdr) + 1);
}

}  // namespace

Status send_with_fds(int socket, std::span<const std::byte> message, std::span<const int> fds,
                     int flags, std::string_view other) {
  iovec part{.iov_base = const_cast<std::byte*>(message.data()), .iov_len = message.size()};
  std::vector<cmsghdr> ancillary = ancillary_for(fds.size());
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  if (!fds.empty()) {
    header.msg_control = ancillary.data();
    header.msg_controllen = CMSG_SPACE(fds.size_bytes());
    cmsghdr* control = CMSG_FIRSTHDR(&header);
    control->cmsg_level = SOL_SOCKET;
    control->cmsg_type = SCM_RIGHTS;
    control->cmsg_len = CMSG_LEN(fds.size_bytes());
    std::memcpy(CMSG_DATA(control), fds.data(), fds.size_bytes());
  }
  for (;;) {
    if (::sendmsg(socket, &header, MSG_NOSIGNAL | flags) >= 0) return {};
    if (errno != EINTR) return fail_errno(fmt::format("cannot talk to {}", other), errno);
  }
}

Result<std::vector<Fd>> receive_with_fds(int socket, std::span<std::byte> message, std::size_t most,
                                         int flags, std::string_view other) {
  iovec part{.iov_base = message.data(), .iov_len = message.size()};
  std::vector<cmsghdr> ancillary = ancillary_for(most);
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = ancillary.data();
  header.msg_controllen = CMSG_SPACE(sizeof(int) * most);
  ssize_t bytes = 0;
  do {
    bytes = ::recvmsg(socket, &header, MSG_CMSG_CLOEXEC | flags);
  } while (bytes < 0 && errno == EINTR);
  if (bytes < 0) return fail_errno(fmt::format("cannot hear {}", other), errno);
  std::vector<Fd> fds;
  for (cmsghdr* control = CMSG_FIRSTHDR(&header); control != nullptr;
       control = CMSG_NXTHDR(&header, control)) {
    if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(control) + i * sizeof(int), sizeof(int));
      fds.emplace_back(fd);
    }
  }
  if (bytes == 0) return fail(Errc::system, fmt::format("{} is gone", other));
  if (static_cast<std::size_t>(bytes) != message.size() ||
      (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
    return fail(Errc::internal, "a message of the wrong size");
  return fds;
}

void put_line(std::string_view line, std::span<char> field) {
  const std::size_t bytes = std::min(line.size(), field.size() - 1);
  std::copy_n(line.begin(), bytes, field.begin());
  field[bytes] = '\0';
}

std::string clean_line(std::span<const char> field) {
  std::string clean(field.data(), ::strnlen(field.data(), field.size()));
  std::ranges::replace_if(
      clean, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, '?');
  return clean;
}

}  // namespace gancho
