// SPDX-License-Identifier: Apache-2.0
//
// For each rule of the starter set what it must tell of, and what comes close and is none of its
// business: real operations, each in a process of its own.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace gancho::test {

struct Act {
  std::string rule;
  // What `prepare` and `tidy` set off is not looked at.
  std::function<void()> prepare = [] {};
  std::function<void()> act;   // the rule fires, and no other
  std::function<void()> miss;  // no rule fires
  std::function<void()> tidy = [] {};
};

[[nodiscard]] std::vector<Act> program_acts();
[[nodiscard]] std::vector<Act> file_acts();
[[nodiscard]] std::vector<Act> network_acts();
[[nodiscard]] std::vector<Act> kernel_acts();
[[nodiscard]] std::vector<Act> privilege_acts();

// ---- for acts: whatever fails ends the process with a word on standard error ----

void require(bool done, const char* what);

// `operation` in a process of its own, whose end is waited for: whether all of it worked.
[[nodiscard]] bool succeeds(const std::function<void()>& operation);
void in_child(const std::function<void()>& operation);

// In a process of its own, which has to end with 0; execute() takes the place of this one.
void run_program(const std::vector<std::string>& command);
[[noreturn]] void execute(const std::string& program, const std::vector<std::string>& arguments);
void shell(const std::string& script);

// The user "nobody", for good.
void become_nobody();

void write_text(const std::string& path, const std::string& text);
// With the name /usr/local/bin/NAME; "" for the smallest program that there is.
std::string install(const std::string& name, const std::string& script = "");

// A process that does `first` and then nothing, until the object goes.
class Sleeper {
 public:
  explicit Sleeper(const std::function<void()>& first = [] {});
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;
  ~Sleeper();
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  static pid_t start(const std::function<void()>& first);
  pid_t pid_;
};

}  // namespace gancho::test
