// SPDX-License-Identifier: Apache-2.0
#include "load/ring_reader.h"

#include <linux/bpf.h>
#include <unistd.h>

#include <atomic>

namespace gancho {

Result<RingReader> RingReader::create(int map_fd, std::size_t ring_bytes) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  RingReader reader;
  reader.consumer_ =
      TRY(MemoryMap::create(map_fd, page, MemoryMap::Access::read_write, 0, "ring buffer"));
  reader.producer_ = TRY(MemoryMap::create(map_fd, page + 2 * ring_bytes, MemoryMap::Access::read,
                                           page, "ring buffer"));
  reader.data_ = reader.producer_.as<const std::byte>() + page;
  reader.mask_ = ring_bytes - 1;
  reader.position_ = *reader.consumer_.as<const std::uint64_t>();
  return reader;
}

std::span<const std::byte> RingReader::peek() {
  std::uint64_t behind = position_;
  const std::span<const std::byte> record = peek_at(behind);
  step_ = behind - position_;
  if (record.empty()) take();  // what the kernel has thrown away
  return record;
}

std::span<const std::byte> RingReader::peek_at(std::uint64_t& position) const {
  const auto& end = *producer_.as<std::uint64_t>();
  while (position <
         std::atomic_ref(const_cast<std::uint64_t&>(end)).load(std::memory_order_acquire)) {
    const std::byte* header = data_ + (position & mask_);
    auto& word = *reinterpret_cast<std::uint32_t*>(const_cast<std::byte*>(header));
    const std::uint32_t length = std::atomic_ref(word).load(std::memory_order_acquire);
    if ((length & BPF_RINGBUF_BUSY_BIT) != 0) return {};  // being written; those behind it wait
    const std::uint32_t bytes = length & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
    position += (std::uint64_t{bytes} + BPF_RINGBUF_HDR_SZ + 7) & ~std::uint64_t{7};
    if ((length & BPF_RINGBUF_DISCARD_BIT) == 0) return {header + BPF_RINGBUF_HDR_SZ, bytes};
  }
  return {};
}

void RingReader::take() {
  position_ += step_;
}

void RingReader::commit() {
  std::atomic_ref(*consumer_.as<std::uint64_t>()).store(position_, std::memory_order_release);
}

void RingReader::seek(std::uint64_t position) {
  position_ = position;
}

std::uint64_t RingReader::used() const {
  auto& end = *producer_.as<std::uint64_t>();
  const std::uint64_t given_back = *consumer_.as<std::uint64_t>();  // by us alone
  return std::atomic_ref(end).load(std::memory_order_acquire) - given_back;
}

bool RingReader::empty() const {
  auto& end = *producer_.as<std::uint64_t>();
  return position_ >= std::atomic_ref(end).load(std::memory_order_acquire);
}

Result<RingGauge> RingGauge::create(int map_fd) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  RingGauge gauge;
  using Access = MemoryMap::Access;
  gauge.consumer_ = TRY(MemoryMap::create(map_fd, page, Access::read, 0, "ring buffer"));
  gauge.producer_ = TRY(MemoryMap::create(map_fd, page, Access::read, page, "ring buffer"));
  return gauge;
}

std::uint64_t RingGauge::used() const {
  const auto position = [](const MemoryMap& map) {
    return std::atomic_ref(*map.as<std::uint64_t>()).load(std::memory_order_acquire);
  };
  // Taken first: what comes in between makes the ring look fuller than it is.
  const std::uint64_t taken = position(consumer_);
  return position(producer_) - taken;
}

}  // namespace gancho
