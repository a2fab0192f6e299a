// SPDX-License-Identifier: Apache-2.0
//
// read and write of watched files, by every entry that moves bytes.
#include <linux/aio_abi.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <optional>

#include "support/files_case.h"
#include "support/ring.h"

namespace gancho::test {
namespace {

// On a file system of its own: the machine's root is an overlay itself.
const std::string k_place = "/tmp/io";
const std::string k_disk = "/dev/vda";          // the machine has one for this
const std::string k_text = "0123456789abcdef";  // what a file holds

void mount_overlay() {
  const std::string at = k_place + "/overlay";
  for (const char* layer : {"", "/lower", "/upper", "/work", "/merged"}) make_directory(at + layer);
  for (const char* file : {"/lower/low", "/lower/up", "/lower/unwatched"})
    write_file(at + file, k_text, 0644);
  const std::string options =
      "lowerdir=" + at + "/lower,upperdir=" + at + "/upper,workdir=" + at + "/work";
  must(::mount("overlay", (at + "/merged").c_str(), "overlay", 0, options.c_str()) == 0, "overlay");
}

// Before the agent starts: what is watched has to be there, or its directory.
std::vector<std::string> stage() {
  directory(k_place);
  must(::mount("none", k_place.c_str(), "tmpfs", 0, nullptr) == 0, "tmpfs");
  for (const char* name : {"/watched", "/watched/below", "/names", "/plain"})
    make_directory(k_place + name);
  write_file(k_place + "/names/replaced", k_text, 0644);
  mount_overlay();
  std::vector<std::string> words{"read", "write", "--file", k_disk};
  for (const std::string path :
       {"/watched", "/names/replaced", "/names/later", "/overlay/merged/low", "/overlay/merged/up"})
    words.insert(words.end(), {"--file", k_place + path});
  return words;
}

}  // namespace

const std::vector<std::string> k_watched = stage();

namespace {

std::string file_in(const std::string& directory, const std::string& text = k_text) {
  static int number = 0;
  std::string path = k_place + directory + "/" + std::to_string(++number);
  write_file(path, text, 0640);
  return path;
}

int open_or_die(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0640);
  must(fd >= 0, "open");
  return fd;
}

enum class By {
  plain,
  at,      // pread64
  vector,  // readv
  vector_at,
  vector_at2,
  plain32,
  at32,
  vector32,
  vector_at32,
  ring,
  ring_vector,
  ring_worker,
  ring_thread,
  aio,
  aio_vector,
};
constexpr std::array k_all = {By::plain,       By::at,      By::vector,      By::vector_at,
                              By::vector_at2,  By::plain32, By::at32,        By::vector32,
                              By::vector_at32, By::ring,    By::ring_vector, By::ring_worker,
                              By::ring_thread, By::aio,     By::aio_vector};

struct Asked {
  int fd = -1;
  std::size_t size = 5;
  std::size_t offset = 3;        // where an entry takes one
  const void* memory = nullptr;  // unset: ours
};

bool takes_offset(By by) {
  return by != By::plain && by != By::vector && by != By::plain32 && by != By::vector32;
}
bool is_aio(By by) {
  return by == By::aio || by == By::aio_vector;
}
bool is_vector(By by) {
  return by == By::vector || by == By::vector_at || by == By::vector_at2 || by == By::vector32 ||
         by == By::vector_at32 || by == By::ring_vector || by == By::aio_vector;
}

struct Vector32 {
  std::uint32_t base, length;
};

// In two pieces, so that the sum is not one of them.
struct Pieces {
  iovec* wide;
  Vector32* narrow;
};
Pieces in_pieces(const void* memory, std::size_t size) {
  auto* const base = const_cast<char*>(static_cast<const char*>(memory));
  auto* const wide = static_cast<iovec*>(low_bytes(2 * sizeof(iovec)));
  wide[0] = {.iov_base = base, .iov_len = 1};
  wide[1] = {.iov_base = base + 1, .iov_len = size - 1};
  auto* const narrow = static_cast<Vector32*>(low_bytes(2 * sizeof(Vector32)));
  for (int i = 0; i < 2; ++i)
    narrow[i] = {static_cast<std::uint32_t>(word(wide[i].iov_base)),
                 static_cast<std::uint32_t>(wide[i].iov_len)};
  return {wide, narrow};
}

long by_ring(By by, bool writes, const Asked& asked, const void* memory, const iovec* pieces) {
  io_uring_sqe entry{};
  const bool vector = by == By::ring_vector;
  if (vector)
    entry.opcode = writes ? IORING_OP_WRITEV : IORING_OP_READV;
  else
    entry.opcode = writes ? IORING_OP_WRITE : IORING_OP_READ;
  entry.fd = asked.fd;
  entry.off = asked.offset;
  entry.addr = vector ? word(pieces) : word(memory);
  entry.len = vector ? 2 : static_cast<__u32>(asked.size);
  return call_ring(entry, by == By::ring_worker ? IOSQE_ASYNC : 0,
                   by == By::ring_thread ? IORING_SETUP_SQPOLL : 0);
}

// What the request gave; what io_submit(2) itself gave when that failed.
long by_aio(By by, bool writes, const Asked& asked, const void* memory, const iovec* pieces) {
  aio_context_t context = 0;
  must(::syscall(SYS_io_setup, 1, &context) == 0, "io_setup");
  iocb request{};
  const bool vector = by == By::aio_vector;
  if (vector)
    request.aio_lio_opcode = writes ? IOCB_CMD_PWRITEV : IOCB_CMD_PREADV;
  else
    request.aio_lio_opcode = writes ? IOCB_CMD_PWRITE : IOCB_CMD_PREAD;
  request.aio_fildes = static_cast<__u32>(asked.fd);
  request.aio_buf = vector ? word(pieces) : word(memory);
  request.aio_nbytes = vector ? 2 : asked.size;
  request.aio_offset = static_cast<__s64>(asked.offset);
  iocb* requests[] = {&request};
  const long submitted = call64(SYS_io_submit, {context, 1, word(static_cast<iocb**>(requests))});
  if (submitted < 0) return submitted;
  io_event event{};
  must(::syscall(SYS_io_getevents, context, 1, 1, &event, nullptr) == 1, "io_getevents");
  return event.res;
}

long move(By by, bool writes, const Asked& asked) {
  const void* const memory =
      asked.memory != nullptr ? asked.memory : static_cast<const void*>(low("ABCDEFGHIJKLMNOP"));
  const Pieces pieces = in_pieces(memory, asked.size);
  const auto fd = static_cast<Word>(asked.fd);
  switch (by) {
    case By::plain:
      return call64(writes ? SYS_write : SYS_read, {fd, word(memory), asked.size});
    case By::at:
      return call64(writes ? SYS_pwrite64 : SYS_pread64,
                    {fd, word(memory), asked.size, asked.offset});
    case By::vector:
      return call64(writes ? SYS_writev : SYS_readv, {fd, word(pieces.wide), 2});
    case By::vector_at:
      return call64(writes ? SYS_pwritev : SYS_preadv, {fd, word(pieces.wide), 2, asked.offset});
    case By::vector_at2:
      return call64(writes ? SYS_pwritev2 : SYS_preadv2, {fd, word(pieces.wide), 2, asked.offset});
    case By::plain32:
      return call32(writes ? 4 : 3, {fd, word(memory), asked.size});
    case By::at32:
      return call32(writes ? 181 : 180, {fd, word(memory), asked.size, asked.offset});
    case By::vector32:
      return call32(writes ? 146 : 145, {fd, word(pieces.narrow), 2});
    case By::vector_at32:
      return call32(writes ? 334 : 333, {fd, word(pieces.narrow), 2, asked.offset});
    case By::ring:
    case By::ring_vector:
    case By::ring_worker:
    case By::ring_thread:
      return by_ring(by, writes, asked, memory, pieces.wide);
    case By::aio:
    case By::aio_vector:
      return by_aio(by, writes, asked, memory, pieces.wide);
  }
  return -ENOSYS;
}

Entry entry_of(By by, bool writes) {
  switch (by) {
    case By::plain:
      return {.number = writes ? SYS_write : SYS_read};
    case By::at:
      return {.number = writes ? SYS_pwrite64 : SYS_pread64};
    case By::vector:
      return {.number = writes ? SYS_writev : SYS_readv};
    case By::vector_at:
      return {.number = writes ? SYS_pwritev : SYS_preadv};
    case By::vector_at2:
      return {.number = writes ? SYS_pwritev2 : SYS_preadv2};
    case By::plain32:
      return {.number = writes ? 4 : 3, .compat = true};
    case By::at32:
      return {.number = writes ? 181 : 180, .compat = true};
    case By::vector32:
      return {.number = writes ? 146 : 145, .compat = true};
    case By::vector_at32:
      return {.number = writes ? 334 : 333, .compat = true};
    case By::ring:
    case By::ring_vector:
      return {.number = k_io_uring_enter, .ring = true};
    case By::ring_worker:
    case By::ring_thread:
      return {.ring = true, .worker = true};
    case By::aio:
    case By::aio_vector:
      return {.number = SYS_io_submit};
  }
  return {};
}

// Of one side of an operation.
struct Side {
  bool writes = false;
  std::size_t size = 5;
  std::optional<std::size_t> offset = {};
  bool user_memory = false;
};

// Of the file that the deed has looked at.
Event moved(const Done& done, Entry entry, const Side& side) {
  // By tracepoints, what a worker fails at is told by the thread that asked.
  if (entry.ring && !entry.worker && done.threads.size() > 1 &&
      (done.result >= 0 || !by_tracepoint()))
    entry = {.ring = true, .worker = true};
  // What becomes of an aio's request tracepoints do not tell.
  const bool under_way = by_tracepoint() && entry.number == SYS_io_submit;
  Done asked = done;
  if (under_way) asked.result = 0;
  Event fields = expected(asked, side.writes ? "write" : "read", entry);
  fields["evt.arg.user_memory"] = side.user_memory || under_way;
  fields["evt.arg.size"] = side.size;
  fields["evt.is_async"] = under_way;
  if (done.result >= 0 && !under_way) fields["evt.rawres"] = done.result;
  if (side.offset) fields["evt.arg.offset"] = *side.offset;
  fields["fd.name"] = fields["fd.hostpath"] = done.path;
  fields["fd.is_deleted"] = fields["fd.is_unreachable"] = false;
  add_object(fields, done.file);
  return fields;
}

std::string numbered(const std::string& name, By by) {
  return name + ", entry " + std::to_string(static_cast<int>(by));
}

Done do_move(const std::string& name, By by, bool writes, const Asked& asked, int error) {
  const Done done = perform(name, {.call = [&] {
                              look_at(asked.fd);
                              return move(by, writes, asked);
                            }});
  EXPECT_EQ(done.result < 0 ? -done.result : 0, error) << name;
  return done;
}

void check_move(const std::string& name, By by, bool writes, const Asked& asked, int error = 0,
                std::optional<std::size_t> offset = {}) {
  const Done done = do_move(name, by, writes, asked, error);
  if (!offset && S_ISREG(done.file.st_mode)) offset = takes_offset(by) ? asked.offset : 0;
  check_records(
      name, done,
      {moved(
          done, entry_of(by, writes),
          {.writes = writes, .size = asked.size, .offset = offset, .user_memory = is_vector(by)})});
}

TEST(Io, ReadsByEveryEntry) {
  for (const By by : k_all) {
    const int fd = open_or_die(file_in("/watched"), O_RDONLY);
    check_move(numbered("read", by), by, false, {.fd = fd});
    ::close(fd);
    // Less is there than was asked for, and nothing.
    const int short_fd = open_or_die(file_in("/watched", "x"), O_RDONLY);
    check_move(numbered("read a little", by), by, false, {.fd = short_fd, .offset = 0});
    check_move(numbered("read at the end", by), by, false, {.fd = short_fd, .offset = 1}, 0, 1);
    ::close(short_fd);
  }
}

TEST(Io, WritesByEveryEntry) {
  for (const By by : k_all) {
    const std::string path = file_in("/watched");
    const int fd = open_or_die(path, O_RDWR);
    check_move(numbered("write", by), by, true, {.fd = fd});
    ::close(fd);
    const int end = open_or_die(path, O_WRONLY | O_APPEND);
    // Where a call has appended, only a function knows.
    if (by_tracepoint() && takes_offset(by) && (by < By::ring || is_aio(by))) {
      const Done done = do_move(numbered("append", by), by, true, {.fd = end}, 0);
      Event fields =
          moved(done, entry_of(by, true), {.writes = true, .user_memory = is_vector(by)});
      check_records(numbered("append", by), done, {fields});
    } else {
      check_move(numbered("append", by), by, true, {.fd = end}, 0, k_text.size());
    }
    ::close(end);
  }
}

TEST(Io, WhereTheFileStands) {
  const int fd = open_or_die(file_in("/watched"), O_RDWR);
  ::lseek(fd, 7, SEEK_SET);
  check_move("read on", By::plain, false, {.fd = fd}, 0, 7);
  check_move("write on", By::vector, true, {.fd = fd}, 0, 12);
  check_move("read at the end", By::plain32, false, {.fd = fd}, 0, 17);
  ::close(fd);
}

TEST(Io, Failures) {
  const std::string path = file_in("/watched");
  const int in = open_or_die(path, O_RDONLY), out = open_or_die(path, O_WRONLY);
  const void* const nowhere = reinterpret_cast<const void*>(16);
  for (const By by : {By::plain, By::at, By::plain32, By::ring, By::aio}) {
    check_move(numbered("EFAULT", by), by, false, {.fd = in, .memory = nowhere}, EFAULT);
    check_move(numbered("EFAULT, write", by), by, true, {.fd = out, .memory = nowhere}, EFAULT);
  }
  for (const By by : {By::plain, By::at, By::vector, By::vector_at32, By::plain32}) {
    check_move(numbered("not to be read", by), by, false, {.fd = out}, EBADF);
    check_move(numbered("not to be written", by), by, true, {.fd = in}, EBADF);
  }
  const int directory = open_or_die(k_place + "/watched/below", O_RDONLY | O_DIRECTORY);
  check_move("EISDIR", By::plain, false, {.fd = directory}, EISDIR);
  for (const int fd : {in, out, directory}) ::close(fd);
}

TEST(Io, WhatIsNotWatchedGivesNothing) {
  const int fd = open_or_die(file_in("/plain"), O_RDWR);
  for (const By by : k_all) {
    check_records(numbered("unwatched", by),
                  do_move(numbered("unwatched", by), by, false, {.fd = fd}, 0), {});
    check_records(numbered("unwatched, write", by),
                  do_move(numbered("unwatched, write", by), by, true, {.fd = fd}, 0), {});
  }
  ::close(fd);
}

TEST(Io, BeneathADirectory) {
  std::string deep = k_place + "/watched/below";
  for (int i = 0; i < 20; ++i) {
    deep += "/d";
    make_directory(deep);
  }
  write_file(deep + "/f", k_text, 0600);
  const int fd = open_or_die(deep + "/f", O_RDONLY);
  check_move("deep beneath", By::plain, false, {.fd = fd});
  ::close(fd);
  // A link outside is the same file; it is found by its other name only.
  must(::link((deep + "/f").c_str(), (k_place + "/plain/link").c_str()) == 0, "link");
  const int outside = open_or_die(k_place + "/plain/link", O_RDONLY);
  check_records("by a name outside",
                do_move("by a name outside", By::plain, false, {.fd = outside}, 0), {});
  ::close(outside);
}

TEST(Io, AFileThatIsReplacedStaysWatched) {
  const std::string path = k_place + "/names/replaced";
  const int old = open_or_die(path, O_RDONLY);
  write_file(path + ".new", k_text, 0644);
  const int young = open_or_die(path + ".new", O_RDONLY);
  check_records("not yet", do_move("not yet", By::plain, false, {.fd = young}, 0), {});
  must(::rename((path + ".new").c_str(), path.c_str()) == 0, "rename");
  const int fd = open_or_die(path, O_RDWR);
  check_move("replaced", By::plain, false, {.fd = fd});
  check_move("replaced, written", By::at, true, {.fd = fd});
  // And so does the one that was there first.
  const Done done = do_move("the old one", By::plain, false, {.fd = old}, 0);
  Event fields = moved(done, entry_of(By::plain, false), {.offset = 0});
  fields["fd.name"] = fields["fd.hostpath"] = path;
  fields["fd.is_deleted"] = true;
  check_records("the old one", done, {fields});
  for (const int one : {old, young, fd}) ::close(one);
}

TEST(Io, AFileThatComesLater) {
  const std::string path = k_place + "/names/later";
  const int fd = open_or_die(path, O_RDWR | O_CREAT);
  check_move("later", By::plain, true, {.fd = fd});
  ::unlink(path.c_str());
  ::close(fd);
  const int again = open_or_die(path, O_RDWR | O_CREAT);
  check_move("later once more", By::ring, true, {.fd = again});
  ::close(again);
}

TEST(Io, OnAnOverlayOnce) {
  const std::string merged = k_place + "/overlay/merged";
  const int low = open_or_die(merged + "/low", O_RDONLY);
  for (const By by : {By::plain, By::vector_at, By::ring, By::aio})
    check_move(numbered("lower layer", by), by, false, {.fd = low});
  ::close(low);
  const int up = open_or_die(merged + "/up", O_RDWR);  // copied up
  for (const By by : {By::at, By::vector_at32, By::ring_worker})
    check_move(numbered("upper layer", by), by, true, {.fd = up});
  ::close(up);
}

// ---- without the caller's memory ----

struct Pair {
  int from = -1, to = -1;
};
Pair make_pipe(bool filled) {
  std::array<int, 2> ends{};
  must(::pipe2(ends.data(), O_CLOEXEC) == 0, "pipe");
  if (filled) must(::write(ends[1], "pipes", 5) == 5, "write");
  return {ends[0], ends[1]};
}
Pair make_sockets() {
  std::array<int, 2> ends{};
  must(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0, "socketpair");
  return {ends[0], ends[1]};
}

// From a place that the caller's memory tells, and not the kernel's, where nothing better is to be
// had.
Side told(std::size_t offset, bool writes = false) {
  return {.writes = writes, .offset = offset, .user_memory = by_tracepoint()};
}

// `looked`: whose record is looked at.
Done do_copy(const std::string& name, int looked, const std::function<long()>& call,
             int error = 0) {
  const Done done = perform(name, {.call = [&] {
                              look_at(looked);
                              return call();
                            }});
  EXPECT_EQ(done.result < 0 ? -done.result : 0, error) << name;
  return done;
}

Word as_word(int fd) {
  return static_cast<Word>(fd);
}

TEST(Io, Sendfile) {
  const Pair pipe = make_pipe(false), sockets = make_sockets();
  const int plain = open_or_die(file_in("/plain"), O_RDWR);
  for (const int to : {plain, sockets.from, pipe.to}) {
    const int fd = open_or_die(file_in("/watched"), O_RDONLY);
    const std::string name = "sendfile to " + std::to_string(to);
    const auto send = [&] { return call64(SYS_sendfile, {as_word(to), as_word(fd), 0, 5}); };
    const Done done = do_copy(name, fd, send);
    check_records(name, done, {moved(done, {.number = SYS_sendfile}, {.offset = 0})});
    auto* const at = static_cast<std::int64_t*>(low_bytes(sizeof(std::int64_t)));
    *at = 3;
    const auto send32 = [&] { return call32(239, {as_word(to), as_word(fd), word(at), 5}); };
    const Done done32 = do_copy(name + ", 32 bits", fd, send32);
    check_records(name + ", 32 bits", done32,
                  {moved(done32, {.number = 239, .compat = true}, told(3))});
    auto* const narrow = static_cast<std::int32_t*>(low_bytes(2 * sizeof(std::int32_t)));
    narrow[0] = 4;
    narrow[1] = -1;  // no part of it
    const auto old32 = [&] { return call32(187, {as_word(to), as_word(fd), word(narrow), 5}); };
    const Done done_old = do_copy(name + ", the old one", fd, old32);
    check_records(name + ", the old one", done_old,
                  {moved(done_old, {.number = 187, .compat = true}, told(4))});
    ::close(fd);
  }
  const int fd = open_or_die(file_in("/watched"), O_RDWR);
  ::lseek(fd, 4, SEEK_SET);
  const auto fill = [&] { return call64(SYS_sendfile, {as_word(fd), as_word(plain), 0, 5}); };
  ::lseek(plain, 0, SEEK_SET);
  const Done done = do_copy("sendfile into it", fd, fill);
  check_records("sendfile into it", done,
                {moved(done, {.number = SYS_sendfile}, {.writes = true, .offset = 4})});
  ::close(fd);
}

TEST(Io, BothSidesOfACopy) {
  const int from = open_or_die(file_in("/watched"), O_RDONLY);
  const int to = open_or_die(file_in("/watched"), O_RDWR);
  for (const bool sends : {true, false}) {
    const auto copy = [&] {
      return sends ? call64(SYS_sendfile, {as_word(to), as_word(from), 0, 5})
                   : call64(SYS_copy_file_range, {as_word(from), 0, as_word(to), 0, 5});
    };
    const std::size_t at = sends ? 0 : 5;
    const std::string name = sends ? "sendfile" : "copy_file_range";
    const Done done = do_copy(name + " both", from, copy);
    const Entry entry{.number = sends ? SYS_sendfile : SYS_copy_file_range};
    Event read = moved(done, entry, {.offset = at});
    Event write = moved(done, entry, {.writes = true, .offset = at});
    struct stat other{};
    must(::fstat(to, &other) == 0, "fstat");
    add_object(write, other);
    write["fd.name"] = write["fd.hostpath"] =
        std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(to)).string();
    check_records(name + " both", done, {read, write});
  }
  const int plain = open_or_die(file_in("/plain"), O_RDWR);
  auto* const at = static_cast<std::int64_t*>(low_bytes(sizeof(std::int64_t)));
  *at = 2;
  const auto copy = [&] {
    return call64(SYS_copy_file_range, {as_word(plain), 0, as_word(to), word(at), 5});
  };
  const Done done = do_copy("copy_file_range into it", to, copy);
  check_records("copy_file_range into it", done,
                {moved(done, {.number = SYS_copy_file_range}, told(2, true))});
  const auto wrong = [&] {
    return call64(SYS_copy_file_range, {as_word(to), 0, as_word(from), 0, 5});
  };
  const Done failed = do_copy("copy_file_range to what is read only", plain, wrong, EBADF);
  EXPECT_EQ(failed.result, -EBADF);
  Event read = moved(failed, {.number = SYS_copy_file_range}, {.offset = 10});
  Event write = moved(failed, {.number = SYS_copy_file_range}, {.writes = true, .offset = 10});
  for (const auto& [fields, fd] : {std::pair{&read, to}, std::pair{&write, from}}) {
    struct stat one{};
    must(::fstat(fd, &one) == 0, "fstat");
    add_object(*fields, one);
    (*fields)["fd.name"] = (*fields)["fd.hostpath"] =
        std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd)).string();
  }
  check_records("copy_file_range to what is read only", failed, {read, write});
  for (const int fd : {from, to, plain}) ::close(fd);
}

