// SPDX-License-Identifier: Apache-2.0
//
// What types of programs, maps and links are called, as bpftool prints them; "type 99" for one that
// is newer than the libbpf that we are built with.
#pragma once

#include <cstdint>
#include <string>

namespace gancho {

[[nodiscard]] std::string program_type_word(std::uint32_t type);  // "sched_cls"
[[nodiscard]] std::string map_type_word(std::uint32_t type);      // "prog_array"
[[nodiscard]] std::string link_type_word(std::uint32_t type);     // "kprobe_multi"
[[nodiscard]] std::string attach_type_word(std::uint32_t type);   // "sk_msg_verdict"

}  // namespace gancho
