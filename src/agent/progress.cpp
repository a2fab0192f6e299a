// SPDX-License-Identifier: Apache-2.0
#include "agent/progress.h"

#include <algorithm>
#include <atomic>
#include <bit>

namespace gancho {
namespace {

std::size_t half_bytes(std::uint32_t cpus) {
  return sizeof(Commit) + cpus * sizeof(CpuCommit);
}

}  // namespace

std::size_t Progress::bytes(std::uint32_t cpus) {
  return sizeof(Head) + 2 * half_bytes(cpus);
}

Result<Progress> Progress::create(int fd, std::uint32_t cpus) {
  Progress progress;
  progress.map_ =
      TRY(MemoryMap::create(fd, bytes(cpus), MemoryMap::Access::read_write, 0, "progress"));
  progress.cpus_ = cpus;
  // A predecessor may have died over its draft.
  progress.draft() = progress.committed();
  std::ranges::copy(progress.committed_cpus(), progress.draft_cpus().begin());
  return progress;
}

std::uint32_t Progress::current() const {
  return std::atomic_ref(head().current).load(std::memory_order_acquire);
}

Commit& Progress::half(std::uint32_t index) const {
  std::byte* first = map_.as<std::byte>() + sizeof(Head);
  return *reinterpret_cast<Commit*>(first + (index & 1) * half_bytes(cpus_));
}

std::span<CpuCommit> Progress::half_cpus(std::uint32_t index) const {
  return {reinterpret_cast<CpuCommit*>(&half(index) + 1), cpus_};
}

const Commit& Progress::committed() const {
  return half(current());
}
std::span<const CpuCommit> Progress::committed_cpus() const {
  return half_cpus(current());
}
Commit& Progress::draft() {
  return half(current() + 1);
}
std::span<CpuCommit> Progress::draft_cpus() {
  return half_cpus(current() + 1);
}

std::uint64_t Progress::delivered(ev_class class_id) const {
  std::uint64_t total = 0;
  for (const CpuCommit& cpu : committed_cpus()) total += cpu.delivered[class_id];
  return total;
}

void Progress::commit() {
  std::atomic_ref(head().current).store(current() + 1, std::memory_order_release);
  draft() = committed();
  std::ranges::copy(committed_cpus(), draft_cpus().begin());
}

void Progress::set_writing(bool writing) {
  std::atomic_ref(head().writing).store(writing ? 1 : 0, std::memory_order_release);
}
bool Progress::writing() const {
  return std::atomic_ref(head().writing).load(std::memory_order_acquire) != 0;
}
void Progress::count_wakeup() {
  std::atomic_ref(head().wakeups).fetch_add(1, std::memory_order_relaxed);
}
std::uint64_t Progress::wakeups() const {
  return std::atomic_ref(head().wakeups).load(std::memory_order_relaxed);
}

void Progress::tell_fill(ev_class class_id, std::uint64_t bytes) {
  if (bytes > fullest(class_id))
    std::atomic_ref(head().fullest[class_id]).store(bytes, std::memory_order_relaxed);
}
std::uint64_t Progress::fullest(ev_class class_id) const {
  return std::atomic_ref(head().fullest[class_id]).load(std::memory_order_relaxed);
}

void Progress::tell(const HoldingsLost& lost) {
  const auto numbers = std::bit_cast<decltype(Head::lost)>(lost);
  for (std::size_t i = 0; i < numbers.size(); ++i)
    std::atomic_ref(head().lost[i]).store(numbers[i], std::memory_order_relaxed);
}
HoldingsLost Progress::holdings_lost() const {
  decltype(Head::lost) numbers;
  for (std::size_t i = 0; i < numbers.size(); ++i)
    numbers[i] = std::atomic_ref(head().lost[i]).load(std::memory_order_relaxed);
  return std::bit_cast<HoldingsLost>(numbers);
}

}  // namespace gancho
