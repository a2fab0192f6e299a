// SPDX-License-Identifier: Apache-2.0
#include "cli/stat_syscalls.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <string>
#include <tuple>
#include <vector>

#include "base/bytes.h"
#include "base/nearest.h"
#include "base/quote.h"
#include "base/units.h"
#include "event/json.h"
#include "event/latency.h"
#include "event/names.h"
#include "event/text.h"
#include "event/values.h"

namespace gancho {
namespace {

struct Dimension {
  std::string_view name;
  std::uint32_t bit;
};
constexpr auto k_dimensions = std::to_array<Dimension>(
    {{"call", STAT_BY_CALL}, {"process", STAT_BY_PROCESS}, {"errno", STAT_BY_ERRNO}});

// What calls return to the kernel's own code when a signal came (include/linux/errno.h).
constexpr auto k_restarts = std::to_array<NamedNumber>({{512, "ERESTARTSYS"},
                                                        {513, "ERESTARTNOINTR"},
                                                        {514, "ERESTARTNOHAND"},
                                                        {516, "ERESTART_RESTARTBLOCK"}});

std::string call_name(const stat_key& key) {
  if (key.number >= STAT_NUMBERS) return "unknown";
  std::array<char, k_syscall_name_max + k_decimal_max> name{};
  char* const end = write_syscall(name.data(), syscall_id(key.table, key.number));
  return {name.data(), end};
}

std::string error_text(std::int32_t error) {
  std::array<char, k_error_name_max + k_decimal_max> name{};
  const auto number = static_cast<std::uint64_t>(-std::int64_t{error});
  char* const end = number >= 512 && number <= 516 ? write_named(name.data(), k_restarts, number)
                                                   : write_error_name(name.data(), error);
  return {name.data(), end};
}

std::string_view process_name(const stat_value& value) {
  const std::string_view room(reinterpret_cast<const char*>(value.comm), sizeof(value.comm));
  return room.substr(0, room.find('\0'));
}

// Names of users do not occur.
class NoFacts final : public Facts {
 public:
  [[nodiscard]] std::string_view user(std::uint32_t) const override { return {}; }
  [[nodiscard]] std::string_view group(std::uint32_t) const override { return {}; }
};

template <class Write>
std::string written(Write write) {
  ByteBuffer buffer;
  const NoFacts nobody;
  TextLine line(buffer, nobody, false);
  write(line);
  return std::string(buffer.view());
}

std::string duration_text(std::uint64_t ns) {
  return written([ns](TextLine& line) { line.duration(ns); });
}

std::uint64_t mean_of(const stat_value& value) {
  return value.timed == 0 ? 0 : value.total / value.timed;
}
std::uint64_t p99_of(const stat_value& value) {
  return latency_quantile(value.slots, 0.99, value.longest);
}

double seconds_of(const SyscallTable& table) {
  const std::uint64_t ns = table.end_ns > table.begin_ns ? table.end_ns - table.begin_ns : 1;
  return static_cast<double>(ns) / 1e9;
}
double rate_of(const stat_value& value, const SyscallTable& table) {
  return static_cast<double>(value.calls) / seconds_of(table);
}

struct Sums {
  std::uint64_t calls = 0, errors = 0, interrupted = 0, timed = 0, total = 0, under_way = 0;

