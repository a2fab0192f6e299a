// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "base/result.h"

namespace gancho {

// Owns one mapping of a file or a BPF map. Move only.
class MemoryMap {
 public:
  enum class Access { read, read_write };

  // `what` is for the error message.
  [[nodiscard]] static Result<MemoryMap> create(int fd, std::size_t bytes, Access access,
                                                std::size_t offset, const std::string& what);

  MemoryMap() = default;
  MemoryMap(MemoryMap&& other) noexcept
      : address_(std::exchange(other.address_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  MemoryMap& operator=(MemoryMap&& other) noexcept {
    std::swap(address_, other.address_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  MemoryMap(const MemoryMap&) = delete;
  MemoryMap& operator=(const MemoryMap&) = delete;
  ~MemoryMap();

  template <class T>
  [[nodiscard]] T* as() const {
    return static_cast<T*>(address_);
  }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  void* address_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace gancho
