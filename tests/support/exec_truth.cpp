// SPDX-License-Identifier: Apache-2.0
#include "support/exec_truth.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace gancho::test {
namespace {

using namespace std::chrono_literals;

constexpr auto k_limit = 30s;
constexpr std::uint64_t k_tick_ns = 10'000'000;  // of /proc/PID/stat

class FinishLast : public ::testing::Environment {
 public:
  void SetUp() override { run({"modprobe", "binfmt_misc"}); }  // before the agent looks
  void TearDown() override { ExecLog::get().finish(); }
};
const auto* const k_finish_last = ::testing::AddGlobalTestEnvironment(new FinishLast);

std::string number_text(const struct stat& status) {
  return std::to_string(major(status.st_dev)) + ":" + std::to_string(minor(status.st_dev));
}

std::string hex64(std::uint64_t value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "0x%016llx", static_cast<unsigned long long>(value));
  return text.data();
}

std::string last_part(const std::string& path) {
  return path.substr(path.rfind('/') + 1).substr(0, 15);
}

std::optional<std::string> optional_text(const Event& event, std::string_view field) {
  if (event.contains(field)) return text_of(event, field);
  return std::nullopt;
}

void check_identity(const Outcome& outcome, const Event& event, const Expect& expect) {
  const Facts& facts = outcome.facts;
  const bool success = outcome.error == 0;
  EXPECT_EQ(text_of(event, "evt.type"), "exec");
  EXPECT_EQ(text_of(event, "evt.class"), success ? "vital" : "bulk");
  EXPECT_EQ(text_of(event, "evt.res"), success ? "SUCCESS" : ::strerrorname_np(outcome.error));
  const auto time = static_cast<std::uint64_t>(number_of(event, "evt.boottime"));
  EXPECT_LE(outcome.begin, time);
  EXPECT_GE(outcome.end, time);

  EXPECT_EQ(number_of(event, "proc.pid"), facts.pid);
  EXPECT_EQ(number_of(event, "thread.tid"), success ? facts.pid : facts.tid);
  EXPECT_EQ(number_of(event, "proc.tid_before"), facts.tid);
  EXPECT_EQ(flag_of(event, "proc.from_thread"), facts.tid != facts.pid);
  EXPECT_EQ(static_cast<std::uint64_t>(number_of(event, "proc.start_time")) / k_tick_ns,
            facts.start_ticks);
  EXPECT_EQ(number_of(event, "proc.ppid"), facts.ppid);
  EXPECT_EQ(number_of(event, "proc.sid"), facts.sid);
  EXPECT_EQ(number_of(event, "proc.vpid"), facts.vpid);
  EXPECT_EQ(text_of(event, "proc.tty"), facts.tty);
  EXPECT_EQ(event.contains("proc.tty_name"), !facts.tty.empty());
  std::string name = success ? last_part(expect.filename.value_or("")) : facts.comm;
  if (success && outcome.report) name = outcome.report->comm;
  EXPECT_EQ(text_of(event, "proc.name"), expect.name.value_or(name));
}

void check_surroundings(const Outcome& outcome, const Event& event, const Expect& expect) {
  const Facts& facts = outcome.facts;
  for (const auto& [ns, inode] : facts.ns) EXPECT_EQ(number_of(event, "ns." + ns), inode) << ns;
  EXPECT_EQ(facts.ns.size(), 8U);
  EXPECT_EQ(number_of(event, "user.loginuid"), static_cast<std::int32_t>(facts.loginuid));
  EXPECT_EQ(text_of(event, "cgroup.path"), facts.cgroup);
  EXPECT_EQ(static_cast<std::uint64_t>(number_of(event, "cgroup.id")), facts.cgroup_id);
  EXPECT_EQ(text_of(event, "proc.cwd"), expect.cwd.value_or(facts.cwd));
}

void check_ids(const Event& event, const std::string& what,
               const std::array<std::uint32_t, 3>& ids) {
  const std::string name = what.starts_with("user") ? "uid" : "gid";
  EXPECT_EQ(number_of(event, what + "r" + name), ids[0]);
  EXPECT_EQ(number_of(event, what + name), ids[1]);
  EXPECT_EQ(number_of(event, what + "s" + name), ids[2]);
}

