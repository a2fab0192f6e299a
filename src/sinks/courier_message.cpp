// SPDX-License-Identifier: Apache-2.0
#include "sinks/courier_message.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

namespace gancho {
namespace {

constexpr std::size_t k_ancillary_bytes = CMSG_SPACE(sizeof(int) * k_courier_descriptors);

}  // namespace

void CourierMessage::set_text(std::string_view line) {
  const std::size_t bytes = std::min(line.size(), text.size() - 1);
  std::copy_n(line.begin(), bytes, text.begin());
  text[bytes] = '\0';
}

std::string CourierMessage::clean_text() const {
  std::string clean(text.data(), ::strnlen(text.data(), text.size()));
  std::ranges::replace_if(
      clean, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, '?');
  return clean;
}

Status send_courier_message(int socket, const CourierMessage& message, std::span<const int> fds,
                            int flags) {
  if (fds.size() > k_courier_descriptors)
    return fail(Errc::internal, "too many descriptors in a message");
  iovec part{.iov_base = const_cast<CourierMessage*>(&message), .iov_len = sizeof(message)};
  alignas(cmsghdr) std::array<std::byte, k_ancillary_bytes> ancillary{};
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
    if (errno != EINTR) return fail_errno("cannot talk to the other half of the courier", errno);
  }
}

Result<ReceivedCourierMessage> receive_courier_message(int socket, int flags) {
  ReceivedCourierMessage received;
  iovec part{.iov_base = &received.message, .iov_len = sizeof(received.message)};
  alignas(cmsghdr) std::array<std::byte, k_ancillary_bytes> ancillary{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = ancillary.data();
  header.msg_controllen = ancillary.size();
  ssize_t bytes = 0;
  do {
    bytes = ::recvmsg(socket, &header, MSG_CMSG_CLOEXEC | flags);
  } while (bytes < 0 && errno == EINTR);
  if (bytes < 0) return fail_errno("cannot hear the other half of the courier", errno);
  for (cmsghdr* control = CMSG_FIRSTHDR(&header); control != nullptr;
       control = CMSG_NXTHDR(&header, control)) {
    if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(control) + i * sizeof(int), sizeof(int));
      received.fds.emplace_back(fd);
    }
  }
  if (bytes == 0) return fail(Errc::system, "the other half of the courier is gone");
  if (static_cast<std::size_t>(bytes) != sizeof(CourierMessage) ||
      (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
    return fail(Errc::internal, "a message of the wrong size");
  return received;
}

}  // namespace gancho
