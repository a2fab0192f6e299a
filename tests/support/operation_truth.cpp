// SPDX-License-Identifier: Apache-2.0
#include "support/operation_truth.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <csignal>
#include <cstring>
#include <fstream>
#include <memory>
#include <span>
#include <sstream>
#include <stdexcept>

#include "support/account.h"

namespace gancho::test {
namespace {

std::vector<std::string>& watched() {
  static std::vector<std::string> events;
  return events;
}

std::vector<std::string> arguments() {
  std::vector<std::string> words{"watch"};
  words.insert(words.end(), watched().begin(), watched().end());
  for (const std::string word : {"-o", "json", "--children", "--pid"}) words.push_back(word);
  words.push_back(std::to_string(::getpid()));
  return words;
}

// What is the same for all operations and checked here; the first of them in the process room too.
constexpr std::size_t k_process_common = 15;
const std::vector<std::string> k_common{
    "evt.time",
    "evt.boottime",
    "evt.type",
    "evt.class",
    "evt.num",
    "evt.cpu",
    "proc.pid",
    "thread.tid",
    "proc.name",
    "proc.start_time",
    "proc.exec_count",
    "evt.res",
    "evt.syscall",
    "evt.is_compat",
    "container.id",
    "evt.is_io_uring",
    "evt.arg.user_memory",
    "user.uid",
    "user.name",
    "user.ruid",
    "user.rname",
    "group.gid",
    "group.name",
    "group.rgid",
    "group.rname",
    "cgroup.id",
};

std::string value_of(const boost::json::value& value) {
  return value.is_string() ? std::string(value.as_string()) : boost::json::serialize(value);
}

// What the child tells before it acts: records that are older are not about the act.
const std::string k_begin = "begin";
std::int64_t boot_now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

// Field 22 of /proc/PID/stat: clock ticks since the machine started.
std::int64_t start_ticks(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  text.erase(0, text.rfind(')') + 2);
  std::istringstream words(text);
  std::string word;
  for (int field = 3; field <= 22; ++field) words >> word;
  return word.empty() ? -1 : std::stoll(word);
}

std::string comm_of(pid_t tid) {
  std::ifstream file("/proc/" + std::to_string(tid) + "/comm");
  std::string name;
  std::getline(file, name);
  return name;
}

}  // namespace

const char* entry_name(Entry entry) {
  return entry == Entry::native ? "64-bit" : "32-bit";
}

long enter(Entry entry, Call call, long a, long b, long c, long d, long e, long f) {
  if (entry == Entry::native) {
    const long result = ::syscall(call.native, a, b, c, d, e, f);
    return result == -1 ? -errno : result;
  }
  // ebp, the sixth argument, is the compiler's own.
  std::int32_t result = 0;
  const auto sixth = static_cast<std::uint64_t>(static_cast<std::uint32_t>(f));
  asm volatile(
      "push %%rbp\n\t"
      "mov %[sixth], %%rbp\n\t"
      "int $0x80\n\t"
      "pop %%rbp"
      : "=a"(result)
      : "a"(static_cast<std::uint32_t>(call.compat)), "b"(static_cast<std::uint32_t>(a)),
        "c"(static_cast<std::uint32_t>(b)), "d"(static_cast<std::uint32_t>(c)),
        "S"(static_cast<std::uint32_t>(d)), "D"(static_cast<std::uint32_t>(e)), [sixth] "r"(sixth)
      : "memory", "cc", "r8", "r9", "r10", "r11");
  // An address may have its high bit set; an error is a small number.
  const long signed_result = result;
  return signed_result < 0 && signed_result >= -4095
             ? signed_result
             : static_cast<long>(static_cast<std::uint32_t>(result));
}

void* low_memory(std::size_t bytes) {
  void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  if (memory == MAP_FAILED) throw std::runtime_error("no low memory");
  return memory;
}

long low_string(const char* text) {
  void* const memory = low_memory(std::strlen(text) + 1);
  std::strcpy(static_cast<char*>(memory), text);
  return reinterpret_cast<long>(memory);
}

void Told::field(const std::string& name, const std::string& value) const {
  const std::string line = name + '\t' + value + '\n';
  (void)!::write(pipe_, line.data(), line.size());
}
void Told::field(const std::string& name, std::int64_t value) const {
  field(name, std::to_string(value));
}
void Told::result(long value) const {
  field("", value);
}

Fields operator+(Fields left, const Fields& right) {
  for (const auto& [name, value] : right) left[name] = value;
  return left;
}

void become(std::uint32_t uid) {
  if (::syscall(SYS_setresgid, uid, uid, uid) != 0 || ::syscall(SYS_setresuid, uid, uid, uid) != 0)
    throw std::runtime_error("cannot become another user");
}

Fields target_of(pid_t pid, pid_t tid) {
  return {{"target.pid", std::to_string(pid)},
          {"target.tid", std::to_string(tid)},
          {"target.name", comm_of(tid)},
          {"target.start_time", "ticks " + std::to_string(start_ticks(pid))},
          {"target.uid", "0"},
          {"target.user", "root"},
          {"target.ruid", "0"},
          {"target.ruser", "root"}};
}

Bystander::Bystander(pid_t group) : pid_(::fork()) {
  if (pid_ != 0) {
    if (group >= 0) ::setpgid(pid_, group);
    // Its own name says that it is ready.
    while (comm_of(pid_) != "bystander") ::usleep(1000);
    return;
  }
  for (int signal = 1; signal < 65; ++signal) std::signal(signal, SIG_IGN);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_NAME, "bystander");
  for (;;) ::pause();
}

