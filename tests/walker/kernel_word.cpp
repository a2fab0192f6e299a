// SPDX-License-Identifier: Apache-2.0
#include "walker/kernel_word.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include "walker/sandbox.h"

namespace gancho::test {
namespace {

Full stripped(std::string path) {
  const bool deleted = strip_deleted(path);
  return {.path = std::move(path), .deleted = deleted};
}

}  // namespace

bool strip_deleted(std::string& path) {
  if (!path.ends_with(k_deleted)) return false;
  path.resize(path.size() - k_deleted.size());
  return true;
}

Proc::Proc() : directory_(open("/proc/self", O_PATH | O_DIRECTORY)) {
  check(directory_.valid(), "/proc/self");
}

std::optional<std::string> Proc::link(int fd) const {
  char buffer[4096];
  const ssize_t n =
      readlinkat(directory_.get(), fmt::format("fd/{}", fd).c_str(), buffer, sizeof(buffer));
  if (n < 0 && errno == ENAMETOOLONG) return std::nullopt;
  check(n >= 0, "readlink");
  return std::string(buffer, static_cast<std::size_t>(n));
}

std::set<int> Proc::mounts() const {
  std::set<int> ids;
  const std::string text = read("mountinfo");
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
    ids.insert(atoi(&text[at]));
  return ids;
}

int Proc::mount_of(int fd) const {
  const std::string text = read(fmt::format("fdinfo/{}", fd));
  return atoi(&text[text.find("mnt_id:") + 7]);
}

std::string Proc::read(const std::string& name) const {
  const Fd file(openat(directory_.get(), name.c_str(), O_RDONLY));
  check(file.valid(), name);
  std::string text;
  char buffer[8192];
  for (ssize_t n; (n = ::read(file.get(), buffer, sizeof(buffer))) > 0;)
    text.append(buffer, static_cast<std::size_t>(n));
  return text;
}

Full FullPaths::of(int index) const {
  const Node& node = dentries_.node(index);
  if (const auto whole = proc_.link(node.fd)) return stripped(*whole);
  if (node.directory) return above(node.fd, dup(node.fd));
  const Node& parent = dentries_.node(node.parent);
  if (node.mount || parent.in == node.in) return above(node.fd, dup(parent.fd));
  // It left its bind mount and came back by way of another mount: no ".." of its own is at hand.
  const std::string upper = of(node.in).path, top = dentries_.below_file_system(node.in);
  return {.path = upper + dentries_.below_file_system(index).substr(top.size()),
          .deleted = dentries_.removed(index)};
}

Full FullPaths::above(int fd, int start) const {
  // So many names fit always. A mount on an ancestor hides it: ".." leads onto the mount, which is
  // not above the descriptor, so the link stays too long; one more ".." is above it again.
  constexpr int k_climb = 15;
  Fd here(start), ancestor;
  std::optional<std::string> lower;
  for (int i = 0; i < k_climb; ++i) {
    here.reset(openat(here.get(), "..", O_PATH));
    check(here.valid(), "..");
    set_root(here.get());
    auto link = proc_.link(fd);
    set_root(home_);
    if (!link) continue;
    lower = std::move(link);
    ancestor.reset(dup(here.get()));
  }
  if (!lower) throw std::length_error("no ancestor to read a long path from");
  const auto whole = proc_.link(ancestor.get());
  const Full upper = whole ? stripped(*whole) : above(ancestor.get(), dup(ancestor.get()));
  Full result = stripped(*lower);
  result.path = upper.path + result.path;
  return result;
}

}  // namespace gancho::test
