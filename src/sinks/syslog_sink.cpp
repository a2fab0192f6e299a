// SPDX-License-Identifier: Apache-2.0
#include "sinks/syslog_sink.h"

#include <fmt/format.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "sinks/facility.h"

namespace gancho {
namespace {

constexpr std::size_t k_text_max = 8192;  // what usual daemons take of a message
constexpr std::chrono::milliseconds k_patience{5000};

}  // namespace

SyslogSink::SyslogSink(const AlertSyslogOptions& options, SinkContext context)
    : Sink(SinkKind::syslog, std::move(context)),
      socket_(options.socket),
      facility_(find_facility(options.facility).value_or(LOG_AUTHPRIV)) {}

Sink::Delivery SyslogSink::deliver(const Alert& alert, unsigned /*retry*/) {
  const auto seconds = static_cast<std::time_t>(alert.wall_ns / 1'000'000'000);
  std::tm local{};
  ::localtime_r(&seconds, &local);
  // English whatever the locale, as the format asks for.
  constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  line_ = fmt::format(
      "<{}>{} {:2} {:02}:{:02}:{:02} gancho[{}]: ", facility_ | static_cast<int>(alert.priority),
      months[static_cast<std::size_t>(local.tm_mon)], local.tm_mday, local.tm_hour, local.tm_min,
      local.tm_sec, ::getpid());
  const std::size_t text_at = line_.size();
  line_ += alert.text.substr(0, k_text_max);
  // One line is one message; a terminal that shows it must not be steered.
  std::replace_if(
      line_.begin() + static_cast<std::ptrdiff_t>(text_at), line_.end(),
      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }, ' ');
  for (;;) {
    const iovec part{.iov_base = line_.data(), .iov_len = line_.size()};
    const int error = socket_.send({&part, 1}, k_patience);
    if (error == 0) return {};
    if (error != EMSGSIZE) {
      std::array<char, 128> text{};
      return {Outcome::retry, fmt::format("{}: {}; it is tried again", socket_.path(),
                                          ::strerror_r(error, text.data(), text.size()))};
    }
    if (line_.size() < text_at + 128) return {Outcome::failed, "a message is too large"};
    line_.resize(text_at + (line_.size() - text_at) / 2);
  }
}

}  // namespace gancho
