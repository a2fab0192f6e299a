// SPDX-License-Identifier: Apache-2.0
#include "system_manager.h"

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace gancho::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* k_units = "/run/test-units";
constexpr const char* k_systemd = "/lib/systemd/systemd";

bool wait_until(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + 60s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(50ms);
  }
  return true;
}

// Every service waits for these. Without their own contents the boot takes a second.
void write_targets() {
  std::filesystem::create_directories(k_units);
  for (const char* name : {"sysinit", "basic", "shutdown", "local-fs", "umount", "multi-user"})
    std::ofstream(std::string(k_units) + "/" + name + ".target")
        << "[Unit]\nDescription=" << name << "\nDefaultDependencies=no\n";
}

[[noreturn]] void be_first_process() {
  if (::mount("proc", "/proc", "proc", 0, nullptr) == 0)
    ::execl(k_systemd, k_systemd, "--system", "--unit=multi-user.target", "--log-target=console",
            "--show-status=no", nullptr);
  ::_exit(127);
}

pid_t only_child(pid_t parent) {
  const std::string task = std::to_string(parent);
  std::ifstream children("/proc/" + task + "/task/" + task + "/children");
  pid_t child = -1;
  children >> child;
  return child;
}

}  // namespace

std::string SystemManager::unit_directory() {
  return k_units;
}

SystemManager::SystemManager() {
  write_targets();
  // `container` tells it not to set up a machine's hardware.
  ::setenv("container", "test", 1);
  ::setenv("SYSTEMD_UNIT_PATH", k_units, 1);
  outside_ = ::fork();
  if (outside_ == 0) {
    if (::unshare(CLONE_NEWPID | CLONE_NEWNS) != 0 ||
        ::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0)
      ::_exit(127);
    const pid_t first = ::fork();
    if (first == 0) be_first_process();
    int status = 0;
    ::waitpid(first, &status, 0);
    ::_exit(0);
  }
  const bool answers = wait_until([this] {
    if (pid_ <= 0) pid_ = only_child(outside_);
    return pid_ > 0 && control({"is-system-running"}).output == "running\n";
  });
  if (!answers) throw std::runtime_error("systemd does not come up; see the console");
}

SystemManager::~SystemManager() {
  ::kill(pid_, SIGKILL);  // and with it all processes of its namespace
  int status = 0;
  ::waitpid(outside_, &status, 0);
}

Ran SystemManager::control(std::vector<std::string> words) const {
  // It listens to processes of its own namespace only.
  std::vector<std::string> command = {"nsenter", "-t", std::to_string(pid_), "-p",
                                      "-m",      "--", "systemctl"};
  command.insert(command.end(), words.begin(), words.end());
  return run(command);
}

std::string SystemManager::property(const std::string& unit, const std::string& name) const {
  const Ran ran = control({"show", unit, "--value", "--property", name});
  return ran.output.substr(0, ran.output.find('\n'));
}

void SystemManager::wait_for(const std::string& unit, const std::string& name,
                             const std::string& value) const {
  std::string last;
  if (!wait_until([&] { return (last = property(unit, name)) == value; }))
    throw std::runtime_error(unit + ": " + name + " is " + last + ", not " + value);
}

pid_t SystemManager::main_process(const std::string& unit) const {
  const std::string inside = property(unit, "MainPID");
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "status");
    for (std::string line; std::getline(file, line);) {
      // NSpid: OUTSIDE INSIDE
      if (!line.starts_with("NSpid:")) continue;
      std::istringstream numbers(line.substr(line.find(':') + 1));
      pid_t here = 0;
      std::string there;
      if (numbers >> here >> there && there == inside) return here;
    }
  }
  throw std::runtime_error(unit + " has no process " + inside);
}

}  // namespace gancho::test