  void add(const stat_value& value) {
    calls += value.calls;
    errors += value.errors;
    interrupted += value.interrupted;
    timed += value.timed;
    total += value.total;
  }
};

Sums sums_of(const SyscallTable& table) {
  Sums sums;
  for (const SyscallRow& row : table.rows) {
    sums.add(row.value);
    sums.under_way += row.under_way;
  }
  sums.add(table.rest);
  return sums;
}

std::uint64_t rank_of(const SyscallRow& row, StatOrder order) {
  switch (order) {
    case StatOrder::calls:
      return row.value.calls;
    case StatOrder::errors:
      return row.value.errors;
    case StatOrder::total:
      return row.value.total;
    case StatOrder::mean:
      return mean_of(row.value);
    case StatOrder::p99:
      return p99_of(row.value);
    case StatOrder::max:
      return row.value.longest;
    case StatOrder::under_way:
      return row.under_way;
    case StatOrder::name:
      return 0;
  }
  return 0;
}

// Rows that compare alike stand in the order of their names, so that a table reads the same twice.
std::vector<const SyscallRow*> in_order(const SyscallTable& table, const StatView& view) {
  struct Place {
    std::uint64_t rank;
    std::string name;
    const SyscallRow* row;
  };
  std::vector<Place> places;
  for (const SyscallRow& row : table.rows)
    places.push_back({rank_of(row, view.order),
                      (view.by & STAT_BY_CALL) != 0 ? call_name(row.key) : std::string(), &row});
  std::ranges::sort(places, [](const Place& a, const Place& b) {
    const auto words = [](const stat_key& key) {
      return std::tie(key.table, key.number, key.pid, key.start_time, key.error);
    };
    if (a.rank != b.rank) return a.rank > b.rank;
    if (a.name != b.name) return a.name < b.name;
    return words(a.row->key) < words(b.row->key);
  });
  std::vector<const SyscallRow*> rows;
  for (const Place& place : places) rows.push_back(place.row);
  return rows;
}

std::size_t shown_of(std::size_t rows, const StatView& view) {
  return view.top == 0 ? rows : std::min<std::size_t>(rows, view.top);
}

// ---- text ----

using Cells = std::vector<std::string>;

std::string under_way_text(const SyscallRow& row) {
  if (row.under_way == 0) return "";
  return fmt::format("{} for {}{}", row.under_way, row.older ? ">" : "",
                     duration_text(row.under_way_ns));
}

void put_numbers(Cells& cells, const stat_value& value, const SyscallTable& table) {
  cells.push_back(fmt::format("{}", value.calls));
  cells.push_back(fmt::format("{:.1f}", rate_of(value, table)));
  cells.push_back(fmt::format("{}", value.errors));
  for (const std::uint64_t ns :
       {mean_of(value), p99_of(value), std::uint64_t{value.longest}, std::uint64_t{value.total}})
    cells.push_back(value.timed == 0 ? "-" : duration_text(ns));
}

Cells head(const StatView& view) {
  Cells cells;
  if ((view.by & STAT_BY_PROCESS) != 0) cells.insert(cells.end(), {"PID", "NAME"});
  if ((view.by & STAT_BY_CALL) != 0) cells.emplace_back("CALL");
  if ((view.by & STAT_BY_ERRNO) != 0) cells.emplace_back("RESULT");
  cells.insert(cells.end(), {"CALLS", "/S", "ERRORS", "MEAN", "P99", "MAX", "TOTAL", "UNDER WAY"});
  return cells;
}

Cells cells_of(const SyscallRow& row, const SyscallTable& table, const StatView& view) {
  Cells cells;
  if ((view.by & STAT_BY_PROCESS) != 0) {
    cells.push_back(fmt::format("{}", row.key.pid));
    cells.push_back(written([&](TextLine& line) { line.word(process_name(row.value)); }));
  }
  if ((view.by & STAT_BY_CALL) != 0)
    cells.push_back(call_name(row.key) + (row.key.table == STAT_TABLE_32 ? " [32]" : ""));
  if ((view.by & STAT_BY_ERRNO) != 0)
    cells.push_back(row.key.error == STAT_NOT_RETURNED ? "-" : error_text(row.key.error));
  put_numbers(cells, row.value, table);
  cells.push_back(under_way_text(row));
  return cells;
}

// The calls of rows that found no room.
Cells rest_cells(const SyscallTable& table, const StatView& view) {
  Cells cells(head(view).size() - 8);
  cells.front() = "[no room]";
  put_numbers(cells, table.rest, table);
  cells.emplace_back();
  return cells;
}

// Code points: what fmt pads by, as long as none is wide.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; }));
}

bool is_number(std::string_view title) {
  constexpr auto k_numbers = std::to_array<std::string_view>(
      {"PID", "CALLS", "/S", "ERRORS", "MEAN", "P99", "MAX", "TOTAL"});
  return std::ranges::find(k_numbers, title) != k_numbers.end();
}

void put_line(std::string& out, const Cells& cells, const Cells& titles,
              const std::vector<std::size_t>& widths) {
  const std::size_t begin = out.size();
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i != 0) out += "  ";
    out += is_number(titles[i]) ? fmt::format("{:>{}}", cells[i], widths[i])
                                : fmt::format("{:<{}}", cells[i], widths[i]);
  }
  out.erase(std::max(begin, out.find_last_not_of(' ') + 1));
  out += '\n';
}

