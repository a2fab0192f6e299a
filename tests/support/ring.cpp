// SPDX-License-Identifier: Apache-2.0
#include "support/ring.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <stdexcept>
#include <thread>

namespace gancho::test {
namespace {

constexpr unsigned k_entries = 8;

std::atomic_ref<std::uint32_t> shared(std::uint32_t* word) {
  return std::atomic_ref(*word);
}

}  // namespace

Ring::Ring(unsigned setup) {
  params_.flags = setup;
  fd_ = Fd(static_cast<int>(::syscall(SYS_io_uring_setup, k_entries, &params_)));
  if (!fd_.valid()) throw std::runtime_error("io_uring_setup");
  rings_bytes_ =
      std::max<std::size_t>(params_.sq_off.array + params_.sq_entries * sizeof(std::uint32_t),
                            params_.cq_off.cqes + params_.cq_entries * sizeof(io_uring_cqe));
  rings_ = ::mmap(nullptr, rings_bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, fd_.get(),
                  IORING_OFF_SQ_RING);
  void* const entries = ::mmap(nullptr, params_.sq_entries * sizeof(io_uring_sqe),
                               PROT_READ | PROT_WRITE, MAP_SHARED, fd_.get(), IORING_OFF_SQES);
  if (rings_ == MAP_FAILED || entries == MAP_FAILED) throw std::runtime_error("mmap of a ring");
  entries_ = static_cast<io_uring_sqe*>(entries);
}

Ring::~Ring() {
  ::munmap(rings_, rings_bytes_);
  ::munmap(entries_, params_.sq_entries * sizeof(io_uring_sqe));
}

std::uint32_t* Ring::word(std::uint32_t offset) const {
  return reinterpret_cast<std::uint32_t*>(static_cast<char*>(rings_) + offset);
}

void Ring::submit(const io_uring_sqe& request) {
  submit_all({&request, 1});
}

void Ring::submit_all(std::span<const io_uring_sqe> requests) {
  std::uint32_t tail = *word(params_.sq_off.tail);
  for (const io_uring_sqe& request : requests) {
    const std::uint32_t index = tail++ & (params_.sq_entries - 1);
    entries_[index] = request;
    word(params_.sq_off.array)[index] = index;
  }
  shared(word(params_.sq_off.tail)).store(tail, std::memory_order_release);
  // With IORING_SETUP_SQPOLL a thread of the kernel takes it, which may have gone to sleep.
  const bool polled = (params_.flags & IORING_SETUP_SQPOLL) != 0;
  const auto count = static_cast<long>(requests.size());
  if (::syscall(SYS_io_uring_enter, fd_.get(), count, 0, polled ? IORING_ENTER_SQ_WAKEUP : 0,
                nullptr, 0) != count)
    throw std::runtime_error("io_uring_enter");
}

void Ring::wait_until_full() {
  while ((shared(word(params_.sq_off.flags)).load(std::memory_order_acquire) &
          IORING_SQ_CQ_OVERFLOW) == 0)
    std::this_thread::yield();
}

int Ring::wait() {
  const std::uint32_t head = *word(params_.cq_off.head);
  while (shared(word(params_.cq_off.tail)).load(std::memory_order_acquire) == head)
    if (::syscall(SYS_io_uring_enter, fd_.get(), 0, 1, IORING_ENTER_GETEVENTS, nullptr, 0) < 0 &&
        errno != EINTR)
      throw std::runtime_error("io_uring_enter: wait");
  const auto* completions = reinterpret_cast<io_uring_cqe*>(word(params_.cq_off.cqes));
  const int result = completions[head & (params_.cq_entries - 1)].res;
  shared(word(params_.cq_off.head)).store(head + 1, std::memory_order_release);
  return result;
}

int Ring::run(const io_uring_sqe& request) {
  submit(request);
  return wait();
}

void Ring::register_file(int fd) {
  if (::syscall(SYS_io_uring_register, fd_.get(), IORING_REGISTER_FILES, &fd, 1) != 0)
    throw std::runtime_error("io_uring_register");
}

int Ring::register_personality() {
  const long id =
      ::syscall(SYS_io_uring_register, fd_.get(), IORING_REGISTER_PERSONALITY, nullptr, 0);
  if (id < 0) throw std::runtime_error("io_uring_register");
  return static_cast<int>(id);
}

void Ring::register_buffer(void* bytes, std::size_t size) {
  const iovec buffer{.iov_base = bytes, .iov_len = size};
  if (::syscall(SYS_io_uring_register, fd_.get(), IORING_REGISTER_BUFFERS, &buffer, 1) != 0)
    throw std::runtime_error("io_uring_register");
}

}  // namespace gancho::test
