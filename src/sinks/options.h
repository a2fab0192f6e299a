// SPDX-License-Identifier: Apache-2.0
//
// What is done with alerts: plain data, filled by the configuration, read by the worker (what
// passes) and the courier (where it goes).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "rules/rule.h"

namespace gancho {

// One JSON object a line.
struct AlertFileOptions {
  std::string path{};                   // "": no file
  std::uint64_t max_bytes = 64U << 20;  // then it is rotated
  std::uint32_t keep = 5;               // rotated ones: path.1 is the youngest; 0: none
};

struct AlertSyslogOptions {
  bool enabled = false;
  std::string facility = "authpriv";  // a word of facility_words()
  std::string socket = "/dev/log";    // no setting: a test's own
};

struct AlertJournalOptions {
  bool enabled = false;
  std::string socket = "/run/systemd/journal/socket";  // no setting
};

struct AlertHttpOptions {
  std::string url{};                          // "": not sent; parse_url() takes it
  std::vector<std::string> headers{};         // "Name: value"
  std::string headers_file{};                 // such lines, for what is secret; read as root
  std::chrono::milliseconds timeout{10'000};  // of one attempt
  std::uint32_t retries = 8;                  // after the first attempt
  std::string ca_file{};                      // "": the machine's authorities
  std::chrono::milliseconds first_wait{500};  // before the first retry; doubles. No setting
};

struct AlertProgramOptions {
  std::vector<std::string> command{};  // an absolute path and its arguments; empty: none
  std::uint32_t at_once = 4;
  std::chrono::milliseconds timeout{10'000};
};

struct AlertOptions {
  rules::Priority min_priority = rules::Priority::debug;  // what is less urgent is no alert
  std::uint32_t rate = 60;                                // of one rule in a minute; 0: no limit
  std::uint32_t burst = 100;                              // of one rule at once
  std::chrono::milliseconds window{0};  // the same alert again within it is suppressed; 0: never
  std::vector<std::string> redact{"default"};  // patterns (sinks/redact.h)
  std::uint32_t queue = 1024;                  // alerts that wait for one sink
  AlertFileOptions file;
  AlertSyslogOptions syslog;
  AlertJournalOptions journal;
  AlertHttpOptions http;
  AlertProgramOptions program;

  // Is a courier needed?
  [[nodiscard]] bool any_sink() const {
    return !file.path.empty() || syslog.enabled || journal.enabled || !http.url.empty() ||
           !program.command.empty();
  }
};

}  // namespace gancho
