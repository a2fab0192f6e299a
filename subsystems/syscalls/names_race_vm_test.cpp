// SPDX-License-Identifier: Apache-2.0
//
// One thread calls, another rewrites the name in memory all the while. Which name the kernel took
// is known from what it did; the record must say the same.
#include <linux/fs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

#include "support/files_case.h"

namespace gancho::test {
namespace {

constexpr std::size_t k_rounds = 400;
constexpr std::array k_names = {'a', 'b', 'c'};  // files a and b are there, c is not

struct Round {
  long result;
  int file;  // what the kernel acted on: an index of k_names; -1: on none
};

Round* rounds() {
  static auto* const area =
      static_cast<Round*>(::mmap(nullptr, k_rounds * sizeof(Round), PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  return area;
}

void run_on(int processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  (void)::sched_setaffinity(0, sizeof(set), &set);
}

struct Race {
  std::string place = fresh();
  std::array<struct stat, 2> files = {};

  Race() {
    for (std::size_t i = 0; i < files.size(); ++i) files[i] = look(make_file(path(k_names[i])));
  }
  [[nodiscard]] std::string path(char name) const { return place + "/" + name; }

  // Makes all rounds in a child: `call` is given the path that changes, `acted` says what it acted
  // on.
  template <class Call, class Acted>
  Done run(const std::string& name, Call call, Acted acted) const {
    return run_with(name, path('a'), call, acted);
  }
  // The same with another text, of which the last letter changes.
  template <class Call, class Acted>
  static Done run_with(const std::string& name, const std::string& text, Call call, Acted acted) {
    std::fill_n(rounds(), k_rounds, Round{});  // mapped before the child is forked
    return perform(name, {.call = [&]() -> long {
                     auto* const racing = static_cast<char*>(low_bytes(text.size() + 1));
                     text.copy(racing, text.size());
                     std::atomic_ref<char> last(racing[text.size() - 1]);
                     std::atomic<bool> done = false;
                     std::atomic<bool> apart = false;
                     std::atomic<bool> moved = false;
                     std::atomic<std::size_t> turns = 0;
                     run_on(0);
                     std::thread other([&] {
                       bool here = true;
                       for (std::size_t i = 0; !done; ++i) {
                         last = k_names[i % k_names.size()];
                         turns = i;
                         if (here) std::this_thread::yield();
                         if (here && apart) run_on(1), here = false, moved = true;
                       }
                     });
                     // Half of the rounds on one processor, in turns; half on two.
                     for (std::size_t i = 0; i < k_rounds; ++i) {
                       apart = i >= k_rounds / 2;
                       // Yielding alone may come back at once, round after round.
                       const std::size_t turn = turns;
                       while (apart ? !moved : turns == turn) std::this_thread::yield();
                       const long result = call(racing);
                       rounds()[i] = {result, acted(result)};
                     }
                     done = true;
                     other.join();
                     return 0;
                   }});
  }
};

// The fields of one call, as if it had been made alone.
Event alone(Done done, const Round& round, std::string_view type, std::int64_t number) {
  done.result = round.result;
  return expected(done, type, {.number = number});
}

void expect_all_ways(const std::set<int>& ways) {
  std::set<int> seen;
  for (std::size_t i = 0; i < k_rounds; ++i) seen.insert(rounds()[i].file);
  EXPECT_EQ(seen, ways) << "the name did not change";
}

TEST(Race, Open) {
  const Race race;
  const auto acted = [&](long result) {
    struct stat file{};
    if (result < 0 || ::fstat(static_cast<int>(result), &file) != 0) return -1;
    ::close(static_cast<int>(result));
    return file.st_ino == race.files[0].st_ino ? 0 : 1;
  };
  const Done done = race.run(
      "open", [](const char* path) { return call64(SYS_open, {word(path), O_RDONLY}); }, acted);
  expect_all_ways({-1, 0, 1});
  std::vector<Event> all;
  for (std::size_t i = 0; i < k_rounds; ++i) {
    const Round& round = rounds()[i];
    Event fields = alone(done, round, "open", SYS_open);
    const bool found = round.file >= 0;
    const std::string path = race.path(found ? k_names[static_cast<std::size_t>(round.file)] : 'c');
    fields["fd.nameraw"] = path;
    fields["evt.arg.flags"] = "O_RDONLY";
    fields["evt.arg.mode"] = "0000";
    fields["evt.arg.resolve"] = "0";
    fields["evt.is_created"] = false;
    if (found) {
      fields["fd.num"] = round.result;
      fields["fd.name"] = fields["fd.hostpath"] = path;
      fields["fd.is_deleted"] = fields["fd.is_unreachable"] = false;
      add_object(fields, race.files[static_cast<std::size_t>(round.file)]);
    }
    all.push_back(std::move(fields));
  }
  check_records("race of open", done, all);
}

// Those that take a name away: which one is missing afterwards? It is put back under its own name.
void take_away(const Race& race, const std::string& type, long number,
               const std::function<long(const char*)>& call,
               const std::function<void(int)>& put_back) {
  const auto acted = [&](long result) {
    if (result < 0) return -1;
    const int file = ::access(race.path('a').c_str(), F_OK) != 0 ? 0 : 1;
    put_back(file);
    return file;
  };
  const Done done = race.run(type, call, acted);
  expect_all_ways({-1, 0, 1});
  std::vector<Event> all;
  const std::string to = race.place + "/to";
  for (std::size_t i = 0; i < k_rounds; ++i) {
    const Round& round = rounds()[i];
    Event fields = alone(done, round, type, number);
    const bool found = round.file >= 0;
    const auto index = static_cast<std::size_t>(round.file);
    const std::string path = race.path(found ? k_names[index] : 'c');
    const bool two = type == "rename";
    fields[two ? "fs.path.sourceraw" : "fs.path.nameraw"] = path;
    if (two) {
      fields["fs.path.targetraw"] = to;
      fields["evt.arg.flags"] = "0";
    }
    if (found) {
      fields[two ? "fs.path.source" : "fs.path.name"] = path;
      if (two) fields["fs.path.target"] = to;
      if (!two) fields["fs.path.hostpath"] = path;
      add_object(fields, race.files[index]);
    }
    all.push_back(fields);
    if (!found) continue;
    // Put back: by an operation that has a record of its own.
    Event back = alone(done, {}, two ? "rename" : "link", two ? SYS_rename : SYS_link);
    const std::string from = two ? to : race.place + "/keep" + k_names[index];
    back["fs.path.sourceraw"] = back["fs.path.source"] = from;
    back["fs.path.targetraw"] = back["fs.path.target"] = path;
    back["evt.arg.flags"] = "0";
    add_object(back, race.files[index]);
    all.push_back(std::move(back));
  }
  check_records("race of " + type, done, all);
}

TEST(Race, Rename) {
  const Race race;
  const Word to = word(low(race.place + "/to"));
  take_away(
      race, "rename", SYS_rename,
      [&](const char* path) { return call64(SYS_rename, {word(path), to}); },
      [&](int file) {
        const std::string path = race.path(k_names[static_cast<std::size_t>(file)]);
        must(call64(SYS_rename, {to, word(path.c_str())}) == 0, "rename");
      });
}

TEST(Race, Unlink) {
  const Race race;
  for (const char name : {'a', 'b'})
    must(::link(race.path(name).c_str(), (race.place + "/keep" + name).c_str()) == 0, "link");
  take_away(
      race, "unlink", SYS_unlink,
      [&](const char* path) { return call64(SYS_unlink, {word(path)}); },
      [&](int file) {
        const char name = k_names[static_cast<std::size_t>(file)];
        const std::string keep = race.place + "/keep" + name;
        must(call64(SYS_link, {word(keep.c_str()), word(race.path(name).c_str())}) == 0, "link");
      });
}

// The name as it was given is read when all is over, and says so; what was found is what was acted
// on.
TEST(Race, Chmod) {
  const Race race;
  unsigned mode = 0;  // of the round: no two have the same
  const auto acted = [&](long result) {
    if (result < 0) return -1;
    return (look(race.path('a')).st_mode & 07777U) == mode ? 0 : 1;
  };
  const Done done = race.run(
      "chmod", [&](const char* path) { return call64(SYS_chmod, {word(path), ++mode}); }, acted);
  expect_all_ways({-1, 0, 1});
  std::vector<Event> all;
  auto files = race.files;
  for (std::size_t i = 0; i < k_rounds; ++i) {
    const Round& round = rounds()[i];
    const auto asked = static_cast<unsigned>(i + 1);
    Event fields = alone(done, round, "chmod", SYS_chmod);
    fields["fs.path.nameraw"] = nullptr;
    fields["evt.arg.user_memory"] = true;
    fields["evt.arg.mode"] = octal(asked);
    fields["evt.arg.flags"] = "0";
    if (round.file >= 0) {
      const auto index = static_cast<std::size_t>(round.file);
      fields["fs.path.name"] = fields["fs.path.hostpath"] = race.path(k_names[index]);
      add_owned_object(fields, files[index]);
      files[index].st_mode = S_IFREG | asked;
    }
    all.push_back(std::move(fields));
  }
  check_records("race of chmod", done, all);
}

// The attribute's name is the kernel's own copy.
TEST(Race, Setxattr) {
  const std::string file = make_file(fresh() + "/f");
  const std::string attribute = "trusted.";
  const Word path = word(low(file));
  std::uint32_t value = 0;  // of the round
  const auto acted = [&](long) {
    for (std::size_t i = 0; i < k_names.size(); ++i) {
      std::uint32_t now = 0;
      const std::string name = attribute + k_names[i];
      if (::getxattr(file.c_str(), name.c_str(), &now, sizeof(now)) > 0 && now == value)
        return static_cast<int>(i);
    }
    return -1;
  };
  const Done done = Race::run_with(
      "setxattr", attribute + 'a',
      [&](const char* name) {
        ++value;
        return call64(SYS_setxattr, {path, word(name), word(&value), sizeof(value), 0});
      },
      acted);
  expect_all_ways({0, 1, 2});
  std::vector<Event> all;
  for (std::size_t i = 0; i < k_rounds; ++i) {
    Event fields = alone(done, rounds()[i], "setxattr", SYS_setxattr);
    fields["fs.path.nameraw"] = fields["fs.path.name"] = fields["fs.path.hostpath"] = file;
    fields["evt.arg.user_memory"] = true;
    fields["evt.arg.name"] = attribute + k_names[static_cast<std::size_t>(rounds()[i].file)];
    fields["evt.arg.size"] = sizeof(value);
    fields["evt.arg.flags"] = "0";
    add_owned_object(fields, look(file));
    all.push_back(std::move(fields));
  }
  check_records("race of setxattr", done, all);
}

// Waits until a thread of this process sleeps, in a state of /proc/PID/stat.
void wait_for_sleep(pid_t tid, char state) {
  const std::string path = "/proc/self/task/" + std::to_string(tid) + "/stat";
  for (;;) {
    const std::string text = read_text(path);
    if (text.substr(text.rfind(')') + 2, 1)[0] == state) return;
    std::this_thread::yield();
  }
}

// The call comes to a stand after the kernel took the name and before it acted; meanwhile the name
// in memory becomes another one.
Done rewritten(const std::string& name, const std::string& first, const std::string& second,
               char state, const std::function<long(const char*)>& call,
               const std::function<void()>& let_go) {
  return perform(name, {.call = [&]() -> long {
                   auto* const racing = static_cast<char*>(low_bytes(first.size() + 1));
                   first.copy(racing, first.size());
                   const pid_t caller = ::gettid();
                   std::thread other([&] {
                     wait_for_sleep(caller, state);
                     second.copy(racing, second.size());
                     let_go();
                   });
                   const long result = call(racing);
                   other.join();
                   return result;
                 }});
}

TEST(Race, OpenThatWaits) {
  const std::string place = fresh();
  const std::string a = place + "/a", b = place + "/b";
  must(::mkfifo(a.c_str(), 0600) == 0, "mkfifo");
  make_file(b);
  const Done done = rewritten(
      "open of a fifo", a, b, 'S',
      [](const char* path) { return call64(SYS_open, {word(path), O_RDONLY}); },
      [&] { (void)::open(a.c_str(), O_RDWR | O_NONBLOCK); });
  Event fields = expected(done, "open", {.number = SYS_open});
  fields["fd.num"] = done.result;
  fields["fd.nameraw"] = fields["fd.name"] = fields["fd.hostpath"] = a;
  fields["fd.is_deleted"] = fields["fd.is_unreachable"] = fields["evt.is_created"] = false;
  fields["evt.arg.flags"] = "O_RDONLY";
  fields["evt.arg.mode"] = "0000";
  fields["evt.arg.resolve"] = "0";
  add_object(fields, look(a));
  check_by_caller("open of a fifo", done, {fields});
}

// A file system that can be frozen: who wants to write then waits.
class Freezable {
 public:
  Freezable() {
    const std::string image = fresh() + "/image";
    make_file(image);
    must(::truncate(image.c_str(), 8 << 20) == 0, "truncate");
    gancho::test::run({"modprobe", "-a", "loop", "ext4"});
    const Ran made = gancho::test::run({"mke2fs", "-q", "-t", "ext4", image});
    const Ran mounted = gancho::test::run({"mount", "-o", "loop", image, path_});
    if (made.status != 0 || mounted.status != 0)
      throw std::runtime_error(made.error + mounted.error);
    fd_ = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY);
  }
  Freezable(const Freezable&) = delete;
  Freezable& operator=(const Freezable&) = delete;
  ~Freezable() { ::close(fd_); }
  [[nodiscard]] const std::string& path() const { return path_; }
  void freeze() const { must(::ioctl(fd_, FIFREEZE, 0) == 0, "FIFREEZE"); }
  void thaw() const { must(::ioctl(fd_, FITHAW, 0) == 0, "FITHAW"); }

 private:
  std::string path_ = fresh();
  int fd_ = -1;
};

TEST(Race, NamesThatWait) {
  const Freezable disk;
  const std::string a = make_file(disk.path() + "/a"), b = make_file(disk.path() + "/b");
  const struct stat file = look(a);
  const std::string to = disk.path() + "/to";
  disk.freeze();
  const Done renamed = rewritten(
      "rename", a, b, 'D',
      [&](const char* path) { return call64(SYS_rename, {word(path), word(to.c_str())}); },
      [&] { disk.thaw(); });
  EXPECT_EQ(look(to).st_ino, file.st_ino);
  Event fields = expected(renamed, "rename", {.number = SYS_rename});
  fields["fs.path.sourceraw"] = fields["fs.path.source"] = a;
  fields["fs.path.targetraw"] = fields["fs.path.target"] = to;
  fields["evt.arg.flags"] = "0";
  add_object(fields, file);
  check_by_caller("rename", renamed, {fields});

  make_file(a);
  const struct stat again = look(a);
  disk.freeze();
  const Done removed = rewritten(
      "unlink", a, b, 'D', [](const char* path) { return call64(SYS_unlink, {word(path)}); },
      [&] { disk.thaw(); });
  EXPECT_NE(::access(a.c_str(), F_OK), 0);
  fields = expected(removed, "unlink", {.number = SYS_unlink});
  fields["fs.path.nameraw"] = fields["fs.path.name"] = fields["fs.path.hostpath"] = a;
  add_object(fields, again);
  check_by_caller("unlink", removed, {fields});
}

}  // namespace
}  // namespace gancho::test
