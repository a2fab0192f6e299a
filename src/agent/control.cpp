// SPDX-License-Identifier: Apache-2.0
#include "agent/control.h"

#include "base/fd_message.h"

namespace gancho {
namespace {

constexpr std::string_view k_other = "the other half of the agent";

}  // namespace

void Message::set_text(std::string_view message) {
  put_line(message, text);
}

std::string Message::clean_text() const {
  return clean_line(text);
}

Status send_message(int socket, const Message& message, std::span<const int> fds, int flags) {
  if (fds.size() > k_fds_max) return fail(Errc::internal, "too many descriptors in a message");
  return send_with_fds(socket, std::as_bytes(std::span(&message, 1)), fds, flags, k_other);
}

Result<Received> receive_message(int socket) {
  Received received;
  received.fds = TRY(receive_with_fds(
      socket, std::as_writable_bytes(std::span(&received.message, 1)), k_fds_max, 0, k_other));
  return received;
}

}  // namespace gancho