TEST(Io, SpliceBothWays) {
  const Pair empty = make_pipe(false), filled = make_pipe(true), more = make_pipe(true);
  auto* const at = static_cast<std::int64_t*>(low_bytes(sizeof(std::int64_t)));
  *at = 3;
  const int fd = open_or_die(file_in("/watched"), O_RDWR);
  const auto in = [&] { return call64(SYS_splice, {as_word(fd), 0, as_word(empty.to), 0, 5, 0}); };
  const Done read = do_copy("splice from it", fd, in);
  check_records("splice from it", read, {moved(read, {.number = SYS_splice}, {.offset = 0})});
  const auto in_at = [&] {
    return call64(SYS_splice, {as_word(fd), word(at), as_word(empty.to), 0, 5, 0});
  };
  const Done read_at = do_copy("splice from a place in it", fd, in_at);
  check_records("splice from a place in it", read_at,
                {moved(read_at, {.number = SYS_splice}, told(3))});
  const auto out = [&] {
    return call64(SYS_splice, {as_word(filled.from), 0, as_word(fd), 0, 5, 0});
  };
  const Done write = do_copy("splice into it", fd, out);
  check_records("splice into it", write,
                {moved(write, {.number = SYS_splice}, {.writes = true, .offset = 5})});
  const auto by_ring = [&] {
    io_uring_sqe entry{};
    entry.opcode = IORING_OP_SPLICE;
    entry.splice_fd_in = more.from;
    entry.splice_off_in = static_cast<__u64>(-1);
    entry.fd = fd;
    entry.off = 1;
    entry.len = 5;
    return call_ring(entry);
  };
  const Done ring = do_copy("splice by a ring", fd, by_ring);
  check_records("splice by a ring", ring,
                {moved(ring, {.ring = true, .worker = true}, {.writes = true, .offset = 1})});
  ::close(fd);
}

