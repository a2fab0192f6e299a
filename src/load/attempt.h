// SPDX-License-Identifier: Apache-2.0
//
// Loading the smallest BPF program of a kind, and words for why the kernel refuses.
#pragma once

#include <linux/bpf.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/fd.h"

namespace gancho {

// "r0 = return_value; exit", or `code`.
struct SmallProgram {
  bpf_prog_type type = BPF_PROG_TYPE_UNSPEC;
  bpf_attach_type attach_type{};
  std::uint32_t attach_btf_id = 0;
  std::int32_t return_value = 0;
  bool sleepable = false;
  std::span<const bpf_insn> code = {};
};

struct Attempt {
  Fd fd;
  int error = 0;       // positive errno, 0: it worked
  std::string reason;  // what the verifier said, or what the errno means; without a dot

  [[nodiscard]] bool works() const { return error == 0; }
};

[[nodiscard]] Attempt load_program(const SmallProgram& program);

// The reason that attempts have when the errno is all that the kernel said, and it is EPERM or
// EACCES.
inline constexpr std::string_view k_not_permitted = "the kernel does not permit it to us";

// From what a system call returned: a descriptor, or a negative errno as libbpf has it.
[[nodiscard]] Attempt attempt_of(int fd_or_error);

// "EPERM", "ENOTSUPP" (which strerror(3) does not know); a number for what has no name.
[[nodiscard]] std::string error_name(int error);

// The sentence of a verifier log that says why: its last line that is neither a dump of an
// instruction nor statistics. Empty when there is none.
[[nodiscard]] std::string verifier_reason(std::string_view log);

}  // namespace gancho
