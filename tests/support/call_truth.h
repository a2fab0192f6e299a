// SPDX-License-Identifier: Apache-2.0
//
// One operation by a process of its own, the record of it, and every field of that record. One
// agent watches for all tests of a program; at the end it must have shown the records that were
// expected of each operation and no others, and have lost none.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "support/agent.h"
#include "support/call_entries.h"
#include "support/exec_stage.h"

namespace gancho::test {

// ---- one operation ----

// Both run in a process of their own; records of the stage do not count.
struct Deed {
  std::function<void()> stage = [] {};
  std::function<long()> call = {};
};

struct Done {
  Outcome process = {};
  std::uint64_t begin = 0, end = 0;  // boot clock, ns: around the call
  long result = 0;
  struct stat file = {};  // of the descriptor that the result is, or of /proc/self/fd/look_at()
  std::string path = {};  // its name in /proc/self/fd; empty when that could not be read
  std::set<pid_t> threads = {};  // of the process behind the call
};

Done perform(const std::string& name, const Deed& deed);

// To be called by a deed: the descriptor that is looked at behind the call, when it is not the
// result.
void look_at(int fd);

// ---- its record ----

// How it came in.
struct Entry {
  std::int64_t number = 0;  // evt.syscall
  bool compat = false;
  bool ring = false;
  bool worker = false;  // by another thread than the one that asked
};

// The fields that every operation has. The case adds its own.
Event expected(const Done& done, std::string_view type, const Entry& entry);

// Waits for the records of the operation: as many as `fields`; compares each field of each. One
// that is expected to be null has to be there, whatever it says.
std::vector<Event> check_records(const std::string& name, const Done& done,
                                 const std::vector<Event>& fields);

// The same, of what the calling thread alone did: its process has others that act meanwhile.
std::vector<Event> check_by_caller(const std::string& name, const Done& done,
                                   const std::vector<Event>& fields);

// The events that the agent of this program watches; to be defined by it.
extern const std::vector<std::string> k_watched;

// "0644", "8:1", "regular", as JSON shows them.
std::string octal(unsigned mode);
std::string device_text(dev_t device);

}  // namespace gancho::test
