// SPDX-License-Identifier: Apache-2.0
//
// open, by every entry that opens a file by its name or its handle.
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <optional>

#include "support/files_case.h"

namespace gancho::test {

const std::vector<std::string> k_watched = {"files"};  // of all tests of this program

namespace {

enum class By {
  open,
  openat,
  openat2,
  creat,
  open32,
  openat32,
  openat2_32,
  creat32,
  ring,         // openat, by the task that submits when that can be done without blocking
  ring_worker,  // openat, by a worker
  ring2,        // openat2
  ring2_worker,
  ring2_thread,  // submitted by the kernel's thread
};

struct Asked {
  int at = AT_FDCWD;
  std::optional<std::string> path = {};  // unset: a pointer to nowhere
  std::uint64_t flags = O_RDONLY;
  std::uint64_t mode = 0;
  std::uint64_t resolve = 0;
};

long submit(const Asked& asked, const char* path, bool two, unsigned flags, unsigned setup) {
  io_uring_sqe entry{};
  entry.fd = asked.at;
  entry.addr = word(path);
  const open_how how{.flags = asked.flags, .mode = asked.mode, .resolve = asked.resolve};
  entry.opcode = two ? IORING_OP_OPENAT2 : IORING_OP_OPENAT;
  if (two) {
    entry.len = sizeof(how);
    entry.off = word(&how);
  } else {
    entry.len = static_cast<__u32>(asked.mode);
    entry.open_flags = static_cast<__u32>(asked.flags);
  }
  return call_ring(entry, flags, setup);
}

long open_by(By by, const Asked& asked) {
  const char* path = asked.path ? low(*asked.path) : static_cast<const char*>(k_nowhere);
  const auto at = static_cast<Word>(static_cast<std::int64_t>(asked.at));
  auto* const how = static_cast<open_how*>(low_bytes(sizeof(open_how)));
  *how = {.flags = asked.flags, .mode = asked.mode, .resolve = asked.resolve};
  switch (by) {
    case By::open:
      return call64(SYS_open, {word(path), asked.flags, asked.mode});
    case By::openat:
      return call64(SYS_openat, {at, word(path), asked.flags, asked.mode});
    case By::openat2:
      return call64(SYS_openat2, {at, word(path), word(how), sizeof(*how)});
    case By::creat:
      return call64(SYS_creat, {word(path), asked.mode});
    case By::open32:
      return call32(5, {word(path), asked.flags, asked.mode});
    case By::openat32:
      return call32(295, {at, word(path), asked.flags, asked.mode});
    case By::openat2_32:
      return call32(437, {at, word(path), word(how), sizeof(*how)});
    case By::creat32:
      return call32(8, {word(path), asked.mode});
    case By::ring:
      return submit(asked, path, false, 0, 0);
    case By::ring_worker:
      return submit(asked, path, false, IOSQE_ASYNC, 0);
    case By::ring2:
      return submit(asked, path, true, 0, 0);
    case By::ring2_worker:
      return submit(asked, path, true, IOSQE_ASYNC, 0);
    case By::ring2_thread:
      return submit(asked, path, true, 0, IORING_SETUP_SQPOLL);
  }
  return -ENOSYS;
}

Entry entry_of(By by) {
  switch (by) {
    case By::open:
      return {.number = SYS_open};
    case By::openat:
      return {.number = SYS_openat};
    case By::openat2:
      return {.number = SYS_openat2};
    case By::creat:
      return {.number = SYS_creat};
    case By::open32:
      return {.number = 5, .compat = true};
    case By::openat32:
      return {.number = 295, .compat = true};
    case By::openat2_32:
      return {.number = 437, .compat = true};
    case By::creat32:
      return {.number = 8, .compat = true};
    case By::ring:
    case By::ring2:
      return {.number = k_io_uring_enter, .ring = true};
    case By::ring_worker:
    case By::ring2_worker:
    case By::ring2_thread:
      return {.ring = true, .worker = true};
  }
  return {};
}

// What only the case knows.
struct Found {
  std::string flags = "O_RDONLY";
  std::string resolve = "0";
  bool created = false;
  bool deleted = false;
  bool unreachable = false;
  bool user_memory = false;
  std::optional<std::string> path = {};      // unset: what /proc/self/fd says
  std::optional<std::string> hostpath = {};  // unset: the same
  std::optional<std::string> raw = {};       // unset: as asked
};

Event opened(const Done& done, Entry entry, const Asked& asked, const Found& found) {
  // Whether io_uring needs a worker is its own affair.
  if (entry.ring && done.threads.size() > 1) entry = {.ring = true, .worker = true};
  Event fields = expected(done, "open", entry);
  fields["evt.arg.user_memory"] = found.user_memory;
  fields["evt.arg.flags"] = found.flags;
  fields["evt.arg.mode"] = octal(static_cast<unsigned>(asked.mode));
  fields["evt.arg.resolve"] = found.resolve;
  fields["evt.is_created"] = found.created;
  if (asked.path) fields["fd.nameraw"] = found.raw.value_or(*asked.path);
  if (done.result < 0) return fields;
  std::string path = found.path.value_or(done.path);
  if (found.deleted && !found.path) path.resize(path.size() - std::string(" (deleted)").size());
  fields["fd.num"] = done.result;
  fields["fd.name"] = path;
  fields["fd.hostpath"] = found.hostpath.value_or(path);
  fields["fd.is_deleted"] = found.deleted;
  fields["fd.is_unreachable"] = found.unreachable;
  add_object(fields, done.file);
  return fields;
}

Event check_open(
    const std::string& name, By by, const Asked& asked, const Found& found = {}, int error = 0,
    const std::function<void()>& stage = [] {}) {
  const Done done = perform(name, {.stage = stage, .call = [&] { return open_by(by, asked); }});
  EXPECT_EQ(done.result < 0 ? -done.result : 0, error) << name;
  return check_records(name, done, {opened(done, entry_of(by), asked, found)}).front();
}

constexpr std::array k_all = {By::open,     By::openat,       By::openat2,     By::open32,
                              By::openat32, By::openat2_32,   By::ring,        By::ring_worker,
                              By::ring2,    By::ring2_worker, By::ring2_thread};

std::string numbered(const std::string& name, By by) {
  return name + ", entry " + std::to_string(static_cast<int>(by));
}

TEST(Open, AnExistingFileByEveryEntry) {
  // Relative: on the way down from the machine's root io_uring might have to block.
  const std::string place = fresh();
  make_file(place + "/f");
  std::set<bool> by_worker;
  for (const By by : k_all) {
    const Event event = check_open(numbered("existing", by), by, {.path = "f"}, {}, 0, in(place));
    if (by == By::ring) by_worker.insert(!event.contains("evt.syscall"));
    if (by == By::ring_worker) by_worker.insert(!event.contains("evt.syscall"));
    check_open(numbered("nothing there", by), by, {.path = "f0"}, {}, ENOENT, in(place));
  }
  EXPECT_EQ(by_worker.size(), 2U);  // both ways of io_uring were seen
}

TEST(Open, ANewFileByEveryEntry) {
  const std::string place = fresh();
  for (const By by : k_all) {
    const std::string file = place + "/" + std::to_string(static_cast<int>(by));
    const Asked asked{.path = file, .flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, .mode = 0604};
    Found found{.flags = "O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC", .created = true};
    check_open(numbered("new", by), by, asked, found);
    found.created = false;
    check_open(numbered("new, but it is there", by), by, asked, found, EEXIST);
  }
  for (const By by : {By::creat, By::creat32}) {
    const Asked asked{.path = place + "/c" + std::to_string(static_cast<int>(by)), .mode = 0620};
    check_open(numbered("creat", by), by, asked,
               {.flags = "O_WRONLY|O_CREAT|O_TRUNC", .created = true});
    check_open(numbered("creat again", by), by, asked, {.flags = "O_WRONLY|O_CREAT|O_TRUNC"});
    check_open(numbered("creat nowhere", by), by, {.path = place + "/no/file", .mode = 0620},
               {.flags = "O_WRONLY|O_CREAT|O_TRUNC"}, ENOENT);
  }
}

TEST(Open, WithEachFlag) {
  const std::string place = fresh();
  const std::string file = make_file(place + "/f");
  const By by = By::openat;
  check_open("existing, O_CREAT", by, {.path = file, .flags = O_CREAT | O_WRONLY, .mode = 0777},
             {.flags = "O_WRONLY|O_CREAT"});
  check_open("O_TRUNC", by, {.path = file, .flags = O_TRUNC | O_WRONLY},
             {.flags = "O_WRONLY|O_TRUNC"});
  check_open(
      "many", by,
      {.path = file, .flags = O_RDWR | O_APPEND | O_NONBLOCK | O_SYNC | O_NOATIME | O_NOCTTY},
      {.flags = "O_RDWR|O_NOCTTY|O_APPEND|O_NONBLOCK|O_SYNC|O_NOATIME"});
  check_open("O_PATH", by, {.path = file, .flags = O_PATH | O_CLOEXEC},
             {.flags = "O_RDONLY|O_CLOEXEC|O_PATH"});
  check_open("O_DIRECTORY", by, {.path = place, .flags = O_DIRECTORY},
             {.flags = "O_RDONLY|O_DIRECTORY"});
  check_open("O_TMPFILE", by, {.path = place, .flags = O_TMPFILE | O_RDWR, .mode = 0600},
             {.flags = "O_RDWR|O_TMPFILE", .created = true, .deleted = true});
}

TEST(Open, EachKindOfFile) {
  const std::string place = fresh();
  must(::mkfifo((place + "/fifo").c_str(), 0600) == 0, "mkfifo");
  check_open("fifo", By::openat, {.path = place + "/fifo", .flags = O_RDWR}, {.flags = "O_RDWR"});
  check_open("fifo nobody reads", By::openat,
             {.path = place + "/fifo", .flags = O_WRONLY | O_NONBLOCK},
             {.flags = "O_WRONLY|O_NONBLOCK"}, ENXIO);
  check_open("device", By::openat, {.path = "/dev/null", .flags = O_WRONLY}, {.flags = "O_WRONLY"});
  const std::string file = make_file(place + "/f");
  must(::symlink("f", (place + "/link").c_str()) == 0, "symlink");
  check_open("symbolic link", By::openat, {.path = place + "/link"});
  check_open("the link itself", By::openat, {.path = place + "/link", .flags = O_PATH | O_NOFOLLOW},
             {.flags = "O_RDONLY|O_NOFOLLOW|O_PATH"});
  check_open("proc", By::openat, {.path = "/proc/self/status"});
  check_open("root", By::openat, {.path = "/", .flags = O_PATH}, {.flags = "O_RDONLY|O_PATH"});
}

TEST(Open, PathsThatAreNotPlain) {
  const std::string place = fresh();
  make_directory(place + "/d");
  const std::string file = make_file(place + "/d/f");
  check_open("relative", By::open, {.path = "d/../d/./f"}, {}, 0, in(place));
  const int at = ::open(place.c_str(), O_PATH | O_DIRECTORY);
  for (const By by : k_all)
    if (by != By::open && by != By::open32)
      check_open(numbered("relative to a descriptor", by), by, {.at = at, .path = "d/f"});
  check_open("no directory", By::openat, {.at = 99, .path = "d/f"}, {}, EBADF);

  const std::string strange = place + "/d/\x01 \xff\n\"";
  make_file(strange);
  Asked asked{.path = strange};
  const Done done = perform("any bytes", {.call = [&] { return open_by(By::openat, asked); }});
  asked.path = place + "/d/\x01 \xef\xbf\xbd\n\"";
  Event fields = opened(done, entry_of(By::openat), asked, {.path = asked.path});
  std::string hex;
  for (const char c : strange) {
    constexpr std::string_view digits = "0123456789abcdef";
    hex += digits[static_cast<unsigned char>(c) >> 4];
    hex += digits[static_cast<unsigned char>(c) & 15];
  }
  for (const char* field : {"fd.nameraw.hex", "fd.name.hex", "fd.hostpath.hex"})
    fields[field] = hex;
  check_records("any bytes", done, {fields});
  ::close(at);
}

TEST(Open, AFileThatWasDeleted) {
  const std::string file = make_file(fresh() + "/f");
  const int fd = ::open(file.c_str(), O_RDWR);
  ::unlink(file.c_str());
  check_open("deleted", By::openat, {.path = "/proc/self/fd/" + std::to_string(fd)},
             {.deleted = true});
  ::close(fd);
}

TEST(Open, FromAChroot) {
  const std::string root = fresh();
  make_directory(root + "/d");
  const std::string file = make_file(root + "/d/f");
  const int outside = ::open("/tmp", O_PATH | O_DIRECTORY);
  const auto stage = [&] { must(::chroot(root.c_str()) == 0 && ::chdir("/d") == 0, "chroot"); };
  for (const By by : {By::open, By::open32, By::ring, By::ring_worker}) {
    check_open(numbered("chroot", by), by, {.path = "f"}, {.path = "/d/f", .hostpath = file}, 0,
               stage);
  }
  make_file("/tmp/outside");
  check_open("outside of the chroot", By::openat, {.at = outside, .path = "outside"},
             {.unreachable = true, .hostpath = "/tmp/outside"}, 0, stage);
  ::close(outside);
}

TEST(Open, ThroughMounts) {
  const std::string place = fresh();
  const std::string from = make_directory(place + "/from"), to = make_directory(place + "/to");
  make_file(from + "/f");
  must(::mount(from.c_str(), to.c_str(), nullptr, MS_BIND, nullptr) == 0, "bind");
  check_open("bind mount", By::openat, {.path = to + "/f"});
}

TEST(Open, OnAnOverlay) {
  const std::string place = fresh();
  for (const char* layer : {"/lower", "/upper", "/work", "/merged"}) make_directory(place + layer);
  make_file(place + "/lower/low");
  make_file(place + "/lower/both");
  make_file(place + "/upper/up");
  const std::string options =
      "lowerdir=" + place + "/lower,upperdir=" + place + "/upper,workdir=" + place + "/work";
  const std::string merged = place + "/merged";
  must(::mount("overlay", merged.c_str(), "overlay", 0, options.c_str()) == 0, "overlay");
  check_open("lower layer", By::openat, {.path = merged + "/low"});
  check_open("upper layer", By::openat, {.path = merged + "/up"});
  check_open("copied up", By::openat, {.path = merged + "/low", .flags = O_RDWR},
             {.flags = "O_RDWR"});
  check_open("new", By::openat, {.path = merged + "/new", .flags = O_RDWR | O_CREAT, .mode = 0600},
             {.flags = "O_RDWR|O_CREAT", .created = true});
  check_open("copied up by a worker", By::ring_worker, {.path = merged + "/both", .flags = O_RDWR},
             {.flags = "O_RDWR"});
  check_open("not there", By::openat, {.path = merged + "/none"}, {}, ENOENT);
}

TEST(Open, Failures) {
  const std::string place = fresh();
  const std::string file = make_file(place + "/f", 0600);
  must(::symlink("loop", (place + "/loop").c_str()) == 0, "symlink");
  const auto nobody = [&] {
    in(place)();
    become(1000);
  };
  for (const By by : {By::open, By::openat32, By::ring, By::ring2_worker}) {
    check_open(numbered("EACCES", by), by, {.path = "f"}, {}, EACCES, nobody);
    check_open(numbered("ELOOP", by), by, {.path = "loop"}, {}, ELOOP, in(place));
    check_open(numbered("ENOTDIR", by), by, {.path = "f/x"}, {}, ENOTDIR, in(place));
    check_open(numbered("name too long", by), by, {.path = "." + k_too_long}, {}, ENAMETOOLONG,
               in(place));
  }
  check_open("EISDIR", By::openat, {.path = place, .flags = O_WRONLY}, {.flags = "O_WRONLY"},
             EISDIR);
  check_open("no directory", By::openat, {.path = file, .flags = O_DIRECTORY},
             {.flags = "O_RDONLY|O_DIRECTORY"}, ENOTDIR);
  check_open("O_NOFOLLOW", By::openat, {.path = place + "/loop", .flags = O_NOFOLLOW},
             {.flags = "O_RDONLY|O_NOFOLLOW"}, ELOOP);
  check_open("no device", By::openat, {.path = place + "/dev"}, {}, ENXIO, [&] {
    must(::mknod((place + "/dev").c_str(), S_IFCHR | 0600, makedev(0xfff, 0xff)) == 0, "mknod");
  });
  const std::string sealed = make_directory(place + "/ro");
  must(::mount("none", sealed.c_str(), "tmpfs", MS_RDONLY, nullptr) == 0, "mount");
  check_open("EROFS", By::openat,
             {.path = sealed + "/new", .flags = O_WRONLY | O_CREAT, .mode = 0600},
             {.flags = "O_WRONLY|O_CREAT"}, EROFS);
}

TEST(Open, FailuresBeforeTheKernelHasThePath) {
  const std::string place = fresh();
  const std::string file = make_file(place + "/f");
  for (const By by : {By::open, By::openat, By::openat2, By::open32}) {
    check_open(numbered("EFAULT", by), by, {}, {}, EFAULT);
    check_open(numbered("path too long", by), by, {.path = k_far_too_long},
               {.user_memory = true, .raw = k_far_too_long.substr(0, 4095)}, ENAMETOOLONG);
    check_open(numbered("empty path", by), by, {.path = ""}, {.user_memory = true}, ENOENT);
    check_open(numbered("EINVAL", by), by, {.path = place, .flags = O_TMPFILE},
               {.flags = "O_RDONLY|O_TMPFILE", .user_memory = true}, EINVAL);
  }
  const auto no_descriptors = [] {
    const rlimit none{.rlim_cur = 0, .rlim_max = 0};
    must(::setrlimit(RLIMIT_NOFILE, &none) == 0, "setrlimit");
  };
  check_open("EMFILE", By::openat, {.path = file}, {.user_memory = true}, EMFILE, no_descriptors);
}

TEST(Open, ARunningProgram) {
  const std::string program = copy_target(fresh() + "/program");
  check_open("ETXTBSY", By::openat, {.path = program, .flags = O_WRONLY}, {.flags = "O_WRONLY"},
             ETXTBSY, [&] {
               std::array<int, 2> running{}, end{};
               must(::pipe2(running.data(), O_CLOEXEC) == 0 && ::pipe(end.data()) == 0, "pipe");
               if (::fork() == 0) {
                 ::prctl(PR_SET_PDEATHSIG, SIGKILL);
                 ::dup2(end[1], k_report_fd);
                 ::fcntl(end[1], F_SETPIPE_SZ, 4096);
                 // Its report finds no room, so it stays until it is killed with us.
                 const std::string filler(4096, 'x');
                 must(::write(k_report_fd, filler.data(), filler.size()) == 4096, "write");
                 char* const arguments[] = {const_cast<char*>("p"), nullptr};
                 ::execve(program.c_str(), arguments, arguments + 1);
                 must(false, "execve");
               }
               ::close(running[1]);
               char byte = 0;
               must(::read(running[0], &byte, 1) == 0, "read");
             });
}

TEST(Open, WithResolve) {
  const std::string place = fresh();
  const std::string file = make_file(place + "/f");
  must(::symlink("f", (place + "/link").c_str()) == 0, "symlink");
  const int at = ::open(place.c_str(), O_PATH | O_DIRECTORY);
  for (const By by : {By::openat2, By::openat2_32, By::ring2, By::ring2_worker}) {
    check_open(numbered("beneath", by), by,
               {.at = at, .path = "f", .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS},
               {.resolve = "RESOLVE_NO_MAGICLINKS|RESOLVE_BENEATH"});
    check_open(numbered("not beneath", by), by,
               {.at = at, .path = "../x", .resolve = RESOLVE_BENEATH},
               {.resolve = "RESOLVE_BENEATH"}, EXDEV);
    check_open(numbered("in root", by), by, {.at = at, .path = "/f", .resolve = RESOLVE_IN_ROOT},
               {.resolve = "RESOLVE_IN_ROOT"});
    check_open(numbered("no links", by), by,
               {.at = at, .path = "link", .resolve = RESOLVE_NO_SYMLINKS},
               {.resolve = "RESOLVE_NO_SYMLINKS"}, ELOOP);
    check_open(numbered("one file system", by), by,
               {.at = at, .path = "/proc/self", .resolve = RESOLVE_NO_XDEV},
               {.resolve = "RESOLVE_NO_XDEV"}, EXDEV);
    check_open(numbered("cached", by), by, {.at = at, .path = "f", .resolve = RESOLVE_CACHED},
               {.resolve = "RESOLVE_CACHED"});
  }
  check_open("not cached", By::openat2,
             {.at = at, .path = "new", .flags = O_CREAT, .mode = 0600, .resolve = RESOLVE_CACHED},
             {.flags = "O_RDONLY|O_CREAT", .resolve = "RESOLVE_CACHED", .user_memory = true},
             EAGAIN);
  check_open("unknown bits", By::openat2, {.path = file, .resolve = 0x4000},
             {.resolve = "0x00004000", .user_memory = true}, EINVAL);
  ::close(at);
}

TEST(Open, IntoASlotOfTheRing) {
  const std::string place = fresh();
  const std::string file = make_file(place + "/f");
  const struct stat truth = look(file);
  const Done done = perform("no such slot", {.stage = in(place), .call = [&] {
                                               io_uring_sqe entry{};
                                               entry.opcode = IORING_OP_OPENAT;
                                               entry.fd = AT_FDCWD;
                                               entry.addr = word("f");
                                               entry.file_index = 1;  // the ring has none
                                               return call_ring(entry);
                                             }});
  EXPECT_EQ(done.result, -ENXIO);
  // It was opened, and had to be closed again.
  Event fields = opened(done, {.number = k_io_uring_enter, .ring = true}, {.path = "f"}, {});
  fields["fd.name"] = fields["fd.hostpath"] = file;
  fields["fd.is_deleted"] = fields["fd.is_unreachable"] = false;
  add_object(fields, truth);
  check_records("no such slot", done, {fields});
}

struct Handle {
  file_handle head;
  std::array<unsigned char, MAX_HANDLE_SZ> bytes;
};

TEST(Open, ByHandle) {
  const std::string place = fresh();
  const std::string file = make_file(place + "/f");
  auto* const handle = static_cast<Handle*>(low_bytes(sizeof(Handle)));
  handle->head.handle_bytes = MAX_HANDLE_SZ;
  int mount = 0;
  must(::name_to_handle_at(AT_FDCWD, file.c_str(), &handle->head, &mount, 0) == 0, "handle");
  const int at = ::open(place.c_str(), O_RDONLY | O_DIRECTORY);
  const auto at_word = static_cast<Word>(at);
  const auto check_handle = [&](const std::string& name, bool compat, int error,
                                const std::function<void()>& stage) {
    const Done done = perform(name, {.stage = stage, .call = [&] {
                                       return compat ? call32(342, {at_word, word(handle), O_RDWR})
                                                     : call64(SYS_open_by_handle_at,
                                                              {at_word, word(handle), O_RDWR});
                                     }});
    EXPECT_EQ(done.result < 0 ? -done.result : 0, error) << name;
    const Entry entry{.number = compat ? 342 : SYS_open_by_handle_at, .compat = compat};
    check_records(name, done, {opened(done, entry, {}, {.flags = "O_RDWR"})});
  };
  check_handle("handle", false, 0, [] {});
  check_handle("handle, 32 bits", true, 0, [] {});
  check_handle("handle, by anybody", false, EPERM, [] { become(1000); });
  ::unlink(file.c_str());
  check_handle("handle of nothing", false, ESTALE, [] {});
  ::close(at);
}

}  // namespace
}  // namespace gancho::test