std::string time_of_day(const SyscallTable& table, const StatView& view) {
  const std::time_t seconds = view.clock.unix_ns(table.end_ns) / k_ns_per_second;
  tm at{};
  if (view.utc)
    ::gmtime_r(&seconds, &at);
  else
    ::localtime_r(&seconds, &at);
  return fmt::format("{:02}:{:02}:{:02}", at.tm_hour, at.tm_min, at.tm_sec);
}

std::string dim(std::string_view text, const StatView& view) {
  return view.colour ? fmt::format("\x1b[2m{}\x1b[0m", text) : std::string(text);
}

// ---- JSON ----

class JsonLine {
 public:
  explicit JsonLine(std::string& out) : out_(out) { out_ += '{'; }
  void end() { out_ += "}\n"; }
  void number(std::string_view name, std::uint64_t value) {
    key(name);
    out_ += fmt::format("{}", value);
  }
  void rate(std::string_view name, double value) {
    key(name);
    out_ += fmt::format("{:.3f}", value);
  }
  void flag(std::string_view name, bool value) {
    key(name);
    out_ += value ? "true" : "false";
  }
  // As everywhere (docs/json.md): no byte is lost.
  void text(std::string_view name, std::string_view bytes) {
    key(name);
    bool exact = true;
    std::string escaped(bytes.size() * k_json_expansion, '\0');
    escaped.resize(static_cast<std::size_t>(write_json_escaped(escaped.data(), bytes, exact) -
                                            escaped.data()));
    out_ += '"' + escaped + '"';
    if (exact) return;
    std::string hex(bytes.size() * 2, '\0');
    write_hex(hex.data(), bytes);
    key(std::string(name) + ".hex");
    out_ += '"' + hex + '"';
  }

 private:
  void key(std::string_view name) {
    if (!out_.ends_with('{')) out_ += ',';
    out_ += fmt::format("\"{}\":", name);
  }
  std::string& out_;
};

void put_when(JsonLine& line, std::string_view type, const SyscallTable& table,
              const StatView& view) {
  std::array<char, k_rfc3339_length> time{};
  write_rfc3339(time.data(), view.clock.unix_ns(table.end_ns));
  line.text("evt.time", {time.data(), time.size()});
  line.text("evt.type", type);
  line.number("stat.interval", table.end_ns - table.begin_ns);
}

void put_row(std::string& out, const SyscallRow& row, const SyscallTable& table,
             const StatView& view) {
  JsonLine line(out);
  put_when(line, "syscalls", table, view);
  if ((view.by & STAT_BY_PROCESS) != 0) {
    line.number("proc.pid", row.key.pid);
    line.number("proc.start_time", row.key.start_time);
    line.text("proc.name", process_name(row.value));
  }
  if ((view.by & STAT_BY_CALL) != 0) {
    line.text("evt.syscall", call_name(row.key));
    line.flag("evt.is_compat", row.key.table == STAT_TABLE_32);
  }
  if ((view.by & STAT_BY_ERRNO) != 0 && row.key.error != STAT_NOT_RETURNED)
    line.text("evt.res", error_text(row.key.error));
  line.number("stat.calls", row.value.calls);
  line.rate("stat.per_second", rate_of(row.value, table));
  line.number("stat.errors", row.value.errors);
  line.number("stat.interrupted", row.value.interrupted);
  line.number("stat.timed", row.value.timed);
  if (row.value.timed != 0) {
    line.number("stat.mean", mean_of(row.value));
    line.number("stat.p99", p99_of(row.value));
    line.number("stat.max", row.value.longest);
    line.number("stat.total", row.value.total);
  }
  line.number("stat.under_way", row.under_way);
  if (row.under_way != 0) {
    line.number("stat.under_way_for", row.under_way_ns);
    line.flag("stat.under_way_older", row.older);
  }
  line.end();
}

}  // namespace

