// SPDX-License-Identifier: Apache-2.0
#include "sinks/courier_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "base/own_child.h"
#include "sinks/alert_file.h"
#include "sinks/http_sink.h"
#include "sinks/pack.h"

namespace gancho {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t k_restarts = 5;
constexpr std::chrono::seconds k_restart_window{60};
// For a burst; the kernel may give less.
constexpr int k_alert_buffer = 4 << 20;

// Syslog's times are local; programs get the language.
constexpr std::array k_variables{"TZ", "LANG"};

}  // namespace

Result<CourierProcess> CourierProcess::create(const AlertOptions& options, std::string program) {
  CourierProcess courier;
  courier.options_ = options;
  courier.program_ = std::move(program);
  courier.counters_file_.reset(::memfd_create("gancho-courier", MFD_CLOEXEC));
  if (!courier.counters_file_.valid() ||
      ::ftruncate(courier.counters_file_.get(), sizeof(CourierCounters)) != 0)
    return fail_errno("cannot create the courier's counters", errno);
  courier.map_ = TRY(MemoryMap::create(courier.counters_file_.get(), sizeof(CourierCounters),
                                       MemoryMap::Access::read_write, 0, "the courier's counters"));
  courier.options_file_ = TRY(memory_file("gancho-sinks", pack_options(options)));
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0)
    return fail_errno("cannot create the courier's socket", errno);
  courier.worker_end_.reset(pair[0]);
  courier.courier_end_.reset(pair[1]);
  (void)::setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &k_alert_buffer, sizeof(k_alert_buffer));
  if (!options.file.path.empty()) TRY(open_alert_file(options.file.path));
  if (!options.http.headers_file.empty()) TRY(read_headers_file(options.http.headers_file));
  return courier;
}

CourierProcess::CourierProcess(CourierProcess&& other) noexcept {
  *this = std::move(other);
}

CourierProcess& CourierProcess::operator=(CourierProcess&& other) noexcept {
  std::swap(options_, other.options_);
  std::swap(program_, other.program_);
  std::swap(pid_, other.pid_);
  std::swap(ready_, other.ready_);
  std::swap(stopping_, other.stopping_);
  std::swap(socket_, other.socket_);
  std::swap(worker_end_, other.worker_end_);
  std::swap(courier_end_, other.courier_end_);
  std::swap(counters_file_, other.counters_file_);
  std::swap(options_file_, other.options_file_);
  std::swap(map_, other.map_);
  std::swap(restarts_, other.restarts_);
  std::swap(starts_, other.starts_);
  return *this;
}

CourierProcess::~CourierProcess() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

Status CourierProcess::start() {
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0)
    return fail_errno("cannot create the courier's socket", errno);
  socket_.reset(pair[0]);
  const Fd theirs(pair[1]);
  Fd users(::open("/etc/passwd", O_RDONLY | O_CLOEXEC));
  if (!users.valid()) users.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  ready_ = false;
  pid_ = TRY(start_own_child({.program = program_,
                              .name = "gancho-courier",
                              .verb = "courier",
                              .socket = theirs.get(),
                              .variables = k_variables,
                              .no_output = true}));
  const std::array<int, k_courier_descriptors> fds{options_file_.get(), courier_end_.get(),
                                                   counters_file_.get(), users.get()};
  TRY(send_courier_message(socket_.get(), {.kind = CourierMessageKind::start}, fds));
  return options_.file.path.empty() ? Status{} : reopen();
}

Result<Fd> CourierProcess::make_file(bool rotate) {
  if (rotate) TRY(rotate_alert_file(options_.file.path, options_.file.keep));
  return open_alert_file(options_.file.path);
}

Status CourierProcess::reopen() {
  if (options_.file.path.empty() || !socket_.valid()) return {};
  const Fd file = TRY(make_file(false));
  const std::array<int, 1> fds{file.get()};
  return send_courier_message(socket_.get(), {.kind = CourierMessageKind::file}, fds, MSG_DONTWAIT);
}

