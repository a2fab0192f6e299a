// SPDX-License-Identifier: Apache-2.0
//
// Whatever a process of a container does is of that container, not only what it executes.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "containers/stage.h"
#include "support/account.h"

namespace gancho::test {
namespace {

// Of each family of records one.
constexpr std::array k_calls{"mkdir", "socket", "memfd_create", "setsid", "prctl", "syscall"};

Agent watch(std::vector<std::string> more = {}) {
  std::vector<std::string> words{"watch",  "exec",  "mkdir",         "socket", "memfd_create",
                                 "setsid", "prctl", "syscall:uname", "-o",     "json"};
  words.insert(words.end(), more.begin(), more.end());
  return Agent(words);
}

void do_each(const std::string& directory) {
  utsname system{};
  (void)::mkdir(directory.c_str(), 0700);
  ::close(::socket(AF_UNIX, SOCK_STREAM, 0));
  ::close(::memfd_create("of-a-container", 0));
  (void)::setsid();
  (void)::prctl(PR_SET_DUMPABLE, 0);
  (void)::uname(&system);
}

// What the process of that tag did, once it has executed.
std::vector<Event> calls_of(const Agent& agent, const std::string& tag) {
  const std::int64_t pid = number_of(wait_for_tag(agent, tag), "proc.pid");
  std::vector<Event> calls;
  for (const char* type : k_calls) {
    bool found = false;
    for (const Event& event : where(agent.events(), "evt.type", type)) {
      if (number_of(event, "proc.pid") != pid || found) continue;
      calls.push_back(event);
      found = true;
    }
    EXPECT_TRUE(found) << type << " of " << tag;
  }
  return calls;
}

class Calls : public testing::Test {
 protected:
  TemporaryDirectory directory_;
  std::string id_ = new_id();
};

TEST_F(Calls, AreOfTheContainerThatTheirProcessIsIn) {
  write_docker(id_, "web-1", "nginx:1.25");
  const Cgroup cgroup("/docker/" + id_);
  Agent agent = watch();
  const pid_t inside =
      start_in(cgroup, "inside", "/bin/true", {}, [&] { do_each(directory_.path() + "/inside"); });
  ::waitpid(inside, nullptr, 0);
  for (const Event& event : calls_of(agent, "inside")) {
    SCOPED_TRACE(text_of(event, "evt.type"));
    EXPECT_EQ(text_of(event, "container.id"), id_.substr(0, 12));
    EXPECT_EQ(text_of(event, "container.full_id"), id_);
    EXPECT_EQ(text_of(event, "container.type"), "docker");
    EXPECT_EQ(text_of(event, "container.name"), "web-1");
    EXPECT_FALSE(flag_of(event, "container.unknown"));
  }
  // In a cgroup that is no container's, while there is one.
  const Cgroup plain("/system.slice/plain.service");
  const pid_t outside =
      start_in(plain, "outside", "/bin/true", {}, [&] { do_each(directory_.path() + "/outside"); });
  ::waitpid(outside, nullptr, 0);
  for (const Event& event : calls_of(agent, "outside")) {
    SCOPED_TRACE(text_of(event, "evt.type"));
    EXPECT_EQ(text_of(event, "container.id"), "host");
    EXPECT_FALSE(event.contains("container.unknown"));
  }
  expect_balance(agent.stop());
}

TEST_F(Calls, AreOfTheHostWhereThereIsNoContainer) {
  Agent agent = watch();
  const Cgroup plain("/system.slice/plain.service");
  const pid_t outside =
      start_in(plain, "outside", "/bin/true", {}, [&] { do_each(directory_.path() + "/outside"); });
  ::waitpid(outside, nullptr, 0);
  for (const Event& event : calls_of(agent, "outside"))
    EXPECT_EQ(text_of(event, "container.id"), "host") << text_of(event, "evt.type");
  expect_balance(agent.stop());
}

}  // namespace
}  // namespace gancho::test
