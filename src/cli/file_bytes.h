// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace gancho {

// The bytes of a file for as long as this lives: mapped, or read when it is a pipe. Move only.
class FileBytes {
 public:
  // "-" is standard input.
  [[nodiscard]] static Result<FileBytes> open(const std::string& path);

  FileBytes(FileBytes&& other) noexcept;
  FileBytes& operator=(FileBytes&&) = delete;
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;
  ~FileBytes();

  [[nodiscard]] std::span<const std::byte> view() const {
    return mapped_.empty() ? std::span<const std::byte>(read_) : mapped_;
  }

 private:
  FileBytes() = default;
  std::span<const std::byte> mapped_;  // ours to unmap
  std::vector<std::byte> read_;
};

}  // namespace gancho
