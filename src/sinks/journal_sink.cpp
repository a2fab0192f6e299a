// SPDX-License-Identifier: Apache-2.0
#include "sinks/journal_sink.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>

namespace gancho {
namespace {

constexpr std::chrono::milliseconds k_patience{5000};

}  // namespace

void append_journal_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  if (!value.contains('\n')) {
    out += '=';
  } else {
    static_assert(std::endian::native == std::endian::little);
    const std::uint64_t length = value.size();
    std::array<char, sizeof(length)> bytes{};
    std::memcpy(bytes.data(), &length, sizeof(length));
    out += '\n';
    out.append(bytes.data(), bytes.size());
  }
  out += value;
  out += '\n';
}

JournalSink::JournalSink(const AlertJournalOptions& options, SinkContext context)
    : Sink(SinkKind::journal, std::move(context)), socket_(options.socket) {}

Sink::Delivery JournalSink::deliver(const Alert& alert, unsigned /*retry*/) {
  bool with_json = true;
  for (;;) {
    message_.clear();
    append_journal_field(message_, "MESSAGE", alert.text);
    append_journal_field(message_, "PRIORITY", fmt::format("{}", static_cast<int>(alert.priority)));
    append_journal_field(message_, "SYSLOG_IDENTIFIER", "gancho");
    append_journal_field(message_, "GANCHO_RULE", alert.rule);
    append_journal_field(message_, "GANCHO_PRIORITY", rules::word_of(alert.priority));
    append_journal_field(message_, "GANCHO_SOURCE", alert.source);
    append_journal_field(message_, "GANCHO_TIME_USEC", fmt::format("{}", alert.wall_ns / 1000));
    if (with_json) append_journal_field(message_, "GANCHO_ALERT", alert.json);
    const iovec part{.iov_base = message_.data(), .iov_len = message_.size()};
    const int error = socket_.send({&part, 1}, k_patience);
    if (error == 0) return {};
    if (error == EMSGSIZE && with_json) {
      with_json = false;
      continue;
    }
    if (error == EMSGSIZE) return {Outcome::failed, "a message is too large"};
    std::array<char, 128> text{};
    return {Outcome::retry, fmt::format("{}: {}; it is tried again", socket_.path(),
                                        ::strerror_r(error, text.data(), text.size()))};
  }
}

}  // namespace gancho
