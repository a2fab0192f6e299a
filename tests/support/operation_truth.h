// SPDX-License-Identifier: Apache-2.0
//
// One operation by one entry in a child of its own, and the one record that must come of it, each
// field of it. At the end no record may be left that no case expected.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "support/agent.h"

namespace gancho::test {

// By which table of system calls: 64-bit, or 32-bit through int 0x80.
enum class Entry : std::uint8_t { native, compat };
[[nodiscard]] const char* entry_name(Entry entry);

// A system call by its number in each table. Gives what the kernel gives: a negative errno on
// failure. By the 32-bit entry pointers must be of low memory.
struct Call {
  long native;
  long compat;  // -1: that table has none
};
long enter(Entry entry, Call call, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0,
           long f = 0);

// Memory that both entries can point to; given back with the process. Zeroed.
void* low_memory(std::size_t bytes);
long low_string(const char* text);

// Fields by name, as JSON writes them without the quotes. "*": there, whatever it says.
using Fields = std::map<std::string, std::string>;

// What the child tells: how the call ended, and whatever only it can know.
class Told {
 public:
  void field(const std::string& name, const std::string& value) const;
  void field(const std::string& name, std::int64_t value) const;

 private:
  friend class CallLog;
  explicit Told(int pipe) : pipe_(pipe) {}
  void result(long value) const;
  int pipe_;
};

struct Operation {
  std::string name;
  std::string type;  // of the record; "": there must be none
  std::string call;  // evt.syscall
  Entry entry = Entry::native;
  std::function<void()> before = {};  // in the child; what it leaves is not looked at
  std::function<long(Told&)> act;     // in the child: the call, its result
  Fields fields = {};                 // those that the case knows
  std::string error = "SUCCESS";      // evt.res
  bool of_process_room = false;       // its records say nothing else about users, cgroup and rings
  std::string comm = {};              // of the thread in the record; empty: the test's own
  std::uint32_t uid = 0;              // of the child when it acts: `before` has changed it
};

// The one agent of this program, started at the first call.
class CallLog {
 public:
  // Once, before anything else: what it shall watch.
  static void watch(std::vector<std::string> events);
  static CallLog& get();

  // Carries it out, waits for its record and compares. Returns the record, or none after a failure.
  Event check(const Operation& operation);

  // One more record of the operation that was carried out last, waited for.
  Event next();

  // Ends the agent: nothing may be left or lost.
  void finish();

 private:
  CallLog();
  void take();

  std::int64_t child_ = 0;                       // that carried out the last one
  std::int64_t begin_ = 0;                       // when it did, boot clock, ns
  std::map<std::int64_t, std::int64_t> begins_;  // by process

  Agent agent_;
  std::string partial_;
  std::size_t offset_ = 0;
  std::map<std::int64_t, std::vector<Event>> waiting_;  // by process
};

// A process that ignores all signals it can and waits until it is killed with the object.
class Bystander {
 public:
  explicit Bystander(pid_t group = -1);
  Bystander(const Bystander&) = delete;
  Bystander& operator=(const Bystander&) = delete;
  ~Bystander();
  [[nodiscard]] pid_t pid() const { return pid_; }
  // target.* as a record must have them.
  [[nodiscard]] Fields target() const;

 private:
  pid_t pid_;
};

[[nodiscard]] Fields target_of(pid_t pid, pid_t tid);
[[nodiscard]] Fields operator+(Fields left, const Fields& right);

void become(std::uint32_t uid);  // for good, in the child

}  // namespace gancho::test
