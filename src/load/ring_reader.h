// SPDX-License-Identifier: Apache-2.0
//
// The reading end of a BPF ring buffer (layout: kernel/bpf/ringbuf.c, a stable interface that
// libbpf reads in the same way).
//
// Unlike libbpf's reader it gives space back only when told to: a record stays in the ring until
// what was made of it has been written out, so a reader that is killed loses nothing. Its successor
// begins at the position that the kernel holds. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/memory_map.h"
#include "base/result.h"

namespace gancho {

class RingReader {
 public:
  // `ring_bytes` is the map's max_entries. The descriptor may be closed afterwards.
  [[nodiscard]] static Result<RingReader> create(int map_fd, std::size_t ring_bytes);

  // The next record that is complete, without taking it; empty when there is none yet. Valid until
  // commit(), 8-byte aligned.
  [[nodiscard]] std::span<const std::byte> peek();

  // Goes past the record that peek() returned.
  void take();

  // The next complete record from `position` on, which goes past it; empty when there is none yet.
  // Takes nothing.
  [[nodiscard]] std::span<const std::byte> peek_at(std::uint64_t& position) const;

  // Gives back the space of all records taken.
  void commit();

  // Of the next record, in bytes that were ever in the ring.
  [[nodiscard]] std::uint64_t position() const { return position_; }
  // Goes on from a position() that a predecessor had reached.
  void seek(std::uint64_t position);

  // Bytes that the kernel cannot fill just now: what has not been given back.
  [[nodiscard]] std::uint64_t used() const;

  // Whether the kernel has more than has been taken, finished or not.
  [[nodiscard]] bool empty() const;

 private:
  RingReader() = default;

  MemoryMap consumer_;  // one page, ours to write
  MemoryMap producer_;  // one page, then the data twice, so that no record is ever broken
  const std::byte* data_ = nullptr;
  std::size_t mask_ = 0;
  std::uint64_t position_ = 0;  // of the next record
  std::uint64_t step_ = 0;      // length of the record that peek() found, with its header
};

// How full a ring is, for somebody who does not read it.
class RingGauge {
 public:
  // The descriptor may be closed afterwards.
  [[nodiscard]] static Result<RingGauge> create(int map_fd);
  [[nodiscard]] std::uint64_t used() const;  // bytes

 private:
  MemoryMap consumer_;
  MemoryMap producer_;
};

}  // namespace gancho