void check_credentials(const Outcome& outcome, const Event& event) {
  const Facts& facts = outcome.facts;
  check_ids(event, "user.before.", facts.uid);
  check_ids(event, "group.before.", facts.gid);
  EXPECT_EQ(text_of(event, "thread.before.cap_permitted"), hex64(facts.cap_permitted));
  EXPECT_EQ(text_of(event, "thread.before.cap_effective"), hex64(facts.cap_effective));
  EXPECT_EQ(event.contains("user.uid"), outcome.error == 0);
  EXPECT_EQ(event.contains("thread.cap_permitted"), outcome.error == 0);
  struct stat initial{};
  ::stat("/proc/self/ns/user", &initial);
  // In another user namespace the program would name its ids differently.
  if (outcome.error != 0 || !outcome.report || facts.ns.at("user") != initial.st_ino) return;
  const TargetReport& report = *outcome.report;
  check_ids(event, "user.", {report.uid, report.euid, report.suid});
  check_ids(event, "group.", {report.gid, report.egid, report.sgid});
  EXPECT_EQ(text_of(event, "thread.cap_permitted"), hex64(report.cap_permitted));
  EXPECT_EQ(text_of(event, "thread.cap_effective"), hex64(report.cap_effective));
  EXPECT_EQ(flag_of(event, "proc.is_secure"), report.secure != 0);
}

void check_file(const Event& event, const Expect& expect) {
  EXPECT_EQ(optional_text(event, "proc.exepath"), expect.exepath);
  const bool same = expect.hostpath.empty();
  if (expect.exepath) {
    EXPECT_EQ(text_of(event, "proc.exehostpath"), same ? *expect.exepath : expect.hostpath);
  }
  EXPECT_EQ(event.contains("proc.exe_ino"), expect.exepath.has_value());
  struct stat status{};
  const std::string file = !expect.stat.empty() ? expect.stat : text_of(event, "proc.exehostpath");
  if (expect.exepath && expect.can_stat) {
    ASSERT_EQ(::stat(file.c_str(), &status), 0) << file;
    std::array<char, 16> mode{};
    std::snprintf(mode.data(), mode.size(), "%04o", status.st_mode & 07777);
    EXPECT_EQ(static_cast<std::uint64_t>(number_of(event, "proc.exe_ino")), status.st_ino);
    EXPECT_EQ(text_of(event, "proc.exe_dev"), number_text(status));
    EXPECT_EQ(text_of(event, "proc.exe_mode"), mode.data());
  }

  EXPECT_EQ(optional_text(event, "proc.interp"), expect.interp);
  EXPECT_EQ(optional_text(event, "proc.script"), expect.script);
  if (!expect.script) return;
  const std::string script = expect.script_stat.empty() ? *expect.script : expect.script_stat;
  ASSERT_EQ(::stat(script.c_str(), &status), 0) << script;
  EXPECT_EQ(static_cast<std::uint64_t>(number_of(event, "proc.script_ino")), status.st_ino);
  EXPECT_EQ(text_of(event, "proc.script_dev"), number_text(status));
}

void check_call(const Outcome& outcome, const Event& event, const Expect& expect) {
  const auto filename = optional_text(event, "evt.arg.filename");
  if (!expect.filename_or || filename != expect.filename_or) {
    EXPECT_EQ(filename, expect.filename);
  }
  EXPECT_EQ(flag_of(event, "evt.arg.user_memory"), expect.user_memory);
  EXPECT_EQ(list_of(event, "proc.args"), expect.args);
  EXPECT_EQ(event.contains("proc.env"), expect.env.has_value());
  EXPECT_EQ(list_of(event, "proc.env"), expect.env.value_or(Words()));
  if (expect.exepath) {
    EXPECT_EQ(number_of(event, "proc.argc"),
              expect.argc.value_or(static_cast<std::int64_t>(expect.args.size())));
    EXPECT_EQ(number_of(event, "proc.envc"),
              expect.envc.value_or(static_cast<std::int64_t>(expect.env.value_or(Words()).size())));
  }
  if (outcome.report) {
    EXPECT_EQ(number_of(event, "proc.argc"), outcome.report->argc);
  }
  for (const char* flag : {"exe_from_memfd", "exe_upper_layer", "exe_deleted", "exe_unreachable",
                           "suid", "sgid", "secure", "compat"})
    EXPECT_EQ(flag_of(event, std::string("proc.is_") + flag), expect.flags.contains(flag)) << flag;
  for (const char* flag : {"args_truncated", "env_truncated", "lineage_truncated"})
    EXPECT_EQ(flag_of(event, std::string("proc.") + flag), expect.flags.contains(flag)) << flag;
}

void check_lineage(const Outcome& outcome, const Event& event, const Expect& expect) {
  const auto* lineage = event.if_contains("proc.lineage");
  ASSERT_TRUE(lineage != nullptr && !lineage->as_array().empty());
  const Event& nearest = lineage->as_array()[0].as_object();
  // A failed attempt leaves the program as it is; then that is the nearest image.
  EXPECT_EQ(number_of(event, "proc.exec_count"),
            number_of(nearest, "exec_count") + (outcome.error == 0 ? 1 : 0));
  const Words names = list_of(event, "proc.lineage");
  if (!expect.lineage) {
    EXPECT_EQ(names[0], "process_vm_test");
    EXPECT_EQ(number_of(nearest, "pid"), ::getpid());
    return;
  }
  ASSERT_GE(names.size(), expect.lineage->size());
  EXPECT_EQ(
      Words(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(expect.lineage->size())),
      *expect.lineage);
}

}  // namespace

