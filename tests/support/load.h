// SPDX-License-Identifier: Apache-2.0
//
// Operations in numbers, each of which can be told from all others in the agent's output.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace gancho::test {

// Writes the smallest program that there is: it exits with 0. Not linked with anything, so that
// executing it costs next to nothing.
void write_tiny_program(const std::string& path);

// A directory below /tmp that goes with its owner.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory();
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

enum class Kind { exec, failed_exec };

// Executes `program` with the arguments (`tag`, N), N from `first` on, `count` times. A failed exec
// is one of a file that is not there, by one process. On one CPU when `cpu` is given.
void perform(Kind kind, const std::string& program, const std::string& tag, std::uint64_t count,
             std::uint64_t first = 0, int cpu = -1);

// The same by another process, without end.
class Load {
 public:
  Load(Kind kind, const std::string& program, const std::string& tag);
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;
  ~Load();
  [[nodiscard]] std::uint64_t done() const;  // so far
  std::uint64_t stop();                      // how many in all

 private:
  struct Shared;
  Shared* shared_;
  pid_t pid_;
};

}  // namespace gancho::test
