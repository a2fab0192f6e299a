// SPDX-License-Identifier: Apache-2.0
#include "map/uprobe_cost.h"

namespace gancho {
namespace {

bool is_prefix(std::uint8_t byte) {
  switch (byte) {
    case 0x26:
    case 0x2e:
    case 0x36:
    case 0x3e:
    case 0x64:
    case 0x65:
    case 0x66:
    case 0x67:
    case 0xf2:
    case 0xf3:
      return true;
    default:
      return false;
  }
}

}  // namespace

UprobeCost uprobe_cost(std::span<const std::byte> code) {
  using enum UprobeCost;
  const auto byte = [code](std::size_t i) {
    return i < code.size() ? std::to_integer<std::uint8_t>(code[i]) : std::uint8_t{0};
  };
  if (code.empty()) return unknown;
  std::size_t at = 0;
  bool word_sized = false;
  while (at < code.size() && is_prefix(byte(at))) word_sized |= byte(at++) == 0x66;
  if (at == code.size()) return unknown;
  const std::uint8_t opcode = byte(at);
  if (opcode == 0x90) return emulated;
  // push of rax to rdi, and behind 0x41 of r8 to r15; no other prefix.
  if (at == 0 && opcode >= 0x50 && opcode <= 0x57) return emulated;
  if (at == 0 && opcode == 0x41 && byte(1) >= 0x50 && byte(1) <= 0x57) return emulated;
  if (opcode == 0x0f && byte(at + 1) == 0x1f) return long_nop;
  if (word_sized) return single_stepped;
  if (opcode == 0xeb || opcode == 0xe9 || opcode == 0xe8) return emulated;
  if (opcode >= 0x70 && opcode <= 0x7f) return emulated;
  if (opcode == 0x0f && byte(at + 1) >= 0x80 && byte(at + 1) <= 0x8f) return emulated;
  return single_stepped;
}

}  // namespace gancho
