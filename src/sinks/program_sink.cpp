// SPDX-License-Identifier: Apache-2.0
#include "sinks/program_sink.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cerrno>
#include <utility>

namespace gancho {

ProgramSink::ProgramSink(AlertProgramOptions options, ProgramRunner runner, SinkContext context)
    : Sink(SinkKind::program, std::move(context)),
      options_(std::move(options)),
      runner_(std::move(runner)) {}

ProgramSink::~ProgramSink() {
  {
    const std::scoped_lock lock(running_mutex_);
    broken_ = true;
    ended_.notify_all();
  }
  ::shutdown(runner_.socket(), SHUT_RDWR);  // ends the listener, and the runner
  end();
  if (listener_.joinable()) listener_.join();
}

Sink::Delivery ProgramSink::deliver(const Alert& alert, unsigned /*retry*/) {
  // Here, on the sink's thread: before the cage there must be one thread only.
  if (!listener_.joinable()) listener_ = std::thread([this] { listen(); });
  {
    std::unique_lock lock(running_mutex_);
    ended_.wait(lock, [this] { return broken_ || running_ < options_.at_once; });
    if (broken_) return {Outcome::failed, "what executes programs has ended"};
    ++running_;
  }
  if (::send(runner_.socket(), alert.json.data(), alert.json.size(), MSG_NOSIGNAL) >= 0)
    return {Outcome::taken, {}};
  const std::scoped_lock lock(running_mutex_);
  --running_;
  return {Outcome::failed, "what executes programs does not take it"};
}

bool ProgramSink::settled() {
  const std::scoped_lock lock(running_mutex_);
  return running_ == 0 || broken_;
}

void ProgramSink::listen() {
  for (;;) {
    ProgramEnd end;
    const ssize_t bytes = ::recv(runner_.socket(), &end, sizeof(end), 0);
    if (bytes < 0 && errno == EINTR) continue;
    const bool whole = bytes == static_cast<ssize_t>(sizeof(end));
    if (whole) count(end);
    {
      const std::scoped_lock lock(running_mutex_);
      if (whole)
        --running_;
      else
        broken_ = true;
      ended_.notify_all();
    }
    wake();
    if (!whole) return;
  }
}

void ProgramSink::count(const ProgramEnd& end) {
  if (WIFEXITED(end.wait_status) && WEXITSTATUS(end.wait_status) == 0) {
    ++counters().delivered;
    tell({});
    return;
  }
  ++counters().failed;
  std::string why = options_.command.front();
  if (end.timed_out != 0)
    why += " took too long and was killed";
  else if (WIFSIGNALED(end.wait_status))
    why += fmt::format(" was killed by signal {}", WTERMSIG(end.wait_status));
  else
    why += fmt::format(" ended with status {}", WEXITSTATUS(end.wait_status));
  if (WIFEXITED(end.wait_status) && WEXITSTATUS(end.wait_status) == 127)
    why += "; can the courier's user execute it?";
  tell({Outcome::failed, std::move(why)});
}

}  // namespace gancho