TEST(Io, APipeHasNoOffset) {
  const std::string path = k_place + "/watched/fifo";
  must(::mkfifo(path.c_str(), 0600) == 0, "mkfifo");
  const int fd = open_or_die(path, O_RDWR);
  for (const By by : {By::plain, By::vector, By::ring, By::plain32}) {
    check_move(numbered("fifo, write", by), by, true, {.fd = fd});
    check_move(numbered("fifo, read", by), by, false, {.fd = fd});
  }
  ::close(fd);
}

TEST(Io, FilesAndBuffersThatARingHasRegistered) {
  const int fd = open_or_die(file_in("/watched"), O_RDWR);
  for (const bool writes : {false, true}) {
    const std::string name = writes ? "registered, write" : "registered, read";
    const Done done = perform(name, {.call = [&] {
                                look_at(fd);
                                void* const memory = low_bytes(16);
                                Ring ring;
                                ring.register_file(fd);
                                ring.register_buffer(memory, 16);
                                io_uring_sqe entry{};
                                entry.opcode =
                                    writes ? IORING_OP_WRITE_FIXED : IORING_OP_READ_FIXED;
                                entry.flags = IOSQE_FIXED_FILE;
                                entry.addr = word(memory);
                                entry.len = 5;
                                entry.off = 3;
                                return static_cast<long>(ring.run(entry));
                              }});
    EXPECT_EQ(done.result, 5);
    check_records(name, done,
                  {moved(done, entry_of(By::ring, writes), {.writes = writes, .offset = 3})});
  }
  ::close(fd);
}