ExecLog& ExecLog::get() {
  static ExecLog log;
  return log;
}

ExecLog::ExecLog() : agent_({"watch", "exec", "-o", "json", "--environment"}) {}

void ExecLog::take(Event event) {
  if (text_of(event, "evt.type") != "exec")
    others_.push_back(std::move(event));
  else
    processes_[static_cast<pid_t>(number_of(event, "proc.pid"))].events.push_back(std::move(event));
}

void ExecLog::read_on() {
  std::ifstream file(agent_.output_path(), std::ios::binary);
  file.seekg(static_cast<std::streamoff>(offset_));
  for (std::array<char, 65536> bytes{}; file.read(bytes.data(), bytes.size()), file.gcount() > 0;) {
    offset_ += static_cast<std::size_t>(file.gcount());
    partial_.append(bytes.data(), static_cast<std::size_t>(file.gcount()));
  }
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = partial_.find('\n', begin)) != std::string::npos;
       begin = end + 1)
    take(boost::json::parse(std::string_view(partial_).substr(begin, end - begin)).as_object());
  partial_.erase(0, begin);
}

std::vector<Event> ExecLog::records(const std::string& name, pid_t pid, std::size_t count) {
  Process& process = processes_[pid];
  process.name += process.name.empty() ? name : ", " + name;
  process.expected += count;
  const auto end = std::chrono::steady_clock::now() + k_limit;
  for (read_on(); process.events.size() < process.expected; read_on()) {
    if (std::chrono::steady_clock::now() > end)
      throw std::runtime_error(name + ": " + std::to_string(process.events.size()) +
                               " records of " + std::to_string(process.expected));
    std::this_thread::sleep_for(10ms);
  }
  return {process.events.end() - static_cast<std::ptrdiff_t>(count), process.events.end()};
}

void ExecLog::ignore(pid_t pid) {
  processes_[pid].ignored = true;
}

void ExecLog::finish() {
  // All of them before the end, so that the file is still there to be read.
  const Ended ended = agent_.stop();
  EXPECT_EQ(ended.status, 0) << ended.error;
  std::map<pid_t, std::vector<Event>> shown;
  for (const Event& event : ended.events) {
    if (text_of(event, "evt.type") == "exec")
      shown[static_cast<pid_t>(number_of(event, "proc.pid"))].push_back(event);
    else
      ADD_FAILURE() << boost::json::serialize(event);
  }
  for (const auto& [pid, events] : shown) {
    const Process& process = processes_[pid];
    // The agent of another case starts its worker; the kernel asks for modules (binfmt-XXXX), by a
    // kworker, or by one that is younger than the agent and so has no image but kthreadd's.
    const std::string by = list_of(events[0], "proc.lineage").at(0);
    if (by.starts_with("gancho") || by == "kthreadd" || process.ignored ||
        events.size() == process.expected)
      continue;
    ADD_FAILURE() << "case " << process.name << ": " << events.size() << " records of "
                  << process.expected << ", the last: " << boost::json::serialize(events.back());
  }
  for (const char* name : {"vital", "bulk"}) {
    const auto& account = ended.account.at(name);
    EXPECT_EQ(account.at("offered"), account.at("delivered")) << name;
  }
  std::printf("[ records  ] %zu\n", ended.events.size());
}

void check_record(const Outcome& outcome, const Event& event, const Expect& expect) {
  SCOPED_TRACE("case " + outcome.name);
  const bool before = ::testing::Test::HasFailure();
  check_identity(outcome, event, expect);
  check_call(outcome, event, expect);
  check_file(event, expect);
  check_credentials(outcome, event);
  check_surroundings(outcome, event, expect);
  check_lineage(outcome, event, expect);
  if (!before && ::testing::Test::HasFailure())
    std::printf("%s\n", boost::json::serialize(event).c_str());
}

Event check(const std::string& name, const Act& act, const Expect& expect) {
  ExecLog& log = ExecLog::get();
  const Outcome outcome = perform(name, act);
  const Event event = log.records(name, outcome.facts.pid).front();
  check_record(outcome, event, expect);
  return event;
}

Act plainly(const std::string& path, const Words& args) {
  return {.execute = [=] { exec_file(path, args); }};
}

}  // namespace gancho::test
