// SPDX-License-Identifier: Apache-2.0
//
// What is known of the containers of this machine, by the id of their cgroup: a restarted container
// is another one. Bounded in number and in bytes; the one that was not asked for longest gives way.
// One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <unordered_map>

#include "event/container.h"

namespace gancho {

class ContainerTable {
 public:
  static constexpr std::size_t k_bytes_max = 16U << 20;

  explicit ContainerTable(std::size_t capacity, std::size_t bytes_max = k_bytes_max)
      : capacity_(capacity), bytes_max_(bytes_max) {}

  // nullptr when nothing is known. Valid until the next put().
  [[nodiscard]] const ContainerInfo* find(std::uint64_t cgroup_id) const;
  // The same, and it is the last to give way from now on.
  const ContainerInfo* use(std::uint64_t cgroup_id);
  void put(std::uint64_t cgroup_id, ContainerInfo info);

  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] std::size_t bytes_max() const { return bytes_max_; }
  [[nodiscard]] std::uint64_t evicted() const { return evicted_; }

 private:
  struct Entry {
    std::uint64_t cgroup_id;
    ContainerInfo info;
    std::size_t bytes;
  };
  void erase(std::list<Entry>::iterator entry);

  std::size_t capacity_;
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::uint64_t evicted_ = 0;
  std::list<Entry> entries_;  // the one used last in front
  std::unordered_map<std::uint64_t, std::list<Entry>::iterator> by_id_;
};

}  // namespace gancho