Bystander::~Bystander() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

Fields Bystander::target() const {
  return target_of(pid_, pid_);
}

void CallLog::watch(std::vector<std::string> events) {
  watched() = std::move(events);
}

CallLog& CallLog::get() {
  static auto* const log = new CallLog;  // ended by finish(), not at exit
  return *log;
}

CallLog::CallLog() : agent_(arguments()) {}

void CallLog::take() {
  std::ifstream file(agent_.output_path());
  file.seekg(static_cast<std::streamoff>(offset_));
  const std::string more{std::istreambuf_iterator<char>(file), {}};
  offset_ += more.size();
  partial_ += more;
  const std::size_t end = partial_.rfind('\n') + 1;
  for (Event& event : parse_events(partial_.substr(0, end))) {
    const std::int64_t pid = number_of(event, "proc.pid");
    // What the test does for itself, and the agents that it starts.
    if (pid != ::getpid() && !text_of(event, "proc.name").starts_with("gancho"))
      waiting_[pid].push_back(std::move(event));
  }
  partial_.erase(0, end);
}

Event CallLog::next() {
  std::vector<Event>& mine = waiting_[child_];
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  for (;;) {
    std::erase_if(mine,
                  [&](const Event& event) { return number_of(event, "evt.boottime") < begin_; });
    if (!mine.empty()) break;
    if (std::chrono::steady_clock::now() > deadline) {
      ADD_FAILURE() << "no record";
      return {};
    }
    ::usleep(2000);
    take();
  }
  Event event = std::move(mine.front());
  mine.erase(mine.begin());
  return event;
}

// A signal comes to its target, and that has a tracepoint.
bool signal_comes(const Operation& operation) {
  const auto signal = operation.fields.find("evt.arg.sig");
  return operation.type == "kill" && operation.error == "SUCCESS" &&
         signal != operation.fields.end() && signal->second != "0";
}

// What the kernel's functions tell and the tracepoints of system calls do not: which task was
// found, what was behind a pointer.
bool only_by_functions(const Operation& operation, std::string_view field) {
  return ((field.starts_with("target.") || field == "evt.arg.targets") &&
          !signal_comes(operation)) ||
         field.starts_with("bpf.") ||
         (operation.type == "perf_event_open" &&
          (field == "evt.arg.type" || field == "evt.arg.config"));
}

