// SPDX-License-Identifier: Apache-2.0
//
// Does what a case says. It executes itself under other names, one process of the case's chain
// after the other, and the last of them makes the resources and does the steps. Static, so that it
// runs in any root.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/suite/bindings.h"
#include "conformance/suite/node.h"
#include "conformance/suite/plan.h"
#include "conformance/suite/process.h"
#include "conformance/suite/resources.h"
#include "conformance/suite/steps.h"

namespace gancho::test {
namespace {

Plan inherited_plan() {
  struct stat status{};
  if (::fstat(k_plan_fd, &status) != 0) throw std::runtime_error("there is no plan");
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  if (::pread(k_plan_fd, text.data(), text.size(), 0) != status.st_size)
    throw std::runtime_error("the plan cannot be read");
  return read_plan(text);
}

void report(const std::string& what) {
  [[maybe_unused]] const auto written =
      ::write(k_report_fd_of_actor, (what + "\n").c_str(), what.size() + 1);
}

// `before` and `after` are one shell, so that the second has the variables of the first.
class Script {
 public:
  Script(const std::string& before, const std::string& after) {
    if (before.empty() && after.empty()) return;
    int ready[2];
    int go[2];
    if (::pipe2(ready, O_CLOEXEC) != 0 || ::pipe2(go, O_CLOEXEC) != 0)
      throw std::runtime_error("pipe");
    const std::string text = before + "\nprintf . >&8\nread -r __go <&9\n" + after + "\n";
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(k_report_fd_of_actor, 1);
      ::dup2(k_report_fd_of_actor, 2);
      ::dup2(ready[1], 8);
      ::dup2(go[0], 9);
      ::unsetenv(k_place_variable);
      ::prctl(PR_SET_SECUREBITS, 0);  // root as ever
      ::execlp("sh", "sh", "-c", text.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(ready[1]);
    ::close(go[0]);
    go_ = go[1];
    char byte = 0;
    const ssize_t n = ::read(ready[0], &byte, 1);
    ::close(ready[0]);
    if (n != 1) throw std::runtime_error("the script `before` failed");
  }
  void finish() {
    if (pid_ < 0) return;
    [[maybe_unused]] const auto written = ::write(go_, "\n", 1);
    ::close(go_);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  pid_t pid_ = -1;
  int go_ = -1;
};

class Actor {
 public:
  Actor(Plan plan, std::string program) : plan_(std::move(plan)), program_(std::move(program)) {
    const Node root(plan_, seen_, "case");
    number_ = root.need("number");
    before_ = root.text_or("before", "");
    after_ = root.text_or("after", "");
    for (const Node& node : root.at("context").list("processes")) {
      ActedProcess process(node, "name");
      if (!chain_.empty() && chain_.back().has_other_rights()) process.take_all_capabilities();
      chain_.push_back(std::move(process));
    }
    for (const Node& node : root.list("resources"))
      resources_.push_back(read_resource(node, program_));
    for (const Node& node : root.list("steps")) steps_.emplace_back(node);
    check_all_seen(plan_, seen_, "case");
  }

  // From the place `next` of the chain on.
  void go_on(std::size_t next) {
    if (next == chain_.size())
      act();
    else
      delegate(next);
  }

  void begin() {
    for (ActedProcess& process : chain_) process.prepare(program_);
    mark(k_marker_start);
    go_on(0);
    mark(k_marker_end);
    for (const ActedProcess& process : chain_) process.remove_files();
  }

 private:
  void mark(std::string_view word) const {
    const std::string path = k_marker_prefix + number_ + "." + std::string(word);
    const int fd = ::openat(AT_FDCWD, path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) throw std::runtime_error(path + ": " + std::strerror(errno));
    ::close(fd);
    ::unlink(path.c_str());
  }

  void delegate(std::size_t next) {
    const pid_t child = chain_[next].start(std::to_string(next));
    int status = 0;
    if (::waitpid(child, &status, 0) != child || status != 0)
      throw std::runtime_error("process " + std::to_string(next) + " ended with " +
                               std::to_string(status));
  }

  void act() {
    Script script(before_, after_);
    bool begun = steps_.empty();
    const auto begin_once = [&] {
      if (!begun) mark(k_marker_begin);
      begun = true;
    };
    Bindings bindings;
    std::size_t made = 0;
    std::size_t done = 0;
    std::exception_ptr wrong;
    try {
      for (const auto& resource : resources_) {
        if (resource->is_seen()) begin_once();
        ++made;
        resource->make(bindings);
      }
      begin_once();
      for (Step& step : steps_) {
        ++done;
        step.run(bindings);
      }
    } catch (...) {
      wrong = std::current_exception();
    }
    if (!steps_.empty()) mark(k_marker_end);
    while (done > 0) steps_[--done].clean_up();
    while (made > 0) resources_[--made]->destroy();
    script.finish();
    if (wrong) std::rethrow_exception(wrong);
  }

  Plan plan_;
  std::set<std::string> seen_;
  std::string program_;
  std::string number_;
  std::string before_, after_;
  std::vector<ActedProcess> chain_;
  std::vector<std::unique_ptr<Resource>> resources_;
  std::vector<Step> steps_;
};

int run(std::string_view place) {
  if (place == "wait")
    for (;;) ::pause();
  try {
    Plan plan = inherited_plan();
    std::string program = plan.at("program");
    plan.erase("program");
    Actor actor(std::move(plan), std::move(program));
    if (place == "outside")
      actor.begin();
    else
      actor.go_on(std::stoul(std::string(place)) + 1);
    return 0;
  } catch (const std::exception& error) {
    report(error.what());
    return 1;
  }
}

}  // namespace
}  // namespace gancho::test

int main() {
  const char* place = std::getenv(gancho::test::k_place_variable);
  // Executed by a step, it has nothing to do.
  return place == nullptr ? 0 : gancho::test::run(place);
}
