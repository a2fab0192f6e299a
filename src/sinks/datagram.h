// SPDX-License-Identifier: Apache-2.0
//
// A Unix datagram socket of a service that may go away and come back. One thread.
#pragma once

#include <sys/uio.h>

#include <chrono>
#include <span>
#include <string>

#include "base/fd.h"

namespace gancho {

class DatagramSocket {
 public:
  explicit DatagramSocket(std::string path) : path_(std::move(path)) {}

  // One datagram of these parts. 0, or an errno: ETIMEDOUT when nobody reads for `limit`,
  // EMSGSIZE when it is too large. Connects anew when whoever listened has gone.
  [[nodiscard]] int send(std::span<const iovec> parts, std::chrono::milliseconds limit);

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  [[nodiscard]] int connect();

  std::string path_;
  Fd socket_;
};

}  // namespace gancho
