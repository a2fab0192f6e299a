// SPDX-License-Identifier: Apache-2.0
//
// All that is known beside the records, as the renderers ask for it.
#pragma once

#include "enrich/containers.h"
#include "enrich/process_table.h"
#include "enrich/users.h"

namespace gancho {

// Refers to what others own, which may be exchanged. One thread.
class KnownFacts final : public Facts {
 public:
  using Facts::group;
  using Facts::user;

  void set(const UserTable* users) { users_ = users; }
  void set(const ProcessTable* processes) { processes_ = processes; }  // nullptr: no table
  void set(const ContainerTable* containers) { containers_ = containers; }

  void set(WallClock clock) { clock_ = clock; }

  [[nodiscard]] std::string_view user(std::uint32_t uid) const override {
    return users_ == nullptr ? std::string_view{} : users_->user(uid);
  }
  [[nodiscard]] std::string_view group(std::uint32_t gid) const override {
    return users_ == nullptr ? std::string_view{} : users_->group(gid);
  }
  [[nodiscard]] std::optional<ProcessFacts> process(const ProcessKey& key) const override {
    if (processes_ == nullptr) return std::nullopt;
    return processes_->find(key);
  }
  [[nodiscard]] const ContainerInfo* container(std::uint64_t cgroup_id) const override {
    return containers_ == nullptr ? nullptr : containers_->find(cgroup_id);
  }

  [[nodiscard]] std::optional<WallClock> clock() const override { return clock_; }

 private:
  const UserTable* users_ = nullptr;
  const ProcessTable* processes_ = nullptr;
  const ContainerTable* containers_ = nullptr;
  std::optional<WallClock> clock_;
};

}  // namespace gancho
