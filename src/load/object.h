// SPDX-License-Identifier: Apache-2.0
//
// The agent's one BPF object in the kernel: its programs, maps and links, owned together. Nothing
// is pinned: all of it goes when its last descriptor does, so a killed agent leaves nothing. One
// thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "config.bpf.h"
#include "event/event_set.h"
#include "load/call_functions.h"
#include "load/shared_maps.h"
#include "load/task_visit.h"
#include "load/watched_files.h"

namespace gancho {

// Sizes are powers of two, rings at least a page.
struct ObjectOptions {
  std::uint32_t args_max = 4096;
  std::uint32_t vital_ring_bytes = 0;
  std::uint32_t bulk_ring_bytes = 0;
  std::uint32_t bulk_rings = 1;
  std::uint32_t containers = CONTAINERS_NONE;  // enum container_hierarchy
  bool container_tasks = false;                // older ones are found through their tasks
  std::uint32_t machine_mnt_ns = 0;            // of the first process
  EventSet bare = {};  // events that are taken from the tracepoints of all system calls
  std::uint32_t containers_max = 1;            // cgroups of containers that are known at a time
  bool handed_over = false;                    // descriptors that are handed over may be asked for
  std::span<const std::string_view> programs;  // KIND__TARGET: to be loaded; no other is
  bool probes_at_once =
      false;  // the kernel can attach one program to many functions (kprobe.multi)
};

class BpfObject {
 public:
  // Opens, sizes and verifies. Nothing is attached yet.
  [[nodiscard]] static Result<BpfObject> load(const ObjectOptions& options);
  BpfObject(BpfObject&&) noexcept;
  BpfObject& operator=(BpfObject&&) noexcept;
  ~BpfObject();

  // Attaches those of `programs` that are not attached yet. On error what was attached before
  // stays. `calls`: the functions of the programs "probe__*" and "retprobe__*".
  [[nodiscard]] Status attach(std::span<const std::string_view> programs,
                              std::span<const CallFunction> calls = {});
  // Detaches all but `programs`; what is in the rings stays there. Functions of calls that were
  // attached at once go together, when none of them is wanted.
  void detach_all_but(std::span<const std::string_view> programs,
                      std::span<const CallFunction> calls = {});

  // Returns when every run of a program that was under way has ended: none goes by an older policy.
  [[nodiscard]] Status wait_for_programs() const;

  // Gives every process that was there before us its lineage, and sends a record of each that the
  // filter or the process table wants: at the pace at which the vital ring is read. After attach()
  // and the first filter.
  // With VisitDepth::memory their arguments are read too, where the kernel allows it.
  [[nodiscard]] Result<TaskVisit> visit_tasks(VisitDepth depth);

  // Finds the containers that were there before us, in the hierarchy whose root directory is
  // `cgroup_root`. After attach().
  [[nodiscard]] Status visit_cgroups(int cgroup_root);

  // What the programs are to compare for these paths; empty where no program asks.
  [[nodiscard]] Result<WatchSet> find_files(std::span<const std::string> paths) const;
  // Makes them the first or the second set of watched files; a filter says which is its own.
  [[nodiscard]] Status write_files(const WatchSet& files, bool second) const;

  // Copies the kernel's count of runs that it skipped into the doorbell, by program.
  [[nodiscard]] Status count_skipped(Doorbell& bell) const;
  // Names by index of doorbell::skipped.
  [[nodiscard]] std::vector<std::string_view> program_names() const;

  // Borrowed: valid as long as the object.
  [[nodiscard]] int vital_ring_fd() const;
  [[nodiscard]] int bulk_ring_fd(std::size_t index) const;
  [[nodiscard]] std::size_t bulk_rings() const;
  [[nodiscard]] int account_fd() const;
  [[nodiscard]] int doorbell_fd() const;
  [[nodiscard]] int policy_fd() const;
  [[nodiscard]] std::uint32_t cpus() const;  // possible ones: entries of the account

 private:
  struct State;
  explicit BpfObject(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace gancho
