// SPDX-License-Identifier: Apache-2.0
#include "agent/alert_settings.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/nearest.h"
#include "base/quote.h"
#include "base/units.h"
#include "sinks/facility.h"
#include "sinks/redact.h"
#include "sinks/url.h"

namespace gancho {
namespace {

using std::chrono::milliseconds;
using Words = std::vector<std::string_view>;
using Texts = std::vector<std::string>;

constexpr std::size_t k_path_max = 4000;  // a number is put behind it
constexpr std::size_t k_patterns_max = 64;
constexpr std::size_t k_headers_max = 32;
constexpr std::size_t k_words_max = 64;

Result<std::uint32_t> read_number(std::string_view text, std::uint32_t least, std::uint32_t most) {
  const std::uint64_t number = TRY(parse_count(text));
  if (number < least || number > most)
    return fail(Errc::usage, fmt::format("{} is out of range: {} to {}", text, least, most));
  return static_cast<std::uint32_t>(number);
}

Result<milliseconds> read_time(std::string_view text, milliseconds least, milliseconds most) {
  const std::chrono::nanoseconds time = TRY(parse_duration(text));
  const auto whole = std::chrono::duration_cast<milliseconds>(time);
  if (whole != time || whole < least || whole > most)
    return fail(Errc::usage, fmt::format("{} is out of range: {} to {}, in whole milliseconds",
                                         text, print_duration(least), print_duration(most)));
  return whole;
}

Result<std::string> read_text(std::string_view text, std::size_t most) {
  if (text.size() > most)
    return fail(Errc::usage, fmt::format("{} is longer than {} bytes", in_quotes(text), most));
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
    return fail(Errc::usage, in_quotes(text) + " holds a control character");
  return std::string(text);
}

// "" or from the root: the agent's own directory is nobody's business.
Result<std::string> read_path(std::string_view text) {
  if (!text.empty() && !text.starts_with('/'))
    return fail(Errc::usage, in_quotes(text) + " does not begin with /");
  if (text.ends_with('/')) return fail(Errc::usage, in_quotes(text) + " names a directory");
  return read_text(text, k_path_max);
}

Words truth_names() {
  return {"false", "true"};
}
std::string print_truth(bool truth) {
  return truth ? "true" : "false";
}
Status set_truth(std::string_view text, bool& truth) {
  if (text != "true" && text != "false")
    return fail(Errc::usage, in_quotes(text) + " is neither true nor false");
  truth = text == "true";
  return {};
}

Status expect_word(std::string_view word, std::string_view what, const Words& known) {
  const std::string hint = did_you_mean(word, known);
  return fail(Errc::usage, hint.empty()
                               ? fmt::format("unknown {} {}; there is {}", what, in_quotes(word),
                                             first_words(known))
                               : fmt::format("unknown {} {}{}", what, in_quotes(word), hint));
}

Status set_min_priority(std::string_view text, AgentOptions& o) {
  const auto priority = rules::find_priority(text);
  if (!priority) return expect_word(text, "priority", rules::priority_words());
  o.alerts.min_priority = *priority;
  return {};
}

Status set_rate(std::string_view text, AgentOptions& o) {
  o.alerts.rate = TRY(read_number(text, 0, 1'000'000));
  return {};
}

Status set_burst(std::string_view text, AgentOptions& o) {
  o.alerts.burst = TRY(read_number(text, 1, 1'000'000));
  return {};
}

Status set_window(std::string_view text, AgentOptions& o) {
  o.alerts.window = TRY(read_time(text, milliseconds(0), std::chrono::hours(24)));
  return {};
}

void clear_redact(AgentOptions& o) {
  o.alerts.redact.clear();
}

Status add_redact(std::string_view text, AgentOptions& o) {
  TRY(check_redaction(text));
  if (o.alerts.redact.size() == k_patterns_max)
    return fail(Errc::usage, fmt::format("more than {} patterns", k_patterns_max));
  o.alerts.redact.emplace_back(text);
  return {};
}

Status set_queue(std::string_view text, AgentOptions& o) {
  o.alerts.queue = TRY(read_number(text, 16, 65536));
  return {};
}

Status set_file_path(std::string_view text, AgentOptions& o) {
  o.alerts.file.path = TRY(read_path(text));
  return {};
}

Status set_file_size(std::string_view text, AgentOptions& o) {
  constexpr std::uint64_t least = 256U << 10;
  constexpr std::uint64_t most = 1ULL << 40;
  const std::uint64_t bytes = TRY(parse_bytes(text));
  if (bytes < least || bytes > most)
    return fail(Errc::usage, fmt::format("{} is out of range: {} to {}", text, print_bytes(least),
                                         print_bytes(most)));
  o.alerts.file.max_bytes = bytes;
  return {};
}

Status set_file_keep(std::string_view text, AgentOptions& o) {
  o.alerts.file.keep = TRY(read_number(text, 0, 100));
  return {};
}

Status set_syslog(std::string_view text, AgentOptions& o) {
  return set_truth(text, o.alerts.syslog.enabled);
}

Status set_facility(std::string_view text, AgentOptions& o) {
  if (!find_facility(text)) return expect_word(text, "facility", facility_words());
  o.alerts.syslog.facility = text;
  return {};
}

Status set_journal(std::string_view text, AgentOptions& o) {
  return set_truth(text, o.alerts.journal.enabled);
}

Status set_url(std::string_view text, AgentOptions& o) {
  if (!text.empty()) TRY(parse_url(text));
  o.alerts.http.url = text;
  return {};
}

void clear_headers(AgentOptions& o) {
  o.alerts.http.headers.clear();
}

// What is in the configuration is printed, copied and sent to others who are to help.
Status add_header(std::string_view text, AgentOptions& o) {
  const auto header = TRY(parse_header(text));
  if (is_secret_header(header.first))
    return fail(Errc::usage, fmt::format("{} looks like a secret; write the line into a file of "
                                         "root's and name that in alert_http.headers_file",
                                         in_quotes(header.first)));
  if (o.alerts.http.headers.size() == k_headers_max)
    return fail(Errc::usage, fmt::format("more than {} headers", k_headers_max));
  o.alerts.http.headers.emplace_back(text);
  return {};
}

Status set_headers_file(std::string_view text, AgentOptions& o) {
  o.alerts.http.headers_file = TRY(read_path(text));
  return {};
}

Status set_http_timeout(std::string_view text, AgentOptions& o) {
  o.alerts.http.timeout = TRY(read_time(text, milliseconds(100), std::chrono::minutes(5)));
  return {};
}

Status set_retries(std::string_view text, AgentOptions& o) {
  o.alerts.http.retries = TRY(read_number(text, 0, 100));
  return {};
}

Status set_ca_file(std::string_view text, AgentOptions& o) {
  o.alerts.http.ca_file = TRY(read_path(text));
  return {};
}

void clear_command(AgentOptions& o) {
  o.alerts.program.command.clear();
}

Status add_command(std::string_view text, AgentOptions& o) {
  Texts& command = o.alerts.program.command;
  if (command.empty() && !text.starts_with('/'))
    return fail(Errc::usage,
                in_quotes(text) + " does not begin with /; nothing is looked for in PATH");
  if (command.size() == k_words_max)
    return fail(Errc::usage, fmt::format("more than {} words", k_words_max));
  if (text.contains('\0')) return fail(Errc::usage, in_quotes(text) + " holds a NUL");
  command.push_back(TRY(read_text(text, k_path_max)));
  return {};
}

Status set_at_once(std::string_view text, AgentOptions& o) {
  o.alerts.program.at_once = TRY(read_number(text, 1, 64));
  return {};
}

Status set_program_timeout(std::string_view text, AgentOptions& o) {
  o.alerts.program.timeout = TRY(read_time(text, milliseconds(10), std::chrono::hours(1)));
  return {};
}

// As the configuration writes it: find_priority() takes either.
std::string lower_word(rules::Priority priority) {
  std::string word(rules::word_of(priority));
  std::ranges::transform(word, word.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return word;
}

template <class Number>
Texts print_number(Number number) {
  return {fmt::format("{}", number)};
}

constexpr auto k_settings = std::to_array<Setting>({
    {.path = "alerts.min_priority",
     .value = "PRIORITY",
     .meaning = "Rules of less urgency are left out; emergency is the most urgent, debug the least",
     .choices = rules::priority_words,
     .set = set_min_priority,
     .get = [](const AgentOptions& o) { return Texts{lower_word(o.alerts.min_priority)}; }},
    {.path = "alerts.rate",
     .value = "N",
     .meaning = "Alerts of one rule in a minute; what is more is counted and told as a number",
     .unset = "0 for no limit",
     .set = set_rate,
     .get = [](const AgentOptions& o) { return print_number(o.alerts.rate); }},
    {.path = "alerts.burst",
     .value = "N",
     .meaning = "How many of them may come at once, 1 to 1000000",
     .set = set_burst,
     .get = [](const AgentOptions& o) { return print_number(o.alerts.burst); }},
    {.path = "alerts.window",
     .value = "TIME",
     .meaning = "An alert of the same rule with the same fields as one in this time before is "
                "counted and told as a number, up to 24h",
     .unset = "0s for never",
     .set = set_window,
     .get = [](const AgentOptions& o) { return Texts{print_duration(o.alerts.window)}; }},
    {.path = "alerts.queue",
     .value = "N",
     .meaning = "Alerts that may wait for one sink, 16 to 65536, and 8MiB at most; more are "
                "dropped and counted",
     .set = set_queue,
     .get = [](const AgentOptions& o) { return print_number(o.alerts.queue); }},
    {.path = "alerts.redact",
     .value = "PATTERN,...",
     .meaning = "Regular expressions (RE2) over arguments, variables given on a command line and "
                "all other text that alerts show; what the first group of one matches, or all of "
                "it, is replaced; the word default stands for what is commonly called a password, "
                "token or key",
     .unset = "empty for nothing",
     .clear = clear_redact,
     .set = add_redact,
     .get = [](const AgentOptions& o) { return o.alerts.redact; }},
    {.path = "alert_file.path",
     .value = "FILE",
     .meaning = "Where alerts are appended, opened again on SIGHUP",
     .unset = "empty for no file",
     .set = set_file_path,
     .get = [](const AgentOptions& o) { return Texts{o.alerts.file.path}; }},
    {.path = "alert_file.max_size",
     .value = "SIZE",
     .meaning = "A file that would become larger is renamed to FILE.1, and that before to FILE.2: "
                "256KiB to 1024GiB",
     .set = set_file_size,
     .get = [](const AgentOptions& o) { return Texts{print_bytes(o.alerts.file.max_bytes)}; }},
    {.path = "alert_file.keep",
     .value = "N",
     .meaning = "How many renamed files are kept, 0 to 100",
     .set = set_file_keep,
     .get = [](const AgentOptions& o) { return print_number(o.alerts.file.keep); }},
    {.path = "alert_syslog.enabled",
     .value = "true|false",
     .meaning = "Send the text of alerts to /dev/log, with the rule's priority",
     .choices = truth_names,
     .set = set_syslog,
     .get = [](const AgentOptions& o) { return Texts{print_truth(o.alerts.syslog.enabled)}; }},
    {.path = "alert_syslog.facility",
     .value = "FACILITY",
     .meaning = "Syslog's facility, such as authpriv, daemon or local0",
     .choices = facility_words,
     .set = set_facility,
     .get = [](const AgentOptions& o) { return Texts{o.alerts.syslog.facility}; }},
    {.path = "alert_journal.enabled",
     .value = "true|false",
     .meaning = "Send alerts to systemd's journal, with fields of their own",
     .choices = truth_names,
     .set = set_journal,
     .get = [](const AgentOptions& o) { return Texts{print_truth(o.alerts.journal.enabled)}; }},
    {.path = "alert_http.url",
     .value = "URL",
     .meaning = "Where the JSON of each alert is posted to, http:// or https://",
     .unset = "empty for nowhere",
     .set = set_url,
     .get = [](const AgentOptions& o) { return Texts{o.alerts.http.url}; }},
    {.path = "alert_http.headers",
     .value = "HEADER,...",
     .meaning = "Lines \"Name: value\" that go with it; none that is secret",
     .unset = "empty for none",
     .clear = clear_headers,
     .set = add_header,
     .get = [](const AgentOptions& o) { return o.alerts.http.headers; }},
    {.path = "alert_http.headers_file",
     .value = "FILE",
     .meaning = "A file with more such lines, which only its owner can read: for Authorization and "
                "other secrets",
     .unset = "empty for none",
     .set = set_headers_file,
     .get = [](const AgentOptions& o) { return Texts{o.alerts.http.headers_file}; }},
    {.path = "alert_http.timeout",
     .value = "TIME",
     .meaning = "For one attempt, looking up the host and connecting included, 100ms to 5m",
     .set = set_http_timeout,
     .get = [](const AgentOptions& o) { return Texts{print_duration(o.alerts.http.timeout)}; }},
    {.path = "alert_http.retries",
     .value = "N",
     .meaning = "More attempts when there is no connection, or an answer of 5xx or 429, up to 100; "
                "half a second after the first, then twice as long each time, up to 30s",
     .set = set_retries,
     .get = [](const AgentOptions& o) { return print_number(o.alerts.http.retries); }},
    {.path = "alert_http.ca_file",
     .value = "FILE",
     .meaning = "Certificates (PEM) of the authorities that are trusted",
     .unset = "empty for those of the machine",
     .set = set_ca_file,
     .get = [](const AgentOptions& o) { return Texts{o.alerts.http.ca_file}; }},
    {.path = "alert_program.command",
     .value = "WORD,...",
     .meaning = "A program by its absolute path, and its arguments, executed for each alert, "
                "without a shell and without privilege, with the JSON on its standard input",
     .unset = "empty for none",
     .clear = clear_command,
     .set = add_command,
     .get = [](const AgentOptions& o) { return o.alerts.program.command; }},
    {.path = "alert_program.at_once",
     .value = "N",
     .meaning = "How many of them run at a time, 1 to 64",
     .set = set_at_once,
     .get = [](const AgentOptions& o) { return print_number(o.alerts.program.at_once); }},
    {.path = "alert_program.timeout",
     .value = "TIME",
     .meaning = "One that takes longer is killed, with what it started, 10ms to 1h",
     .set = set_program_timeout,
     .get = [](const AgentOptions& o) { return Texts{print_duration(o.alerts.program.timeout)}; }},
});

constexpr auto k_sections = std::to_array<Section>({
    {"alerts", "Which alerts of rules are given, and what they show"},
    {"alert_file", "Alerts into a file, one line of JSON each"},
    {"alert_syslog", "Alerts to syslog"},
    {"alert_journal", "Alerts to systemd's journal"},
    {"alert_http", "Alerts by HTTP or HTTPS"},
    {"alert_program", "A program for each alert"},
});

}  // namespace

std::span<const Setting> alert_settings() {
  return k_settings;
}
std::span<const Section> alert_sections() {
  return k_sections;
}

}  // namespace gancho
