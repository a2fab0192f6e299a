// SPDX-License-Identifier: Apache-2.0
//
// The keeper's answer to a question about a container: the files that its runtime has left about
// it, and those in which it keeps its users. What the worker names is an id of few characters and a
// process; where to look is fixed here.
//
// A file below a container's root, or below a user's home, may lie on a file system that its owner
// serves himself and that never answers. So a child of the keeper looks, copies what it finds into
// memory and hands the copies on; after a second it is over, whatever it hangs on. The bytes are
// copied, by nobody looked into but for whether an id occurs among them.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/container_question.h"
#include "base/fd.h"
#include "enrich/container_state.h"

namespace gancho {

// A place to look: a directory that is trusted, and a path below it that must not leave it.
struct ContainerPlace {
  std::string directory;
  std::string path;
  ContainerFile file;
};

// Digits and small letters, 12 to 64 of them: what may become part of a path.
[[nodiscard]] bool is_path_id(std::string_view id);

// Where state of this container may lie, best first; none for an id that is no path's. `home` is
// the owner's, when that is not root.
[[nodiscard]] std::vector<ContainerPlace> container_places(const ContainerQuestion& question,
                                                           const std::string& home);

// Where it says whether the container whose state was found in `found` is privileged, when that
// state itself does not.
[[nodiscard]] std::vector<ContainerPlace> privilege_places(const ContainerPlace& found,
                                                           const ContainerQuestion& question,
                                                           const std::string& home);

// The home directory in a line of /etc/passwd; "" when there is none.
[[nodiscard]] std::string home_of(std::uint32_t uid, std::string_view passwd);

class ContainerFiles {
 public:
  static constexpr std::size_t k_lookers_max = 4;
  static constexpr std::size_t k_queue_max = 64;
  static constexpr unsigned k_limit_s = 1;

  ContainerFiles() = default;
  ContainerFiles(ContainerFiles&&) noexcept = default;
  ContainerFiles& operator=(ContainerFiles&&) = default;
  ~ContainerFiles();  // kills who is still looking

  // Answers on `socket`, soon and from another process; with nothing when too much is asked.
  void ask(const ContainerQuestion& question, int socket);

  // After SIGCHLD: answers for those who did not, and lets the next ones look.
  void reap(int socket);

 private:
  struct Looker {
    pid_t pid;
    std::uint64_t cgroup_id;
  };
  void start(const ContainerQuestion& question, int socket);

  std::vector<Looker> lookers_;
  std::deque<ContainerQuestion> queue_;
};

}  // namespace gancho
