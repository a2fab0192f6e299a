// SPDX-License-Identifier: Apache-2.0
#include "load/watched_files.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <memory>
#include <string_view>
#include <utility>

#include "base/fd.h"
#include "base/quote.h"
#include "load/libbpf_log.h"

namespace gancho {
namespace {

constexpr std::size_t k_paths_at_once = 64;  // each needs two descriptors at most

// A descriptor that stands for a file, and what it is watched for.
struct Held {
  Fd fd;
  std::uint32_t marks = 0;
  std::string name;  // WATCH_NAMES: in this directory
};

std::unexpected<Error> cannot_watch(const std::string& path, int error) {
  return fail(Errc::usage,
              fmt::format("cannot watch {}: {}", in_quotes(path), strerrordesc_np(error)));
}

std::string resolved(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr),
                                                         std::free);
  return real ? std::string(real.get()) : std::string();
}

Result<Fd> hold(const std::string& path, const std::string& resolved_path, int flags) {
  Fd fd(::open(resolved_path.c_str(), O_PATH | O_CLOEXEC | flags));
  if (!fd.valid()) return cannot_watch(path, errno);
  return fd;
}

struct Split {
  std::string directory;
  std::string name;
};
Split split(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return {.directory = ".", .name = path};
  return {.directory = slash == 0 ? "/" : path.substr(0, slash), .name = path.substr(slash + 1)};
}

// What has to be open while the kernel is asked.
Result<std::vector<Held>> hold_path(const std::string& path) {
  std::vector<Held> held;
  std::string real = resolved(path);
  if (real.empty()) {
    if (errno != ENOENT) return cannot_watch(path, errno);
    // It may come into being: then its directory has to be there.
    const Split parts = split(path);
    real = resolved(parts.directory);
    if (real.empty() || parts.name.empty() || parts.name == "." || parts.name == "..")
      return cannot_watch(path, ENOENT);
    Fd directory = TRY(hold(path, real, O_DIRECTORY));
    held.push_back({.fd = std::move(directory), .marks = WATCH_NAMES, .name = parts.name});
    return held;
  }
  Fd fd = TRY(hold(path, real, O_NOFOLLOW));
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return cannot_watch(path, errno);
  if (S_ISDIR(status.st_mode)) {
    held.push_back({.fd = std::move(fd), .marks = WATCH_SELF | WATCH_BENEATH, .name = {}});
    return held;
  }
  held.push_back({.fd = std::move(fd), .marks = WATCH_SELF, .name = {}});
  const Split parts = split(real);
  Fd directory = TRY(hold(path, parts.directory, O_DIRECTORY));
  held.push_back({.fd = std::move(directory), .marks = WATCH_NAMES, .name = parts.name});
  return held;
}

watched_name name_in(const watched_file& directory, std::string_view name) {
  watched_name key{};
  key.inode = directory.inode;
  key.dev = directory.dev;
  key.length = static_cast<__u32>(name.size());
  std::memcpy(key.start, name.data(), std::min<std::size_t>(name.size(), WATCH_NAME_MAX));
  return key;
}

Status add(WatchSet& set, const std::vector<Held>& held,
           std::span<const descriptor_file> described) {
  for (const Held& one : held) {
    const auto found =
        std::ranges::find(described, static_cast<__u32>(one.fd.get()), &descriptor_file::fd);
    if (found == described.end())
      return fail(Errc::internal, "the kernel does not tell of a file that is to be watched");
    set.files.push_back({.file = found->file, .marks = one.marks});
    set.watch |= one.marks;
    if (one.marks == WATCH_NAMES) set.names.push_back(name_in(found->file, one.name));
  }
  return {};
}

template <class Key>
Status forget_set(int map, bool second) {
  std::vector<Key> keys;
  Key key{};
  for (const Key* last = nullptr; bpf_map_get_next_key(map, last, &key) == 0; last = &keys.back())
    keys.push_back(key);
  for (const Key& one : keys) {
    watch_marks marks{};
    if (bpf_map_lookup_elem(map, &one, &marks) != 0) continue;
    marks.sets[second ? 1 : 0] = 0;
    const int error = marks.sets[second ? 0 : 1] == 0
                          ? bpf_map_delete_elem(map, &one)
                          : bpf_map_update_elem(map, &one, &marks, BPF_EXIST);
    if (error != 0) return fail_libbpf("cannot forget a watched file", error);
  }
  return {};
}

template <class Key>
Status mark(int map, const Key& key, std::uint32_t added, bool second) {
  watch_marks marks{};
  (void)bpf_map_lookup_elem(map, &key, &marks);  // not there: none
  marks.sets[second ? 1 : 0] |= added;
  const int error = bpf_map_update_elem(map, &key, &marks, BPF_ANY);
  if (error != 0) return fail_libbpf("cannot tell the kernel of a watched file", error);
  return {};
}

}  // namespace

Result<WatchSet> find_watched_files(std::span<const std::string> paths,
                                    const DescribeDescriptors& describe) {
  WatchSet set;
  while (!paths.empty()) {
    const auto some = paths.first(std::min(paths.size(), k_paths_at_once));
    paths = paths.subspan(some.size());
    std::vector<Held> held;
    for (const std::string& path : some) {
      std::vector<Held> of_path = TRY(hold_path(path));
      std::ranges::move(of_path, std::back_inserter(held));
    }
    const std::vector<descriptor_file> described = TRY(describe());
    TRY(add(set, held, described));
  }
  return set;
}

Status check_watched_files(std::span<const std::string> paths) {
  for (const std::string& path : paths) TRY(hold_path(path));
  return {};
}

Status write_watch_set(int files_map, int names_map, const WatchSet& set, bool second) {
  TRY(forget_set<watched_file>(files_map, second));
  TRY(forget_set<watched_name>(names_map, second));
  for (const watched_name& name : set.names) TRY(mark(names_map, name, WATCH_SELF, second));
  for (const WatchSet::File& file : set.files) TRY(mark(files_map, file.file, file.marks, second));
  return {};
}

}  // namespace gancho
