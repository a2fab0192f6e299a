// SPDX-License-Identifier: Apache-2.0
//
// What the tracepoints of all system calls show of operations: every field, by every entry. In the
// virtual machine, and on the machine that builds: it watches its own processes only, and changes
// nothing but a directory of its own.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <optional>
#include <set>

#include "support/call_truth.h"
#include "support/load.h"
#include "support/ring.h"

namespace gancho::test {

const std::vector<std::string> k_watched = {
    "open",         "unlink",       "rmdir",   "rename",      "link",        "symlink",
    "mkdir",        "mknod",        "chmod",   "chown",       "truncate",    "setxattr",
    "removexattr",  "chdir",        "chroot",  "mount",       "umount",      "move_mount",
    "pivot_root",   "memfd_create", "add_key", "request_key", "module_load", "module_delete",
    "keyctl",       "network",      "kill",    "dup",         "clone",       "memory_exec",
    "syscall:uname"};

namespace {

const std::string k_long_name(300, 'n');                          // longer than any may be
const void* const k_nowhere = reinterpret_cast<const void*>(16);  // no memory is there

// A new directory; gone with the test program.
std::string fresh() {
  static const TemporaryDirectory all;
  static int number = 0;
  std::string path = all.path() + "/" + std::to_string(++number);
  must(::mkdir(path.c_str(), 0755) == 0, "mkdir");
  return path;
}

std::string make_file(const std::string& path) {
  write_file(path, "x", 0640);
  return path;
}

struct Way {
  std::string name;
  long number;
  bool compat = false;
  [[nodiscard]] long call(const std::vector<Word>& arguments) const {
    return compat ? call32(number, arguments) : call64(number, arguments);
  }
  [[nodiscard]] bool there() const { return !compat || has_table_32(); }
  [[nodiscard]] std::string label() const { return name + (compat ? ", 32 bits" : ""); }
};

Event given(const Done& done, std::string_view type, const Way& way, bool user_memory = true) {
  Event fields = expected(done, type, {.number = way.number, .compat = way.compat});
  fields["evt.arg.user_memory"] = user_memory;
  return fields;
}

std::string type_text(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return "regular";
    case S_IFDIR:
      return "directory";
    case S_IFIFO:
      return "fifo";
    case S_IFCHR:
      return "character";
    default:
      return "00";
  }
}

// ---- open ----

struct Asked {
  std::optional<std::string> path = {};  // unset: a pointer to nowhere
  std::uint64_t flags = O_RDONLY;
  std::uint64_t mode = 0;
  std::uint64_t resolve = 0;
};

struct Found {
  std::string flags = "O_RDONLY";
  std::string resolve = "0";
  bool created = false;
  bool deleted = false;
};

long open_by(const Way& way, const Asked& asked) {
  const Word path = asked.path ? word(low(*asked.path)) : word(k_nowhere);
  const Word here = static_cast<Word>(static_cast<std::int64_t>(AT_FDCWD));
  if (way.name == "open") return way.call({path, asked.flags, asked.mode});
  if (way.name == "creat") return way.call({path, asked.mode});
  if (way.name == "openat") return way.call({here, path, asked.flags, asked.mode});
  auto* const how = static_cast<open_how*>(low_bytes(sizeof(open_how)));
  *how = {.flags = asked.flags, .mode = asked.mode, .resolve = asked.resolve};
  return way.call({here, path, word(how), sizeof(*how)});
}

Event check_open(
    const Way& way, const Asked& asked, const Found& found = {}, int error = 0,
    const std::function<void()>& stage = [] {}) {
  const Done done =
      perform(way.label(), {.stage = stage, .call = [&] { return open_by(way, asked); }});
  EXPECT_EQ(done.result < 0 ? -done.result : 0, error) << way.label();
  Event fields = given(done, "open", way, asked.path.has_value() || way.name == "openat2");
  fields["evt.arg.flags"] = found.flags;
  fields["evt.arg.mode"] = octal(static_cast<unsigned>(asked.mode));
  fields["evt.arg.resolve"] = found.resolve;
  fields["evt.is_created"] = found.created;
  if (asked.path) fields["fd.nameraw"] = *asked.path;
  if (done.result >= 0) {
    std::string path = done.path;
    if (found.deleted) path.resize(path.size() - std::string(" (deleted)").size());
    fields["fd.num"] = done.result;
    fields["fd.name"] = path;
    fields["fd.hostpath"] = path;
    fields["fd.is_deleted"] = found.deleted;
    fields["fd.is_unreachable"] = false;
    fields["fd.ino"] = done.file.st_ino;
    fields["fd.dev"] = device_text(done.file.st_dev);
    fields["fd.mode"] = octal(done.file.st_mode);
    fields["fd.type"] = type_text(done.file.st_mode);
  }
  return check_records(way.label(), done, {fields}).front();
}

const Way k_openat{"openat", SYS_openat};
const Way k_openat2{"openat2", SYS_openat2};
const std::array k_opens{
    Way{"open", SYS_open},    k_openat, k_openat2, Way{"open", 5, true}, Way{"openat", 295, true},
    Way{"openat2", 437, true}};

TEST(Bare, OpensByEveryEntry) {
  const std::string place = fresh();
  const std::string file = make_file(place + "/f");
  for (const Way& way : k_opens) {
    if (!way.there()) continue;
    check_open(way, {.path = file});
    check_open(way, {.path = file + "0"}, {}, ENOENT);
    check_open(way, {}, {}, EFAULT);
    const std::string made = place + "/" + way.label();
    const Asked asked{.path = made, .flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, .mode = 0604};
    Found found{.flags = "O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC", .created = true};
    check_open(way, asked, found);
    found.created = false;
    check_open(way, asked, found, EEXIST);
  }
  for (const Way& way : {Way{"creat", SYS_creat}, Way{"creat", 8, true}}) {
    if (!way.there()) continue;
    const Asked asked{.path = place + "/c" + way.label(), .mode = 0620};
    check_open(way, asked, {.flags = "O_WRONLY|O_CREAT|O_TRUNC", .created = true});
    check_open(way, asked, {.flags = "O_WRONLY|O_CREAT|O_TRUNC"});
  }
}

TEST(Bare, OpensEachKindOfFile) {
  const std::string place = fresh();
  const auto into = [&] { must(::chdir(place.c_str()) == 0, "chdir"); };
  make_file(place + "/f");
  check_open(k_openat, {.path = "./f"}, {}, 0, into);
  check_open(k_openat, {.path = place, .flags = O_DIRECTORY}, {.flags = "O_RDONLY|O_DIRECTORY"});
  check_open(k_openat, {.path = place, .flags = O_PATH | O_CLOEXEC},
             {.flags = "O_RDONLY|O_CLOEXEC|O_PATH"});
  check_open(k_openat, {.path = "/dev/null", .flags = O_WRONLY}, {.flags = "O_WRONLY"});
  check_open(k_openat, {.path = place, .flags = O_TMPFILE | O_RDWR, .mode = 0600},
             {.flags = "O_RDWR|O_TMPFILE", .created = true, .deleted = true});
  check_open(k_openat, {.path = ""}, {}, ENOENT);
  check_open(k_openat2, {.path = "f", .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS},
             {.resolve = "RESOLVE_NO_SYMLINKS|RESOLVE_BENEATH"}, 0, into);
  check_open(k_openat2, {.path = "/", .resolve = RESOLVE_BENEATH}, {.resolve = "RESOLVE_BENEATH"},
             EXDEV);
}

// Only with O_CREAT does anybody look at it.
TEST(Bare, AModeThatWasNotGivenIsNotShown) {
  const std::string file = make_file(fresh() + "/f");
  const Done done = perform(
      "no mode", {.call = [&] { return call64(SYS_open, {word(file.c_str()), O_PATH, 0777}); }});
  const std::vector<Event> events = check_records(
      "no mode", done, {[&] {
        Event fields = given(done, "open", {"open", SYS_open});
        for (const char* field : {"fd.num", "fd.nameraw", "fd.name", "fd.hostpath", "fd.is_deleted",
                                  "fd.is_unreachable", "fd.ino", "fd.dev", "fd.mode", "fd.type",
                                  "evt.arg.flags", "evt.arg.resolve", "evt.is_created"})
          fields[field] = nullptr;
        fields["evt.arg.mode"] = "0000";
        return fields;
      }()});
  EXPECT_EQ(events.size(), 1U);
}

// A page that no page table knows is not fetched for a program; the kernel fetches it for the call.
TEST(Bare, ANameWhosePageIsNotThereYet) {
  const std::string place = fresh();
  const std::string names = place + "/names";
  const std::string name = place + "/d";
  {
    std::string page(4096, '\0');
    name.copy(page.data(), name.size());
    write_file(names, page, 0600);
  }
  const Way way{"mkdir", SYS_mkdir};
  const Done done = perform("page", {.call = [&] {
                              const int fd = ::open(names.c_str(), O_RDONLY | O_CLOEXEC);
                              void* const page =
                                  ::mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
                              ::close(fd);
                              return call64(SYS_mkdir, {word(page), 0700});
                            }});
  EXPECT_EQ(done.result, 0);
  Event fields = given(done, "mkdir", way);
  fields["fs.path.nameraw"] = name;
  fields["evt.arg.mode"] = "0700";
  Event opened = given(done, "open", k_openat);
  for (const char* field :
       {"fd.num", "fd.nameraw", "fd.name", "fd.hostpath", "fd.is_deleted", "fd.is_unreachable",
        "fd.ino", "fd.dev", "fd.mode", "fd.type", "evt.arg.flags", "evt.arg.mode",
        "evt.arg.resolve", "evt.is_created", "evt.res"})
    opened[field] = nullptr;
  check_records("page", done, {opened, fields});
}

// ---- names ----

void check(const Way& way, std::string_view type, const std::vector<Word>& arguments, long result,
           const std::function<void(Event&)>& fill, bool user_memory = true) {
  if (!way.there()) return;
  const Done done = perform(way.label(), {.call = [&] { return way.call(arguments); }});
  EXPECT_EQ(done.result, result) << way.label();
  Event fields = given(done, type, way, user_memory);
  fill(fields);
  check_records(way.label(), done, {fields});
}

constexpr Word k_here = static_cast<Word>(static_cast<std::int64_t>(AT_FDCWD));

TEST(Bare, NamesThatComeAndGo) {
  const std::string place = fresh();
  const auto name = [](const std::string& path) { return word(low(path)); };
  const auto one = [](const std::string& path) {
    return [=](Event& fields) { fields["fs.path.nameraw"] = path; };
  };
  const auto made = [](const std::string& path, const char* mode) {
    return [=](Event& fields) {
      fields["fs.path.nameraw"] = path;
      fields["evt.arg.mode"] = mode;
    };
  };
  const std::string d = place + "/d";
  for (const auto& [mkdir, rmdir] : {std::pair{Way{"mkdir", SYS_mkdir}, Way{"rmdir", SYS_rmdir}},
                                     std::pair{Way{"mkdir", 39, true}, Way{"rmdir", 40, true}}}) {
    check(mkdir, "mkdir", {name(d), 01750}, 0, made(d, "1750"));
    check(mkdir, "mkdir", {name(d), 01750}, -EEXIST, made(d, "1750"));
    check(rmdir, "rmdir", {name(d)}, 0, one(d));
    check(rmdir, "rmdir", {name(d)}, -ENOENT, one(d));
    check(rmdir, "rmdir", {word(k_nowhere)}, -EFAULT, [](Event&) {}, false);
  }
  for (const auto& [mkdirat, unlinkat] :
       {std::pair{Way{"mkdirat", SYS_mkdirat}, Way{"unlinkat", SYS_unlinkat}},
        std::pair{Way{"mkdirat", 296, true}, Way{"unlinkat", 301, true}}}) {
    const std::string f = make_file(place + "/f");
    if (!mkdirat.there()) continue;
    check(mkdirat, "mkdir", {k_here, name(d), 0711}, 0, made(d, "0711"));
    check(unlinkat, "unlink", {k_here, name(d), 0}, -EISDIR, one(d));
    check(unlinkat, "rmdir", {k_here, name(d), AT_REMOVEDIR}, 0, one(d));
    check(unlinkat, "unlink", {k_here, name(f), 0}, 0, one(f));
  }
  for (const Way& way : {Way{"unlink", SYS_unlink}, Way{"unlink", 10, true}}) {
    const std::string f = make_file(place + "/f");
    check(way, "unlink", {name(f)}, 0, one(f));
    check(way, "unlink", {name(place)}, -EISDIR, one(place));
  }
}

TEST(Bare, NamesOfTwo) {
  const std::string place = fresh();
  const std::string a = make_file(place + "/a");
  const std::string b = place + "/b";
  const auto name = [](const std::string& path) { return word(low(path)); };
  const auto two = [](const std::string& from, const std::string& to, const char* flags) {
    return [=](Event& fields) {
      fields["fs.path.sourceraw"] = from;
      fields["fs.path.targetraw"] = to;
      fields["evt.arg.flags"] = flags;
    };
  };
  for (const bool compat : {false, true}) {
    const Way rename{"rename", compat ? 38 : SYS_rename, compat};
    if (!rename.there()) continue;
    const Way renameat{"renameat", compat ? 302 : SYS_renameat, compat};
    const Way renameat2{"renameat2", compat ? 353 : SYS_renameat2, compat};
    check(rename, "rename", {name(a), name(b)}, 0, two(a, b, "0"));
    check(rename, "rename", {name(a), name(b)}, -ENOENT, two(a, b, "0"));
    check(renameat, "rename", {k_here, name(b), k_here, name(a)}, 0, two(b, a, "0"));
    check(renameat2, "rename", {k_here, name(a), k_here, name(b), 1}, 0,
          two(a, b, "RENAME_NOREPLACE"));
    const Way link{"link", compat ? 9 : SYS_link, compat};
    const Way linkat{"linkat", compat ? 303 : SYS_linkat, compat};
    check(link, "link", {name(b), name(a)}, 0, two(b, a, "0"));
    check(linkat, "link", {k_here, name(b), k_here, name(a), AT_SYMLINK_FOLLOW}, -EEXIST,
          two(b, a, "AT_SYMLINK_FOLLOW"));
    must(::unlink(b.c_str()) == 0, "unlink");

    const auto says = [](const std::string& text, const std::string& at) {
      return [=](Event& fields) {
        fields["fs.path.source"] = text;
        fields["fs.path.targetraw"] = at;
      };
    };
    const std::string s = place + "/s";
    const Way symlink{"symlink", compat ? 83 : SYS_symlink, compat};
    const Way symlinkat{"symlinkat", compat ? 304 : SYS_symlinkat, compat};
    check(symlink, "symlink", {name("any \x01 thing"), name(s)}, 0, says("any \x01 thing", s));
    check(symlinkat, "symlink", {name("x"), k_here, name(s)}, -EEXIST, says("x", s));
    must(::unlink(s.c_str()) == 0, "unlink");

    const auto node = [](const std::string& at, const char* type, const char* device) {
      return [=](Event& fields) {
        fields["fs.path.nameraw"] = at;
        fields["evt.arg.mode"] = "0640";
        fields["evt.arg.type"] = type;
        fields["evt.arg.dev"] = device;
      };
    };
    const Way mknod{"mknod", compat ? 14 : SYS_mknod, compat};
    const Way mknodat{"mknodat", compat ? 297 : SYS_mknodat, compat};
    check(mknod, "mknod", {name(s), S_IFIFO | 0640, 0}, 0, node(s, "fifo", "0:0"));
    check(mknodat, "mknod", {k_here, name(s), S_IFCHR | 0640, makedev(4, 300)}, -EEXIST,
          node(s, "character", "4:300"));
    must(::unlink(s.c_str()) == 0, "unlink");
  }
}

// ---- what files are, and where ----

void nobody() {
  must(::setresgid(65534, 65534, 65534) == 0 && ::setresuid(65534, 65534, 65534) == 0, "setresuid");
}

void check_as_nobody(const Way& way, std::string_view type, const std::vector<Word>& arguments,
                     long result, const Event& fields, bool user_memory = true) {
  if (!way.there()) return;
  const Done done =
      perform(way.label(), {.stage = nobody, .call = [&] { return way.call(arguments); }});
  EXPECT_EQ(done.result, result) << way.label();
  Event all = given(done, type, way, user_memory);
  for (const auto& [name, value] : fields) all[name] = value;
  check_records(way.label(), done, {all});
}

// Of a file that a descriptor stands for, before the operation.
void add_file(Event& fields, const std::string& path, const struct stat& file) {
  fields["fs.path.name"] = path;
  fields["fs.path.hostpath"] = path;
  fields["fd.ino"] = file.st_ino;
  fields["fd.dev"] = device_text(file.st_dev);
  fields["fd.mode"] = octal(file.st_mode);
  fields["fd.type"] = type_text(file.st_mode);
  fields["fd.uid"] = file.st_uid;
  fields["fd.gid"] = file.st_gid;
  fields["fd.user"] = nullptr;
  fields["fd.group"] = nullptr;
}

// Its arguments are in memory.
TEST(Bare, TheOldMmap) {
  const Way way{"mmap", 90, true};
  if (!way.there()) return;
  constexpr std::uint32_t at = 0x20000000, all = PROT_READ | PROT_WRITE | PROT_EXEC;
  for (const std::uint32_t prot : {all, static_cast<std::uint32_t>(PROT_READ)}) {
    const Done done = perform("the old mmap", {.call = [&] {
                                auto* const words =
                                    static_cast<std::uint32_t*>(low_bytes(6 * sizeof(at)));
                                words[0] = at;
                                words[1] = 4096;
                                words[2] = prot;
                                words[3] = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
                                words[4] = ~0U;
                                return way.call({word(words)});
                              }});
    EXPECT_EQ(done.result, at);
    if (prot != all) {
      check_records("the old mmap", done, {});
      continue;
    }
    Event fields = given(done, "memory_exec", way);
    fields["evt.arg.addr"] = at;
    fields["evt.arg.size"] = 4096;
    fields["evt.arg.prot"] = "PROT_READ|PROT_WRITE|PROT_EXEC";
    fields["evt.arg.flags"] = "MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS";
    fields["mem.is_written"] = false;
    check_records("the old mmap", done, {fields});
  }
}

// ---- io_uring ----

struct Asks {
  __u8 opcode;
  std::string type, name, to_name = {};
  unsigned flags = 0;  // where the request has them
  unsigned mode = 0;
  unsigned ring_flags = 0, setup = 0;
};

long ask_ring(const Asks& asks) {
  io_uring_sqe entry{};
  entry.opcode = asks.opcode;
  entry.fd = AT_FDCWD;
  entry.addr = word(low(asks.name));
  entry.len = asks.mode;
  entry.open_flags = asks.flags;
  if (!asks.to_name.empty()) entry.off = word(low(asks.to_name));
  if (asks.opcode == IORING_OP_RENAMEAT || asks.opcode == IORING_OP_LINKAT)
    entry.len = static_cast<__u32>(AT_FDCWD);
  return call_ring(entry, asks.ring_flags, asks.setup);
}

// Names are the kernel's own copies, so they are as they were used.
Event asked_of_ring(const Done& done, const Asks& asks) {
  const bool by_thread = (asks.setup & IORING_SETUP_SQPOLL) != 0;
  return expected(done, asks.type,
                  {.number = by_thread ? 0 : k_io_uring_enter, .ring = true, .worker = by_thread});
}

void check_ring_open(const Asks& asks, const std::string& flags, bool created, int error = 0) {
  const Done done = perform("ring: " + asks.name, {.call = [&] { return ask_ring(asks); }});
  EXPECT_EQ(done.result < 0 ? -done.result : 0, error) << asks.name;
  Event fields = asked_of_ring(done, asks);
  fields["evt.arg.flags"] = flags;
  fields["evt.arg.mode"] = octal(asks.mode);
  fields["evt.arg.resolve"] = "0";
  fields["evt.is_created"] = created;
  fields["fd.nameraw"] = asks.name;
  if (done.result >= 0) {
    fields["fd.num"] = done.result;
    fields["fd.name"] = fields["fd.hostpath"] = done.path;
    fields["fd.is_deleted"] = fields["fd.is_unreachable"] = false;
    fields["fd.ino"] = done.file.st_ino;
    fields["fd.dev"] = device_text(done.file.st_dev);
    fields["fd.mode"] = octal(done.file.st_mode);
    fields["fd.type"] = type_text(done.file.st_mode);
  }
  check_records("ring: " + asks.name, done, {fields});
}

TEST(BareRing, Opens) {
  const std::string place = fresh();
  int number = 0;
  for (const unsigned setup : {0U, static_cast<unsigned>(IORING_SETUP_SQPOLL)}) {
    for (const unsigned async : {0U, static_cast<unsigned>(IOSQE_ASYNC)}) {
      const std::string path = place + "/" + std::to_string(++number);
      Asks asks{.opcode = IORING_OP_OPENAT, .type = "open", .name = path};
      asks.ring_flags = async;
      asks.setup = setup;
      check_ring_open(asks, "O_RDONLY", false, ENOENT);
      asks.flags = O_CREAT | O_EXCL | O_WRONLY;
      asks.mode = 0604;
      check_ring_open(asks, "O_WRONLY|O_CREAT|O_EXCL", true);
      check_ring_open(asks, "O_WRONLY|O_CREAT|O_EXCL", false, EEXIST);
      asks.flags = 0;
      asks.mode = 0;
      check_ring_open(asks, "O_RDONLY", false);
    }
  }
  check_ring_open({.opcode = IORING_OP_OPENAT, .type = "open", .name = place + "/" + k_long_name},
                  "O_RDONLY", false, ENAMETOOLONG);
}

void check_ring_name(const Asks& asks, int error = 0) {
  const std::string name = "ring: " + asks.type + " " + asks.name;
  const Done done = perform(name, {.call = [&] { return ask_ring(asks); }});
  EXPECT_EQ(done.result < 0 ? -done.result : 0, error) << name;
  Event fields = asked_of_ring(done, asks);
  if (asks.type == "mkdir") fields["evt.arg.mode"] = octal(asks.mode);
  if (asks.type == "rename") fields["evt.arg.flags"] = asks.flags == 0 ? "0" : "RENAME_NOREPLACE";
  if (asks.type == "link") fields["evt.arg.flags"] = "0";
  if (asks.to_name.empty()) {
    fields["fs.path.nameraw"] = asks.name;
  } else if (asks.type == "symlink") {
    fields["fs.path.source"] = asks.name;
    fields["fs.path.targetraw"] = asks.to_name;
  } else {
    fields["fs.path.sourceraw"] = asks.name;
    fields["fs.path.targetraw"] = asks.to_name;
  }
  check_records(name, done, {fields});
}

TEST(BareRing, Names) {
  const std::string place = fresh();
  const std::string d = place + "/d", f = make_file(place + "/f"), g = place + "/g";
  for (const unsigned setup : {0U, static_cast<unsigned>(IORING_SETUP_SQPOLL)}) {
    const auto ask = [=](Asks asks, int error = 0) {
      asks.setup = setup;
      check_ring_name(asks, error);
    };
    ask({.opcode = IORING_OP_MKDIRAT, .type = "mkdir", .name = d, .mode = 0711});
    ask({.opcode = IORING_OP_MKDIRAT, .type = "mkdir", .name = d, .mode = 01750}, EEXIST);
    ask({.opcode = IORING_OP_UNLINKAT, .type = "unlink", .name = d}, EISDIR);
    ask({.opcode = IORING_OP_UNLINKAT, .type = "rmdir", .name = d, .flags = AT_REMOVEDIR});
    ask({.opcode = IORING_OP_LINKAT, .type = "link", .name = f, .to_name = g});
    ask({.opcode = IORING_OP_RENAMEAT,
         .type = "rename",
         .name = f,
         .to_name = g,
         .flags = RENAME_NOREPLACE},
        EEXIST);
    ask({.opcode = IORING_OP_RENAMEAT, .type = "rename", .name = g, .to_name = d});
    ask({.opcode = IORING_OP_SYMLINKAT, .type = "symlink", .name = "to here", .to_name = g});
    for (const std::string& path : {g, d})
      ask({.opcode = IORING_OP_UNLINKAT, .type = "unlink", .name = path});
  }
}

TEST(BareRing, ANameOfManyBytes) {
  const std::string place = fresh();
  std::string longest = place;
  while (longest.size() < 3500) longest += "/" + std::string(200, 'n');
  for (const std::string& name : {place + "/" + std::string(200, 'n'), longest}) {
    check_ring_name({.opcode = IORING_OP_UNLINKAT, .type = "unlink", .name = name}, ENOENT);
    check_ring_name(
        {.opcode = IORING_OP_RENAMEAT, .type = "rename", .name = name, .to_name = name + "/there"},
        ENOENT);
  }
}

void check_ring_file(const io_uring_sqe& request, const std::string& path, bool registered,
                     const Event& own, std::string_view type, int error) {
  const std::string name = "ring: " + std::string(type) + (registered ? ", registered" : "");
  struct stat before{};
  must(::stat(path.c_str(), &before) == 0, "stat");
  const Done done = perform(name, {.call = [&] {
                              Ring ring;
                              io_uring_sqe entry = request;
                              entry.fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
                              if (registered) {
                                ring.register_file(entry.fd);
                                entry.flags |= IOSQE_FIXED_FILE;
                                entry.fd = 0;
                              }
                              return static_cast<long>(ring.run(entry));
                            }});
  EXPECT_EQ(done.result < 0 ? -done.result : 0, error) << name;
  Event fields = expected(done, type, {.number = k_io_uring_enter, .ring = true});
  add_file(fields, path, before);
  for (const auto& [key, value] : own) fields[key] = value;
  Event opened = given(done, "open", k_openat);
  for (const char* field :
       {"fd.num", "fd.nameraw", "fd.name", "fd.hostpath", "fd.is_deleted", "fd.is_unreachable",
        "fd.ino", "fd.dev", "fd.mode", "fd.type", "evt.arg.flags", "evt.arg.mode",
        "evt.arg.resolve", "evt.is_created", "evt.res"})
    opened[field] = nullptr;
  check_records(name, done, {opened, fields});
}

TEST(BareRing, WhatAFileIs) {
  const std::string file = make_file(fresh() + "/f");
  const Event value{
      {"evt.arg.name", "plain"}, {"evt.arg.size", 1}, {"evt.arg.flags", "XATTR_CREATE"}};
  io_uring_sqe entry{};
  entry.addr = word(low("plain"));  // what no file system takes: the name has no class
  entry.addr2 = word(low("v"));
  entry.len = 1;
  entry.xattr_flags = 1;
  entry.opcode = IORING_OP_FSETXATTR;  // refused for registered files when it is submitted
  check_ring_file(entry, file, false, value, "setxattr", EOPNOTSUPP);
  entry.opcode = IORING_OP_SETXATTR;
  entry.addr3 = word(low(file));
  const Done done = perform("ring: setxattr", {.call = [&] { return call_ring(entry); }});
  EXPECT_EQ(done.result, -EOPNOTSUPP);
  Event fields = expected(done, "setxattr", {.number = k_io_uring_enter, .ring = true});
  fields["fs.path.nameraw"] = file;
  for (const auto& [key, own] : value) fields[key] = own;
  check_records("ring: setxattr", done, {fields});

  constexpr __u8 k_ftruncate = 55;  // since Linux 6.9
  io_uring_sqe cut{};
  cut.opcode = k_ftruncate;
  cut.fd = -1;
  if (call_ring(cut) == -EINVAL) return;
  cut.off = 5;
  for (const bool registered : {false, true})
    check_ring_file(cut, file, registered, {{"evt.arg.length", 5}}, "truncate", 0);
}

// They are done with the credentials that the ring was given, and not with the caller's.
TEST(BareRing, CredentialsOfARequest) {
  if (::geteuid() != 0) GTEST_SKIP() << "it takes root to become somebody else";
  for (const bool connects : {false, true}) {
    const std::string name = connects ? "personality: connect" : "personality: open";
    const Done done = perform(name, {.call = [&] {
                                Ring ring;
                                must(::setresuid(-1, 65534, -1) == 0, "setresuid");
                                const int id = ring.register_personality();
                                must(::setresuid(-1, 0, -1) == 0, "setresuid");
                                io_uring_sqe entry{};
                                entry.personality = static_cast<__u16>(id);
                                entry.opcode = connects ? IORING_OP_CONNECT : IORING_OP_OPENAT;
                                entry.fd = connects ? -1 : AT_FDCWD;
                                entry.addr = word(low("/dev/null"));
                                entry.off = connects ? 2 : 0;
                                return static_cast<long>(ring.run(entry));
                              }});
    EXPECT_EQ(done.result < 0, connects);
    Event fields =
        expected(done, connects ? "connect" : "open", {.number = k_io_uring_enter, .ring = true});
    fields["user.uid"] = 65534;
    fields["user.name"] = nullptr;
    std::vector<const char*> any{
        "evt.arg.flags", "evt.arg.mode", "evt.arg.resolve", "evt.is_created", "fd.nameraw",
        "fd.num",        "fd.name",      "fd.hostpath",     "fd.is_deleted",  "fd.is_unreachable",
        "fd.ino",        "fd.dev",       "fd.mode",         "fd.type"};
    if (connects) {
      any = {"fd.num", "evt.arg.addr"};
      fields["evt.arg.user_memory"] = nullptr;
    }
    for (const char* field : any) fields[field] = nullptr;
    check_records(name, done, {fields});
  }
}

// Those behind the one that fails are cancelled, and so they never were.
TEST(BareRing, AChainThatBreaks) {
  const std::string place = fresh();
  const std::string there = make_file(place + "/there");
  const Asks opens{.opcode = IORING_OP_OPENAT, .type = "open", .name = place + "/nothing"};
  const Done done = perform("a chain that breaks", {.call = [&] {
                              Ring ring;
                              std::array<io_uring_sqe, 3> chain{};
                              for (io_uring_sqe& entry : chain) {
                                entry.opcode = IORING_OP_UNLINKAT;
                                entry.fd = AT_FDCWD;
                                entry.addr = word(low(there));
                                entry.flags = IOSQE_IO_LINK;
                              }
                              chain[0].opcode = opens.opcode;
                              chain[0].addr = word(low(opens.name));
                              chain[2].flags = 0;
                              ring.submit_all(chain);
                              std::multiset<long> results;  // in any order
                              for (int i = 0; i < 3; ++i) results.insert(ring.wait());
                              const std::multiset<long> all{-ECANCELED, -ECANCELED, -ENOENT};
                              must(results == all, "chain");
                              return -static_cast<long>(ENOENT);
                            }});
  EXPECT_EQ(done.result, -ENOENT);
  Event fields = asked_of_ring(done, opens);
  fields["evt.arg.flags"] = "O_RDONLY";
  fields["evt.arg.mode"] = "0000";
  fields["evt.arg.resolve"] = "0";
  fields["evt.is_created"] = false;
  fields["fd.nameraw"] = opens.name;
  check_records("a chain that breaks", done, {fields});
}

TEST(BareRing, SeveralAtOnce) {
  const std::string place = fresh();
  const Done done = perform("several at once", {.call = [&] {
                              Ring ring;
                              std::array<io_uring_sqe, 8> all{};
                              for (std::size_t i = 0; i < all.size(); ++i) {
                                all[i].opcode = IORING_OP_MKDIRAT;
                                all[i].fd = AT_FDCWD;
                                all[i].addr = word(low(place + "/" + std::to_string(i)));
                                all[i].len = 0700;
                              }
                              ring.submit_all(all);
                              long result = 0;
                              for (std::size_t i = 0; i < all.size(); ++i) result |= ring.wait();
                              return result;
                            }});
  EXPECT_EQ(done.result, 0);
  Event fields = asked_of_ring(done, {.opcode = IORING_OP_MKDIRAT, .type = "mkdir", .name = ""});
  fields["evt.arg.mode"] = "0700";
  fields["fs.path.nameraw"] = nullptr;  // in any order
  check_records("several at once", done, std::vector<Event>(8, fields));
}

TEST(Bare, WhatFilesAre) {
  const std::string f = make_file(fresh() + "/f");
  const int fd = ::open(f.c_str(), O_RDWR);
  const auto file = static_cast<Word>(fd);
  const Word name = word(low(f));
  const auto with = [&](const Event& own, bool by_name) {
    return [=](Event& fields) {
      for (const auto& [key, value] : own) fields[key] = value;
      if (by_name) fields["fs.path.nameraw"] = f;
    };
  };
  const auto and_file = [&](Event own) {
    struct stat now{};
    must(::fstat(fd, &now) == 0, "fstat");
    add_file(own, f, now);
    return with(own, false);
  };
  for (const bool compat : {false, true}) {
    const auto way = [&](const char* call, long number, long number32) {
      return Way{call, compat ? number32 : number, compat};
    };
    const Event mode{{"evt.arg.mode", "0604"}, {"evt.arg.flags", "0"}};
    check(way("chmod", SYS_chmod, 15), "chmod", {name, 0604}, 0, with(mode, true));
    check(way("fchmodat", SYS_fchmodat, 306), "chmod", {k_here, name, 0604}, 0, with(mode, true));
    const Event other{{"evt.arg.mode", "0640"}, {"evt.arg.flags", "0"}};
    check(way("fchmod", SYS_fchmod, 94), "chmod", {file, 0640}, 0, and_file(other), false);

    const Event owner{{"evt.arg.uid", -1}, {"evt.arg.gid", -1}, {"evt.arg.flags", "0"}};
    const Word leave = compat ? 0xffff : ~0U;
    check(way("chown", SYS_chown, 182), "chown", {name, leave, leave}, 0, with(owner, true));
    check(way("fchown", SYS_fchown, 95), "chown", {file, leave, leave}, 0, and_file(owner), false);
    check(way("fchownat", SYS_fchownat, 298), "chown", {k_here, name, ~0U, ~0U, 0}, 0,
          with(owner, true));

    const Event length{{"evt.arg.length", 7}};
    check(way("truncate", SYS_truncate, 92), "truncate", {name, 7}, 0, with(length, true));
    check(way("ftruncate", SYS_ftruncate, 93), "truncate", {file, 7}, 0, and_file(length), false);
    if (compat) {
      const Event wide{{"evt.arg.length", (1LL << 32) + 7}};
      check(way("truncate64", 0, 193), "truncate", {name, 7, 1}, 0, with(wide, true));
      check(way("ftruncate64", 0, 194), "truncate", {file, 7, 1}, 0, and_file(wide), false);
    }

    // What no file system takes: the name has no class.
    const Word attribute = word(low("plain"));
    const Event value{
        {"evt.arg.name", "plain"}, {"evt.arg.size", 1}, {"evt.arg.flags", "XATTR_CREATE"}};
    check(way("setxattr", SYS_setxattr, 226), "setxattr", {name, attribute, name, 1, 1},
          -EOPNOTSUPP, with(value, true));
    check(way("fsetxattr", SYS_fsetxattr, 228), "setxattr", {file, attribute, name, 1, 1},
          -EOPNOTSUPP, and_file(value));
    check(way("lremovexattr", SYS_lremovexattr, 236), "removexattr", {name, attribute}, -EOPNOTSUPP,
          with({{"evt.arg.name", "plain"}}, true));
  }
  ::close(fd);
}

TEST(Bare, WhereProcessesAndFileSystemsAre) {
  const std::string place = fresh();
  const int fd = ::open(place.c_str(), O_RDONLY | O_DIRECTORY);
  struct stat directory{};
  must(::fstat(fd, &directory) == 0, "fstat");
  const auto name = [](const std::string& text) { return word(low(text)); };
  const std::string nothing = place + "/0";
  for (const bool compat : {false, true}) {
    const auto way = [&](const char* call, long number, long number32) {
      return Way{call, compat ? number32 : number, compat};
    };
    const auto one = [](const std::string& path) {
      return [=](Event& fields) { fields["fs.path.nameraw"] = path; };
    };
    check(way("chdir", SYS_chdir, 12), "chdir", {name(place)}, 0, one(place));
    check(way("chdir", SYS_chdir, 12), "chdir", {name(nothing)}, -ENOENT, one(nothing));
    check(
        way("fchdir", SYS_fchdir, 133), "chdir", {static_cast<Word>(fd)}, 0,
        [&](Event& fields) {
          add_file(fields, place, directory);
          for (const char* owner : {"fd.uid", "fd.gid", "fd.user", "fd.group"}) fields.erase(owner);
        },
        false);
    check_as_nobody(way("chroot", SYS_chroot, 61), "chroot", {name("/")}, -EPERM,
                    {{"fs.path.nameraw", "/"}});
    check_as_nobody(way("mount", SYS_mount, 21), "mount",
                    {name("what"), name("/"), name("a type"), 3, name("a=b")}, -EPERM,
                    {{"fs.path.nameraw", "/"},
                     {"evt.arg.dev", "what"},
                     {"evt.arg.type", "a type"},
                     {"evt.arg.flags", "MS_RDONLY|MS_NOSUID"},
                     {"evt.arg.data", "a=b"}});
    check_as_nobody(way("umount2", SYS_umount2, 52), "umount", {name("/"), 2}, -EPERM,
                    {{"fs.path.nameraw", "/"}, {"evt.arg.flags", "MNT_DETACH"}});
    check_as_nobody(way("move_mount", SYS_move_mount, 429), "move_mount",
                    {k_here, name("/a"), k_here, name("/b"), 1}, -EPERM,
                    {{"fs.path.sourceraw", "/a"},
                     {"fs.path.targetraw", "/b"},
                     {"evt.arg.flags", "MOVE_MOUNT_F_SYMLINKS"}});
    check_as_nobody(way("pivot_root", SYS_pivot_root, 217), "pivot_root", {name("/a"), name("/b")},
                    -EPERM, {{"fs.path.sourceraw", "/a"}, {"fs.path.targetraw", "/b"}});
  }
  ::close(fd);
}

// ---- words in memory ----

TEST(Bare, WordsGivenToTheKernel) {
  const auto name = [](const std::string& text) { return word(low(text)); };
  for (const bool compat : {false, true}) {
    const auto way = [&](const char* call, long number, long number32) {
      return Way{call, compat ? number32 : number, compat};
    };
    if (!way("", 0, 0).there()) continue;
    check_as_nobody(way("memfd_create", SYS_memfd_create, 356), "memfd_create", {name("x"), 0x100},
                    -EINVAL, {{"evt.arg.name", "x"}, {"evt.arg.flags", "0x100"}});
    check_as_nobody(way("keyctl", SYS_keyctl, 288), "keyctl", {0, static_cast<Word>(-2), 0},
                    -ENOKEY,
                    {{"evt.arg.option", "KEYCTL_GET_KEYRING_ID"},
                     {"evt.arg.key", nullptr},
                     {"evt.arg.arg3", nullptr}},
                    false);
    // A kernel may be built without modules.
    const Done done =
        perform("delete_module",
                {.stage = nobody, .call = [&] {
                   return way("", SYS_delete_module, 129).call({name("nothing"), O_NONBLOCK});
                 }});
    EXPECT_TRUE(done.result == -EPERM || done.result == -ENOSYS);
    Event fields = given(done, "module_delete", way("", SYS_delete_module, 129));
    fields["module.name"] = "nothing";
    fields["evt.arg.flags"] = nullptr;
    check_records("delete_module", done, {fields});
    check_as_nobody(way("add_key", SYS_add_key, 286), "add_key",
                    {name("no type"), name("words"), 0, 0, static_cast<Word>(-2)}, -ENODEV,
                    {{"key.type", "no type"},
                     {"key.description", "words"},
                     {"evt.arg.keyring", nullptr},
                     {"evt.arg.size", 0}});
    check_as_nobody(
        way("request_key", SYS_request_key, 287), "request_key",
        {name("no type"), name("words"), 0, 0}, -ENOKEY,
        {{"key.type", "no type"}, {"key.description", "words"}, {"evt.arg.keyring", nullptr}});
  }
}

// ---- what is not one ----

// A filter that answers in the place of these calls.
void answer(std::uint32_t number, std::uint32_t action) {
  const std::array program{
      sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
      sock_filter BPF_STMT(BPF_RET | BPF_K, action),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const sock_fprog filter{.len = program.size(),
                          .filter = const_cast<sock_filter*>(program.data())};
  must(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0,
       "seccomp");
}

std::vector<Word> arguments_of(long number, const std::string& file) {
  constexpr Word page = 4096;
  if (number == SYS_clone) return {CLONE_NEWUTS | SIGCHLD};
  if (number == SYS_mprotect)
    return {word(file.c_str()) & ~(page - 1), page, PROT_READ | PROT_WRITE | PROT_EXEC};
  return {word(file.c_str()), 0};
}

// What seccomp does not let in comes back as if it had been: with the filter's answer, or with its
// own number for a result.
TEST(Bare, CallsThatSeccompStopsAreNone) {
  const std::string place = fresh();
  const std::string file = make_file(place + "/f");
  for (const std::uint32_t action :
       {SECCOMP_RET_ERRNO | 0U, SECCOMP_RET_ERRNO | EIO, SECCOMP_RET_TRAP}) {
    // With these arguments each would be a record, if only of a failure.
    for (const long number : {SYS_open, SYS_unlink, SYS_socket, SYS_connect, SYS_accept, SYS_kill,
                              SYS_dup2, SYS_mprotect, SYS_clone}) {
      const Done done =
          perform("stopped", {.stage =
                                  [&] {
                                    struct sigaction ignored{};
                                    ignored.sa_handler = [](int) {};
                                    must(::sigaction(SIGSYS, &ignored, nullptr) == 0, "sigaction");
                                    answer(static_cast<std::uint32_t>(number), action);
                                  },
                              .call = [&] { return call64(number, arguments_of(number, file)); }});
      check_records("stopped", done, {});
    }
  }
  EXPECT_EQ(::access(file.c_str(), F_OK), 0);
}

// ---- calls by name, beside ----

TEST(Bare, ACallThatWasAskedForByItsName) {
  for (const Way& way : {Way{"uname", SYS_uname}, Way{"uname", 122, true}}) {
    if (!way.there()) continue;
    const Word place = word(low_bytes(1024));
    const Done done = perform(way.label(), {.call = [&] { return way.call({place, 2, 3, 4, 5}); }});
    EXPECT_EQ(done.result, 0);
    Event fields = given(done, "syscall", way);
    fields.erase("evt.arg.user_memory");
    fields.erase("evt.is_io_uring");
    fields["evt.rawres"] = 0;
    fields["evt.latency"] = nullptr;
    fields["evt.arg.0"] = place;
    for (int i = 1; i < 5; ++i) fields["evt.arg." + std::to_string(i)] = i + 1;
    fields["evt.arg.5"] = nullptr;
    const Event event = check_records(way.label(), done, {fields}).front();
    EXPECT_GT(number_of(event, "evt.latency"), 0);
    EXPECT_LT(number_of(event, "evt.latency"), static_cast<std::int64_t>(done.end - done.begin));
  }
}

}  // namespace
}  // namespace gancho::test
