// SPDX-License-Identifier: Apache-2.0
//
// Operations that change what a file is: chmod, chown, truncate, setxattr, removexattr.
#include <linux/xattr.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <optional>

#include "support/files_case.h"

namespace gancho::test {
namespace {

// A file by its name or by a descriptor; a name that is not given leads nowhere.
struct Asked {
  std::optional<std::string> name = {};
  int fd = -1;
};

struct Way {
  std::string name;
  Entry entry;
  bool by_name;
  std::function<long(Word)> call;  // given the name's address, or the descriptor
};
using Ways = std::vector<Way>;

Way by64(const std::string& name, long number, bool by_name,
         const std::function<std::vector<Word>(Word)>& arguments) {
  return {name, {.number = number}, by_name, [=](Word file) {
            return call64(number, arguments(file));
          }};
}

Way by32(const std::string& name, long number, bool by_name,
         const std::function<std::vector<Word>(Word)>& arguments) {
  return {name + ", 32 bits", {.number = number, .compat = true}, by_name, [=](Word file) {
            return call32(number, arguments(file));
          }};
}

// What the kernel found; unset: it failed before.
struct Found {
  std::optional<std::string> path = {};
  std::optional<struct stat> file = {};
};

// own: the fields that only this type has. The names of attributes have memory of their own.
Done check(
    const std::string& type, const std::string& name, const Way& way, const Asked& asked,
    const Found& found, const Event& own, int error = 0, const std::function<void()>& stage = [] {},
    bool user_memory = false) {
  const std::string full = type + ": " + name + ", by " + way.name;
  const Done done =
      perform(full, {.stage = stage, .call = [&] {
                       if (!way.by_name) return way.call(static_cast<Word>(asked.fd));
                       return way.call(asked.name ? word(low(*asked.name)) : word(k_nowhere));
                     }});
  EXPECT_EQ(done.result < 0 ? -done.result : 0, error) << full;
  Event fields = expected(done, type, way.entry);
  for (const auto& [key, value] : own) fields[key] = value;
  const bool named = way.by_name && asked.name;
  fields["evt.arg.user_memory"] = user_memory || (named && !way.entry.ring);
  if (named) fields["fs.path.nameraw"] = *asked.name;
  if (found.path) fields["fs.path.name"] = fields["fs.path.hostpath"] = *found.path;
  if (found.file) add_owned_object(fields, *found.file);
  check_records(full, done, {fields});
  return done;
}

class File {
 public:
  explicit File(int flags = O_RDWR) : fd_(::open(path_.c_str(), flags | O_CLOEXEC)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { ::close(fd_); }
  [[nodiscard]] Asked asked() const { return {.name = path_, .fd = fd_}; }
  [[nodiscard]] Found found() const { return {.path = path_, .file = look(path_)}; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  std::string path_ = make_file(fresh() + "/f");
  int fd_;
};

const auto k_nobody = [] { become(1000); };
constexpr Word k_here = static_cast<Word>(AT_FDCWD);
const Asked k_nothing{.name = "/nothing/there", .fd = 99};

int error_of_nothing(const Way& way) {
  return way.by_name ? ENOENT : EBADF;
}

std::string read_only_file() {
  const std::string place = fresh();
  must(::mount("none", place.c_str(), "tmpfs", 0, nullptr) == 0, "mount");
  make_file(place + "/f");
  must(::mount("none", place.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0, "remount");
  return place + "/f";
}

std::string overlay_file() {
  const std::string place = fresh();
  for (const char* layer : {"/lower", "/upper", "/work", "/merged"}) make_directory(place + layer);
  make_file(place + "/lower/f");
  const std::string options =
      "lowerdir=" + place + "/lower,upperdir=" + place + "/upper,workdir=" + place + "/work";
  must(::mount("overlay", (place + "/merged").c_str(), "overlay", 0, options.c_str()) == 0,
       "mount");
  return place + "/merged/f";
}

// ---- chmod ----

Ways chmod_ways(Word mode) {
  const auto plain = [=](Word file) { return std::vector{file, mode}; };
  const auto at = [=](Word file) { return std::vector{k_here, file, mode, Word{0}}; };
  Ways ways{by64("chmod", SYS_chmod, true, plain),    by64("fchmodat", SYS_fchmodat, true, at),
            by64("fchmod", SYS_fchmod, false, plain), by32("chmod", 15, true, plain),
            by32("fchmodat", 306, true, at),          by32("fchmod", 94, false, plain)};
  if (!newer_kernel()) return ways;
  ways.push_back(by64("fchmodat2", 452, true, at));
  ways.push_back(by32("fchmodat2", 452, true, at));
  return ways;
}

Event mode_fields(unsigned mode, const char* flags = "0") {
  return {{"evt.arg.mode", octal(mode)}, {"evt.arg.flags", flags}};
}

TEST(Chmod, ByEveryEntry) {
  for (const Way& way : chmod_ways(04751)) {
    const File file;
    check("chmod", "plain", way, file.asked(), file.found(), mode_fields(04751));
    EXPECT_EQ(look(file.path()).st_mode & 07777U, 04751U);
    check("chmod", "nothing there", way, k_nothing, {}, mode_fields(04751), error_of_nothing(way));
    check("chmod", "EPERM", way, file.asked(), file.found(), mode_fields(04751), EPERM, k_nobody);
    if (way.by_name) check("chmod", "EFAULT", way, {}, {}, mode_fields(04751), EFAULT);
  }
}

TEST(Chmod, OfParticularFiles) {
  const Way way = chmod_ways(0600).front();
  for (const std::string& path : {overlay_file()})
    check("chmod", "overlay", way, {.name = path}, {.path = path, .file = look(path)},
          mode_fields(0600));
  const std::string sealed = read_only_file();
  check("chmod", "EROFS", way, {.name = sealed}, {.path = sealed, .file = look(sealed)},
        mode_fields(0600), EROFS);
  const std::string place = fresh(), file = make_file(place + "/f");
  must(::symlink("f", (place + "/link").c_str()) == 0, "symlink");
  check("chmod", "through a link", way, {.name = "link"}, {.path = file, .file = look(file)},
        mode_fields(0600), 0, in(place));
  if (!newer_kernel()) return;
  const Way itself = by64("fchmodat2", 452, true, [](Word name) {
    return std::vector{k_here, name, Word{0600}, Word{AT_SYMLINK_NOFOLLOW}};
  });
  const std::string link = place + "/link";
  check("chmod", "the link itself", itself, {.name = link}, {.path = link, .file = look(link)},
        mode_fields(0600, "AT_SYMLINK_NOFOLLOW"), EOPNOTSUPP);
  const int fd = ::open(file.c_str(), O_PATH);
  const Way empty = by64("fchmodat2", 452, true, [=](Word name) {
    return std::vector{static_cast<Word>(fd), name, Word{0640}, Word{AT_EMPTY_PATH}};
  });
  check("chmod", "descriptor", empty, {.name = ""}, {.path = file, .file = look(file)},
        mode_fields(0640, "AT_EMPTY_PATH"));
  const Way unknown = by64("fchmodat2", 452, true, [](Word name) {
    return std::vector{k_here, name, Word{0600}, Word{0x80}};
  });
  check("chmod", "unknown flag", unknown, {.name = file}, {}, mode_fields(0600, "0x00000080"),
        EINVAL);
  ::close(fd);
}

// ---- chown ----

Ways chown_ways(Word user, Word group) {
  const auto plain = [=](Word file) { return std::vector{file, user, group}; };
  const auto at = [=](Word file) { return std::vector{k_here, file, user, group, Word{0}}; };
  return {by64("chown", SYS_chown, true, plain),
          by64("lchown", SYS_lchown, true, plain),
          by64("fchownat", SYS_fchownat, true, at),
          by64("fchown", SYS_fchown, false, plain),
          by32("chown of 16 bits", 182, true, plain),
          by32("lchown of 16 bits", 16, true, plain),
          by32("fchown of 16 bits", 95, false, plain),
          by32("chown", 212, true, plain),
          by32("lchown", 198, true, plain),
          by32("fchown", 207, false, plain),
          by32("fchownat", 298, true, at)};
}

Event owner_fields(std::int64_t user, std::int64_t group, const char* flags = "0") {
  return {{"evt.arg.uid", user}, {"evt.arg.gid", group}, {"evt.arg.flags", flags}};
}

TEST(Chown, ByEveryEntry) {
  for (const Way& way : chown_ways(1234, 4)) {
    const File file;
    check("chown", "plain", way, file.asked(), file.found(), owner_fields(1234, 4));
    EXPECT_EQ(look(file.path()).st_uid, 1234U);
    check("chown", "back", way, file.asked(), file.found(), owner_fields(1234, 4));
    check("chown", "nothing there", way, k_nothing, {}, owner_fields(1234, 4),
          error_of_nothing(way));
    if (way.by_name) check("chown", "EFAULT", way, {}, {}, owner_fields(1234, 4), EFAULT);
  }
  for (const Way& way : chown_ways(0xffffffff, 4)) {
    const File file;
    const bool narrow = way.name.contains("16");  // its words have 16 bits
    check("chown", "group only", way, file.asked(), file.found(), owner_fields(-1, 4));
    check("chown", "EPERM", way, file.asked(), file.found(), owner_fields(-1, 4), EPERM, k_nobody);
    if (narrow)
      check("chown", "nothing there", way, k_nothing, {}, owner_fields(-1, 4),
            error_of_nothing(way));
  }
}

TEST(Chown, OfParticularFiles) {
  const Ways ways = chown_ways(7, 8);
  const std::string path = overlay_file();
  check("chown", "overlay", ways[0], {.name = path}, {.path = path, .file = look(path)},
        owner_fields(7, 8));
  const std::string sealed = read_only_file();
  check("chown", "EROFS", ways[0], {.name = sealed}, {}, owner_fields(7, 8), EROFS);
  const std::string place = fresh(), file = make_file(place + "/f"), link = place + "/link";
  must(::symlink("f", link.c_str()) == 0, "symlink");
  check("chown", "through a link", ways[0], {.name = link}, {.path = file, .file = look(file)},
        owner_fields(7, 8));
  check("chown", "the link itself", ways[1], {.name = link}, {.path = link, .file = look(link)},
        owner_fields(7, 8));
  const Way itself = by64("fchownat", SYS_fchownat, true, [](Word name) {
    return std::vector{k_here, name, Word{9}, Word{9}, Word{AT_SYMLINK_NOFOLLOW}};
  });
  check("chown", "the link itself", itself, {.name = link}, {.path = link, .file = look(link)},
        owner_fields(9, 9, "AT_SYMLINK_NOFOLLOW"));
}

// ---- truncate ----

Ways truncate_ways(std::int64_t length) {
  const auto whole = static_cast<Word>(length);
  const auto plain = [=](Word file) { return std::vector{file, whole}; };
  const auto halves = [=](Word file) { return std::vector{file, whole & 0xffffffff, whole >> 32}; };
  Ways ways{by64("truncate", SYS_truncate, true, plain),
            by64("ftruncate", SYS_ftruncate, false, plain), by32("truncate64", 193, true, halves),
            by32("ftruncate64", 194, false, halves)};
  if (length != static_cast<std::int32_t>(length)) return ways;
  ways.push_back(by32("truncate", 92, true, plain));
  ways.push_back(by32("ftruncate", 93, false, plain));
  return ways;
}

Event length_fields(std::int64_t length) {
  return {{"evt.arg.length", length}};
}

TEST(Truncate, ByEveryEntry) {
  for (const std::int64_t length : {std::int64_t{3}, std::int64_t{0x180000000}})
    for (const Way& way : truncate_ways(length)) {
      const File file;
      check("truncate", "plain", way, file.asked(), file.found(), length_fields(length));
      EXPECT_EQ(look(file.path()).st_size, length);
      check("truncate", "nothing there", way, k_nothing, {}, length_fields(length),
            error_of_nothing(way));
    }
  for (const Way& way : truncate_ways(-1)) {
    const File file;
    check("truncate", "negative", way, file.asked(), {}, length_fields(-1), EINVAL);
    if (way.by_name) check("truncate", "negative, EFAULT", way, {}, {}, length_fields(-1), EINVAL);
  }
}

TEST(Truncate, OfParticularFiles) {
  const Ways ways = truncate_ways(3);
  const std::string place = fresh(), file = make_file(place + "/f");
  check("truncate", "EISDIR", ways[0], {.name = place}, {.path = place, .file = look(place)},
        length_fields(3), EISDIR);
  check("truncate", "EACCES", ways[0], {.name = file}, {.path = file, .file = look(file)},
        length_fields(3), EACCES, k_nobody);
  check("truncate", "EFAULT", ways[0], {}, {}, length_fields(3), EFAULT);
  const std::string path = overlay_file();
  check("truncate", "overlay", ways[0], {.name = path}, {.path = path, .file = look(path)},
        length_fields(3));
  const File read_only(O_RDONLY);
  check("truncate", "for reading only", ways[1], read_only.asked(),
        newer_kernel() ? read_only.found() : Found{}, length_fields(3), EINVAL);
}

TEST(Truncate, ByIoUring) {
  if (!newer_kernel()) return;
  const Way way{"io_uring", {.ring = true, .worker = true}, false, [](Word fd) {
                  io_uring_sqe entry{};
                  entry.opcode = 55;  // IORING_OP_FTRUNCATE
                  entry.fd = static_cast<__s32>(fd);
                  entry.off = 5;
                  return call_ring(entry);
                }};
  const File file;
  check("truncate", "plain", way, file.asked(), file.found(), length_fields(5));
  const File read_only(O_RDONLY);
  check("truncate", "for reading only", way, read_only.asked(), read_only.found(), length_fields(5),
        EINVAL);
}

// ---- extended attributes ----

const std::string k_attribute = "trusted.gancho";
const std::string k_value = "four";

Way by_ring(bool by_name, const std::string& attribute) {
  return {"io_uring", {.ring = true, .worker = true}, by_name, [=](Word file) {
            io_uring_sqe entry{};
            entry.opcode = by_name ? IORING_OP_SETXATTR : IORING_OP_FSETXATTR;
            entry.addr = word(attribute.c_str());
            entry.len = static_cast<__u32>(k_value.size());
            entry.addr2 = word(k_value.c_str());
            if (by_name)
              entry.addr3 = file;
            else
              entry.fd = static_cast<__s32>(file);
            return call_ring(entry);
          }};
}

Ways set_ways(const std::string& attribute, Word flags = 0) {
  const auto arguments = [=](Word file) {
    return std::vector{file, word(low(attribute)), word(low(k_value)), Word{k_value.size()}, flags};
  };
  return {by64("setxattr", SYS_setxattr, true, arguments),
          by64("lsetxattr", SYS_lsetxattr, true, arguments),
          by64("fsetxattr", SYS_fsetxattr, false, arguments),
          by32("setxattr", 226, true, arguments),
          by32("lsetxattr", 227, true, arguments),
          by32("fsetxattr", 228, false, arguments)};
}

Ways remove_ways(const std::string& attribute) {
  const auto arguments = [=](Word file) { return std::vector{file, word(low(attribute))}; };
  return {by64("removexattr", SYS_removexattr, true, arguments),
          by64("lremovexattr", SYS_lremovexattr, true, arguments),
          by64("fremovexattr", SYS_fremovexattr, false, arguments),
          by32("removexattr", 235, true, arguments),
          by32("lremovexattr", 236, true, arguments),
          by32("fremovexattr", 237, false, arguments)};
}

Event set_fields(const std::string& attribute, const char* flags = "0",
                 std::size_t size = k_value.size()) {
  return {{"evt.arg.name", attribute}, {"evt.arg.size", size}, {"evt.arg.flags", flags}};
}

TEST(Setxattr, ByEveryEntry) {
  Ways ways = set_ways(k_attribute);
  for (const bool by_name : {true, false}) ways.push_back(by_ring(by_name, k_attribute));
  for (const Way& way : ways) {
    const File file;
    check("setxattr", "plain", way, file.asked(), file.found(), set_fields(k_attribute));
    EXPECT_EQ(::getxattr(file.path().c_str(), k_attribute.c_str(), nullptr, 0), 4);
    check("setxattr", "EPERM", way, file.asked(), file.found(), set_fields(k_attribute), EPERM,
          k_nobody);
    if (way.entry.ring) continue;
    check(
        "setxattr", "nothing there", way, k_nothing, {}, set_fields(k_attribute),
        error_of_nothing(way), [] {}, true);
    if (way.by_name)
      check("setxattr", "EFAULT", way, {}, {}, set_fields(k_attribute), EFAULT, [] {}, true);
  }
}

TEST(Setxattr, OfParticularFiles) {
  const File file;
  const Found found = file.found();
  const auto flagged = [](Word flags) { return set_ways(k_attribute, flags)[0]; };
  check("setxattr", "replace nothing", flagged(XATTR_REPLACE), file.asked(), found,
        set_fields(k_attribute, "XATTR_REPLACE"), ENODATA);
  check("setxattr", "create", flagged(XATTR_CREATE), file.asked(), found,
        set_fields(k_attribute, "XATTR_CREATE"));
  check("setxattr", "create again", flagged(XATTR_CREATE), file.asked(), found,
        set_fields(k_attribute, "XATTR_CREATE"), EEXIST);
  check("setxattr", "unknown flag", flagged(0x80), file.asked(), {},
        set_fields(k_attribute, "0x80"), EINVAL);
  check("setxattr", "empty name", set_ways("")[0], file.asked(), {}, set_fields(""), ERANGE);
  check("setxattr", "no such kind", set_ways("none.x")[0], file.asked(), found,
        set_fields("none.x"), EOPNOTSUPP);
  const std::string path = overlay_file();
  check("setxattr", "overlay", set_ways(k_attribute)[0], {.name = path},
        {.path = path, .file = look(path)}, set_fields(k_attribute));
  check("setxattr", "overlay by a worker", by_ring(true, k_attribute), {.name = path},
        {.path = path, .file = look(path)}, set_fields(k_attribute));
  const std::string sealed = read_only_file();
  check("setxattr", "EROFS", set_ways(k_attribute)[0], {.name = sealed}, {},
        set_fields(k_attribute), EROFS);
}

TEST(Removexattr, ByEveryEntry) {
  const Event fields{{"evt.arg.name", k_attribute}};
  for (const Way& way : remove_ways(k_attribute)) {
    const File file;
    must(::setxattr(file.path().c_str(), k_attribute.c_str(), "x", 1, 0) == 0, "setxattr");
    check("removexattr", "plain", way, file.asked(), file.found(), fields);
    check("removexattr", "not there", way, file.asked(), file.found(), fields, ENODATA);
    check("removexattr", "no file", way, k_nothing, {}, fields, error_of_nothing(way), [] {}, true);
  }
  const std::string list = "system.posix_acl_access";  // has ways of its own in newer kernels
  for (const Way& way : remove_ways(list)) {
    const File file;
    check("removexattr", "access list", way, file.asked(), file.found(), {{"evt.arg.name", list}});
  }
  const std::string path = overlay_file();
  must(::setxattr(path.c_str(), k_attribute.c_str(), "x", 1, 0) == 0, "setxattr");
  check("removexattr", "overlay", remove_ways(k_attribute)[0], {.name = path},
        {.path = path, .file = look(path)}, fields);
}

}  // namespace
}  // namespace gancho::test