TEST(Io, AttemptsOfARingThatHasToWaitAreOne) {
  const std::string path = k_place + "/watched/slow";
  must(::mkfifo(path.c_str(), 0600) == 0, "mkfifo");
  const int fd = open_or_die(path, O_RDWR);
  const Done done = perform("a ring waits", {.call = [&] {
                              look_at(fd);
                              Ring ring;
                              io_uring_sqe entry{};
                              entry.opcode = IORING_OP_READ;
                              entry.fd = fd;
                              entry.addr = word(low_bytes(5));
                              entry.len = 5;
                              ring.submit(entry);
                              must(::write(fd, "12345", 5) == 5, "write");
                              return static_cast<long>(ring.wait());
                            }});
  EXPECT_EQ(done.result, 5);
  // What it waited for it found on the way out of the write.
  Event read = moved(done, entry_of(By::ring, false), {});
  read.erase("evt.syscall");
  check_records("a ring waits", done,
                {moved(done, entry_of(By::plain, true), {.writes = true}), read});
  ::close(fd);
}

// ---- a disk ----

TEST(Io, OfADiskToo) {
  const int fd = open_or_die(k_disk, O_RDWR);
  for (const By by : {By::plain, By::at, By::vector_at, By::ring, By::aio}) {
    const std::size_t offset = takes_offset(by) ? 4096 : 0;
    ::lseek(fd, 0, SEEK_SET);
    check_move(numbered("disk, read", by), by, false, {.fd = fd, .offset = offset}, 0, offset);
    ::lseek(fd, 0, SEEK_SET);
    check_move(numbered("disk, write", by), by, true, {.fd = fd, .offset = offset}, 0, offset);
  }
  ::close(fd);
}

TEST(Io, WhatIsUnderWayHasNoResultYet) {
  const int fd = open_or_die(k_disk, O_RDWR | O_DIRECT);
  constexpr std::size_t k_block = 4096;
  char* const memory = static_cast<char*>(low_bytes(2 * k_block));
  const Asked asked{.fd = fd,
                    .size = k_block,
                    .offset = k_block,
                    .memory = memory + (k_block - word(memory) % k_block)};
  for (const bool writes : {false, true}) {
    const Done done = do_move("under way", By::ring, writes, asked, 0);
    EXPECT_EQ(done.result, k_block);
    Event fields = moved(done, entry_of(By::ring, writes), {.writes = writes, .size = k_block});
    if (by_tracepoint()) {  // they tell of it when it is over
      fields["evt.arg.offset"] = k_block;
    } else {
      fields["evt.is_async"] = true;
      fields.erase("evt.rawres");
    }
    check_records("under way", done, {fields});
  }
  ::close(fd);
}

}  // namespace
}  // namespace gancho::test
