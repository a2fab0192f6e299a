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
#include <iterator>
#include <memory>
#include <set>
#include <utility>

#include "attached/fdinfo.h"
#include "attached/reading.h"
#include "base/fd.h"
#include "map/symbols.h"

namespace gancho {
namespace {

std::string_view next_word(std::string_view& line) {
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(word.size() + 1, line.size()));
  return word;
}

// "a\040b": blanks, tabs, newlines and backslashes are written so.
std::string unescaped(std::string_view text) {
  const auto is_octal = [](char digit) { return digit >= '0' && digit <= '7'; };
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size() &&
        std::ranges::all_of(text.substr(i + 1, 3), is_octal)) {
      plain +=
          static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + text[i + 3] - '0');
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

class PinWalk {
 public:
  explicit PinWalk(Reading& reading) : reading_(reading) {}

  void run(const BpfMount& mount) {
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

std::vector<BpfMount> parse_bpf_mounts(std::string_view mountinfo) {
  // proc_pid_mountinfo(5): ID PARENT DEV ROOT MOUNT_POINT OPTIONS [TAG...] - TYPE SOURCE OPTIONS
  std::vector<BpfMount> mounts;
  std::vector<BpfMount> parts;
  while (!mountinfo.empty()) {
    std::string_view line = mountinfo.substr(0, mountinfo.find('\n'));
    mountinfo.remove_prefix(std::min(line.size() + 1, mountinfo.size()));
    const std::size_t separator = line.find(" - ");
    if (separator == std::string_view::npos) continue;
    std::string_view behind = line.substr(separator + 3);
    if (next_word(behind) != "bpf") continue;
    (void)next_word(line);
    (void)next_word(line);
    BpfMount mount;
    mount.device = next_word(line);
    mount.root = unescaped(next_word(line));
    mount.point = unescaped(next_word(line));
    (mount.root == "/" ? mounts : parts).push_back(std::move(mount));
  }
  mounts.insert(mounts.end(), std::make_move_iterator(parts.begin()),
                std::make_move_iterator(parts.end()));
  return mounts;
}

void read_pins(Reading& reading) {
  const auto text = read_long_file(AT_FDCWD, "/proc/self/mountinfo");
  if (!text) {
    reading.blank("no pins: /proc/self/mountinfo cannot be read");
    return;
  }
  PinWalk walk(reading);
  for (const BpfMount& mount : parse_bpf_mounts(*text)) walk.run(mount);
  walk.finish();
}

}  // namespace gancho
