// SPDX-License-Identifier: Apache-2.0
//
// The truth test of changes of credentials, logins, sessions and terminals, and of what an exit
// tells about the cost of its process. By each entry, refusals with their errno.
#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <linux/futex.h>
#include <linux/securebits.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "support/operation_truth.h"

namespace gancho::test {
namespace {

// 64-bit number, 32-bit number.
constexpr Call k_setuid{105, 213}, k_setgid{106, 214}, k_setreuid{113, 203}, k_setregid{114, 204},
    k_setresuid{117, 208}, k_setresgid{119, 210}, k_setfsuid{122, 215}, k_setfsgid{123, 216},
    k_setgroups{116, 206}, k_setuid16{105, 23}, k_capset{126, 185}, k_prctl{157, 172},
    k_setsid{112, 66}, k_setpgid{109, 57}, k_ioctl{16, 54}, k_write{1, 4}, k_unshare{272, 310};

constexpr std::uint32_t k_user = 1234;
constexpr std::uint32_t k_group = 2345;

class Credentials : public ::testing::TestWithParam<Entry> {
 protected:
  static Event check(Operation operation) {
    operation.entry = GetParam();
    operation.of_process_room = true;
    return CallLog::get().check(operation);
  }
  static long call(Call number, long a = 0, long b = 0, long c = 0) {
    return enter(GetParam(), number, a, b, c);
  }
  static bool native() { return GetParam() == Entry::native; }
  static std::string wide(const std::string& name) { return native() ? name : name + "32"; }
};

INSTANTIATE_TEST_SUITE_P(Entry, Credentials, ::testing::Values(Entry::native, Entry::compat),
                         [](const auto& parameter) {
                           return parameter.param == Entry::native ? "Native" : "Compat";
                         });

std::string text(std::int64_t value) {
  return std::to_string(value);
}

// What the kernel says about the caller, in the words of a record.
void tell_credentials(const Told& told, const std::string& prefix) {
  std::ifstream status("/proc/thread-self/status");
  const std::string user = "user." + prefix;
  const std::string group = "group." + prefix;
  const std::string thread = "thread." + prefix;
  for (std::string line; std::getline(status, line);) {
    std::istringstream words(line);
    std::string name;
    words >> name;
    std::array<std::string, 4> ids;
    const auto capability = [&](const std::string& field) {
      words >> ids[0];
      told.field(thread + field, "0x" + ids[0]);
    };
    if (name == "Uid:" || name == "Gid:") {
      words >> ids[0] >> ids[1] >> ids[2] >> ids[3];
      const bool of_user = name == "Uid:";
      const std::string& of = of_user ? user : group;
      told.field(of + (of_user ? "ruid" : "rgid"), ids[0]);
      told.field(of + (of_user ? "uid" : "gid"), ids[1]);
      told.field(of + (of_user ? "suid" : "sgid"), ids[2]);
      told.field(of + (of_user ? "fsuid" : "fsgid"), ids[3]);
      // Those of this test have no names.
      const std::string root = "root";
      if (ids[0] == "0") told.field(of + "rname", root);
      if (ids[1] == "0") told.field(of + "name", root);
    } else if (name == "Groups:") {
      int count = 0;
      for (std::string id; words >> id;) ++count;
      told.field(group + "count", count);
    } else if (name == "CapInh:") {
      capability("cap_inheritable");
    } else if (name == "CapPrm:") {
      capability("cap_permitted");
    } else if (name == "CapEff:") {
      capability("cap_effective");
    } else if (name == "CapBnd:") {
      capability("cap_bounding");
    } else if (name == "CapAmb:") {
      capability("cap_ambient");
    }
  }
  told.field(thread + "securebits", ::prctl(PR_GET_SECUREBITS));
  struct stat own{};
  ::stat("/proc/self/ns/user", &own);
  told.field("ns." + prefix + "user", static_cast<std::int64_t>(own.st_ino));
}

// The call, between two looks at /proc.
std::function<long(Told&)> seen(std::function<long()> act) {
  return [act = std::move(act)](Told& told) {
    tell_credentials(told, "before.");
    const long result = act();
    if (result >= 0) tell_credentials(told, "");
    return result;
  };
}

void become_user() {
  become(k_user);
}

TEST_P(Credentials, Ids) {
  const auto change = [&](const std::string& name, const std::function<long()>& act,
                          const std::function<void()>& before = {}) {
    check({.name = name,
           .type = "credentials",
           .call = wide(name),
           .before = before,
           .act = seen(act)});
  };
  change("setuid", [&] { return call(k_setuid, k_user); });
  change("setgid", [&] { return call(k_setgid, k_group); });
  change("setreuid", [&] { return call(k_setreuid, -1, k_user); });
  change("setregid", [&] { return call(k_setregid, k_group, -1); });
  change("setresuid", [&] { return call(k_setresuid, 1234, 1235, 1236); });
  change("setresgid", [&] { return call(k_setresgid, 2345, 2346, 2347); });
  change("setfsuid", [&] { return call(k_setfsuid, k_user); });
  change("setfsgid", [&] { return call(k_setfsgid, k_group); });
}

TEST_P(Credentials, IdsThatAreRefused) {
  const auto refuse = [&](const std::string& name, const Fields& asked,
                          const std::function<long()>& act) {
    check({.name = name + ", refused",
           .type = "credentials",
           .call = wide(name),
           .before = become_user,
           .act = seen(act),
           .fields = asked,
           .error = "EPERM"});
  };
  refuse("setuid", {{"evt.arg.id", "0"}}, [&] { return call(k_setuid, 0); });
  refuse("setgid", {{"evt.arg.id", "7"}}, [&] { return call(k_setgid, 7); });
  refuse("setreuid", {{"evt.arg.id", "-1"}, {"evt.arg.id2", "0"}},
         [&] { return call(k_setreuid, -1, 0); });
  refuse("setregid", {{"evt.arg.id", "8"}, {"evt.arg.id2", "-1"}},
         [&] { return call(k_setregid, 8, -1); });
  refuse("setresuid", {{"evt.arg.id", "0"}, {"evt.arg.id2", "0"}, {"evt.arg.id3", "0"}},
         [&] { return call(k_setresuid, 0, 0, 0); });
  refuse("setresgid", {{"evt.arg.id", "-1"}, {"evt.arg.id2", "-1"}, {"evt.arg.id3", "9"}},
         [&] { return call(k_setresgid, -1, -1, 9); });
}

TEST_P(Credentials, ThatDoNotChangeAreNoNews) {
  check({.name = "setuid to itself", .type = "", .call = "setuid", .act = [&](Told&) {
           return call(k_setuid, 0) | call(k_setresuid, -1, -1, -1) | call(k_setfsgid, 0);
         }});
}

TEST_P(Credentials, ShortIdsOfThe32BitTable) {
  if (native()) GTEST_SKIP() << "that table has none";
  check({.name = "setuid16", .type = "credentials", .call = "setuid", .act = seen([&] {
                                                                        return call(k_setuid16, 77);
                                                                      })});
  check({.name = "setuid16, refused",
         .type = "credentials",
         .call = "setuid",
         .before = become_user,
         .act = seen([&] { return call(k_setuid16, 0); }),
         .fields = {{"evt.arg.id", "0"}},
         .error = "EPERM"});
}

TEST_P(Credentials, Groups) {
  static const std::array<gid_t, 3> first{10, 20, 30};
  static const std::array<gid_t, 3> second{10, 20, 31};
  const auto set = [&](const std::array<gid_t, 3>& groups) {
    void* const list = low_memory(sizeof(groups));
    std::memcpy(list, groups.data(), sizeof(groups));
    return call(k_setgroups, 3, reinterpret_cast<long>(list));
  };
  check({.name = "more groups", .type = "credentials", .call = wide("setgroups"), .act = seen([&] {
                                                                                    return set(
                                                                                        first);
                                                                                  })});
  check({.name = "as many others",
         .type = "credentials",
         .call = wide("setgroups"),
         .before = [&] { set(first); },
         .act = seen([&] { return set(second); })});
  check({.name = "the same again",
         .type = "",
         .call = "setgroups",
         .before = [&] { set(first); },
         .act = [&](Told&) { return set(first); }});
  check({.name = "not allowed",
         .type = "credentials",
         .call = wide("setgroups"),
         .before = become_user,
         .act = seen([&] { return set(second); }),
         .error = "EPERM"});
}

long set_capabilities(Entry entry, std::uint32_t effective, std::uint32_t permitted) {
  struct Data {
    __user_cap_header_struct header;
    std::array<__user_cap_data_struct, 2> data;
  };
  auto* const given = static_cast<Data*>(low_memory(sizeof(Data)));
  given->header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  given->data[0] = {.effective = effective, .permitted = permitted, .inheritable = 0};
  given->data[1] = {};
  return enter(entry, k_capset, reinterpret_cast<long>(&given->header),
               reinterpret_cast<long>(given->data.data()));
}

TEST_P(Credentials, Capabilities) {
  check({.name = "capset", .type = "credentials", .call = "capset", .act = seen([] {
                                                                      return set_capabilities(
                                                                          GetParam(), 0x80, 0x180);
                                                                    })});
  check({.name = "capset, refused",
         .type = "credentials",
         .call = "capset",
         .before = become_user,
         .act = seen([] { return set_capabilities(GetParam(), 0x1, 0x1); }),
         .error = "EPERM"});
  check(
      {.name = "user namespace", .type = "credentials", .call = "unshare", .act = [&](Told& told) {
         // Read before, where the kernel still translates the ids to those of the machine.
         tell_credentials(told, "before.");
         tell_credentials(told, "");
         const long result = call(k_unshare, 0x10000000);  // CLONE_NEWUSER
         struct stat own{};
         ::stat("/proc/self/ns/user", &own);
         told.field("ns.user", static_cast<std::int64_t>(own.st_ino));
         return result;
       }});
}

Fields prctl_fields(const std::string& option, std::int64_t arg2, std::int64_t arg3 = 0,
                    const std::string& no_new_privs = "false") {
  return {{"evt.arg.option", option},
          {"evt.arg.arg2", text(arg2)},
          {"evt.arg.arg3", text(arg3)},
          {"thread.no_new_privs", no_new_privs}};
}

TEST_P(Credentials, Prctl) {
  const auto set = [&](const std::string& name, int option, long arg2, const Fields& fields,
                       const std::string& error = "SUCCESS") {
    check({.name = name,
           .type = "prctl",
           .call = "prctl",
           .act = [&](Told&) { return call(k_prctl, option, arg2); },
           .fields = fields,
           .error = error});
  };
  set("no new privileges", PR_SET_NO_NEW_PRIVS, 1,
      prctl_fields("PR_SET_NO_NEW_PRIVS", 1, 0, "true"));
  set("no new privileges, wrong", PR_SET_NO_NEW_PRIVS, 2, prctl_fields("PR_SET_NO_NEW_PRIVS", 2),
      "EINVAL");
  set("subreaper", PR_SET_CHILD_SUBREAPER, 1, prctl_fields("PR_SET_CHILD_SUBREAPER", 1));
  set("dumpable", PR_SET_DUMPABLE, 0, prctl_fields("PR_SET_DUMPABLE", 0));
  set("keep capabilities, wrong", PR_SET_KEEPCAPS, 7, prctl_fields("PR_SET_KEEPCAPS", 7), "EINVAL");
  check({.name = "what only asks", .type = "", .call = "prctl", .act = [&](Told&) {
           return call(k_prctl, PR_GET_DUMPABLE) >= 0 ? 0L : -1L;
         }});
}

// Two events of one call: what was asked for, and what it did to the credentials.
TEST_P(Credentials, PrctlThatChangesThem) {
  const auto change = [&](const std::string& name, const std::string& option, int number,
                          long arg2) {
    Operation operation{.name = name,
                        .type = "credentials",
                        .call = "prctl",
                        .act = seen([&] { return call(k_prctl, number, arg2); })};
    check(operation);
    const Event second = CallLog::get().next();
    EXPECT_EQ(text_of(second, "evt.type"), "prctl");
    EXPECT_EQ(text_of(second, "evt.arg.option"), option);
    EXPECT_EQ(number_of(second, "evt.arg.arg2"), arg2);
    EXPECT_EQ(text_of(second, "evt.res"), "SUCCESS");
  };
  change("securebits", "PR_SET_SECUREBITS", PR_SET_SECUREBITS, SECBIT_NOROOT);
  change("bounding set", "PR_CAPBSET_DROP", PR_CAPBSET_DROP, CAP_SYS_BOOT);
  change("keep capabilities", "PR_SET_KEEPCAPS", PR_SET_KEEPCAPS, 1);
}

TEST_P(Credentials, NameOfAThread) {
  Operation operation{.name = "name",
                      .type = "prctl",
                      .call = "prctl",
                      .act =
                          [&](Told& told) {
                            const long name = low_string("another name");
                            told.field("evt.arg.arg2", name);
                            return call(k_prctl, PR_SET_NAME, name);
                          },
                      .fields = prctl_fields("PR_SET_NAME", 0)};
  operation.comm = "another name";
  check(operation);
}

// ---- login ----

std::string loginuid() {
  std::ifstream file("/proc/self/loginuid");
  std::string word;
  file >> word;
  return word == "4294967295" ? "-1" : word;
}
std::string audit_session() {
  std::ifstream file("/proc/self/sessionid");
  std::string word;
  file >> word;
  return word;
}

TEST_P(Credentials, Login) {
  constexpr int k_file = 77;
  const auto open = [] { ::dup2(::open("/proc/self/loginuid", O_WRONLY), k_file); };
  const auto write = [&](const std::string& id) {
    return call(k_write, k_file, low_string(id.c_str()), static_cast<long>(id.size()));
  };
  check({.name = "login",
         .type = "loginuid",
         .call = "write",
         .before = open,
         .act = [&](Told& told) {
           told.field("user.before.loginuid", loginuid());
           told.field("audit.before.session", audit_session());
           const long result = write("1234");
           told.field("user.loginuid", loginuid());
           told.field("audit.session", audit_session());
           return result;
         }});
  check({.name = "login, not allowed",
         .type = "loginuid",
         .call = "write",
         .before =
             [&] {
               open();
               (void)!::write(k_file, "1", 1);
               become_user();
             },
         .act =
             [&](Told& told) {
               told.field("user.before.loginuid", loginuid());
               told.field("audit.before.session", audit_session());
               told.field("audit.session", audit_session());
               return write("0");
             },
         .fields = {{"user.loginuid", "0"}, {"user.loginname", "root"}},
         .error = "EPERM"});
}

// ---- sessions ----

TEST_P(Credentials, Session) {
  check({.name = "setsid", .type = "setsid", .call = "setsid", .act = [&](Told& told) {
           told.field("proc.sid", ::getpid());
           told.field("proc.pgid", ::getpid());
           return call(k_setsid);
         }});
  check({.name = "setsid, leader of a group",
         .type = "setsid",
         .call = "setsid",
         .before = [] { ::setpgid(0, 0); },
         .act =
             [&](Told& told) {
               told.field("proc.sid", ::getsid(0));
               told.field("proc.pgid", ::getpid());
               return call(k_setsid);
             },
         .error = "EPERM"});
  check({.name = "setpgid",
         .type = "setpgid",
         .call = "setpgid",
         .act =
             [&](Told& told) {
               told.field("proc.sid", ::getsid(0));
               told.field("proc.pgid", ::getpid());
               return call(k_setpgid, 0, 0);
             },
         .fields = {{"evt.arg.pid", "0"}, {"evt.arg.pgid", "0"}}});
  check({.name = "setpgid, no such process",
         .type = "setpgid",
         .call = "setpgid",
         .act =
             [&](Told& told) {
               told.field("proc.sid", ::getsid(0));
               told.field("proc.pgid", ::getpgid(0));
               return call(k_setpgid, 4194000, -5);
             },
         .fields = {{"evt.arg.pid", "4194000"}, {"evt.arg.pgid", "-5"}},
         .error = "EINVAL"});
}

TEST_P(Credentials, Terminal) {
  const int master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  ASSERT_GE(master, 0);
  ASSERT_EQ(::unlockpt(master), 0);
  const std::string name = ::ptsname(master);
  const auto own = [](Told& told) {
    told.field("proc.sid", ::getsid(0));
    told.field("proc.pgid", ::getpgid(0));
  };
  struct stat status{};
  ASSERT_EQ(::stat(name.c_str(), &status), 0);
  const Fields tty{{"proc.tty", text(major(status.st_rdev)) + ":" + text(minor(status.st_rdev))},
                   {"proc.tty_name", "pts" + name.substr(name.rfind('/') + 1)}};
  check({.name = "ioctl",
         .type = "terminal",
         .call = "ioctl",
         .before = [] { ::setsid(); },
         .act =
             [&](Told& told) {
               own(told);
               return call(k_ioctl, ::open(name.c_str(), O_RDWR | O_NOCTTY), TIOCSCTTY, 0);
             },
         .fields = tty});
  check({.name = "ioctl, no session of its own",
         .type = "terminal",
         .call = "ioctl",
         .act =
             [&](Told& told) {
               own(told);
               return call(k_ioctl, ::open(name.c_str(), O_RDWR | O_NOCTTY), TIOCSCTTY, 0);
             },
         .error = "EPERM"});
  if (native())
    check({.name = "open",
           .type = "terminal",
           .call = "openat",
           .before = [] { ::setsid(); },
           .act =
               [&](Told& told) {
                 own(told);
                 return ::open(name.c_str(), O_RDWR) >= 0 ? 0L : -1L;
               },
           .fields = tty});
  ::close(master);
}

// ---- what an exit tells ----

std::int64_t ns(const timeval& time) {
  return time.tv_sec * 1'000'000'000 + time.tv_usec * 1000;
}
std::int64_t ns(const timespec& time) {
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

// What a process knows about itself just before it ends.
struct OwnCost {
  std::int64_t cpu, user, system, peak;
  // Leaves no trace in the kernel.
  void look_at_clock() {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    cpu = ns(time);
  }
  // The kernel remembers what it has answered, and never tells less again.
  void look() {
    look_at_clock();
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    user = ns(usage.ru_utime);
    system = ns(usage.ru_stime);
    peak = usage.ru_maxrss * 1024;
  }
};

void burn(int milliseconds) {
  timespec now{};
  do ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  while (ns(now) < milliseconds * 1'000'000LL);
}

class ExitCost : public ::testing::Test {
 protected:
  // A process that acts and ends. Its record says no less than it knew itself, and no more than its
  // parent is told when all is over.
  Event end(const std::function<void(OwnCost&)>& act) {
    own_ = {};
    const pid_t child = ::fork();
    if (child == 0) {
      act(own_);
      own_.look_at_clock();
      ::_exit(0);
    }
    int status = 0;
    rusage usage{};
    EXPECT_EQ(::wait4(child, &status, 0, &usage), child);
    const auto its_own = [&](const Event& event) { return number_of(event, "proc.pid") == child; };
    const auto events = agent_->wait_for(
        [&](const std::vector<Event>& now) { return std::ranges::any_of(now, its_own); });
    Event found = *std::ranges::find_if(events, its_own);
    const std::int64_t user = number_of(found, "proc.cpu.user");
    const std::int64_t system = number_of(found, "proc.cpu.system");
    EXPECT_GE(user + system, own_.cpu);
    EXPECT_GE(user, own_.user);
    EXPECT_GE(system, own_.system);
    // Both of its figures are cut to microseconds.
    EXPECT_LT(user + system, ns(usage.ru_utime) + ns(usage.ru_stime) + 2000);
    EXPECT_EQ(number_of(found, "proc.peak_rss"), usage.ru_maxrss * 1024);
    EXPECT_GE(number_of(found, "proc.peak_rss"), own_.peak);
    return found;
  }

  static void SetUpTestSuite() {
    agent_ = std::make_unique<Agent>(std::vector<std::string>{
        "watch", "exit", "-o", "json", "--children", "--pid", text(::getpid())});
  }
  static void TearDownTestSuite() { agent_.reset(); }

  inline static std::unique_ptr<Agent> agent_;
  OwnCost& own_ = *static_cast<OwnCost*>(
      ::mmap(nullptr, sizeof(OwnCost), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
};

TEST_F(ExitCost, OfOneThread) {
  end([](OwnCost&) { burn(300); });
  EXPECT_GE(own_.cpu, 300'000'000);
  // It asks often, so that it has been told both kinds of time.
  end([](OwnCost& own) {
    std::array<char, 4096> buffer{};
    const int zero = ::open("/dev/zero", O_RDONLY);
    for (int i = 0; i < 20000; ++i) {
      (void)!::read(zero, buffer.data(), buffer.size());
      if (i % 1000 == 0) own.look();
    }
  });
  const Event large = end([](OwnCost&) {
    std::string memory(64 << 20, 'x');
    asm volatile("" ::"r"(memory.data()) : "memory");
  });
  EXPECT_GT(number_of(large, "proc.peak_rss"), 64 << 20);
}

TEST_F(ExitCost, CountsThreadsThatEndedBefore) {
  end([](OwnCost&) {
    std::thread([] { burn(150); }).join();
    std::thread([] { burn(150); }).join();
  });
  EXPECT_GE(own_.cpu, 300'000'000);
}

TEST_F(ExitCost, CountsAFirstThreadThatIsGone) {
  end([](OwnCost& own) {
    burn(200);
    std::thread([&own] {
      // The first thread has ended when it gives up its memory and becomes a zombie.
      const std::string first = "/proc/self/task/" + text(::getpid()) + "/stat";
      for (std::string line; line.find(") Z ") == std::string::npos;) {
        std::ifstream file(first);
        std::getline(file, line);
      }
      burn(100);
      own.look_at_clock();
      ::syscall(SYS_exit, 0);
    }).detach();
    ::syscall(SYS_exit, 0);
  });
  EXPECT_GE(own_.cpu, 300'000'000);
}

// Many threads end at a time, and each may see that none is alive any more: the kernel goes through
// the list of mutexes that each has, which is long, after it has counted the thread and before the
// record.
TEST_F(ExitCost, ThereIsOneRecordOfManyThreads) {
  constexpr int k_rounds = 8;
  struct Mutex {
    robust_list link;
    std::uint64_t owner;  // none
  };
  static std::array<Mutex, 2048> mutexes;  // ROBUST_LIST_LIMIT
  for (std::size_t i = 0; i < mutexes.size(); ++i)
    mutexes[i].link.next = &mutexes[(i + 1) % mutexes.size()].link;
  std::set<std::int64_t> children;
  for (int i = 0; i < k_rounds; ++i) {
    const Event event = end([](OwnCost&) {
      std::atomic<int> running = 0;
      for (int thread = 0; thread < 8; ++thread)
        std::thread([&running] {
          robust_list_head held{.list = {.next = &mutexes[0].link},
                                .futex_offset = offsetof(Mutex, owner),
                                .list_op_pending = nullptr};
          ::syscall(SYS_set_robust_list, &held, sizeof(held));
          ++running;
          for (;;) burn(1);
        }).detach();
      while (running < 8) burn(1);
    });
    children.insert(number_of(event, "proc.pid"));
  }
  // One more, so that those before it have come.
  end([](OwnCost&) {});
  std::size_t records = 0;
  for (const Event& event : agent_->events())
    records += children.count(number_of(event, "proc.pid"));
  EXPECT_EQ(records, children.size());
}

class World : public ::testing::Environment {
 public:
  void SetUp() override {
    CallLog::watch({"credentials", "loginuid", "setsid", "setpgid", "terminal", "prctl"});
    CallLog::get();
  }
  void TearDown() override { CallLog::get().finish(); }
};
const auto* const k_world = ::testing::AddGlobalTestEnvironment(new World);

}  // namespace
}  // namespace gancho::test
