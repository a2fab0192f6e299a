// SPDX-License-Identifier: Apache-2.0
#include "base/units.h"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <span>

#include "base/quote.h"

namespace gancho {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// Smallest first. The bare number is bytes; a duration without a unit is nobody's guess.
constexpr auto k_sizes = std::to_array<Unit>(
    {{"", 1}, {"B", 1}, {"KiB", 1ULL << 10}, {"MiB", 1ULL << 20}, {"GiB", 1ULL << 30}});
constexpr auto k_durations = std::to_array<Unit>({{"ns", 1},
                                                  {"us", 1'000},
                                                  {"ms", 1'000'000},
                                                  {"s", 1'000'000'000},
                                                  {"m", 60'000'000'000},
                                                  {"h", 3'600'000'000'000}});

enum class Flaw { form, range };

std::expected<std::uint64_t, Flaw> scale(std::string_view text, std::span<const Unit> units,
                                         std::uint64_t limit) {
  std::uint64_t whole = 0;
  const auto [after, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
  if (error == std::errc::result_out_of_range) return std::unexpected(Flaw::range);
  if (error != std::errc{}) return std::unexpected(Flaw::form);
  std::string_view rest = text.substr(static_cast<std::size_t>(after - text.data()));

  std::uint64_t fraction = 0;
  std::uint64_t fraction_of = 1;
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    std::size_t digits = 0;
    for (; digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '9'; ++digits) {
      if (digits == 12) return std::unexpected(Flaw::form);
      fraction = fraction * 10 + static_cast<std::uint64_t>(rest[digits] - '0');
      fraction_of *= 10;
    }
    if (digits == 0) return std::unexpected(Flaw::form);
    rest.remove_prefix(digits);
  }

  for (const Unit& unit : units) {
    if (unit.name != rest) continue;
    unsigned __int128 value = static_cast<unsigned __int128>(fraction) * unit.factor;
    if (value % fraction_of != 0) return std::unexpected(Flaw::form);
    value = value / fraction_of + static_cast<unsigned __int128>(whole) * unit.factor;
    if (value > limit) return std::unexpected(Flaw::range);
    return static_cast<std::uint64_t>(value);
  }
  return std::unexpected(Flaw::form);
}

// The first unit counts single bytes or nanoseconds.
std::string print(std::uint64_t value, std::span<const Unit> units) {
  const Unit* best = &units.front();
  for (const Unit& unit : units) {
    if (value != 0 && value % unit.factor == 0 && unit.factor > best->factor) best = &unit;
  }
  return fmt::format("{}{}", value / best->factor, best->name);
}

}  // namespace

Result<std::uint64_t> parse_bytes(std::string_view text) {
  const auto value = scale(text, k_sizes, UINT64_MAX);
  if (value) return *value;
  if (value.error() == Flaw::range)
    return fail(Errc::usage, in_quotes(text) + " is too large a size");
  return fail(Errc::usage, in_quotes(text) + " is not a size; write 4096, 512KiB, 2MiB or 1GiB");
}

Result<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  const auto value = scale(text, k_durations, INT64_MAX);
  if (value) return std::chrono::nanoseconds(static_cast<std::int64_t>(*value));
  if (value.error() == Flaw::range)
    return fail(Errc::usage, in_quotes(text) + " is too long a duration");
  return fail(Errc::usage, in_quotes(text) + " is not a duration; write 20ms, 10s, 5m or 2h");
}

Result<std::uint64_t> parse_count(std::string_view text) {
  std::uint64_t value = 0;
  const auto [after, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range)
    return fail(Errc::usage, in_quotes(text) + " is too large a number");
  if (error != std::errc{} || after != text.data() + text.size()) {
    return fail(Errc::usage, in_quotes(text) + " is not a whole number");
  }
  return value;
}

std::string print_bytes(std::uint64_t bytes) {
  return print(bytes, k_sizes);
}

std::string print_duration(std::chrono::nanoseconds duration) {
  if (duration.count() == 0) return "0s";
  if (duration.count() < 0)
    return "-" + print(-static_cast<std::uint64_t>(duration.count()), k_durations);
  return print(static_cast<std::uint64_t>(duration.count()), k_durations);
}

}  // namespace gancho
