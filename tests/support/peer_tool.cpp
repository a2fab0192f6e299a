// SPDX-License-Identifier: Apache-2.0
#include "support/peer_tool.h"

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "support/agent.h"

namespace gancho::test {
namespace {

using namespace std::chrono_literals;

constexpr auto k_limit = 60s;

void wait_until(const std::function<bool()>& condition, const std::string& what) {
  const auto limit = std::chrono::steady_clock::now() + k_limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > limit) throw std::runtime_error("no " + what);
    std::this_thread::sleep_for(20ms);
  }
}

}  // namespace

bool installed(const std::string& tool) {
  return run({"sh", "-c", "command -v " + tool}).status == 0;
}

PeerTool::PeerTool(const std::string& name) : name_(name), out_(directory_.path() + "/out") {
  pid_ = ::fork();
  if (pid_ == 0) {
    if (std::freopen(out_.c_str(), "w", stdout) == nullptr) ::_exit(126);
    ::execlp("stdbuf", "stdbuf", "-oL", name.c_str(), nullptr);
    ::_exit(127);
  }
  wait_until([&] { return !rows().empty(); }, name + "'s header");
}

PeerTool::~PeerTool() {
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

std::vector<PeerRow> PeerTool::rows() const {
  std::ifstream file(out_);
  std::vector<PeerRow> rows;
  for (std::string line; std::getline(file, line) && !file.eof();) {
    std::istringstream words(line);
    rows.push_back({.line = line,
                    .words = {std::istream_iterator<std::string>(words),
                              std::istream_iterator<std::string>()}});
  }
  return rows;
}

std::vector<PeerRow> PeerTool::wait_for(const std::function<bool(const PeerRow&)>& wanted,
                                        std::size_t count) const {
  std::vector<PeerRow> found;
  wait_until(
      [&] {
        found = rows();
        std::erase_if(found, [&](const PeerRow& row) { return !wanted(row); });
        return found.size() >= count;
      },
      "rows of " + name_);
  return found;
}

}  // namespace gancho::test
