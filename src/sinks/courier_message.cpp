// SPDX-License-Identifier: Apache-2.0
#include "sinks/courier_message.h"

#include "base/fd_message.h"

namespace gancho {
namespace {

constexpr std::string_view k_other = "the other half of the courier";

}  // namespace

void CourierMessage::set_text(std::string_view line) {
  put_line(line, text);
}

std::string CourierMessage::clean_text() const {
  return clean_line(text);
}

Status send_courier_message(int socket, const CourierMessage& message, std::span<const int> fds,
                            int flags) {
  if (fds.size() > k_courier_descriptors)
    return fail(Errc::internal, "too many descriptors in a message");
  return send_with_fds(socket, std::as_bytes(std::span(&message, 1)), fds, flags, k_other);
}

Result<ReceivedCourierMessage> receive_courier_message(int socket, int flags) {
  ReceivedCourierMessage received;
  received.fds =
      TRY(receive_with_fds(socket, std::as_writable_bytes(std::span(&received.message, 1)),
                           k_courier_descriptors, flags, k_other));
  return received;
}

}  // namespace gancho
