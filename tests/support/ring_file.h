// SPDX-License-Identifier: Apache-2.0
//
// A file laid out like the kernel's ring buffer, for tests of its readers: they cannot tell the
// difference. Reserve, fill, submit as the kernel does it, also while another thread reads.
#pragma once

#include <gtest/gtest.h>
#include <linux/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <string_view>

#include "base/fd.h"
#include "load/ring_reader.h"

namespace gancho::test {

class RingFile {
 public:
  static constexpr std::size_t k_default_bytes = 4096;

  explicit RingFile(std::size_t ring_bytes = k_default_bytes)
      : page_(static_cast<std::size_t>(::sysconf(_SC_PAGESIZE))),
        ring_bytes_(ring_bytes),
        file_(::memfd_create("ring", MFD_CLOEXEC)) {
    const std::size_t bytes = 2 * page_ + 2 * ring_bytes_;
    EXPECT_EQ(::ftruncate(file_.get(), static_cast<off_t>(bytes)), 0);
    auto map = MemoryMap::create(file_.get(), bytes, MemoryMap::Access::read_write, 0, "ring");
    EXPECT_TRUE(map);
    map_ = std::move(*map);
  }

  [[nodiscard]] RingReader reader() const {
    auto reader = RingReader::create(file_.get(), ring_bytes_);
    EXPECT_TRUE(reader);
    return std::move(*reader);
  }
  [[nodiscard]] int fd() const { return file_.get(); }

  // Returns where the record begins, for submit().
  std::uint64_t reserve(std::string_view record) {
    const std::uint64_t at = producer();
    set_length(at, static_cast<std::uint32_t>(record.size()) | BPF_RINGBUF_BUSY_BIT);
    put(at + BPF_RINGBUF_HDR_SZ, record);
    std::atomic_ref(producer())
        .store(at + ((BPF_RINGBUF_HDR_SZ + record.size() + 7) & ~std::size_t{7}),
               std::memory_order_release);
    return at;
  }
  void submit(std::uint64_t at, std::string_view record, bool discard = false) {
    set_length(
        at, static_cast<std::uint32_t>(record.size()) | (discard ? BPF_RINGBUF_DISCARD_BIT : 0U));
  }
  void output(std::string_view record) { submit(reserve(record), record); }

  [[nodiscard]] std::uint64_t consumer() const {
    return std::atomic_ref(*map_.as<std::uint64_t>()).load(std::memory_order_acquire);
  }
  [[nodiscard]] std::uint64_t used() { return producer() - consumer(); }

 private:
  std::uint64_t& producer() {
    return *reinterpret_cast<std::uint64_t*>(map_.as<std::byte>() + page_);
  }
  char* data() { return map_.as<char>() + 2 * page_; }

  // Everything stands at both places where the data is mapped.
  void set_length(std::uint64_t at, std::uint32_t length) {
    const std::size_t place = at % ring_bytes_;
    for (const std::size_t copy : {place, place + ring_bytes_})
      std::atomic_ref(*reinterpret_cast<std::uint32_t*>(data() + copy))
          .store(length, std::memory_order_release);
  }
  void put(std::uint64_t at, std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const std::size_t place = (at + i) % ring_bytes_;
      data()[place] = data()[place + ring_bytes_] = bytes[i];
    }
  }

  std::size_t page_;
  std::size_t ring_bytes_;
  Fd file_;
  MemoryMap map_;
};

}  // namespace gancho::test