Result<std::uint32_t> parse_stat_by(std::string_view text) {
  std::uint32_t by = 0;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string_view word = text.substr(at, end - at);
    const auto known = std::ranges::find(k_dimensions, word, &Dimension::name);
    if (known == k_dimensions.end()) {
      std::vector<std::string_view> names;
      for (const Dimension& dimension : k_dimensions) names.push_back(dimension.name);
      std::string hint = did_you_mean(word, names);
      if (hint.empty()) hint = fmt::format("; write some of {}", fmt::join(names, ", "));
      return fail(Errc::usage, fmt::format("--by: unknown word {}{}", in_quotes(word), hint));
    }
    by |= known->bit;
    at = end + 1;
  }
  return by;
}

std::string stat_text(const SyscallTable& table, const StatView& view) {
  const auto rows = in_order(table, view);
  const std::size_t shown = shown_of(rows.size(), view);
  const Sums sums = sums_of(table);

  std::string out =
      dim(fmt::format("{}  {} calls in {}, {:.1f} a second, {} errors", time_of_day(table, view),
                      sums.calls, duration_text(table.end_ns - table.begin_ns),
                      static_cast<double>(sums.calls) / seconds_of(table), sums.errors),
          view);
  out += '\n';
  const Cells titles = head(view);
  std::vector<Cells> lines{titles};
  for (std::size_t i = 0; i < shown; ++i) lines.push_back(cells_of(*rows[i], table, view));
  if (table.rest.calls != 0) lines.push_back(rest_cells(table, view));
  std::vector<std::size_t> widths(titles.size());
  for (const Cells& cells : lines)
    for (std::size_t i = 0; i < cells.size(); ++i)
      widths[i] = std::max(widths[i], width_of(cells[i]));
  for (const Cells& cells : lines) put_line(out, cells, titles, widths);

  if (shown < rows.size()) {
    Sums hidden;
    for (std::size_t i = shown; i < rows.size(); ++i) hidden.add(rows[i]->value);
    out += dim(fmt::format("and {} more rows, {} calls", rows.size() - shown, hidden.calls), view);
    out += '\n';
  }
  if (sums.timed < sums.calls || sums.interrupted != 0) {
    std::string note;
    if (sums.timed < sums.calls)
      note = fmt::format("{} without a duration: no beginning seen, or no end (exit)",
                         sums.calls - sums.timed);
    if (sums.interrupted != 0)
      note +=
          fmt::format("{}{} interrupted by a signal", note.empty() ? "" : "; ", sums.interrupted);
    out += dim(note, view) + '\n';
  }
  return out;
}

std::string stat_json(const SyscallTable& table, const StatView& view) {
  const auto rows = in_order(table, view);
  const std::size_t shown = shown_of(rows.size(), view);
  std::string out;
  for (std::size_t i = 0; i < shown; ++i) put_row(out, *rows[i], table, view);

  const Sums sums = sums_of(table);
  JsonLine line(out);
  put_when(line, "syscalls.total", table, view);
  line.number("stat.calls", sums.calls);
  line.rate("stat.per_second", static_cast<double>(sums.calls) / seconds_of(table));
  line.number("stat.errors", sums.errors);
  line.number("stat.interrupted", sums.interrupted);
  line.number("stat.timed", sums.timed);
  line.number("stat.total", sums.total);
  line.number("stat.under_way", sums.under_way);
  line.number("stat.rows", rows.size());
  line.number("stat.rows_left_out", rows.size() - shown);
  line.number("stat.calls_without_row", table.rest.calls);
  line.number("stat.skipped", table.skipped);
  line.end();
  return out;
}

std::string stat_warnings(const SyscallTable& table) {
  std::string out;
  if (table.rest.calls != 0)
    out += fmt::format(
        "gancho: the table was full with {} rows: {} calls are in none of them, only in the sums; "
        "raise --rows\n",
        table.rest_rows, table.rest.calls);
  if (table.skipped != 0)
    out += fmt::format(
        "gancho: the kernel left out {} runs of the counting programs since the beginning\n",
        table.skipped);
  return out;
}

}  // namespace gancho
