// SPDX-License-Identifier: Apache-2.0
//
// A process begins and ends in the container that it is in at that moment, whoever made it.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <optional>
#include <stdexcept>

#include "base/fd.h"
#include "containers/stage.h"
#include "support/account.h"

namespace gancho::test {
namespace {

Agent watch() {
  return Agent({"watch", "exec", "fork", "exit", "-o", "json"});
}

std::optional<Event> find(const std::vector<Event>& events, std::string_view type,
                          std::string_view field, std::int64_t value) {
  for (const Event& event : where(events, "evt.type", type))
    if (number_of(event, field) == value) return event;
  return std::nullopt;
}

// The one of that type whose field is that; waits for it.
Event wait_for(const Agent& agent, std::string_view type, std::string_view field,
               std::int64_t value) {
  return *find(agent.wait_for([&](const std::vector<Event>& now) {
    return find(now, type, field, value).has_value();
  }),
               type, field, value);
}

// A child that is born in the cgroup, and ends at once when it has moved to `later`.
pid_t born_in(const Cgroup& cgroup, const Cgroup* later = nullptr) {
  const Fd directory(::open(cgroup.directory().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  clone_args arguments{};
  arguments.flags = CLONE_INTO_CGROUP;
  arguments.exit_signal = SIGCHLD;
  arguments.cgroup = static_cast<__u64>(directory.get());
  const auto pid = static_cast<pid_t>(::syscall(SYS_clone3, &arguments, sizeof(arguments)));
  if (pid < 0) throw std::runtime_error("clone3 into a cgroup failed");
  if (pid == 0) {
    if (later != nullptr) {
      const int fd = ::open((later->directory() + "/cgroup.procs").c_str(), O_WRONLY);
      if (::write(fd, "0", 1) != 1) ::_exit(2);
    }
    ::_exit(0);
  }
  int status = 0;
  if (::waitpid(pid, &status, 0) != pid || status != 0)
    throw std::runtime_error("a child in a cgroup failed");
  return pid;
}

class Life : public testing::Test {
 protected:
  void expect_ours(const Event& event) const {
    SCOPED_TRACE(text_of(event, "evt.type"));
    EXPECT_EQ(text_of(event, "container.id"), id_.substr(0, 12));
    EXPECT_EQ(text_of(event, "container.full_id"), id_);
    EXPECT_EQ(text_of(event, "container.type"), "docker");
    EXPECT_EQ(text_of(event, "container.name"), "web-1");
    EXPECT_EQ(text_of(event, "container.image"), "nginx:1.25");
    EXPECT_FALSE(flag_of(event, "container.unknown"));
  }
  static void expect_host(const Event& event) {
    EXPECT_EQ(text_of(event, "container.id"), "host") << text_of(event, "evt.type");
    EXPECT_FALSE(event.contains("container.full_id"));
    EXPECT_FALSE(event.contains("container.unknown"));
  }
  std::string id_ = new_id();
};

TEST_F(Life, OfAContainersProcessesBeginsAndEndsThere) {
  write_docker(id_, "web-1", "nginx:1.25");
  const Cgroup cgroup("/docker/" + id_);
  Agent agent = watch();
  const pid_t shell = start_in(cgroup, "inside", "/bin/sh", {"-c", "/bin/true; exit 3"});
  int status = 0;
  ASSERT_EQ(::waitpid(shell, &status, 0), shell);
  expect_host(wait_for(agent, "fork", "proc.pid", shell));  // and moved there itself
  const Event child = wait_for(agent, "fork", "proc.ppid", shell);
  expect_ours(child);
  expect_ours(wait_for(agent, "exit", "proc.pid", number_of(child, "proc.pid")));
  const Event end = wait_for(agent, "exit", "proc.pid", shell);
  EXPECT_EQ(number_of(end, "proc.exit_status"), 3);
  expect_ours(end);
  expect_balance(agent.stop());
}

TEST_F(Life, IsOfTheCgroupAtThatMoment) {
  write_docker(id_, "web-1", "nginx:1.25");
  const Cgroup cgroup("/docker/" + id_);
  const Cgroup plain("/system.slice/plain.service");
  Agent agent = watch();
  const pid_t inside = born_in(cgroup);
  expect_ours(wait_for(agent, "fork", "proc.pid", inside));
  expect_ours(wait_for(agent, "exit", "proc.pid", inside));
  const pid_t left = born_in(cgroup, &plain);
  expect_ours(wait_for(agent, "fork", "proc.pid", left));
  expect_host(wait_for(agent, "exit", "proc.pid", left));
  const pid_t entered = born_in(plain, &cgroup);
  expect_host(wait_for(agent, "fork", "proc.pid", entered));
  expect_ours(wait_for(agent, "exit", "proc.pid", entered));
  expect_balance(agent.stop());
}

TEST_F(Life, OfAContainerThatIsCalledByAName) {
  const Cgroup cgroup("/lxc.payload.web2");
  Agent agent = watch();
  const pid_t inside = born_in(cgroup);
  for (const char* type : {"fork", "exit"}) {
    const Event event = wait_for(agent, type, "proc.pid", inside);
    EXPECT_EQ(text_of(event, "container.full_id"), "web2") << type;
    EXPECT_EQ(text_of(event, "container.name"), "web2") << type;
  }
  expect_balance(agent.stop());
}

TEST_F(Life, IsOfNobodyKnowsWhomWhereContainersFoundNoRoom) {
  const TemporaryDirectory directory;
  const std::string config = directory.path() + "/gancho.yaml";
  std::ofstream(config) << "events: [fork, exit]\ncontainers:\n  max: 16\n";
  Agent agent({"run", "--config", config});
  std::vector<std::unique_ptr<Cgroup>> all;
  for (int i = 0; i < 20; ++i) all.push_back(std::make_unique<Cgroup>("/docker/" + new_id()));
  const pid_t known = born_in(*all.front());
  const pid_t unknown = born_in(*all.back());
  for (const char* type : {"fork", "exit"}) {
    EXPECT_EQ(text_of(wait_for(agent, type, "proc.pid", known), "container.full_id"),
              all.front()->path().substr(8));
    EXPECT_FALSE(wait_for(agent, type, "proc.pid", unknown).contains("container.id"));
  }
}

}  // namespace
}  // namespace gancho::test
