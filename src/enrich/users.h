// SPDX-License-Identifier: Apache-2.0
//
// Names of users and groups, from the text of /etc/passwd and /etc/group. Who reads the files is
// not its concern: the worker cannot open any. Users that only a name service knows stay numbers.
// Immutable once made; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "event/id_name.h"
#include "event/room.h"

namespace gancho {

class UserTable final : public Facts {
 public:
  using Facts::group;
  using Facts::user;
  UserTable() = default;  // knows nobody

  // A line that is not "name:x:id:..." is passed over; of several names for one id the first
  // counts.
  [[nodiscard]] static UserTable parse(std::string_view passwd, std::string_view group);
  // As a recording brings them.
  [[nodiscard]] static UserTable from_names(std::vector<IdName> users, std::vector<IdName> groups);

  [[nodiscard]] std::string_view user(std::uint32_t uid) const override {
    return find_name(users_, uid);
  }
  [[nodiscard]] std::string_view group(std::uint32_t gid) const override {
    return find_name(groups_, gid);
  }

  // Sorted by id: what a recording is given.
  [[nodiscard]] const std::vector<IdName>& users() const { return users_; }
  [[nodiscard]] const std::vector<IdName>& groups() const { return groups_; }

 private:
  std::vector<IdName> users_;
  std::vector<IdName> groups_;
};

}  // namespace gancho
