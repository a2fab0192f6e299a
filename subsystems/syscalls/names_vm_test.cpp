// SPDX-License-Identifier: Apache-2.0
//
// Operations that change names: unlink, rmdir, rename, link, symlink, mkdir, mknod, by every entry.
#include <linux/fs.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <optional>

#include "support/files_case.h"

namespace gancho::test {
namespace {

// What is asked for, whatever the operation. Names that are not given lead nowhere.
struct Asked {
  int at = AT_FDCWD;
  std::optional<std::string> name = {};  // the only one, or the old one
  int to_at = AT_FDCWD;
  std::optional<std::string> to_name = {};
  unsigned flags = 0;
  unsigned mode = 0;
  unsigned device = 0;
};

// The same in the form that system calls take.
struct Words {
  Word at, name, to_at, to_name, flags, mode, device;
};

Words words_of(const Asked& asked) {
  const auto text = [](const std::optional<std::string>& name) {
    return name ? word(low(*name)) : word(k_nowhere);
  };
  const auto at = [](int fd) { return static_cast<Word>(static_cast<std::int64_t>(fd)); };
  return {.at = at(asked.at),
          .name = text(asked.name),
          .to_at = at(asked.to_at),
          .to_name = text(asked.to_name),
          .flags = asked.flags,
          .mode = asked.mode,
          .device = asked.device};
}

struct Way {
  std::string name;
  Entry entry;
  std::function<long(const Words&)> call;
  bool has_at = false;     // takes directories' descriptors
  bool has_flags = false;  // the caller may give some
};

using Ways = std::vector<Way>;
using Arguments = std::function<std::vector<Word>(const Words&)>;

Way by64(const std::string& name, long number, const Arguments& arguments, bool has_at = false,
         bool has_flags = false) {
  return {name,
          {.number = number},
          [=](const Words& words) { return call64(number, arguments(words)); },
          has_at,
          has_flags};
}

Way by32(const std::string& name, long number, const Arguments& arguments, bool has_at = false,
         bool has_flags = false) {
  return {name + ", 32 bits",
          {.number = number, .compat = true},
          [=](const Words& words) { return call32(number, arguments(words)); },
          has_at,
          has_flags};
}

// Operations on names are always left to a worker.
Way by_ring(__u8 opcode, const std::function<void(io_uring_sqe&, const Words&)>& fill) {
  return {"io_uring",
          {.ring = true, .worker = true},
          [=](const Words& words) {
            io_uring_sqe entry{};
            entry.opcode = opcode;
            entry.fd = static_cast<__s32>(words.at);
            entry.addr = words.name;
            fill(entry, words);
            return call_ring(entry);
          },
          true,
          true};
}

std::vector<Word> one(const Words& words) {
  return {words.name};
}
std::vector<Word> two(const Words& words) {
  return {words.name, words.to_name};
}
std::vector<Word> two_at(const Words& words) {
  return {words.at, words.name, words.to_at, words.to_name, words.flags};
}
void fill_two(io_uring_sqe& entry, const Words& words) {
  entry.len = static_cast<__u32>(words.to_at);
  entry.off = words.to_name;
  entry.rename_flags = static_cast<__u32>(words.flags);  // where linkat has its flags too
}

Ways removing(long number64, long number32, Word flag) {
  const auto at = [=](const Words& words) { return std::vector{words.at, words.name, flag}; };
  return {by64("plain", number64, one), by32("plain", number32, one),
          by64("unlinkat", SYS_unlinkat, at, true), by32("unlinkat", 301, at, true),
          by_ring(IORING_OP_UNLINKAT, [=](io_uring_sqe& entry, const Words&) {
            entry.unlink_flags = static_cast<__u32>(flag);
          })};
}

const Ways k_unlink = removing(SYS_unlink, 10, 0);
const Ways k_rmdir = removing(SYS_rmdir, 40, AT_REMOVEDIR);
const Ways k_rename = {by64("rename", SYS_rename, two),
                       by32("rename", 38, two),
                       by64("renameat", SYS_renameat, two_at, true),
                       by32("renameat", 302, two_at, true),
                       by64("renameat2", SYS_renameat2, two_at, true, true),
                       by32("renameat2", 353, two_at, true, true),
                       by_ring(IORING_OP_RENAMEAT, fill_two)};
const Ways k_link = {by64("link", SYS_link, two), by32("link", 9, two),
                     by64("linkat", SYS_linkat, two_at, true, true),
                     by32("linkat", 303, two_at, true, true), by_ring(IORING_OP_LINKAT, fill_two)};

std::vector<Word> symlink_at(const Words& words) {
  return {words.name, words.to_at, words.to_name};
}
const Ways k_symlink = {by64("symlink", SYS_symlink, two), by32("symlink", 83, two),
                        by64("symlinkat", SYS_symlinkat, symlink_at, true),
                        by32("symlinkat", 304, symlink_at, true),
                        by_ring(IORING_OP_SYMLINKAT, [](io_uring_sqe& entry, const Words& words) {
                          entry.fd = static_cast<__s32>(words.to_at);
                          entry.addr2 = words.to_name;
                        })};

std::vector<Word> mode(const Words& words) {
  return {words.name, words.mode};
}
std::vector<Word> mode_at(const Words& words) {
  return {words.at, words.name, words.mode};
}
const Ways k_mkdir = {by64("mkdir", SYS_mkdir, mode), by32("mkdir", 39, mode),
                      by64("mkdirat", SYS_mkdirat, mode_at, true),
                      by32("mkdirat", 296, mode_at, true),
                      by_ring(IORING_OP_MKDIRAT, [](io_uring_sqe& entry, const Words& words) {
                        entry.len = static_cast<__u32>(words.mode);
                      })};

std::vector<Word> node(const Words& words) {
  return {words.name, words.mode, words.device};
}
std::vector<Word> node_at(const Words& words) {
  return {words.at, words.name, words.mode, words.device};
}
const Ways k_mknod = {by64("mknod", SYS_mknod, node), by32("mknod", 14, node),
                      by64("mknodat", SYS_mknodat, node_at, true),
                      by32("mknodat", 297, node_at, true)};

// What the kernel found.
struct Found {
  std::optional<std::string> path = {};  // unset: it failed before
  std::optional<std::string> to_path = {};
  std::optional<struct stat> file = {};  // that was there before
  std::string flags = "0";
  std::string hostpath = {};  // empty: as path
};

enum class Form { one, two, link, symlink, mkdir, mknod };

Form form_of(const std::string& type) {
  if (type == "rename") return Form::two;
  if (type == "link") return Form::link;
  if (type == "symlink") return Form::symlink;
  if (type == "mkdir") return Form::mkdir;
  if (type == "mknod") return Form::mknod;
  return Form::one;
}

Event fields_of(const std::string& type, const Done& done, const Entry& entry, const Asked& asked,
                const Found& found) {
  Event fields = expected(done, type, entry);
  const auto put = [&](const char* field, const std::optional<std::string>& value) {
    if (value) fields[field] = *value;
  };
  const Form form = form_of(type);
  const bool pair = form == Form::two || form == Form::link;
  if (form == Form::symlink) {
    put("fs.path.source", asked.name);
    put("fs.path.targetraw", asked.to_name);
    put("fs.path.target", found.to_path);
    return fields;
  }
  if (pair) {
    put("fs.path.sourceraw", asked.name);
    put("fs.path.source", found.path);
    put("fs.path.targetraw", asked.to_name);
    put("fs.path.target", found.to_path);
    fields["evt.arg.flags"] = found.flags;
  } else {
    put("fs.path.nameraw", asked.name);
    put("fs.path.name", found.path);
    put("fs.path.hostpath", found.hostpath.empty() ? found.path : found.hostpath);
  }
  if (form == Form::mkdir || form == Form::mknod) fields["evt.arg.mode"] = octal(asked.mode);
  if (form == Form::mknod) {
    fields["evt.arg.type"] = type_text(asked.mode);
    fields["evt.arg.dev"] = device_text(asked.device);
  }
  if (found.file) add_object(fields, *found.file);
  return fields;
}

void check(
    const std::string& type, const std::string& name, const Way& way, const Asked& asked,
    const Found& found, int error = 0, const std::function<void()>& stage = [] {}) {
  const std::string full = type + ": " + name + ", by " + way.name;
  const Done done =
      perform(full, {.stage = stage, .call = [&] { return way.call(words_of(asked)); }});
  EXPECT_EQ(done.result < 0 ? -done.result : 0, error) << full;
  check_records(full, done, {fields_of(type, done, way.entry, asked, found)});
}

const Way& named(const Ways& ways, const std::string& name) {
  for (const Way& way : ways)
    if (way.name == name) return way;
  throw std::runtime_error("no way " + name);
}

// A name in a place that is asked for in each manner that the way allows: absolute, relative to the
// working directory, relative to a descriptor.
struct Manner {
  std::string name;
  int at;
  std::string prefix;
};

std::vector<Manner> manners(const Way& way, const std::string& place, int fd) {
  std::vector<Manner> found{{"absolute", AT_FDCWD, place + "/"}, {"relative", AT_FDCWD, "./"}};
  if (way.has_at) found.push_back({"at", fd, ""});
  return found;
}

class Place {
 public:
  Place() : fd_(::open(path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {}
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() { ::close(fd_); }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  std::string path_ = fresh();
  int fd_;
};

void remove(const std::string& type, const Ways& ways,
            const std::function<void(const std::string&)>& make) {
  for (const Way& way : ways) {
    const Place place;
    for (const Manner& manner : manners(way, place.path(), place.fd())) {
      make(place / "x");
      const struct stat before = look(place / "x");
      check(type, manner.name, way, {.at = manner.at, .name = manner.prefix + "x"},
            {.path = place / "x", .file = before}, 0, in(place.path()));
      check(type, manner.name + ", nothing there", way,
            {.at = manner.at, .name = manner.prefix + "x"}, {}, ENOENT, in(place.path()));
    }
    if (!way.entry.ring) check(type, "EFAULT", way, {}, {}, EFAULT);
  }
}

TEST(Unlink, ByEveryEntry) {
  remove("unlink", k_unlink, [](const std::string& path) { make_file(path); });
}

TEST(Rmdir, ByEveryEntry) {
  remove("rmdir", k_rmdir, [](const std::string& path) { make_directory(path); });
}

// The two names, in each manner; `keep`: the first one stays.
void move(const std::string& type, const Ways& ways) {
  for (const Way& way : ways) {
    const Place place;
    for (const Manner& manner : manners(way, place.path(), place.fd())) {
      const std::string from = make_file(place / ("from " + manner.name));
      const Asked asked{.at = manner.at,
                        .name = manner.prefix + "from " + manner.name,
                        .to_at = manner.at,
                        .to_name = manner.prefix + "to " + manner.name};
      const Found found{.path = from, .to_path = place / ("to " + manner.name), .file = look(from)};
      check(type, manner.name, way, asked, found, 0, in(place.path()));
      Asked nothing = asked;
      nothing.name = manner.prefix + "nothing";
      check(type, manner.name + ", nothing there", way, nothing, {}, ENOENT, in(place.path()));
    }
    if (way.entry.ring) continue;
    check(type, "first name EFAULT", way, {.to_name = place / "x"}, {}, EFAULT);
    check(type, "second name EFAULT", way, {.name = make_file(place / "y")}, {}, EFAULT);
  }
}

TEST(Rename, ByEveryEntry) {
  move("rename", k_rename);
}

TEST(Link, ByEveryEntry) {
  move("link", k_link);
}

TEST(Symlink, ByEveryEntry) {
  for (const Way& way : k_symlink) {
    const Place place;
    for (const Manner& manner : manners(way, place.path(), place.fd())) {
      const Asked asked{
          .name = "anything at all", .to_at = manner.at, .to_name = manner.prefix + manner.name};
      check("symlink", manner.name, way, asked, {.to_path = place / manner.name}, 0,
            in(place.path()));
      check("symlink", manner.name + ", there already", way, asked, {}, EEXIST, in(place.path()));
    }
    if (way.entry.ring) continue;
    check("symlink", "first name EFAULT", way, {.to_name = place / "x"}, {}, EFAULT);
    check("symlink", "second name EFAULT", way, {.name = "x"}, {}, EFAULT);
  }
}

void make(const std::string& type, const Ways& ways, unsigned mode, unsigned device) {
  for (const Way& way : ways) {
    const Place place;
    for (const Manner& manner : manners(way, place.path(), place.fd())) {
      const Asked asked{
          .at = manner.at, .name = manner.prefix + manner.name, .mode = mode, .device = device};
      check(type, manner.name, way, asked, {.path = place / manner.name}, 0, in(place.path()));
      check(type, manner.name + ", there already", way, asked, {}, EEXIST, in(place.path()));
    }
    check(type, "nowhere", way, {.name = place / "no/x", .mode = mode, .device = device}, {},
          ENOENT);
    if (!way.entry.ring) check(type, "EFAULT", way, {.mode = mode, .device = device}, {}, EFAULT);
  }
}

TEST(Mkdir, ByEveryEntry) {
  make("mkdir", k_mkdir, 01751, 0);
}

TEST(Mknod, ByEveryEntry) {
  make("mknod", k_mknod, S_IFCHR | 0640, static_cast<unsigned>(makedev(1, 0x12345)));
}

TEST(Mknod, EachType) {
  const Place place;
  const Way& way = k_mknod.front();
  for (const unsigned type : {S_IFREG, S_IFIFO, S_IFSOCK, S_IFBLK}) {
    const std::string name = place / type_text(type);
    check("mknod", type_text(type), way, {.name = name, .mode = type | 0600}, {.path = name});
  }
  check("mknod", "directory", way, {.name = place / "d", .mode = S_IFDIR}, {}, EPERM);
  check("mknod", "not allowed", way,
        {.name = place / "dev", .mode = S_IFCHR, .device = static_cast<unsigned>(makedev(1, 3))},
        {.path = place / "dev"}, EPERM, [] { become(1000); });
}

TEST(Rename, WithFlags) {
  const Place place;
  for (const char* by : {"renameat2", "renameat2, 32 bits", "io_uring"}) {
    const Way& way = named(k_rename, by);
    const std::string a = make_file(place / "a"), b = make_file(place / "b");
    Asked asked{.name = a, .to_name = b, .flags = RENAME_EXCHANGE};
    Found found{.path = a, .to_path = b, .file = look(a), .flags = "RENAME_EXCHANGE"};
    check("rename", "exchange", way, asked, found);
    asked.flags = RENAME_NOREPLACE;
    found = {.flags = "RENAME_NOREPLACE"};
    check("rename", "no replace", way, asked, found, EEXIST);
    asked.flags = RENAME_NOREPLACE | RENAME_EXCHANGE;
    found = {.flags = "RENAME_NOREPLACE|RENAME_EXCHANGE"};
    check("rename", "both", way, asked, found, EINVAL);
    asked.flags = 0x80;
    check("rename", "unknown", way, asked, {.flags = "0x00000080"}, EINVAL);
    asked.flags = RENAME_WHITEOUT;
    found = {.path = a, .to_path = b, .file = look(a), .flags = "RENAME_WHITEOUT"};
    check("rename", "whiteout", way, asked, found);
    ::unlink(a.c_str());
  }
}

TEST(Link, WithFlags) {
  const Place place;
  const std::string file = make_file(place / "f");
  must(::symlink("f", (place / "link").c_str()) == 0, "symlink");
  const int fd = ::open(file.c_str(), O_PATH);
  for (const char* by : {"linkat", "linkat, 32 bits", "io_uring"}) {
    const Way& way = named(k_link, by);
    check("link", "follow", way,
          {.name = place / "link", .to_name = place / "followed", .flags = AT_SYMLINK_FOLLOW},
          {.path = file,
           .to_path = place / "followed",
           .file = look(file),
           .flags = "AT_SYMLINK_FOLLOW"});
    check("link", "do not follow", way, {.name = place / "link", .to_name = place / "same"},
          {.path = place / "link", .to_path = place / "same", .file = look(place / "link")});
    check("link", "descriptor", way,
          {.at = fd, .name = "", .to_name = place / "more", .flags = AT_EMPTY_PATH},
          {.path = file, .to_path = place / "more", .file = look(file), .flags = "AT_EMPTY_PATH"});
    check("link", "unknown", way, {.name = file, .to_name = place / "x", .flags = 0x80},
          {.flags = "0x00000080"}, EINVAL);
    for (const char* name : {"followed", "same", "more"}) ::unlink((place / name).c_str());
  }
  ::close(fd);
}

// A name that every operation takes alike.
TEST(Names, TooLong) {
  const Place place;
  for (const auto& [type, ways] : std::vector<std::pair<std::string, Ways>>{
           {"unlink", k_unlink}, {"rmdir", k_rmdir}, {"mkdir", k_mkdir}, {"mknod", k_mknod}})
    for (const char* by : {"plain", "mkdir", "mknod", "io_uring"})
      for (const Way& way : ways) {
        if (way.name != by) continue;
        const unsigned mode = type == "mknod" ? S_IFREG : 0;
        check(type, "name too long", way, {.name = place.path() + k_too_long, .mode = mode}, {},
              ENAMETOOLONG);
        check(type, "ENOTDIR", way, {.name = make_file(place / "f") + "/x", .mode = mode}, {},
              ENOTDIR);
        if (way.entry.ring) continue;
        Event fields;
        const std::string name = type + ", path too long";
        const Asked asked{.name = k_far_too_long, .mode = mode};
        const Done done = perform(name, {.call = [&] { return way.call(words_of(asked)); }});
        EXPECT_EQ(done.result, -ENAMETOOLONG);
        Asked nothing = asked;  // the kernel did not take it
        nothing.name.reset();
        check_records(name, done, {fields_of(type, done, way.entry, nothing, {})});
      }
}

TEST(Names, NotAllowed) {
  const Place place;
  const std::string held = make_directory(place / "held", 0755);
  const std::string file = make_file(held + "/f"), dir = make_directory(held + "/d");
  const auto nobody = [] { become(1000); };
  check("unlink", "EACCES", k_unlink[0], {.name = file}, {.path = file, .file = look(file)}, EACCES,
        nobody);
  check("rmdir", "EACCES", k_rmdir[0], {.name = dir}, {.path = dir, .file = look(dir)}, EACCES,
        nobody);
  check("rename", "EACCES", k_rename[0], {.name = file, .to_name = held + "/g"},
        {.path = file, .to_path = held + "/g", .file = look(file)}, EACCES, nobody);
  check("symlink", "EACCES", k_symlink[0], {.name = "x", .to_name = held + "/l"},
        {.to_path = held + "/l"}, EACCES, nobody);
  check("mkdir", "EACCES", k_mkdir[0], {.name = held + "/m", .mode = 0700}, {.path = held + "/m"},
        EACCES, nobody);
  check("unlink", "EACCES by a worker", k_unlink.back(), {.name = file},
        {.path = file, .file = look(file)}, EACCES, nobody);

  const std::string sticky = make_directory(place / "sticky", 01777);
  const std::string other = make_file(sticky + "/f");
  check("unlink", "EPERM", k_unlink[0], {.name = other}, {.path = other, .file = look(other)},
        EPERM, nobody);
}

TEST(Names, Refused) {
  const Place place;
  const std::string dir = make_directory(place / "d"), file = make_file(place / "f");
  make_file(dir + "/x");
  const Found at_dir{.path = dir, .file = look(dir)};
  check("unlink", "EISDIR", k_unlink[0], {.name = dir}, at_dir, EISDIR);
  check("rmdir", "ENOTEMPTY", k_rmdir[0], {.name = dir}, at_dir, ENOTEMPTY);
  check("rmdir", "ENOTDIR", k_rmdir[0], {.name = file}, {.path = file, .file = look(file)},
        ENOTDIR);
  check("rmdir", "EINVAL", k_rmdir[0], {.name = dir + "/."}, {}, EINVAL);
  check("unlink", "EBADF", k_unlink[2], {.at = 99, .name = "x"}, {}, EBADF);
  check("rename", "onto a directory", k_rename[0], {.name = file, .to_name = dir},
        {.path = file, .to_path = dir, .file = look(file)}, EISDIR);
  check("rename", "into itself", k_rename[0], {.name = dir, .to_name = dir + "/e"}, {}, EINVAL);
  check("link", "EEXIST", k_link[0], {.name = file, .to_name = dir}, {}, EEXIST);
  check("link", "directory", k_link[0], {.name = dir, .to_name = place / "l"},
        {.path = dir, .to_path = place / "l", .file = look(dir)}, EPERM);

  const std::string other = make_directory(place / "other");
  const struct stat below = look(other);
  must(::mount("none", other.c_str(), "tmpfs", 0, nullptr) == 0, "mount");
  check("rename", "EXDEV", k_rename[0], {.name = file, .to_name = other + "/f"}, {}, EXDEV);
  check("link", "EXDEV", k_link[0], {.name = file, .to_name = other + "/f"}, {}, EXDEV);
  check("rmdir", "mount point", k_rmdir[0], {.name = other}, {.path = other, .file = below}, EBUSY);
  const std::string inside = make_file(other + "/f");
  must(::mount("none", other.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0, "remount");
  check("unlink", "EROFS", k_unlink[0], {.name = inside}, {}, EROFS);
  check("mkdir", "EROFS", k_mkdir[0], {.name = other + "/d", .mode = 0700}, {}, EROFS);
}

TEST(Names, FromAChroot) {
  const Place place;
  make_directory(place / "d");
  const auto stage = [&] {
    must(::chroot(place.path().c_str()) == 0 && ::chdir("/d") == 0, "chroot");
  };
  const Way* ways[] = {&k_unlink[0], &k_unlink.back()};
  for (const Way* way : ways) {
    const std::string file = make_file(place / "d/f");
    check("unlink", "chroot", *way, {.name = "f"},
          {.path = "/d/f", .file = look(file), .hostpath = file}, 0, stage);
  }
  check("mkdir", "chroot", k_mkdir[0], {.name = "../m", .mode = 0700},
        {.path = "/m", .hostpath = place / "m"}, 0, stage);
}

TEST(Names, ThroughLinksAndMounts) {
  const Place place;
  const std::string real = make_directory(place / "real"), bound = make_directory(place / "bound");
  must(::symlink("real", (place / "link").c_str()) == 0, "symlink");
  must(::mount(real.c_str(), bound.c_str(), nullptr, MS_BIND, nullptr) == 0, "bind");
  std::string file = make_file(real + "/f");
  check("unlink", "link on the way", k_unlink[0], {.name = place / "link/f"},
        {.path = file, .file = look(file)});
  file = make_file(real + "/f");
  check("unlink", "bind mount", k_unlink[0], {.name = bound + "/f"},
        {.path = bound + "/f", .file = look(file)});
  check("unlink", "the link itself", k_unlink[0], {.name = place / "link"},
        {.path = place / "link", .file = look(place / "link")});
}

TEST(Names, OnAnOverlay) {
  const Place place;
  for (const char* layer : {"lower", "upper", "work", "merged"}) make_directory(place / layer);
  for (const char* name : {"a", "b", "c"}) make_file(place / "lower" + "/" + name);
  make_directory(place / "lower/d");
  const std::string options = "lowerdir=" + (place / "lower") + ",upperdir=" + (place / "upper") +
                              ",workdir=" + (place / "work");
  must(::mount("overlay", (place / "merged").c_str(), "overlay", 0, options.c_str()) == 0,
       "overlay");
  const auto at = [&](const std::string& name) { return place / ("merged/" + name); };
  check("unlink", "lower layer", k_unlink[0], {.name = at("a")},
        {.path = at("a"), .file = look(at("a"))});
  check("rename", "lower layer", k_rename[0], {.name = at("b"), .to_name = at("x")},
        {.path = at("b"), .to_path = at("x"), .file = look(at("b"))});
  check("rename", "lower layer by a worker", k_rename.back(), {.name = at("c"), .to_name = at("y")},
        {.path = at("c"), .to_path = at("y"), .file = look(at("c"))});
  check("link", "upper layer", k_link[0], {.name = at("x"), .to_name = at("l")},
        {.path = at("x"), .to_path = at("l"), .file = look(at("x"))});
  check("rmdir", "lower layer", k_rmdir[0], {.name = at("d")},
        {.path = at("d"), .file = look(at("d"))});
  check("mkdir", "new", k_mkdir[0], {.name = at("m"), .mode = 0700}, {.path = at("m")});
  check("symlink", "new", k_symlink[0], {.name = "x", .to_name = at("s")}, {.to_path = at("s")});
  check("mknod", "new", k_mknod[0], {.name = at("p"), .mode = S_IFIFO | 0600}, {.path = at("p")});
}

}  // namespace
}  // namespace gancho::test
