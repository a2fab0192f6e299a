// SPDX-License-Identifier: Apache-2.0
//
// The process table: who is who, also after the end, made from the records of the vital ring. What
// an event does not say about its process is looked up here, by (pid, start time).
//
// Bounded in every direction, and each bound has a counter. A process that has ended is kept for a
// while, because events that name it may still be on their way; then for as long as a process in
// the table descends from it, as far as there is room for ancestors. An ancestor that had to go is
// still named by the lineage that its descendants' programs carry.
//
// Allocates only for what a program is known by, one block for each, and one for its environment; a
// forked child shares its parent's. One thread.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "event/lifecycle.h"
#include "event/view.h"

namespace gancho {

struct ProcessTableLimits {
  std::uint32_t processes = 16384;  // alive and ended; each quarter of the ended half: ended
                                    // just now, ancestors
  std::uint64_t linger_ns = 30'000'000'000;  // how long an end is remembered for its own sake

  // Of what programs are known by.
  [[nodiscard]] std::size_t bytes() const { return std::size_t{processes} * 512; }
  // Of their environments, which are there when somebody asks for them only. When it is full, those
  // of ended processes go, and then new ones are not kept; no process is forgotten for them.
  [[nodiscard]] std::size_t environment_bytes() const { return std::size_t{processes} * 1024; }
  [[nodiscard]] std::uint32_t lingering() const { return processes / 8; }
  [[nodiscard]] std::uint32_t ancestors() const { return processes / 8; }
};

struct ProcessTableCounts {
  std::uint32_t alive = 0;
  std::uint32_t ended = 0;  // and still known
  std::uint32_t programs = 0;
  std::size_t bytes = 0;  // of what programs are known by
  std::size_t environment_bytes = 0;
  // Since the start:
  std::uint64_t evicted_ended = 0;         // forgotten before their time for want of room
  std::uint64_t evicted_ancestors = 0;     // the same, of those that something descends from
  std::uint64_t refused = 0;               // new processes while all in the table were alive
  std::uint64_t trimmed = 0;               // programs of which only the name was kept
  std::uint64_t environments_dropped = 0;  // of programs that are known otherwise
  std::uint64_t missed_ends = 0;           // found out later than by their own record
};

struct Ancestor {
  ProcessKey process;
  std::string_view name;  // "" when not known
  bool alive = false;
};

class ProcessTable {
 public:
  static constexpr std::size_t k_ancestors_max = 64;  // that are told of one process

  explicit ProcessTable(ProcessTableLimits limits = {});

  // Takes what a record says about a process; nothing, when it is about something else.
  void apply(const EventView& event);
  void apply(const Lifecycle& change);

  // After all processes have been visited, and their records applied. `began` is the boot clock
  // just before. When no record was lost meanwhile, whoever was there before and was not seen has
  // ended.
  void visited(std::uint64_t began, bool complete);

  // nullopt when it is not known. Good until the next change.
  [[nodiscard]] std::optional<ProcessFacts> find(const ProcessKey& process) const;

  // From its parent up: at most k_ancestors_max, ended ones included.
  [[nodiscard]] std::vector<Ancestor> ancestors(const ProcessKey& process) const;

  // For going over all of them while the table changes: places 0 to places(), some of which are
  // empty. A process keeps its place.
  [[nodiscard]] std::size_t places() const { return nodes_.size(); }
  [[nodiscard]] std::optional<ProcessFacts> at(std::size_t place) const;

  [[nodiscard]] const ProcessTableLimits& limits() const { return limits_; }
  [[nodiscard]] const ProcessTableCounts& counts() const { return counts_; }

 private:
  static constexpr std::uint32_t k_none = UINT32_MAX;

  struct Hash {
    using is_avalanching = void;
    std::size_t operator()(const ProcessKey& key) const;
  };

  enum class State : std::uint8_t { empty, alive, lingering, ancestor };

  struct Node {
    ProcessKey key;
    ProcessKey parent;
    std::uint64_t seen = 0;  // when a record was last about it
    std::uint64_t end_time = 0;
    std::uint32_t exec_count = 0;
    std::uint32_t image = k_none;
    std::uint32_t children = 0;  // in the table
    std::uint32_t previous = k_none;
    std::uint32_t next = k_none;  // in the list of its state; of an empty one, the next empty one
    std::int32_t exit_status = 0;
    std::uint32_t exit_signal = 0;
    State state = State::empty;
    bool linked = false;  // counted among its parent's children
    std::uint8_t name_length = 0;
    char name[EV_COMM_LEN] = {};
  };

  // Of those that have ended, the longest ago first.
  struct List {
    std::uint32_t first = k_none;
    std::uint32_t last = k_none;
    std::uint32_t count = 0;
  };

  struct Image {
    Program program;  // its views are into bytes
    std::unique_ptr<char[]> bytes;
    std::unique_ptr<char[]> environment;
    std::uint32_t size = 0;
    std::uint32_t users = 0;  // processes; 0: empty
    std::uint32_t next = k_none;
    bool found = false;  // not seen being executed
    [[nodiscard]] std::size_t environment_size() const {
      return program.env ? program.env->size() : 0;
    }
  };

  [[nodiscard]] Node* look_up(const ProcessKey& key);
  [[nodiscard]] const Node* look_up(const ProcessKey& key) const;
  [[nodiscard]] Node* obtain(const Lifecycle& change);
  [[nodiscard]] ProcessFacts facts_of(const Node& node) const;

  void fork(Node& node, const Lifecycle& change, bool is_new);
  void execute(Node& node, const Lifecycle& change);
  void find_running(Node& node, const Lifecycle& change);
  void end(Node& node, std::uint64_t time);

  void set_name(Node& node, std::string_view name);
  void set_parent(Node& node, const ProcessKey& parent);
  void unlink_parent(Node& node);
  void set_image(Node& node, const Program& program, bool found);
  void drop_image(Node& node);
  void set_environment(const Program& program, Image& image);
  // Of processes that have ended, the longest ago first, until so many bytes fit.
  void drop_environments(std::size_t bytes);

  void forget_old(std::uint64_t now);
  void leave_lingering(Node& node, bool early);
  void forget(Node& node);
  bool make_room();

  [[nodiscard]] std::uint32_t index_of(const Node& node) const;
  void push(List& list, Node& node);
  void remove(List& list, Node& node);

  ProcessTableLimits limits_;
  ProcessTableCounts counts_;
  boost::unordered_flat_map<ProcessKey, std::uint32_t, Hash> by_key_;
  std::vector<Node> nodes_;
  std::vector<Image> images_;
  std::uint32_t empty_node_ = k_none;
  std::uint32_t empty_image_ = k_none;
  List lingering_;
  std::uint32_t sweep_ = k_none;  // of those, the first that may have an environment
  List ancestors_;
};

}  // namespace gancho
