// SPDX-License-Identifier: Apache-2.0
//
// The product's path walker, run on descriptors of the calling process.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gancho::test {

struct Walked {
  std::string path;
  std::size_t root_length = 0;
  std::uint32_t flags = 0;
  bool operator==(const Walked&) const = default;
};

// For people: bytes that are no text escaped, long ones shortened.
std::string shown(const std::string& bytes);
std::string shown(const Walked& walked);

class Walker {
 public:
  Walker();
  Walker(const Walker&) = delete;
  Walker& operator=(const Walker&) = delete;
  ~Walker();

  // Nothing for a descriptor that the walker failed on. Up to WALKS_MAX of them are walked in one
  // run of the program.
  std::vector<std::optional<Walked>> walk(const std::vector<int>& fds);
  [[nodiscard]] std::size_t max_steps() const;  // of one walk
  // Walks up to WALKS_MAX descriptors, for what it costs.
  void run(const int* fds, std::size_t count);

 private:
  struct Program;

  std::unique_ptr<Program> program_;
};

}  // namespace gancho::test
