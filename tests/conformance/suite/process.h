// SPDX-License-Identifier: Apache-2.0
//
// A process as a case wants it: the actor's own program under another file name, with another first
// argument. The name is the kernel's own (comm): that of the symbolic link that is executed, which
// lies beside the file.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "conformance/suite/node.h"

namespace gancho::test {

class ActedProcess {
 public:
  // `name_key`: where the name stands, for in a resource "name" is the resource's.
  ActedProcess(const Node& node, const std::string& name_key);

  // Whether its user or its capabilities are others than those of who starts it.
  [[nodiscard]] bool has_other_rights() const { return !user_.empty() || !capabilities_.empty(); }
  // For one that is started by such a process: capabilities would be lost otherwise.
  void take_all_capabilities() {
    if (capabilities_.empty()) capabilities_ = "all=iep";
  }

  // Puts its files into their places. `program`: the actor's.
  void prepare(const std::string& program);
  void remove_files() const;
  // Comes back when the program is in place; throws when it is not.
  [[nodiscard]] pid_t start(const std::string& place) const;

 private:
  void take_other_rights() const;

  std::string exe_path_;
  std::string path_;  // that is executed: the file, or a link to it
  std::vector<std::string> arguments_;
  std::map<std::string, std::string> environment_;
  std::string user_;          // "" for that of who starts it
  std::string uid_, gid_;     // the runner's: who links statically does not look users up
  std::string capabilities_;  // as cap_from_text(3) has them; "" for all
  std::vector<std::string> made_;
};

}  // namespace gancho::test
