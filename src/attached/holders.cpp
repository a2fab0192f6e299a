// SPDX-License-Identifier: Apache-2.0
//
// Which processes hold objects: their descriptors, in /proc. A process that ends meanwhile has
// none. Threads are looked at where the first one has no descriptors; that one of several has a
// table of its own (unshare(2)) is so rare that it is not worth a look at every thread.
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

#include "attached/fdinfo.h"
#include "attached/process_container.h"
#include "attached/reading.h"
#include "base/fd.h"
#include "load/cgroup.h"
#include "load/pseudo_fs.h"

namespace gancho {
namespace {

using Directory = std::unique_ptr<DIR, int (*)(DIR*)>;

// The inode of the machine's own PID namespace (PROC_PID_INIT_INO), the same on all kernels.
constexpr ino_t k_first_pid_namespace = 0xEFFFFFFC;

Directory open_directory(const std::string& path) {
  return {opendir(path.c_str()), closedir};
}

std::optional<int> number_of(const char* name) {
  int number = 0;
  const char* end = name + std::strlen(name);
  const auto [stop, error] = std::from_chars(name, end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

class ProcessWalk {
 public:
  explicit ProcessWalk(Reading& reading) : reading_(reading) {}

  void run() {
    const Directory all = open_directory("/proc");
    if (!all) {
      reading_.blank("no owners: /proc cannot be read");
      return;
    }
    while (const dirent* entry = readdir(all.get()))
      if (const auto process = number_of(entry->d_name)) look_at(*process);
    if (refused_ != 0)
      reading_.blank(fmt::format("descriptors: {} process(es) could not be looked at: {}", refused_,
                                 std::strerror(error_)));
    struct stat space{};
    if (::stat("/proc/self/ns/pid", &space) == 0 && space.st_ino != k_first_pid_namespace)
      reading_.blank("owners outside of this PID namespace are not seen");
    sort_holders();
  }

 private:
  void look_at(int process) {
    owner_.reset();
    const std::string base = fmt::format("/proc/{}", process);
    if (look_at_table(process, process, base)) return;
    // Descriptors of a process whose first thread has ended are seen at its other threads only.
    const Directory tasks = open_directory(base + "/task");
    if (!tasks) return;
    while (const dirent* entry = readdir(tasks.get())) {
      const auto task = number_of(entry->d_name);
      if (!task || *task == process) continue;
      if (look_at_table(process, *task, fmt::format("{}/task/{}", base, *task))) return;
    }
  }

  // false: it has no descriptors, as kernel threads have none.
  bool look_at_table(int process, int task, const std::string& base) {
    const Directory table = open_directory(base + "/fd");
    if (!table) {
      if (errno != ENOENT && errno != ESRCH) {
        ++refused_;
        error_ = errno;
      }
      return false;
    }
    bool any = false;
    bool denied = false;
    while (const dirent* entry = readdir(table.get())) {
      const auto fd = number_of(entry->d_name);
      if (!fd) continue;
      any = true;
      std::array<char, 64> to{};
      const ssize_t length = readlinkat(dirfd(table.get()), entry->d_name, to.data(), to.size());
      if (length <= 0) {
        denied = denied || errno == EACCES;
        continue;
      }
      const std::string_view target(to.data(), static_cast<std::size_t>(length));
      if (target == "anon_inode:[perf_event]") {
        reading_.perf_events.push_back({.process = process, .task = task, .fd = *fd});
        continue;
      }
      if (!object_kind_of(target)) continue;
      const auto text = read_small_file(AT_FDCWD, fmt::format("{}/fdinfo/{}", base, *fd).c_str());
      const auto found = text ? parse_fdinfo(*text) : std::nullopt;
      if (!found) continue;
      hold(*found, process);
      if (found->kind == ObjectKind::link)
        reading_.held_links.push_back({.task = task, .fd = *fd, .link = found->id});
    }
    // The kernel says the same of a process that has ended meanwhile.
    if (denied && ::access(base.c_str(), F_OK) == 0) {
      ++refused_;
      error_ = EACCES;
    }
    return any;
  }

  Holders* holders_of(const DescribedObject& object) {
    const auto in = [&](auto& objects) -> Holders* {
      const auto found = objects.find(object.id);
      return found == objects.end() ? nullptr : &found->second.holders;
    };
    switch (object.kind) {
      case ObjectKind::program:
        return in(reading_.attached.programs);
      case ObjectKind::map:
        return in(reading_.attached.maps);
      case ObjectKind::link:
        return in(reading_.attached.links);
    }
    return nullptr;
  }

  void hold(const DescribedObject& object, int process) {
    Holders* holders = holders_of(object);
    if (holders == nullptr) return;
    if (!owner_) owner_ = read_owner(process);
    if (std::ranges::find(holders->owners, process, &Owner::pid) == holders->owners.end())
      holders->owners.push_back(*owner_);
  }

  [[nodiscard]] Owner read_owner(int process) const {
    const std::string base = fmt::format("/proc/{}", process);
    const auto cgroup = read_small_file(AT_FDCWD, (base + "/cgroup").c_str());
    return {.pid = process,
            .name = read_small_file(AT_FDCWD, (base + "/comm").c_str()).value_or(""),
            .container = cgroup ? container_of(*cgroup, hierarchy_) : ""};
  }

  void sort_holders() {
    const auto sort = [](auto& objects) {
      for (auto& [id, one] : objects) std::ranges::sort(one.holders.owners, {}, &Owner::pid);
    };
    sort(reading_.attached.programs);
    sort(reading_.attached.maps);
    sort(reading_.attached.links);
    std::ranges::sort(reading_.held_links, {},
                      [](const HeldLink& held) { return std::pair(held.task, held.fd); });
    std::ranges::sort(reading_.perf_events, {},
                      [](const HeldPerfEvent& held) { return std::pair(held.task, held.fd); });
  }

  Reading& reading_;
  const std::uint32_t hierarchy_ =
      container_hierarchy_kind(read_small_file(AT_FDCWD, "/proc/cgroups").value_or(""));
  std::optional<Owner> owner_;  // the process that is looked at, once it has proved one
  std::size_t refused_ = 0;
  int error_ = 0;
};

}  // namespace

void read_holders(Reading& reading) {
  ProcessWalk(reading).run();
}

}  // namespace gancho
