// SPDX-License-Identifier: Apache-2.0
#include "agent/event_stream.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

#include "base/clock.h"

namespace gancho {
namespace {

ev_header header_of(std::span<const std::byte> record) {
  ev_header header{};
  if (record.size() >= sizeof(header)) std::memcpy(&header, record.data(), sizeof(header));
  return header;
}

std::uint64_t read(const std::uint64_t& shared) {
  return std::atomic_ref(const_cast<std::uint64_t&>(shared)).load(std::memory_order_relaxed);
}

}  // namespace

EventStream::EventStream(std::vector<RingReader> rings, Account account, const Progress& progress)
    : rings_(std::move(rings)), account_(std::move(account)) {
  cpus_.assign(progress.committed_cpus().begin(), progress.committed_cpus().end());
  for (std::size_t i = 0; i < rings_.size(); ++i) rings_[i].seek(progress.committed().positions[i]);
}

std::span<const std::byte> EventStream::peek() {
  record_ = {};
  std::uint64_t oldest = 0;
  const auto consider = [&](RingReader& ring) {
    const std::span<const std::byte> record = ring.peek();
    if (record.empty()) return;
    const std::uint64_t time = header_of(record).time;
    if (!record_.empty() && time >= oldest) return;
    oldest = time;
    record_ = record;
    current_ = &ring;
  };
  RingReader& vital = rings_.front();
  for (RingReader& ring : rings_) consider(ring);
  if (record_.empty() || current_ == &vital) return record_;
  // The vital record of the program that made this one was complete before it, but not when the
  // vital ring was looked at. What stands in front of that one is older too.
  consider(vital);
  if (current_ != &vital && vital.peek().empty() && !vital.empty()) record_ = {};
  return record_;
}

void EventStream::take() {
  const ev_header header = header_of(record_);
  if (header.cpu < cpus_.size() && header.class_id < EV_CLASS_COUNT)
    ++cpus_[header.cpu].delivered[header.class_id];
  current_->take();
}

void EventStream::save(Progress& progress) const {
  std::ranges::copy(cpus_, progress.draft_cpus().begin());
  for (std::size_t i = 0; i < rings_.size(); ++i)
    progress.draft().positions[i] = rings_[i].position();
}

void EventStream::release() {
  for (RingReader& ring : rings_) ring.commit();
}

void EventStream::look_ahead(const std::function<void(std::span<const std::byte>)>& look) {
  ahead_.resize(rings_.size());
  for (std::size_t i = 0; i < rings_.size(); ++i) {
    ahead_[i] = std::max(ahead_[i], rings_[i].position());
    for (;;) {
      const std::span<const std::byte> record = rings_[i].peek_at(ahead_[i]);
      if (record.empty()) break;
      look(record);
    }
  }
}

bool EventStream::empty() const {
  for (const RingReader& ring : rings_)
    if (!ring.empty()) return false;
  return true;
}

std::uint64_t EventStream::fill(ev_class class_id) const {
  if (class_id == EV_CLASS_VITAL) return rings_.front().used();
  std::uint64_t most = 0;
  for (const RingReader& ring : std::span(rings_).subspan(1)) most = std::max(most, ring.used());
  return most;
}

void EventStream::report_losses(const std::function<void(const Loss&)>& report) {
  for (std::size_t cpu = 0; cpu < cpus_.size(); ++cpu) {
    for (std::size_t class_id = 0; class_id < EV_CLASS_COUNT; ++class_id) {
      const account_class& account = account_.cpus()[cpu].classes[class_id];
      const std::array lost{read(account.lost_ring), read(account.lost_slot)};
      for (std::size_t reason = 0; reason < lost.size(); ++reason) {
        std::uint64_t& reported = cpus_[cpu].reported[class_id][reason];
        const std::uint64_t count = lost[reason] - std::exchange(reported, lost[reason]);
        if (count == 0) continue;
        report({.class_id = static_cast<ev_class>(class_id),
                .reason = reason == 0 ? LossReason::ring : LossReason::slot,
                .cpu = static_cast<std::uint32_t>(cpu),
                .count = count,
                .time = boot_now_ns()});
      }
    }
  }
}

}  // namespace gancho
