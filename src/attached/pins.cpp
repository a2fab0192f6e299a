// SPDX-License-Identifier: Apache-2.0
#include "attached/pins.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <set>
#include <utility>

#include "attached/fdinfo.h"
#include "attached/reading.h"
#include "base/fd.h"
#include "map/symbols.h"

namespace gancho {
namespace {

class PinWalk {
 public:
  explicit PinWalk(Reading& reading) : reading_(reading) {}

  void run(const MountInfo& mount) {
    Fd root(open(mount.point.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct statfs system{};
    struct stat status{};
    if (!root.valid() || fstatfs(root.get(), &system) != 0 || fstat(root.get(), &status) != 0) {
      reading_.blank(fmt::format("{} could not be opened: {}", mount.point, std::strerror(errno)));
      return;
    }
    const std::string device =
        fmt::format("{}:{}", gnu_dev_major(status.st_dev), gnu_dev_minor(status.st_dev));
    if (system.f_type != BPF_FS_MAGIC || device != mount.device) {
      reading_.blank(
          fmt::format("the BPF file system at {} is hidden by another mount", mount.point));
      return;
    }
    walk(std::move(root), mount.point);
  }

 private:
  using Seen = std::set<std::pair<dev_t, ino_t>>;

  void walk(Fd folder, const std::string& path) {
    const std::unique_ptr<DIR, int (*)(DIR*)> entries(fdopendir(folder.get()), closedir);
    if (!entries) return;
    (void)folder.release();
    while (const dirent* entry = readdir(entries.get())) {
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      struct stat status{};
      if (fstatat(dirfd(entries.get()), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
      const bool is_folder = S_ISDIR(status.st_mode);
      if (!is_folder && !S_ISREG(status.st_mode)) continue;
      // The same file system may be seen at another place too.
      if (!seen_.emplace(status.st_dev, status.st_ino).second) continue;
      const std::string full = path + (path.ends_with('/') ? "" : "/") + entry->d_name;
      if (!is_folder) {
        look_at(full);
        continue;
      }
      Fd below(openat(dirfd(entries.get()), entry->d_name,
                      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
      // Something else may be mounted there.
      struct stat there{};
      if (below.valid() && fstat(below.get(), &there) == 0 && there.st_dev == status.st_dev)
        walk(std::move(below), full);
    }
  }

  void look_at(const std::string& path) {
    const Fd object(bpf_obj_get(path.c_str()));
    if (!object.valid()) {
      if (errno != ENOENT) ++refused_;
      return;
    }
    const auto found = describe(object.get());
    if (!found) return;
    const auto pin = [&](auto& objects) {
      if (const auto at = objects.find(found->id); at != objects.end())
        at->second.holders.pins.push_back(path);
    };
    switch (found->kind) {
      case ObjectKind::program:
        return pin(reading_.attached.programs);
      case ObjectKind::map:
        return pin(reading_.attached.maps);
      case ObjectKind::link:
        return pin(reading_.attached.links);
    }
  }

 public:
  void finish() {
    const auto sort = [](auto& objects) {
      for (auto& [id, one] : objects) std::ranges::sort(one.holders.pins);
    };
    sort(reading_.attached.programs);
    sort(reading_.attached.maps);
    sort(reading_.attached.links);
    if (refused_ != 0)
      reading_.blank(fmt::format("{} files in BPF file systems could not be looked at", refused_));
  }

 private:
  Reading& reading_;
  Seen seen_;
  std::size_t refused_ = 0;
};

}  // namespace

std::vector<MountInfo> bpf_mounts(std::string_view mountinfo) {
  std::vector<MountInfo> mounts;
  const std::vector<MountInfo> all = parse_mountinfo(mountinfo);
  for (const bool whole : {true, false})
    for (const MountInfo& mount : all)
      if (mount.type == "bpf" && (mount.root == "/") == whole) mounts.push_back(mount);
  return mounts;
}

void read_pins(Reading& reading) {
  const auto text = read_long_file(AT_FDCWD, "/proc/self/mountinfo");
  if (!text) {
    reading.blank("no pins: /proc/self/mountinfo cannot be read");
    return;
  }
  PinWalk walk(reading);
  for (const MountInfo& mount : bpf_mounts(*text)) walk.run(mount);
  walk.finish();
}

}  // namespace gancho
