// SPDX-License-Identifier: Apache-2.0
#include "load/pseudo_fs.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <memory>

#include "load/mount_info.h"

namespace gancho {
namespace {

Result<Fd> open_detached(const std::string& type) {
  const Fd context(fsopen(type.c_str(), FSOPEN_CLOEXEC));
  if (!context.valid()) return fail_errno(type, errno);
  if (fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) {
    return fail_errno(type, errno);
  }
  const unsigned attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;
  Fd root(fsmount(context.get(), FSMOUNT_CLOEXEC, attributes));
  if (!root.valid()) return fail_errno(type, errno);
  return root;
}

std::optional<std::uint64_t> read_id(int events, const std::string& event) {
  const auto text = read_small_file(events, (event + "/id").c_str());
  if (!text) return std::nullopt;
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), id);
  if (error != std::errc{}) return std::nullopt;
  return id;
}

// Most tracepoints begin with their category's name. The first look at each of the hundred
// categories after boot costs the kernel about a millisecond.
std::string_view likely_category(std::string_view tracepoint) {
  if (tracepoint.starts_with("sys_enter_") || tracepoint.starts_with("sys_exit_"))
    return "syscalls";
  return tracepoint.substr(0, tracepoint.find('_'));
}

}  // namespace

std::string mounted_at(std::string_view type) {
  std::string found;
  for (MountInfo& mount :
       parse_mountinfo(read_small_file(AT_FDCWD, "/proc/self/mountinfo").value_or("")))
    if (mount.type == type && mount.root == "/") found = std::move(mount.point);
  return found;
}

Result<Fd> open_file_system(const std::string& type) {
  if (const std::string point = mounted_at(type); !point.empty()) {
    Fd root(open(point.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (root.valid()) return root;
  }
  return open_detached(type);
}

std::optional<std::string> read_small_file(int directory, const char* path) {
  const Fd file(openat(directory, path, O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return std::nullopt;
  std::string text;
  std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t got = read(file.get(), buffer.data(), buffer.size());
    if (got < 0) return std::nullopt;
    if (got == 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

Result<std::uint64_t> tracepoint_id(std::string_view category, std::string_view name) {
  const Fd root = TRY(open_file_system("tracefs"));
  const int events = openat(root.get(), "events", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (events < 0) return fail_errno("tracefs events", errno);
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(fdopendir(events), closedir);
  if (!directory) {
    close(events);
    return fail_errno("tracefs events", errno);
  }
  const auto in = [&](std::string_view folder) {
    return read_id(events, std::string(folder) + '/' + std::string(name));
  };
  if (!category.empty()) {
    if (const auto id = in(category)) return *id;
  } else if (const auto likely = in(likely_category(name))) {
    return *likely;
  } else {
    while (const dirent* entry = readdir(directory.get())) {
      if (entry->d_name[0] == '.') continue;
      if (const auto id = in(entry->d_name)) return *id;
    }
  }
  return fail(Errc::unsupported, "this kernel has no tracepoint " + std::string(name));
}

}  // namespace gancho
