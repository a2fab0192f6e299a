// SPDX-License-Identifier: Apache-2.0
//
// Where bytes go, so that a full disk can be tested without one.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include "base/result.h"

namespace gancho {

class ByteSink {
 public:
  virtual ~ByteSink() = default;
  // All bytes or an error; after an error it is unknown how many were taken.
  [[nodiscard]] virtual Status write(std::span<const std::byte> bytes) = 0;
};

// Writes to a descriptor that somebody else owns; `name` is how errors call it.
class FdSink final : public ByteSink {
 public:
  FdSink(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}
  [[nodiscard]] Status write(std::span<const std::byte> bytes) override;

 private:
  int fd_;
  std::string name_;
};

}  // namespace gancho
