// SPDX-License-Identifier: Apache-2.0
//
// The ways into the kernel, none of them through a library that would choose another.
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "base/fd.h"
#include "support/call_truth.h"

namespace gancho::test {
namespace {

constexpr std::size_t k_low_bytes = 16 << 20;

struct Mapped {
  std::byte* at = nullptr;
  std::size_t size = 0;
  Mapped(int fd, std::size_t bytes, off_t offset) : size(bytes) {
    at = static_cast<std::byte*>(
        ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, offset));
    must(at != MAP_FAILED, "mmap of a ring");
  }
  ~Mapped() { ::munmap(at, size); }
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;
  template <class T>
  T& ref(std::size_t offset) const {
    return *reinterpret_cast<T*>(at + offset);
  }
};

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

long call_ring(io_uring_sqe entry, unsigned flags, unsigned setup) {
  io_uring_params parameters{};
  parameters.flags = setup;
  const Fd ring(static_cast<int>(::syscall(SYS_io_uring_setup, 4, &parameters)));
  must(ring.valid(), "io_uring_setup");
  const io_sqring_offsets& sq = parameters.sq_off;
  const io_cqring_offsets& cq = parameters.cq_off;
  const Mapped submissions(ring.get(), sq.array + parameters.sq_entries * sizeof(unsigned),
                           IORING_OFF_SQ_RING);
  const Mapped completions(ring.get(), cq.cqes + parameters.cq_entries * sizeof(io_uring_cqe),
                           IORING_OFF_CQ_RING);
  const Mapped entries(ring.get(), parameters.sq_entries * sizeof(io_uring_sqe), IORING_OFF_SQES);
  entry.flags |= static_cast<__u8>(flags);
  entries.ref<io_uring_sqe>(0) = entry;
  submissions.ref<unsigned>(sq.array) = 0;
  std::atomic_ref(submissions.ref<unsigned>(sq.tail)).store(1);
  const unsigned poll = setup & IORING_SETUP_SQPOLL;
  const auto enter = [&] {
    return ::syscall(SYS_io_uring_enter, ring.get(), poll != 0 ? 0 : 1, 1,
                     IORING_ENTER_GETEVENTS | (poll != 0 ? IORING_ENTER_SQ_WAKEUP : 0), nullptr, 0);
  };
  must(enter() >= 0, "io_uring_enter");
  must(std::atomic_ref(completions.ref<unsigned>(cq.tail)).load() == 1, "one completion");
  return completions.ref<io_uring_cqe>(cq.cqes).res;
}

}  // namespace gancho::test