Event CallLog::check(const Operation& operation) {
  SCOPED_TRACE(operation.name + ", " + entry_name(operation.entry));
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    // Out of the way of cases that use the low descriptors.
    Told told(::fcntl(pipe[1], F_DUPFD_CLOEXEC, 200));
    if (operation.before) operation.before();
    told.field(k_begin, boot_now_ns());
    told.result(operation.act(told));
    ::_exit(0);
  }
  ::close(pipe[1]);
  Fields told = operation.fields;
  std::string text;
  std::array<char, 4096> buffer;
  for (ssize_t n = 0; (n = ::read(pipe[0], buffer.data(), buffer.size())) > 0;)
    text.append(buffer.data(), static_cast<std::size_t>(n));
  ::close(pipe[0]);
  ::waitpid(child, nullptr, 0);
  long result = LONG_MIN;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t tab = line.find('\t');
    if (tab == 0)
      result = std::stol(line.substr(1));
    else
      told[line.substr(0, tab)] = line.substr(tab + 1);
  }
  const std::string error = result == LONG_MIN ? "the child did not come to its end"
                            : result < 0 && result >= -4095
                                ? ::strerrorname_np(static_cast<int>(-result))
                                : "SUCCESS";
  EXPECT_EQ(error, operation.error) << "what the call itself said";
  child_ = child;
  begins_[child] = begin_ = told.contains(k_begin) ? std::stoll(told[k_begin]) : 0;
  told.erase(k_begin);
  if (operation.type.empty()) return {};  // that there is none is seen at the end

  Event event = next();
  if (event.empty()) return {};

  const std::string user = operation.uid == 0 ? "root" : "nobody";
  EXPECT_EQ(text_of(event, "evt.type"), operation.type);
  EXPECT_EQ(text_of(event, "evt.res"), error);
  EXPECT_EQ(text_of(event, "evt.syscall"), operation.call);
  EXPECT_EQ(flag_of(event, "evt.is_compat"), operation.entry == Entry::compat);
  const std::span common(k_common.data(),
                         operation.of_process_room ? k_process_common : k_common.size());
  EXPECT_EQ(text_of(event, "proc.name"),
            operation.comm.empty() ? comm_of(::getpid()) : operation.comm);
  EXPECT_EQ(number_of(event, "thread.tid"), child);
  EXPECT_EQ(text_of(event, "container.id"), "host");
  if (!operation.of_process_room) {
    EXPECT_FALSE(flag_of(event, "evt.is_io_uring"));
    EXPECT_EQ(flag_of(event, "evt.arg.user_memory"), by_tracepoint() && operation.call == "clone3");
    for (const char* id : {"user.uid", "user.ruid", "group.gid", "group.rgid"})
      EXPECT_EQ(number_of(event, id), operation.uid) << id;
    EXPECT_EQ(text_of(event, "user.name"), user);
    EXPECT_GT(number_of(event, "cgroup.id"), 0);
  }

  if (by_tracepoint())
    std::erase_if(told,
                  [&](const auto& field) { return only_by_functions(operation, field.first); });

  for (const auto& [name, value] : event) {
    if (std::ranges::find(common, name) != common.end()) continue;
    const auto expected = told.find(std::string(name));
    if (expected == told.end()) {
      ADD_FAILURE() << "nobody expected " << name << " = " << value_of(value);
    } else if (expected->second.starts_with("ticks ")) {
      EXPECT_EQ("ticks " + std::to_string(value.to_number<std::int64_t>() / 10'000'000),
                expected->second);
    } else if (expected->second != "*") {
      EXPECT_EQ(value_of(value), expected->second) << name;
    }
  }
  for (const auto& [name, value] : told)
    EXPECT_TRUE(event.contains(name)) << name << " = " << value << " is missing";
  if (::testing::Test::HasFailure()) GTEST_LOG_(INFO) << boost::json::serialize(event);
  return event;
}

void CallLog::finish() {
  const Ended ended = agent_.stop();
  EXPECT_EQ(ended.status, 0) << ended.error;
  take();
  for (const auto& [pid, events] : waiting_)
    for (const Event& event : events)
      if (number_of(event, "evt.boottime") >= begins_[pid])
        ADD_FAILURE() << "no case expected " << boost::json::serialize(event);
  EXPECT_TRUE(where(ended.events, "evt.type", "lost").empty());
  expect_balance(ended);
}

}  // namespace gancho::test
