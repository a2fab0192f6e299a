// SPDX-License-Identifier: Apache-2.0
//
// An io_uring by its system calls: one request at a time.
#pragma once

#include <linux/io_uring.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/fd.h"

namespace gancho::test {

// Newer than some headers.
inline constexpr std::uint8_t k_ring_op_bind = 56;
inline constexpr std::uint8_t k_ring_op_listen = 57;

class Ring {
 public:
  explicit Ring(unsigned setup = 0);  // IORING_SETUP_*; throws std::runtime_error
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  ~Ring();

  [[nodiscard]] int fd() const { return fd_.get(); }  // for poll(2)

  // Submits the request and waits for its result: what the call gives, or a negative errno.
  int run(const io_uring_sqe& request);
  void submit(const io_uring_sqe& request);
  void submit_all(std::span<const io_uring_sqe> requests);  // at most 8, by one call
  void wait_until_full();  // until a result has found no room; waiting for one makes some
  int wait();              // the next result; of a multishot request there are several

  void register_file(int fd);                           // becomes registered file 0
  void register_buffer(void* bytes, std::size_t size);  // becomes registered buffer 0
  int register_personality();  // the credentials of now; what requests call them

 private:
  Fd fd_;
  void* rings_ = nullptr;
  std::size_t rings_bytes_ = 0;
  io_uring_sqe* entries_ = nullptr;
  io_uring_params params_{};

  [[nodiscard]] std::uint32_t* word(std::uint32_t offset) const;
};

}  // namespace gancho::test
