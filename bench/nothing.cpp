// SPDX-License-Identifier: Apache-2.0
//
// The smallest program there is: it ends. Neither C library nor loader, so that hardly anything but
// the kernel's part of an exec is left.
// NOLINTBEGIN(readability-identifier-naming): where the linker looks for the beginning.
extern "C" [[noreturn]] void _start();

extern "C" void _start() {  // NOLINTEND(readability-identifier-naming)
  asm volatile("syscall" : : "a"(231L /* exit_group */), "D"(0L) : "rcx", "r11", "memory");
  __builtin_unreachable();
}
