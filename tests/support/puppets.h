// SPDX-License-Identifier: Apache-2.0
//
// A family of processes that do what the test says, one thing at a time: for tests in which it
// matters who descends from whom.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <string>

#include "base/fd.h"

namespace gancho::test {

class Puppets {
 public:
  static constexpr int k_places = 8;

  // One process, at place 0, a child of ours. What the family executes is `program`.
  explicit Puppets(std::string program);
  Puppets(const Puppets&) = delete;
  Puppets& operator=(const Puppets&) = delete;
  ~Puppets();  // ends them all

  // The one at `parent` forks one that takes the place `child`.
  void fork(int parent, int child);
  // The same with a process in between, which ends: the new one is reparented.
  void fork_twice(int parent, int child);
  // Has a child of its own execute the program, with the argument `tag`.
  void execute(int place, char tag);
  // Tries to execute a file that is not there, itself.
  void fail_to_execute(int place, char tag);
  void end(int place);

  [[nodiscard]] pid_t pid(int place) const { return pids_[static_cast<std::size_t>(place)]; }

 private:
  struct Order {
    char verb;
    char tag;
    int place;
  };
  pid_t tell(int place, Order order);
  [[noreturn]] void serve(int place) noexcept;
  pid_t carry_out(Order order);

  std::string program_;
  std::array<Fd, k_places> ours_;
  std::array<Fd, k_places> theirs_;
  std::array<pid_t, k_places> pids_{};
};

}  // namespace gancho::test
