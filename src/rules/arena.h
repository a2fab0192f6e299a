// SPDX-License-Identifier: Apache-2.0
//
// Room for the texts that one evaluation makes. Taken once; pages that nobody writes to cost
// nothing.
#pragma once

#include <cstddef>
#include <memory>

namespace gancho::rules {

class Arena {
 public:
  explicit Arena(std::size_t bytes)
      : bytes_(bytes), data_(std::make_unique_for_overwrite<char[]>(bytes)) {}

  void clear() { used_ = 0; }
  // nullptr when that much is not left. What is written there is kept up to keep()'s end.
  [[nodiscard]] char* reserve(std::size_t count) {
    return count <= bytes_ - used_ ? data_.get() + used_ : nullptr;
  }
  void keep(const char* end) { used_ = static_cast<std::size_t>(end - data_.get()); }

 private:
  std::size_t bytes_;
  std::size_t used_ = 0;
  std::unique_ptr<char[]> data_;
};

}  // namespace gancho::rules
