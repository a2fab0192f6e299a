// SPDX-License-Identifier: Apache-2.0
//
// All rings of the agent as one stream of records in the order of their time, and the account that
// goes with it. The worker's; one thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "agent/progress.h"
#include "event/loss.h"
#include "load/ring_reader.h"
#include "load/shared_maps.h"

namespace gancho {

class EventStream {
 public:
  // The vital ring first. Goes on from what `progress` says.
  EventStream(std::vector<RingReader> rings, Account account, const Progress& progress);

  // The oldest complete record of all rings, without taking it; empty when there is none, or while
  // one that may be older is being written into the vital ring. Rings are filled side by side, so
  // order holds as far as records are there when they are asked for. But whatever a process did
  // comes after the vital records about that process up to then: the process table knows who it
  // was.
  [[nodiscard]] std::span<const std::byte> peek();
  void take();

  // What was taken has been written out, and what was reported too: puts that into the draft.
  void save(Progress& progress) const;
  // Gives the space of what was taken back. After Progress::commit().
  void release();

  [[nodiscard]] bool empty() const;

  // Bytes in the fullest of the rings of a class: what is between us and a loss.
  [[nodiscard]] std::uint64_t fill(ev_class class_id) const;

  // Calls `look` for each complete record behind the one that peek() returned, once, without taking
  // any: for questions whose answers take a while.
  void look_ahead(const std::function<void(std::span<const std::byte>)>& look);

  // Calls `report` for each CPU, class and reason with what was lost since the last call, be it a
  // predecessor's.
  void report_losses(const std::function<void(const Loss&)>& report);

  [[nodiscard]] const Account& account() const { return account_; }

 private:
  std::vector<RingReader> rings_;
  Account account_;
  RingReader* current_ = nullptr;      // whose record peek() returned
  std::span<const std::byte> record_;  // that record
  std::vector<CpuCommit> cpus_;
  std::vector<std::uint64_t> ahead_;  // how far look_ahead() has looked, by ring
};

}  // namespace gancho