void CourierProcess::give_file(bool rotate, std::vector<std::string>& lines) {
  // A compromised courier can have its own file rotated, and nothing else.
  if (options_.file.path.empty()) return;
  const Result<Fd> file = make_file(rotate);
  if (!file) {
    lines.push_back(fmt::format("alerts, file: {}", file.error().message));
    (void)send_courier_message(socket_.get(), {.kind = CourierMessageKind::no_file}, {},
                               MSG_DONTWAIT);
    return;
  }
  const std::array<int, 1> fds{file->get()};
  (void)send_courier_message(socket_.get(), {.kind = CourierMessageKind::file}, fds, MSG_DONTWAIT);
}

void CourierProcess::hear(std::vector<std::string>& lines) {
  // Bounded: one that says the same for ever must not keep us.
  for (int i = 0; i < 64 && socket_.valid(); ++i) {
    const auto received = receive_courier_message(socket_.get(), MSG_DONTWAIT);
    if (!received) {
      pollfd wait{.fd = socket_.get(), .events = POLLIN, .revents = 0};
      // The end of what it says: its own comes by SIGCHLD, or will be seen by the next look.
      if (::poll(&wait, 1, 0) == 1 && (wait.revents & POLLHUP) != 0) socket_.reset();
      return;
    }
    switch (received->message.kind) {
      case CourierMessageKind::ready:
        ready_ = true;
        break;
      case CourierMessageKind::want_file:
        give_file(received->message.value == 1, lines);
        break;
      case CourierMessageKind::say:
        lines.push_back(received->message.clean_text());
        break;
      case CourierMessageKind::failed:
        lines.push_back("the courier of alerts: " + received->message.clean_text());
        break;
      default:
        break;
    }
  }
}

// What it had taken and not delivered went with it.
void CourierProcess::count_lost() {
  for (SinkCounters& sink : map_.as<CourierCounters>()->sinks)
    sink.lost += SinkCounts::of(sink).waiting();
}

std::optional<int> CourierProcess::reap() {
  int status = 0;
  if (pid_ < 0 || ::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  pid_ = -1;
  ready_ = false;
  count_lost();
  return status;
}

std::vector<std::string> CourierProcess::mind() {
  std::vector<std::string> lines;
  hear(lines);
  if (stopping_) return lines;
  const auto now = steady_clock::now();
  while (!starts_.empty() && now - starts_.front() > k_restart_window) starts_.pop_front();
  if (const auto status = reap()) {
    hear(lines);
    socket_.reset();
    lines.push_back(fmt::format(
        "the courier of alerts {}; {}", describe_end(*status),
        starts_.size() < k_restarts ? "starting another" : "another is started in a minute"));
  }
  if (pid_ < 0 && starts_.size() < k_restarts && map_.bytes() != 0) {
    starts_.push_back(now);
    ++restarts_;
    if (const Status started = start(); !started) lines.push_back(started.error().message);
  }
  return lines;
}

std::vector<std::string> CourierProcess::stop(milliseconds limit) {
  std::vector<std::string> lines;
  stopping_ = true;
  if (pid_ < 0) return lines;
  const auto deadline = steady_clock::now() + limit;
  (void)send_courier_message(
      socket_.get(),
      {.kind = CourierMessageKind::finish, .value = static_cast<std::uint32_t>(limit.count())}, {},
      MSG_DONTWAIT);
  // A little more than it was told, so that it ends by itself.
  const auto end = deadline + milliseconds(500);
  while (steady_clock::now() < end) {
    hear(lines);
    if (reap()) return lines;
    pollfd wait{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    (void)::poll(&wait, 1, 20);
  }
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
  count_lost();
  return lines;
}

CourierReport CourierProcess::report() const {
  const auto* counters = map_.as<const CourierCounters>();
  CourierReport report{.received = counters->received,
                       .malformed = counters->malformed,
                       .restarts = restarts_,
                       .sinks = {}};
  for (std::size_t i = 0; i < k_sink_kinds; ++i)
    report.sinks[i] = SinkCounts::of(counters->sinks[i]);
  return report;
}

std::vector<std::string> losses(const CourierReport& report) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < k_sink_kinds; ++i) {
    const SinkCounts& sink = report.sinks[i];
    if (sink.dropped + sink.failed + sink.lost == 0) continue;
    lines.push_back(fmt::format(
        "alerts, {}: {} delivered, {} dropped (queue full), {} given up, {} lost",
        word_of(static_cast<SinkKind>(i)), sink.delivered, sink.dropped, sink.failed, sink.lost));
  }
  return lines;
}

}  // namespace gancho
