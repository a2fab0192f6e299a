// SPDX-License-Identifier: Apache-2.0
#include "support/agent.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace gancho::test {
namespace {

using namespace std::chrono_literals;

constexpr auto k_ready_limit = 60s;  // the virtual machine's processors are emulated

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<Event> parse_lines(const std::string& text, bool complete, bool cut_lines) {
  std::vector<Event> events;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (lines.eof() && !complete) break;  // its newline has not come yet
    if (line.empty()) continue;
    boost::system::error_code error;
    boost::json::value value = boost::json::parse(line, error);
    if (!error)
      events.push_back(std::move(value).as_object());
    else if (!cut_lines)
      throw std::runtime_error("not JSON: " + line);
  }
  return events;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  for (std::string& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

int status_of(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

pid_t spawn(std::vector<std::string> command, const std::string& out, const std::string& err,
            std::vector<std::string> environment = {}, int output = -1) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  const auto open_as = [](const std::string& path, int fd) {
    const int opened = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND, 0600);
    ::dup2(opened, fd);
    if (opened > 2) ::close(opened);
  };
  open_as("/dev/null", 0);
  if (output >= 0)
    ::dup2(output, 1);
  else
    open_as(out, 1);
  open_as(err, 2);
  for (std::string& variable : environment) ::putenv(variable.data());
  ::execvp(command[0].c_str(), pointers(command).data());
  ::_exit(127);
}

std::string make_directory() {
  std::string name = "/tmp/gancho-test.XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
  return name;
}

Fd listen_for_ready(const std::string& path) {
  Fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0)
    throw std::runtime_error("bind " + path);
  return fd;
}

bool says(int socket, std::string_view word) {
  std::array<char, 256> message{};
  pollfd wait{.fd = socket, .events = POLLIN, .revents = 0};
  if (::poll(&wait, 1, 20) <= 0) return false;
  const ssize_t n = ::recv(socket, message.data(), message.size() - 1, 0);
  return n > 0 && std::string_view(message.data(), static_cast<std::size_t>(n)).contains(word);
}

}  // namespace

std::string gancho_path() {
  const char* path = std::getenv("GANCHO");
  return path != nullptr ? path : GANCHO_PROGRAM;
}

bool by_tracepoint() {
  return std::getenv("GANCHO_TEST_SYSCALL_HOOKS") != nullptr;
}

Agent::Agent(std::vector<std::string> arguments, Setup setup)
    : setup_(std::move(setup)), directory_(make_directory()) {
  arguments.insert(arguments.begin(), gancho_path());
  if (arguments[1] == "watch") arguments.emplace_back("--stats");
  // by_tracepoint.cpp
  if (const char* hooks = std::getenv("GANCHO_TEST_SYSCALL_HOOKS");
      hooks != nullptr && arguments[1] == "watch")
    arguments.insert(arguments.end(), {"--syscall-hooks", hooks});
  const std::string socket = directory_ + "/notify";
  notify_ = listen_for_ready(socket);
  std::vector<std::string> environment = setup_.environment;
  environment.push_back("NOTIFY_SOCKET=" + socket);
  pid_ = spawn(std::move(arguments), output_path(), error_path(), environment, setup_.output);
  const auto limit = std::chrono::steady_clock::now() + k_ready_limit;
  while (!says(notify_.get(), "READY=1")) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      throw std::runtime_error("gancho ended with " + std::to_string(status_of(status)) + ": " +
                               read_file(error_path()));
    }
    if (std::chrono::steady_clock::now() > limit) throw std::runtime_error("gancho is not ready");
  }
}

Agent::~Agent() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  std::filesystem::remove_all(directory_);
}

pid_t Agent::worker() const {
  const std::string path =
      "/proc/" + std::to_string(pid_) + "/task/" + std::to_string(pid_) + "/children";
  std::istringstream children(read_file(path));
  pid_t child = 0;
  children >> child;
  return child;
}

std::vector<Event> Agent::events() const {
  return parse_lines(read_file(output_path()), false, setup_.cut_lines);
}

std::string Agent::error() const {
  return read_file(error_path());
}

void Agent::wait_for_notice(std::string_view word, std::chrono::seconds limit) const {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!says(notify_.get(), word))
    if (std::chrono::steady_clock::now() > end)
      throw std::runtime_error("not notified: " + std::string(word) + "; " + error());
}

std::vector<Event> Agent::wait_for(const std::function<bool(const std::vector<Event>&)>& enough,
                                   std::chrono::seconds limit) const {
  const auto end = std::chrono::steady_clock::now() + limit;
  for (;;) {
    std::vector<Event> now = events();
    if (enough(now)) return now;
    if (std::chrono::steady_clock::now() > end)
      throw std::runtime_error("waited in vain; " + std::to_string(now.size()) + " events, " +
                               read_file(error_path()));
    std::this_thread::sleep_for(20ms);
  }
}

Ended Agent::stop(int signal) {
  ::kill(pid_, signal);
  return wait();
}

Ended Agent::wait() {
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  Ended ended;
  ended.status = status_of(status);
  ended.events = parse_lines(read_file(output_path()), true, setup_.cut_lines);
  std::istringstream lines(read_file(error_path()));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(R"({"evt.type":"account")"))
      ended.account = boost::json::parse(line).as_object();
    else
      ended.error += line + "\n";
  }
  return ended;
}

Ran run(const std::vector<std::string>& command) {
  const std::string directory = make_directory();
  const pid_t pid = spawn(command, directory + "/out", directory + "/err");
  int status = 0;
  ::waitpid(pid, &status, 0);
  Ran ran{.status = status_of(status),
          .output = read_file(directory + "/out"),
          .error = read_file(directory + "/err")};
  std::filesystem::remove_all(directory);
  return ran;
}

std::vector<Event> parse_events(const std::string& lines) {
  return parse_lines(lines, true, false);
}

std::string text_of(const Event& event, std::string_view field) {
  const auto* value = event.if_contains(field);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

std::int64_t number_of(const Event& event, std::string_view field) {
  const auto* value = event.if_contains(field);
  return value != nullptr && value->is_number() ? value->to_number<std::int64_t>() : -1;
}

bool flag_of(const Event& event, std::string_view field) {
  const auto* value = event.if_contains(field);
  return value != nullptr && value->is_bool() && value->as_bool();
}

std::vector<std::string> list_of(const Event& event, std::string_view field) {
  std::vector<std::string> list;
  const auto* value = event.if_contains(field);
  if (value == nullptr || !value->is_array()) return list;
  for (const auto& element : value->as_array())
    list.emplace_back(element.is_string() ? std::string(element.as_string())
                                          : std::string(element.at("name").as_string()));
  return list;
}

std::vector<Event> where(const std::vector<Event>& events, std::string_view field,
                         std::string_view value) {
  std::vector<Event> found;
  for (const Event& event : events)
    if (text_of(event, field) == value) found.push_back(event);
  return found;
}

}  // namespace gancho::test
