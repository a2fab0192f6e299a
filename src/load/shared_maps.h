// SPDX-License-Identifier: Apache-2.0
//
// The memory-mapped maps that kernel side, keeper and worker share: reading them costs no system
// call.
#pragma once

#include <cstdint>
#include <span>

#include "base/memory_map.h"
#include "base/result.h"
#include "config.bpf.h"
#include "event/on_demand.h"
#include "wire/account.h"

namespace gancho {

// The account of offered and lost (bpf/wire/account.h): the programs', ours to read.
class Account {
 public:
  [[nodiscard]] static Result<Account> create(int map_fd, std::uint32_t cpus);

  [[nodiscard]] std::span<const account_cpu> cpus() const {
    return {map_.as<const account_cpu>(), cpus_};
  }
  // A snapshot, summed over the CPUs.
  [[nodiscard]] account_class sum(ev_class class_id) const;
  [[nodiscard]] std::uint64_t lineage_lost() const;
  [[nodiscard]] std::uint64_t container_lost() const;
  [[nodiscard]] std::uint64_t handed_lost() const;

 private:
  MemoryMap map_;
  std::uint32_t cpus_ = 0;
};

// Wake-ups: armed and urged are told to the programs by the worker, skipped by the keeper.
class Doorbell {
 public:
  [[nodiscard]] static Result<Doorbell> create(int map_fd);

  // Before the rings are looked at for the last time before sleeping without a limit.
  void arm();
  void disarm();
  // After a drain: a ring that runs half full may wake us again.
  void clear_urged();

  [[nodiscard]] doorbell& shared() const { return *map_.as<doorbell>(); }

 private:
  MemoryMap map_;
};

// Which operations are wanted; the keeper's to write.
class Policy {
 public:
  [[nodiscard]] static Result<Policy> create(int map_fd);

  // In force on all CPUs when this returns, as a whole: no operation is judged by a mixture.
  void set(const gancho_filter& filter);

  // What records come with, from once the programs that run have ended; what is not asked for may
  // come, too, until then.
  void ask_for(const OnDemand& asked);

 private:
  MemoryMap map_;
};

}  // namespace gancho
