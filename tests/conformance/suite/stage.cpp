// SPDX-License-Identifier: Apache-2.0
#include "conformance/suite/stage.h"

#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <stdexcept>

#include "base/fd.h"
#include "containers/stage.h"
#include "support/agent.h"

namespace gancho::test {
namespace {

// On the machine's root, which is below that of each container; and beside the files that cases on
// the machine execute, so that a link is enough.
constexpr auto k_actor_below = "/usr/local/lib/suite-actor";
constexpr auto k_actor_beside = "/tmp/suite-actor";
constexpr auto k_root = "/run/suite-root";

void must(bool done, const char* what) {
  if (done) return;
  std::perror(what);
  ::_exit(3);
}

std::string read_all(int fd) {
  std::string text;
  std::array<char, 4096> part;
  for (off_t at = 0;;) {
    const ssize_t n = ::pread(fd, part.data(), part.size(), at);
    if (n <= 0) return text;
    text.append(part.data(), static_cast<std::size_t>(n));
    at += n;
  }
}

Fd nameless(const std::string& text) {
  Fd fd(::memfd_create("suite", MFD_CLOEXEC));
  if (::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    throw std::runtime_error("memfd");
  return fd;
}

// What docker leaves behind of a container that it was asked to give all privileges to.
class Container {
 public:
  explicit Container(const SuiteContainer& asked)
      : id_(new_id()), cgroup_("/system.slice/docker-" + id_ + ".scope") {
    write_docker(id_, asked.name, asked.image);
    write_state(directory() + "/hostconfig.json", R"({"Privileged":true,"NetworkMode":"host"})");
  }
  Container(const Container&) = delete;
  Container& operator=(const Container&) = delete;
  ~Container() { std::filesystem::remove_all(directory()); }

  // By the process that is to be in it.
  void enter() const {
    const int fd = ::open((cgroup_.directory() + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC);
    must(::write(fd, "0", 1) == 1, "cgroup.procs");
    must(::unshare(CLONE_NEWNS) == 0, "unshare");
    must(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "private");
    must(::mount("suite", k_root, "tmpfs", 0, nullptr) == 0, "tmpfs");
    const std::string base = k_root;
    for (const char* name : {"/upper", "/work", "/root"})
      must(::mkdir((base + name).c_str(), 0755) == 0, name);
    const std::string root = base + "/root";
    const std::string layers = "lowerdir=/,upperdir=" + base + "/upper,workdir=" + base + "/work";
    must(::mount("overlay", root.c_str(), "overlay", 0, layers.c_str()) == 0, "overlay");
    for (const char* name : {"/proc", "/dev", "/sys"})
      must(::mount(name, (root + name).c_str(), nullptr, MS_BIND | MS_REC, nullptr) == 0, name);
    must(::chmod((root + "/tmp").c_str(), 01777) == 0, "tmp");
    must(::chroot(root.c_str()) == 0 && ::chdir("/") == 0, "chroot");
  }

 private:
  [[nodiscard]] std::string directory() const { return "/var/lib/docker/containers/" + id_; }
  std::string id_;
  Cgroup cgroup_;
};

// Both ends of a terminal; of the actor's session it becomes the controlling one.
class Terminal {
 public:
  Terminal() : ours_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    if (::grantpt(ours_.get()) != 0 || ::unlockpt(ours_.get()) != 0)
      throw std::runtime_error("no terminal");
    std::array<char, 64> name{};
    ::ptsname_r(ours_.get(), name.data(), name.size());
    name_ = name.data();
  }
  void control() const {
    must(::setsid() > 0, "setsid");
    const int fd = ::open(name_.c_str(), O_RDWR);
    must(::ioctl(fd, TIOCSCTTY, 0) == 0, "TIOCSCTTY");
  }

 private:
  Fd ours_;
  std::string name_;
};

[[noreturn]] void become_actor(const SuiteCase& one, const char* program, int plan, int report) {
  ::dup2(plan, k_plan_fd);
  ::dup2(report, k_report_fd_of_actor);
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  ::dup2(nothing, 0);
  ::dup2(report, 1);
  ::dup2(report, 2);
  if (one.container)
    for (const auto& [name, value] : one.container->environment)
      ::setenv(name.c_str(), value.c_str(), 1);
  ::setenv(k_place_variable, "outside", 1);
  ::execl(program, "event-generator", nullptr);
  must(false, program);
  ::_exit(3);
}

}  // namespace

void prepare_stage(const std::vector<SuiteCase>& cases) {
  for (const char* const place : {k_actor_below, k_actor_beside})
    std::filesystem::copy_file(SUITE_ACTOR, place,
                               std::filesystem::copy_options::overwrite_existing);
  std::filesystem::create_directories(k_root);
  for (const SuiteCase& one : cases)
    for (const std::string& user : one.users)
      if (::getpwnam(user.c_str()) == nullptr)
        if (const Ran ran = run({"useradd", "-M", user}); ran.status != 0)
          throw std::runtime_error("useradd " + user + ": " + ran.error);
}

std::string play(const SuiteCase& one) {
  Plan plan = one.plan;
  plan["program"] = one.container ? k_actor_below : k_actor_beside;
  for (const auto& [key, value] : one.plan) {
    if (!key.ends_with("/user")) continue;
    const passwd* const user = ::getpwnam(value.c_str());
    if (user == nullptr) return "no user " + value;
    const std::string base = key.substr(0, key.size() - 4);
    plan[base + "uid"] = std::to_string(user->pw_uid);
    plan[base + "gid"] = std::to_string(user->pw_gid);
  }
  const Fd told = nameless(write_plan(plan));
  const Fd report = nameless("");
  std::optional<Container> container;
  if (one.container) container.emplace(*one.container);
  std::optional<Terminal> terminal;
  if (one.terminal) terminal.emplace();
  const pid_t child = ::fork();
  if (child == 0) {
    if (terminal) terminal->control();
    if (container) container->enter();
    become_actor(one, plan["program"].c_str(), told.get(), report.get());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (status == 0) return "";
  return "the actor ended with " + std::to_string(status) + ": " + read_all(report.get());
}

}  // namespace gancho::test
