// SPDX-License-Identifier: Apache-2.0
//
// A process that has attached one program of every kind (specimens.bpf.c) and waits.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace gancho::test {

class Specimens {
 public:
  // Throws std::runtime_error with what went wrong there.
  Specimens();
  Specimens(const Specimens&) = delete;
  Specimens& operator=(const Specimens&) = delete;
  ~Specimens();  // ends it, and takes away what it has left

  [[nodiscard]] pid_t owner() const { return pid_; }
  // A fork of it, which has all of its descriptors, and whose first thread has ended. In a network
  // namespace of its own it has put sp_netfilter to work too.
  [[nodiscard]] pid_t second_owner() const { return second_; }

  static constexpr const char* k_name = "specimens";  // of the process
  static const std::string k_container;               // whose cgroup it is in
  static const std::string k_pins;                    // a file system of BPF: prog, map, link
  static const std::string k_program;                 // the file that uprobes are in
  static constexpr const char* k_probed[] = {"specimen_probed_one", "specimen_probed_two"};

 private:
  int order_ = -1;  // closed: end
  pid_t pid_ = -1;
  pid_t second_ = -1;
};

// What this kernel has.
[[nodiscard]] bool has_kprobe_multi();
[[nodiscard]] bool is_at_least(int major, int minor);

}  // namespace gancho::test
