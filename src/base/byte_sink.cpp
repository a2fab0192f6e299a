// SPDX-License-Identifier: Apache-2.0
#include "base/byte_sink.h"

#include <unistd.h>

#include <cerrno>

namespace gancho {

Status FdSink::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return fail_errno(name_, errno);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace gancho
