// SPDX-License-Identifier: Apache-2.0
//
// The contract between a room (a folder under subsystems/) and the core. A room describes itself
// with constant tables; the core never includes a room. The list of rooms is written by the build.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "event/container.h"
#include "event/event_set.h"
#include "event/lifecycle.h"
#include "event/schema.h"

namespace gancho {

// What only user space knows about the things that a record names.
class Facts {
 public:
  virtual ~Facts() = default;
  // Name of the user or group in the initial user namespace; empty when there is none. Valid until
  // the facts are loaded again.
  [[nodiscard]] virtual std::string_view user(std::uint32_t uid) const = 0;
  [[nodiscard]] virtual std::string_view group(std::uint32_t gid) const = 0;
  // What the process table knows; nullopt when that is nothing, or when there is no table. An event
  // whose exec_count is another than the answer's happened in an earlier program. Valid until the
  // next record is taken into the table.
  [[nodiscard]] virtual std::optional<ProcessFacts> process(const ProcessKey& /*key*/) const {
    return std::nullopt;
  }
  // Of the container with that cgroup; nullptr when nothing is known of it. Valid as the names are.
  [[nodiscard]] virtual const ContainerInfo* container(std::uint64_t /*cgroup_id*/) const {
    return nullptr;
  }

  // For the time of day; nullopt when it is not known.
  [[nodiscard]] virtual std::optional<WallClock> clock() const { return std::nullopt; }

  // The name in the files that a task in that container sees; on the machine itself, in its own.
  [[nodiscard]] std::string_view user(std::uint32_t uid, const ev_container& where) const {
    if (sees_machine(where)) return user(uid);
    const ContainerInfo* info = container(where.cgroup_id);
    return info != nullptr ? find_name(info->users, uid) : std::string_view{};
  }
  [[nodiscard]] std::string_view group(std::uint32_t gid, const ev_container& where) const {
    if (sees_machine(where)) return group(gid);
    const ContainerInfo* info = container(where.cgroup_id);
    return info != nullptr ? find_name(info->groups, gid) : std::string_view{};
  }
};

// A way to obtain a signal: one or more BPF programs that are attached together.
struct HookCandidate {
  std::string_view name;                           // how it is shown: "fentry security_bprm_check"
  std::span<const std::string_view> programs;      // in the BPF object; all are needed
  std::span<const std::string_view> helpful = {};  // attached too where they exist: functions that
                                                   // some kernels lack by nature or inline
  std::string_view lost;                           // what is missing when this candidate is the one
  bool on_request = false;  // too dear to be taken unless the user asks for it
  // It hangs on every system call of the machine, and its programs serve many signals: they are
  // told which of them are theirs.
  bool on_every_call = false;
};

// One thing that a room wants to know, with its candidates in order of preference (cost, then
// truth).
struct SignalDesc {
  std::string_view name;  // "exec.before"
  std::string_view meaning;
  bool optional;  // false: without it the agent cannot run
  std::span<const HookCandidate> candidates;
  std::string_view lost;         // when no candidate can be had
  std::string_view remedy;       // what a person can do about that; "" when nothing
  EventSet serves = {};          // the events that need it; empty: whatever is asked for
  bool whole = false;            // without it the events that it serves cannot be seen at all
  bool changes_nothing = false;  // the process table has no use for what it brings
};

// Ways by which an operation can come in: bits.
namespace entry {
inline constexpr std::uint8_t call64 = 1 << 0;
inline constexpr std::uint8_t call32 = 1 << 1;
inline constexpr std::uint8_t calls = call64 | call32;
inline constexpr std::uint8_t io_uring = 1 << 2;
inline constexpr std::uint8_t kernel = 1 << 3;  // nobody has called: the kernel's own doing
inline constexpr std::uint8_t visit = 1 << 4;   // the agent comes by and looks
}  // namespace entry

// What is to be known about seeing an event that its signals and fields do not say (docs/hooks.md).
struct OperationDesc {
  std::uint16_t event;     // enum ev_type
  std::uint8_t entries;    // of namespace entry
  std::string_view calls;  // system calls, or what stands for them
  // Of the functions that are hooked the one where the kernel asks whether it may, so that a rule
  // could refuse; "" when there is none. And which of the calls pass it; "" when all.
  std::string_view refusable = {};
  std::string_view refusable_of = {};
  std::string_view source;       // whose memory its fields are read from
  std::string_view missed = {};  // when it happens and there is no record, or less in it
  // Signals that bring it and others: beside those that serve events by name.
  std::span<const std::string_view> signals = {};
};

// The kernels that docs/hooks.md tells of. Each of them is tested.
enum class TestedKernel : std::uint8_t {
  debian_6_1,
  debian_6_12,
  bare,  // with neither kprobes nor BPF trampolines
};

// A program that a tested kernel has no target for, although it takes programs of its kind.
struct AbsentProgram {
  std::string_view program;
  TestedKernel kernel;
};

struct Room {
  std::string_view name;
  std::span<const EventDesc> events;
  std::span<const SignalDesc> signals;
  std::span<const OperationDesc> operations = {};  // one for each event
  std::span<const AbsentProgram> absent = {};
  std::string_view missed = {};  // what no event of the room tells; "" when nothing
};

// All rooms of this build, written by cmake/Rooms.cmake from the list in subsystems/CMakeLists.txt.
[[nodiscard]] std::span<const Room* const> rooms();

// nullptr when there is no such event.
[[nodiscard]] const EventDesc* find_event(std::uint16_t type);
[[nodiscard]] const EventDesc* find_event(std::string_view name);

// The event of this name, or all of the group of this name; empty when there is neither.
[[nodiscard]] EventSet events_named(std::string_view name);

}  // namespace gancho
