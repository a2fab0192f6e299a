// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include <time.h>

#include "base/bytes.h"

namespace gancho {
namespace {

std::int64_t read_ns(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return now.tv_sec * k_ns_per_second + now.tv_nsec;
}

}  // namespace

std::uint64_t boot_now_ns() {
  return static_cast<std::uint64_t>(read_ns(CLOCK_BOOTTIME));
}

WallClock WallClock::now() {
  // The reading that took least time is the one that was least disturbed.
  std::int64_t best_span = INT64_MAX;
  std::int64_t offset = 0;
  for (int i = 0; i < 5; ++i) {
    const std::int64_t before = read_ns(CLOCK_BOOTTIME);
    const std::int64_t wall = read_ns(CLOCK_REALTIME);
    const std::int64_t after = read_ns(CLOCK_BOOTTIME);
    if (after - before < best_span) {
      best_span = after - before;
      offset = wall - (before + (after - before) / 2);
    }
  }
  return {offset};
}

char* write_rfc3339(char* out, std::int64_t unix_ns) {
  std::int64_t seconds = unix_ns / k_ns_per_second;
  std::int64_t fraction = unix_ns % k_ns_per_second;
  if (fraction < 0) {
    fraction += k_ns_per_second;
    --seconds;
  }
  constexpr std::int64_t day_seconds = 86'400;
  std::int64_t days = seconds / day_seconds;
  std::int64_t rest = seconds % day_seconds;
  if (rest < 0) {
    rest += day_seconds;
    --days;
  }
  // Days to a date of the Gregorian calendar; years begin in March, so that the leap day is last.
  // All dates of an int64 of nanoseconds lie after 1600-03-01.
  const auto z = static_cast<std::uint64_t>(days + 135'080);  // days since 1600-03-01
  const std::uint64_t era = z / 146'097;
  const std::uint64_t day_of_era = z % 146'097;
  const std::uint64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::uint64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::uint64_t month_from_march = (5 * day_of_year + 2) / 153;
  const std::uint64_t day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  const std::uint64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  const std::uint64_t year = 1600 + era * 400 + year_of_era + (month <= 2 ? 1 : 0);

  const auto time = static_cast<std::uint64_t>(rest);
  out = write_padded(out, year, 4);
  *out++ = '-';
  out = write_padded(out, month, 2);
  *out++ = '-';
  out = write_padded(out, day, 2);
  *out++ = 'T';
  out = write_padded(out, time / 3600, 2);
  *out++ = ':';
  out = write_padded(out, time / 60 % 60, 2);
  *out++ = ':';
  out = write_padded(out, time % 60, 2);
  *out++ = '.';
  out = write_padded(out, static_cast<std::uint64_t>(fraction), 9);
  *out++ = 'Z';
  return out;
}

}  // namespace gancho
