// SPDX-License-Identifier: Apache-2.0
#include "support/call_entries.h"

#include <seccomp.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "support/exec_stage.h"
#include "support/ring.h"

namespace gancho::test {
namespace {

constexpr std::size_t k_low_bytes = 16 << 20;

}  // namespace

void* low_bytes(std::size_t size) {
  static auto* const area =
      static_cast<char*>(::mmap(nullptr, k_low_bytes, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0));
  static std::size_t used = 0;
  must(area != MAP_FAILED && used + size <= k_low_bytes, "memory below 4 GiB");
  char* const at = area + used;
  used += (size + 15) & ~std::size_t{15};
  std::memset(at, 0, size);  // it is there: no read of it faults
  return at;
}

const char* low(const std::string& text) {
  auto* const copy = static_cast<char*>(low_bytes(text.size() + 1));
  std::memcpy(copy, text.c_str(), text.size());
  return copy;
}

long call64(long number, std::vector<Word> arguments) {
  arguments.resize(6);
  const long result = ::syscall(number, arguments[0], arguments[1], arguments[2], arguments[3],
                                arguments[4], arguments[5]);
  return result == -1 ? -errno : result;
}

long call32(long number, std::vector<Word> arguments) {
  arguments.resize(5);
  long result = number;
  asm volatile("int $0x80"
               : "+a"(result)
               : "b"(arguments[0]), "c"(arguments[1]), "d"(arguments[2]), "S"(arguments[3]),
                 "D"(arguments[4])
               : "memory", "r8", "r9", "r10", "r11");
  return static_cast<int>(result);
}

bool has_table_32() {
  constexpr long k_getpid = 20;
  static const bool has = call32(k_getpid, {}) == ::getpid();
  return has;
}

long call_ring(io_uring_sqe entry, unsigned flags, unsigned setup) {
  entry.flags |= static_cast<__u8>(flags);
  // It stays until the next one comes: its threads are to be there when they are looked at.
  static std::unique_ptr<Ring> ring;
  ring = std::make_unique<Ring>(setup);
  return ring->run(entry);
}

std::string call_name(std::int64_t number, bool compat) {
  const std::unique_ptr<char, decltype(&std::free)> name(
      ::seccomp_syscall_resolve_num_arch(compat ? SCMP_ARCH_X86 : SCMP_ARCH_X86_64,
                                         static_cast<int>(number)),
      &std::free);
  return name ? name.get() : "";
}

}  // namespace gancho::test
