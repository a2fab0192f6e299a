// SPDX-License-Identifier: Apache-2.0
#include "rules/act.h"

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <exception>
#include <fstream>

#include "support/load.h"

namespace gancho::test {

void require(bool done, const char* what) {
  if (done) return;
  std::perror(what);
  ::_exit(1);
}

bool succeeds(const std::function<void()>& operation) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    try {
      operation();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
      ::_exit(1);
    }
    ::_exit(0);
  }
  int status = 0;
  require(::waitpid(pid, &status, 0) == pid, "waitpid");
  if (status != 0) std::fprintf(stderr, "status 0x%x\n", static_cast<unsigned>(status));
  return status == 0;
}

void in_child(const std::function<void()>& operation) {
  if (!succeeds(operation)) ::_exit(1);
}

void execute(const std::string& program, const std::vector<std::string>& arguments) {
  std::vector<std::string> words = arguments;
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  ::execv(program.c_str(), pointers.data());
  require(false, program.c_str());
  ::_exit(1);
}

void run_program(const std::vector<std::string>& command) {
  in_child([&] { execute(command[0], command); });
}

void shell(const std::string& script) {
  run_program({"/bin/sh", "-ec", script});
}

void become_nobody() {
  constexpr uid_t k_nobody = 65534;
  require(::setresgid(k_nobody, k_nobody, k_nobody) == 0, "setresgid");
  require(::setresuid(k_nobody, k_nobody, k_nobody) == 0, "setresuid");
}

void write_text(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  file.close();
  require(!file.fail(), path.c_str());
}

std::string install(const std::string& name, const std::string& script) {
  std::string path = "/usr/local/bin/" + name;
  if (script.empty()) {
    write_tiny_program(path);
  } else {
    write_text(path, script);
    require(::chmod(path.c_str(), 0755) == 0, "chmod");
  }
  return path;
}

Sleeper::Sleeper(const std::function<void()>& first) : pid_(start(first)) {}

pid_t Sleeper::start(const std::function<void()>& first) {
  std::array<int, 2> ends{};
  require(::pipe(ends.data()) == 0, "pipe");
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    first();
    require(::write(ends[1], "", 1) == 1, "write");
    for (;;) ::pause();
  }
  ::close(ends[1]);
  char ready = 0;
  require(::read(ends[0], &ready, 1) == 1, "a sleeper's beginning");
  ::close(ends[0]);
  return pid;
}

Sleeper::~Sleeper() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

}  // namespace gancho::test
