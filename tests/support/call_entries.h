// SPDX-License-Identifier: Apache-2.0
//
// The ways into the kernel, none of them through a library that would choose another. Each gives
// the result or a negative errno.
#pragma once

#include <linux/io_uring.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gancho::test {

using Word = std::uint64_t;

// A copy below 4 GiB, where 32-bit entries reach it; it stays.
const char* low(const std::string& text);
void* low_bytes(std::size_t size);  // zeroed

inline Word word(const void* pointer) {
  return reinterpret_cast<Word>(pointer);
}

long call64(long number, std::vector<Word> arguments);
long call32(long number, std::vector<Word> arguments);  // int $0x80
// 32-bit calls are not in every kernel.
[[nodiscard]] bool has_table_32();
// A ring of its own for one submission. flags: IOSQE_*; setup: IORING_SETUP_*.
long call_ring(io_uring_sqe entry, unsigned flags = 0, unsigned setup = 0);
constexpr std::int64_t k_io_uring_enter = 426;

// "openat"; "" when there is none. compat: of the 32-bit table.
std::string call_name(std::int64_t number, bool compat);

}  // namespace gancho::test
