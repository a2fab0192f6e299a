// SPDX-License-Identifier: Apache-2.0
//
// BPF_PROG_QUERY: the programs that are attached to one thing in one way.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace gancho {

// To be asked again and again: keeps its memory. One thread.
class ProgramQuery {
 public:
  struct One {
    std::uint32_t program = 0;
    std::uint32_t link = 0;   // 0 where not asked for, and for those without
    std::uint32_t flags = 0;  // BPF_F_ALLOW_MULTI and such
  };
  // What else to ask for: a kernel that does not know of it refuses the question.
  enum class Also : std::uint8_t { nothing, links, flags };

  ProgramQuery();

  // `target` is a descriptor or an interface's number; `type` of enum bpf_attach_type. Returns 0 or
  // an errno: EINVAL when the kernel does not know the type. The answer is valid until the next.
  int ask(int target, std::uint32_t type, Also also = Also::nothing);
  [[nodiscard]] std::span<const One> answer() const { return answer_; }

 private:
  std::vector<std::uint32_t> programs_;
  std::vector<std::uint32_t> extras_;
  std::vector<One> answer_;
};

}  // namespace gancho
