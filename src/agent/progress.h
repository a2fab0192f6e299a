// SPDX-License-Identifier: Apache-2.0
//
// How far the output has come: a page that keeper and workers share, so that a worker's successor
// goes on exactly where it was killed. All of it changes at once, by one word: whoever dies before
// has done nothing, whoever dies after has done everything. Only then is space given back to the
// rings, so what was not committed is still there.
//
// Written by one worker, one thread; read by the keeper, which trusts none of it further than its
// own files.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "agent/holdings.h"
#include "base/memory_map.h"
#include "base/result.h"
#include "wire/event.h"

namespace gancho {

inline constexpr std::size_t k_rings_max = 65;  // one vital, up to 64 for bulk

struct Commit {
  std::uint64_t events;          // rendered
  std::uint64_t recorded_bytes;  // of the recording, up to its last complete block
  std::uint64_t recorded_records;
  std::array<std::uint64_t, k_rings_max>
      positions;  // in each ring: of the first record not written out
};

// Of one CPU.
struct CpuCommit {
  std::array<std::uint64_t, EV_CLASS_COUNT> delivered;
  std::array<std::array<std::uint64_t, 2>, EV_CLASS_COUNT>
      reported;  // as lost: for want of ring, of slot
};

class Progress {
 public:
  [[nodiscard]] static std::size_t bytes(std::uint32_t cpus);
  // `fd` is a file of so many bytes, zeros at first.
  [[nodiscard]] static Result<Progress> create(int fd, std::uint32_t cpus);

  // What is in force.
  [[nodiscard]] const Commit& committed() const;
  [[nodiscard]] std::span<const CpuCommit> committed_cpus() const;
  [[nodiscard]] std::uint64_t delivered(ev_class class_id) const;  // on all CPUs

  // What commit() will put in force. Holds what is in force until it is changed.
  [[nodiscard]] Commit& draft();
  [[nodiscard]] std::span<CpuCommit> draft_cpus();
  void commit();

  // While the output is being written: its last line may be cut.
  void set_writing(bool writing);
  [[nodiscard]] bool writing() const;

  // Times that a worker was woken.
  void count_wakeup();
  [[nodiscard]] std::uint64_t wakeups() const;

  // How full a ring of a class was when a worker looked: the most there ever was, in bytes.
  void tell_fill(ev_class class_id, std::uint64_t bytes);
  [[nodiscard]] std::uint64_t fullest(ev_class class_id) const;

  // What had to go in the tables of this worker, which begins with none. Each number by itself.
  void tell(const HoldingsLost& lost);
  [[nodiscard]] HoldingsLost holdings_lost() const;

 private:
  struct Head {
    std::uint32_t current;  // its last bit says which of the two halves is in force
    std::uint32_t writing;
    std::uint64_t wakeups;
    std::array<std::uint64_t, EV_CLASS_COUNT> fullest;
    std::array<std::uint64_t, sizeof(HoldingsLost) / sizeof(std::uint64_t)> lost;
  };
  [[nodiscard]] Head& head() const { return *map_.as<Head>(); }
  [[nodiscard]] std::uint32_t current() const;
  [[nodiscard]] Commit& half(std::uint32_t index) const;
  [[nodiscard]] std::span<CpuCommit> half_cpus(std::uint32_t index) const;

  MemoryMap map_;
  std::uint32_t cpus_ = 0;
};

}  // namespace gancho
