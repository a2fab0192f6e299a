// SPDX-License-Identifier: Apache-2.0
#include "attached/type_words.h"

#include <bpf/libbpf.h>

namespace gancho {
namespace {

std::string word_or_number(const char* word, std::uint32_t type) {
  return word == nullptr ? "type " + std::to_string(type) : word;
}

}  // namespace

std::string program_type_word(std::uint32_t type) {
  return word_or_number(libbpf_bpf_prog_type_str(static_cast<bpf_prog_type>(type)), type);
}

std::string map_type_word(std::uint32_t type) {
  return word_or_number(libbpf_bpf_map_type_str(static_cast<bpf_map_type>(type)), type);
}

std::string link_type_word(std::uint32_t type) {
  return word_or_number(libbpf_bpf_link_type_str(static_cast<bpf_link_type>(type)), type);
}

std::string attach_type_word(std::uint32_t type) {
  return word_or_number(libbpf_bpf_attach_type_str(static_cast<bpf_attach_type>(type)), type);
}

}  // namespace gancho
