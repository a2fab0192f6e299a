// SPDX-License-Identifier: Apache-2.0
#include "support/files_case.h"

#include <grp.h>
#include <pwd.h>
#include <sys/mount.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <stdexcept>
#include <string_view>

#include "base/fd.h"

namespace gancho::test {
namespace {

const std::string k_place = "/tmp/files";

}  // namespace

std::string fresh() {
  // The machine's root is an overlay itself.
  static const bool mounted = [] {
    directory(k_place);
    return ::mount("none", k_place.c_str(), "tmpfs", 0, nullptr) == 0;
  }();
  if (!mounted) throw std::runtime_error("cannot mount " + k_place);
  static int number = 0;
  return make_directory(k_place + "/" + std::to_string(++number), 0777);
}

std::string make_file(const std::string& path, mode_t mode) {
  write_file(path, "x", mode);
  return path;
}

std::string make_directory(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), 0700) != 0 || ::chmod(path.c_str(), mode) != 0)
    throw std::runtime_error("cannot make " + path);
  return path;
}

struct stat look(const std::string& path) {
  struct stat file{};
  if (::lstat(path.c_str(), &file) != 0) throw std::runtime_error("cannot look at " + path);
  return file;
}

std::string type_text(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return "regular";
    case S_IFDIR:
      return "directory";
    case S_IFCHR:
      return "character";
    case S_IFBLK:
      return "block";
    case S_IFIFO:
      return "fifo";
    case S_IFSOCK:
      return "socket";
    case S_IFLNK:
      return "symlink";
    default:
      return "00";
  }
}

void add_object(Event& fields, const struct stat& file) {
  fields["fd.ino"] = file.st_ino;
  fields["fd.dev"] = device_text(file.st_dev);
  fields["fd.mode"] = octal(file.st_mode);
  fields["fd.type"] = type_text(file.st_mode);
}

void add_owned_object(Event& fields, const struct stat& file) {
  add_object(fields, file);
  fields["fd.uid"] = file.st_uid;
  fields["fd.gid"] = file.st_gid;
  if (const passwd* user = ::getpwuid(file.st_uid)) fields["fd.user"] = user->pw_name;
  if (const group* group = ::getgrgid(file.st_gid)) fields["fd.group"] = group->gr_name;
}

std::function<void()> in(const std::string& place) {
  return [=] { must(::chdir(place.c_str()) == 0, "chdir"); };
}

bool newer_kernel() {
  utsname name{};
  must(::uname(&name) == 0, "uname");
  return !std::string_view(name.release).starts_with("6.1.");
}

void become(uid_t id) {
  must(::setgroups(0, nullptr) == 0 && ::setresgid(id, id, id) == 0 && ::setresuid(id, id, id) == 0,
       "setresuid");
}

}  // namespace gancho::test
