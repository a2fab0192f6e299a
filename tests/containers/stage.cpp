// SPDX-License-Identifier: Apache-2.0
#include "containers/stage.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace gancho::test {
namespace {

const std::string k_root = "/sys/fs/cgroup";

const std::string& tiny_program() {
  static const TemporaryDirectory directory;
  static const std::string path = [] {
    std::string program = directory.path() + "/tiny";
    write_tiny_program(program);
    return program;
  }();
  return path;
}

void wait_for_end(pid_t pid) {
  int status = 0;
  if (::waitpid(pid, &status, 0) != pid || status != 0)
    throw std::runtime_error("a program in a container failed: " + std::to_string(status));
}

[[noreturn]] void execute(const std::string& tag, const std::string& program,
                          const std::vector<std::string>& arguments) {
  std::vector<std::string> words{tag};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  char* const none[] = {nullptr};
  ::execve(program.c_str(), pointers.data(), none);
  std::perror(program.c_str());
  ::_exit(1);
}

}  // namespace

std::string new_id() {
  static std::uint64_t count = 0;
  std::uint64_t state = ++count * 0x9e3779b97f4a7c15ULL;
  std::string id;
  while (id.size() < 64) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    id.push_back("0123456789abcdef"[state >> 60]);
  }
  return id;
}

Cgroup::Cgroup(const std::string& path) : path_(path) {
  for (std::size_t at = 0; at != std::string::npos;) {
    at = path.find('/', at + 1);
    const std::string part = k_root + path.substr(0, at);
    if (::mkdir(part.c_str(), 0755) == 0) made_.push_back(part);
  }
}

Cgroup::~Cgroup() {
  for (auto made = made_.rbegin(); made != made_.rend(); ++made) ::rmdir(made->c_str());
}

std::string Cgroup::directory() const {
  return k_root + path_;
}

pid_t start_in(const Cgroup& cgroup, const std::string& tag, const std::string& program,
               const std::vector<std::string>& arguments, const std::function<void()>& stage) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  const int fd = ::open((cgroup.directory() + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC);
  if (::write(fd, "0", 1) != 1) ::_exit(2);
  stage();
  execute(tag, program, arguments);
}

void run_in(const Cgroup& cgroup, const std::string& tag) {
  wait_for_end(start_in(cgroup, tag, tiny_program()));
}

void run_outside(const std::string& tag) {
  const std::string& program = tiny_program();
  const pid_t pid = ::fork();
  if (pid == 0) execute(tag, program, {});
  wait_for_end(pid);
}

void write_state(const std::string& path, const std::string& text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  // Whole or not at all, as the runtimes write.
  std::ofstream(path + ".new") << text;
  std::filesystem::rename(path + ".new", path);
}

void write_docker(const std::string& id, const std::string& name, const std::string& image) {
  write_state("/var/lib/docker/containers/" + id + "/config.v2.json",
              R"({"State":{"Running":true},"ID":")" + id +
                  R"(","Created":"2024-05-01T10:00:00.5Z","Name":"/)" + name +
                  R"(","Config":{"Env":["A=1"],"Image":")" + image +
                  R"(","Labels":{}},"Image":"sha256:)" + std::string(64, 'e') + R"("})");
}

std::string tag_of(const Event& event) {
  const auto arguments = list_of(event, "proc.args");
  return arguments.empty() ? "" : arguments[0];
}

bool has_tag(const std::vector<Event>& events, std::string_view tag) {
  for (const Event& event : events)
    if (tag_of(event) == tag) return true;
  return false;
}

Event wait_for_tag(const Agent& agent, const std::string& tag) {
  for (const Event& event :
       agent.wait_for([&](const std::vector<Event>& now) { return has_tag(now, tag); }))
    if (tag_of(event) == tag) return event;
  throw std::logic_error(tag);
}

std::uint64_t boot_now() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace gancho::test
