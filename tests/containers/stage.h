// SPDX-License-Identifier: Apache-2.0
//
// Containers made by hand: a cgroup with a runtime's name, the runtime's state on disk, a root of
// its own, and programs that run in them.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "support/agent.h"
#include "support/load.h"

namespace gancho::test {

// 64 hexadecimal digits that no other container of this test has.
[[nodiscard]] std::string new_id();

// A cgroup below the root of the hierarchy, with those above it; all that it made goes with it.
class Cgroup {
 public:
  explicit Cgroup(const std::string& path);
  Cgroup(const Cgroup&) = delete;
  Cgroup& operator=(const Cgroup&) = delete;
  ~Cgroup();
  [[nodiscard]] const std::string& path() const { return path_; }  // below /sys/fs/cgroup
  [[nodiscard]] std::string directory() const;

 private:
  std::string path_;
  std::vector<std::string> made_;
};

// A process that moves into the cgroup, does `stage`, and executes `program` with the arguments
// (`tag`, ARGUMENT...).
[[nodiscard]] pid_t start_in(
    const Cgroup& cgroup, const std::string& tag, const std::string& program,
    const std::vector<std::string>& arguments = {}, const std::function<void()>& stage = [] {});

// The same with a program that ends at once; waits for that.
void run_in(const Cgroup& cgroup, const std::string& tag);
// On the machine itself.
void run_outside(const std::string& tag);

// Makes the directories above too.
void write_state(const std::string& path, const std::string& text);

// config.v2.json of a container of dockerd, in its place.
void write_docker(const std::string& id, const std::string& name, const std::string& image);

// The first argument: what start_in() calls the tag.
[[nodiscard]] std::string tag_of(const Event& event);
[[nodiscard]] bool has_tag(const std::vector<Event>& events, std::string_view tag);
// The event of that tag; waits for it.
Event wait_for_tag(const Agent& agent, const std::string& tag);

[[nodiscard]] std::uint64_t boot_now();  // ns

}  // namespace gancho::test
