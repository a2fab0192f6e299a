// SPDX-License-Identifier: Apache-2.0
#include "sinks/courier.h"

#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <string>
#include <utility>

#include "sinks/file_sink.h"
#include "sinks/http_sink.h"
#include "sinks/journal_sink.h"
#include "sinks/pack.h"
#include "sinks/program_sink.h"
#include "sinks/syslog_sink.h"

namespace gancho {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// When the keeper is gone, nobody waits; but an alert about its end should arrive.
constexpr milliseconds k_orphan_limit{5000};

Result<std::string> read_options(int fd) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return fail_errno("cannot read the courier's options", errno);
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  if (::pread(fd, bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    return fail_errno("cannot read the courier's options", errno);
  return bytes;
}

}  // namespace

Result<std::unique_ptr<Courier>> Courier::create(int control, ReceivedCourierMessage start,
                                                 const std::function<Status()>& cage) {
  if (start.message.kind != CourierMessageKind::start || start.fds.size() != k_courier_descriptors)
    return fail(Errc::internal, "the keeper's first message is not a start");
  const std::string bytes = TRY(read_options(start.fds[k_courier_options].get()));
  AlertOptions options = TRY(unpack_options(bytes));
  std::unique_ptr<Courier> courier(new Courier(control, std::move(options)));
  courier->alerts_ = std::move(start.fds[k_courier_alerts]);
  courier->map_ =
      TRY(MemoryMap::create(start.fds[k_courier_counters].get(), sizeof(CourierCounters),
                            MemoryMap::Access::read_write, 0, "the courier's counters"));
  courier->counters_ = courier->map_.as<CourierCounters>();
  courier->buffer_.resize(k_alert_message_max + 1);
  ::tzset();  // reads a file
  TRY(courier->make_sinks(cage));
  return courier;
}

Courier::~Courier() = default;

SinkContext Courier::context(SinkKind kind) const {
  return {.counters = counters_->sinks[static_cast<std::size_t>(kind)],
          .say =
              [control = control_](const std::string& line) {
                CourierMessage message{.kind = CourierMessageKind::say};
                message.set_text(line);
                // Whoever does not listen misses a line, not an alert.
                (void)send_courier_message(control, message, {}, MSG_DONTWAIT);
              },
          .queue = options_.queue};
}

Status Courier::make_sinks(const std::function<Status()>& cage) {
  // First: it is a process, and must not have what the others open.
  if (!options_.program.command.empty()) {
    ProgramRunner runner = TRY(ProgramRunner::create(options_.program, cage));
    runner_.reset(static_cast<int>(::syscall(SYS_pidfd_open, runner.pid(), 0)));
    sinks_.push_back(std::make_unique<ProgramSink>(options_.program, std::move(runner),
                                                   context(SinkKind::program)));
  }
  if (!options_.file.path.empty()) {
    auto file = std::make_unique<FileSink>(
        options_.file,
        [control = control_](bool rotate) {
          (void)send_courier_message(
              control, {.kind = CourierMessageKind::want_file, .value = rotate ? 1U : 0U});
        },
        context(SinkKind::file));
    file_ = file.get();
    sinks_.push_back(std::move(file));
  }
  if (options_.syslog.enabled)
    sinks_.push_back(std::make_unique<SyslogSink>(options_.syslog, context(SinkKind::syslog)));
  if (options_.journal.enabled)
    sinks_.push_back(std::make_unique<JournalSink>(options_.journal, context(SinkKind::journal)));
  if (!options_.http.url.empty())
    sinks_.push_back(TRY(HttpSink::create(options_.http, context(SinkKind::http))));
  return {};
}

bool Courier::take_one() {
  const ssize_t bytes = ::recv(alerts_.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
  if (bytes < 0) return errno == EINTR;
  if (bytes == 0) return false;
  ++counters_->received;
  auto alert = HeldAlert::create(std::span(buffer_).first(static_cast<std::size_t>(bytes)));
  if (!alert) {
    ++counters_->malformed;
    return true;
  }
  const auto shared = std::make_shared<const HeldAlert>(std::move(*alert));
  for (const auto& sink : sinks_) sink->offer(shared);
  return true;
}

Result<std::optional<milliseconds>> Courier::hear_keeper() {
  auto received = receive_courier_message(control_);
  if (!received) {
    if (received.error().code != Errc::system) return std::unexpected(received.error());
    return k_orphan_limit;
  }
  switch (received->message.kind) {
    case CourierMessageKind::file:
      if (received->fds.size() != 1) return fail(Errc::internal, "a file without its descriptor");
      if (file_ != nullptr) file_->take(std::move(received->fds[0]));
      return std::nullopt;
    case CourierMessageKind::no_file:
      if (file_ != nullptr) file_->refuse();
      return std::nullopt;
    case CourierMessageKind::finish:
      return milliseconds(received->message.value);
    default:
      return fail(Errc::internal, "the keeper said something that it never says");
  }
}

Status Courier::run() {
  for (const auto& sink : sinks_) sink->start();
  TRY(send_courier_message(control_, {.kind = CourierMessageKind::ready}));
  std::array<pollfd, 3> waits{};
  for (;;) {
    waits = {{{.fd = control_, .events = POLLIN, .revents = 0},
              {.fd = alerts_.get(), .events = POLLIN, .revents = 0},
              {.fd = runner_.get(), .events = POLLIN, .revents = 0}}};
    if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR)
      return fail_errno("cannot wait for alerts", errno);
    if (waits[2].revents != 0)
      return fail(Errc::system, "the process that executes alert_program has ended");
    // The keeper first, and all that it said: what is sent after the file was exchanged goes to the
    // new one.
    for (bool more = waits[0].revents != 0; more;) {
      if (const auto limit = TRY(hear_keeper())) {
        finish(*limit);
        return {};
      }
      more = ::poll(waits.data(), 1, 0) == 1;
    }
    if (waits[1].revents == 0) continue;
    // What is there, within reason: then the keeper again.
    for (int i = 0; i < 256 && take_one(); ++i) {
    }
  }
}

// The file sink may need the keeper to the end, so it is listened to meanwhile.
void Courier::finish(milliseconds limit) {
  const auto deadline = steady_clock::now() + limit;
  while (take_one()) {
  }
  for (const auto& sink : sinks_) {
    while (!sink->finish(std::min(deadline, steady_clock::now() + milliseconds(20)))) {
      if (steady_clock::now() >= deadline) return;
      pollfd wait{.fd = control_, .events = POLLIN, .revents = 0};
      if (::poll(&wait, 1, 0) == 1 && (wait.revents & POLLIN) != 0) (void)hear_keeper();
    }
  }
}

}  // namespace gancho
