// SPDX-License-Identifier: Apache-2.0
//
// What a probe on an instruction of a program costs. The kernel puts a trap in the instruction's
// place; a few instructions it then carries out itself, any other it copies aside, executes in
// single step and traps again: twenty times as dear. (arch/x86/kernel/uprobes.c)
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace gancho {

enum class UprobeCost : std::uint8_t {
  emulated,  // nop, push, jump, call: the cheap ones
  long_nop,  // of several bytes: cheap on recent kernels, single-stepped on older ones
  single_stepped,
  unknown,  // not x86-64, or no bytes
};

// Of the instruction at the front of `code`, which is of a 64-bit program.
[[nodiscard]] UprobeCost uprobe_cost(std::span<const std::byte> code);

}  // namespace gancho
