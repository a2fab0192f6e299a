// SPDX-License-Identifier: Apache-2.0
#include "support/call_truth.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <memory>
#include <stdexcept>
#include <thread>

namespace gancho::test {
namespace {

using namespace std::chrono_literals;

constexpr auto k_limit = 60s;
constexpr std::uint64_t k_tick_ns = 10'000'000;  // of /proc/PID/stat

std::uint64_t boot_clock() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

// What the child tells the test.
struct Told {
  std::uint64_t begin, end;
  long result;
  int look_at;
  struct stat file;
  std::array<char, 8192> path;
  std::array<pid_t, 16> threads;
};

Told& told() {
  static auto* const area = static_cast<Told*>(
      ::mmap(nullptr, sizeof(Told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  return *area;
}

// Opened by the test, so that a child in a chroot has it too.
int proc() {
  static const int fd = ::open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
  return fd;
}

void look_around() {
  Told& to = told();
  const int fd = to.look_at >= 0 ? to.look_at : static_cast<int>(to.result);
  if (fd >= 0 && ::fstat(fd, &to.file) == 0) {
    const std::string link = "self/fd/" + std::to_string(fd);
    (void)::readlinkat(proc(), link.c_str(), to.path.data(), to.path.size() - 1);
  }
  DIR* const tasks = ::fdopendir(::openat(proc(), "self/task", O_RDONLY | O_DIRECTORY));
  if (tasks == nullptr) return;
  std::size_t i = 0;
  while (const dirent* entry = ::readdir(tasks))
    if (entry->d_name[0] != '.' && i < to.threads.size())
      to.threads[i++] = std::stoi(entry->d_name);
}

// One agent, and what it has shown so far.
class CallLog {
 public:
  static CallLog& get() {
    static CallLog log;
    return log;
  }

  // The records of one operation; at the end there must not be more.
  std::vector<Event> records(const std::string& name, const Done& done, std::size_t count,
                             bool by_caller);
  void finish();

 private:
  struct Window {
    std::string name;
    pid_t pid;
    pid_t tid;  // 0: any
    std::uint64_t begin, end;
    std::size_t expected;
    [[nodiscard]] bool holds(const Event& event) const {
      const auto time = static_cast<std::uint64_t>(number_of(event, "evt.boottime"));
      return number_of(event, "proc.pid") == pid && begin <= time && time <= end &&
             (tid == 0 || number_of(event, "thread.tid") == tid);
    }
  };

  CallLog()
      : agent_(command()), file_(::open(agent_.output_path().c_str(), O_RDONLY | O_CLOEXEC)) {}
  static std::vector<std::string> command() {
    std::vector<std::string> words{"watch"};
    words.insert(words.end(), k_watched.begin(), k_watched.end());
    const std::string pid = std::to_string(::getpid());
    for (const char* word : {"--pid", pid.c_str(), "--children", "-o", "json"})
      words.emplace_back(word);
    return words;
  }
  void read_on();

  Agent agent_;
  Fd file_;
  std::string partial_;
  std::vector<Event> events_;
  std::vector<Window> windows_;
};

class FinishLast : public ::testing::Environment {
 public:
  void SetUp() override { CallLog::get(); }
  void TearDown() override { CallLog::get().finish(); }
};
const auto* const k_finish_last = ::testing::AddGlobalTestEnvironment(new FinishLast);

void CallLog::read_on() {
  std::array<char, 65536> bytes;
  for (ssize_t n = 0; (n = ::read(file_.get(), bytes.data(), bytes.size())) > 0;)
    partial_.append(bytes.data(), static_cast<std::size_t>(n));
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = partial_.find('\n', begin)) != std::string::npos;
       begin = end + 1)
    events_.push_back(
        boost::json::parse(std::string_view(partial_).substr(begin, end - begin)).as_object());
  partial_.erase(0, begin);
}

std::vector<Event> CallLog::records(const std::string& name, const Done& done, std::size_t count,
                                    bool by_caller) {
  const Facts& facts = done.process.facts;
  const Window window{name, facts.pid, by_caller ? facts.tid : 0, done.begin, done.end, count};
  windows_.push_back(window);
  const auto limit = std::chrono::steady_clock::now() + k_limit;
  for (;;) {
    read_on();
    std::vector<Event> found;
    std::ranges::copy_if(events_, std::back_inserter(found),
                         [&](const Event& event) { return window.holds(event); });
    if (found.size() >= count) return found;
    if (std::chrono::steady_clock::now() > limit)
      throw std::runtime_error(name + ": " + std::to_string(found.size()) + " records of " +
                               std::to_string(count));
    std::this_thread::sleep_for(5ms);
  }
}

void CallLog::finish() {
  const Ended ended = agent_.stop();
  EXPECT_EQ(ended.status, 0) << ended.error;
  std::size_t matched = 0;
  for (const Window& window : windows_) {
    const auto held = std::ranges::count_if(
        ended.events, [&](const Event& event) { return window.holds(event); });
    matched += static_cast<std::size_t>(held);
    if (static_cast<std::size_t>(held) == window.expected) continue;
    ADD_FAILURE() << window.name << ": " << held << " records of " << window.expected;
    for (const Event& event : ended.events)
      if (window.holds(event)) std::printf("%s\n", boost::json::serialize(event).c_str());
  }
  EXPECT_TRUE(where(ended.events, "evt.type", "lost").empty());
  for (const char* name : {"vital", "bulk"}) {
    const auto& account = ended.account.at(name);
    EXPECT_EQ(account.at("offered"), account.at("delivered")) << name;
  }
  std::printf("[ records  ] %zu for %zu operations; %zu of their stages\n", matched,
              windows_.size(), ended.events.size() - matched);
}

std::string name_of_user(std::uint32_t uid) {
  const passwd* entry = ::getpwuid(uid);
  return entry != nullptr ? entry->pw_name : "";
}

std::string name_of_group(std::uint32_t gid) {
  const group* entry = ::getgrgid(gid);
  return entry != nullptr ? entry->gr_name : "";
}

// What no case can know beforehand, checked against what is known; then out of the way.
void check_moment(const Done& done, Event& event) {
  const auto start = static_cast<std::uint64_t>(number_of(event, "proc.start_time"));
  EXPECT_EQ(start / k_tick_ns, done.process.facts.start_ticks);
  EXPECT_GE(number_of(event, "evt.num"), 0);
  EXPECT_GE(number_of(event, "evt.cpu"), 0);
  EXPECT_LT(number_of(event, "evt.cpu"), ::sysconf(_SC_NPROCESSORS_CONF));
  static const std::int64_t count = number_of(event, "proc.exec_count");  // all were forked from us
  EXPECT_EQ(number_of(event, "proc.exec_count"), count);
  EXPECT_TRUE(text_of(event, "evt.time").ends_with("Z"));
  for (const char* field :
       {"evt.time", "evt.boottime", "evt.num", "evt.cpu", "proc.start_time", "proc.exec_count"})
    event.erase(field);
}

// thread.tid of a worker: any thread of the process but the one that asked.
void check_worker(const Done& done, Event& event, Event& fields) {
  if (fields.at("thread.tid") != "worker") return;
  fields.erase("thread.tid");
  const auto tid = static_cast<pid_t>(number_of(event, "thread.tid"));
  EXPECT_NE(tid, done.process.facts.tid);
  EXPECT_TRUE(done.threads.contains(tid)) << tid;
  event.erase("thread.tid");
}

}  // namespace

void look_at(int fd) {
  told().look_at = fd;
}

Done perform(const std::string& name, const Deed& deed) {
  proc();
  told() = Told{};
  told().look_at = -1;
  const Act act{.stage = deed.stage, .execute = [&] {
                  Told& to = told();
                  to.begin = boot_clock();
                  to.result = deed.call();
                  to.end = boot_clock();
                  look_around();
                }};
  Done done;
  done.process = perform(name, act);
  const Told& from = told();
  if (from.end == 0) throw std::runtime_error(name + ": the call did not come back");
  done.begin = from.begin;
  done.end = from.end;
  done.result = from.result;
  done.file = from.file;
  done.path = from.path.data();
  for (const pid_t tid : from.threads)
    if (tid != 0) done.threads.insert(tid);
  return done;
}

Event expected(const Done& done, std::string_view type, const Entry& entry) {
  const Facts& facts = done.process.facts;
  const bool failed = done.result < 0;
  Event event{{"evt.type", type},
              {"evt.class", "bulk"},
              {"proc.pid", facts.pid},
              {"thread.tid", facts.tid},
              {"proc.name", facts.comm},
              {"evt.res", failed ? ::strerrorname_np(static_cast<int>(-done.result)) : "SUCCESS"},
              {"evt.is_compat", entry.compat},
              {"evt.is_io_uring", entry.ring},
              {"evt.arg.user_memory", false},
              {"user.uid", facts.uid[1]},
              {"user.ruid", facts.uid[0]},
              {"group.gid", facts.gid[1]},
              {"group.rgid", facts.gid[0]},
              {"cgroup.id", facts.cgroup_id},
              {"container.id", "host"}};
  // A worker makes no call.
  if (entry.worker)
    event["thread.tid"] = "worker";
  else
    event["evt.syscall"] = call_name(entry.number, entry.compat);
  const auto name = [&](const char* field, const std::string& value) {
    if (!value.empty()) event[field] = value;
  };
  name("user.name", name_of_user(facts.uid[1]));
  name("user.rname", name_of_user(facts.uid[0]));
  name("group.name", name_of_group(facts.gid[1]));
  name("group.rname", name_of_group(facts.gid[0]));
  return event;
}

namespace {

std::vector<Event> check_all(const std::string& name, const Done& done,
                             const std::vector<Event>& fields, bool by_caller) {
  SCOPED_TRACE("case " + name);
  std::vector<Event> events = CallLog::get().records(name, done, fields.size(), by_caller);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const bool before = ::testing::Test::HasFailure();
    Event event = events[i], field = fields[i];
    check_moment(done, event);
    check_worker(done, event, field);
    for (const auto& [key, value] : field)
      EXPECT_TRUE(event.contains(key) && (value.is_null() || event.at(key) == value))
          << key << " is "
          << (event.contains(key) ? boost::json::serialize(event.at(key)) : "absent")
          << ", expected " << value;
    for (const auto& [key, value] : event)
      EXPECT_TRUE(field.contains(key)) << key << " is " << value << ", expected absent";
    if (!before && ::testing::Test::HasFailure())
      std::printf("%s\n", boost::json::serialize(events[i]).c_str());
  }
  return events;
}

}  // namespace

std::vector<Event> check_records(const std::string& name, const Done& done,
                                 const std::vector<Event>& fields) {
  return check_all(name, done, fields, false);
}

std::vector<Event> check_by_caller(const std::string& name, const Done& done,
                                   const std::vector<Event>& fields) {
  return check_all(name, done, fields, true);
}

std::string octal(unsigned mode) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04o", mode & 07777);
  return text.data();
}

std::string device_text(dev_t device) {
  return std::to_string(major(device)) + ":" + std::to_string(minor(device));
}

}  // namespace gancho::test
