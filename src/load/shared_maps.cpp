// SPDX-License-Identifier: Apache-2.0
#include "load/shared_maps.h"

#include <unistd.h>

#include <atomic>

namespace gancho {
namespace {

std::size_t whole_pages(std::size_t bytes) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return (bytes + page - 1) & ~(page - 1);
}

template <class T>
T load(const T& shared) {
  return std::atomic_ref(const_cast<T&>(shared)).load(std::memory_order_relaxed);
}

template <class T>
void store(T& shared, T value) {
  std::atomic_ref(shared).store(value, std::memory_order_seq_cst);
}

using Access = MemoryMap::Access;

Result<MemoryMap> map_array(int map_fd, std::size_t bytes, const std::string& what,
                            Access access = Access::read_write) {
  return MemoryMap::create(map_fd, whole_pages(bytes), access, 0, what);
}

}  // namespace

Result<Account> Account::create(int map_fd, std::uint32_t cpus) {
  Account account;
  account.map_ = TRY(map_array(map_fd, sizeof(account_cpu) * cpus, "account", Access::read));
  account.cpus_ = cpus;
  return account;
}

account_class Account::sum(ev_class class_id) const {
  account_class total{};
  for (const account_cpu& cpu : cpus()) {
    const account_class& one = cpu.classes[class_id];
    // Lost before offered: what happens in between may only make offered larger.
    total.lost_ring += load(one.lost_ring);
    total.lost_slot += load(one.lost_slot);
    total.filtered += load(one.filtered);
    total.offered += load(one.offered);
  }
  return total;
}

std::uint64_t Account::lineage_lost() const {
  std::uint64_t total = 0;
  for (const account_cpu& cpu : cpus()) total += load(cpu.lineage_lost);
  return total;
}

std::uint64_t Account::container_lost() const {
  std::uint64_t total = 0;
  for (const account_cpu& cpu : cpus()) total += load(cpu.container_lost);
  return total;
}

std::uint64_t Account::handed_lost() const {
  std::uint64_t total = 0;
  for (const account_cpu& cpu : cpus()) total += load(cpu.handed_lost);
  return total;
}

Result<Doorbell> Doorbell::create(int map_fd) {
  Doorbell bell;
  bell.map_ = TRY(map_array(map_fd, sizeof(doorbell), "doorbell"));
  return bell;
}

void Doorbell::arm() {
  store(shared().armed, std::uint32_t{1});
}
void Doorbell::disarm() {
  store(shared().armed, std::uint32_t{0});
}
void Doorbell::clear_urged() {
  store(shared().urged, std::uint32_t{0});
}

Result<Policy> Policy::create(int map_fd) {
  Policy policy;
  policy.map_ = TRY(map_array(map_fd, sizeof(gancho_policy), "policy"));
  return policy;
}

void Policy::set(const gancho_filter& filter) {
  auto* shared = map_.as<gancho_policy>();
  const std::uint32_t next = load(shared->generation) + 1;
  shared->filters[next & 1] = filter;
  store(shared->generation, next);
}

void Policy::ask_for(const OnDemand& asked) {
  auto* shared = map_.as<gancho_policy>();
  EventSet without = EventSet::all();
  without.remove(asked.paths);
  __u64 words[EV_TYPE_MAX / 64];
  without.copy_to(words);
  for (std::size_t i = 0; i < std::size(words); ++i) store(shared->no_paths[i], words[i]);
  store(shared->environment, asked.environment ? 1U : 0U);
}

}  // namespace gancho
