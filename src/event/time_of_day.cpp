// SPDX-License-Identifier: Apache-2.0
#include "event/time_of_day.h"

#include <array>
#include <ctime>
#include <string_view>

#include "base/clock.h"

namespace gancho {

TimeOfDay::TimeOfDay(bool utc) : utc_(utc) {
  if (!utc) ::tzset();
}

void TimeOfDay::put(std::int64_t unix_ns, unsigned digits, ByteBuffer& out) {
  constexpr std::int64_t quarter_s = 900;
  if (!utc_) {
    const std::int64_t seconds = unix_ns / k_ns_per_second;
    if (seconds / quarter_s != zone_quarter_) {
      zone_quarter_ = seconds / quarter_s;
      const time_t when = seconds;
      tm local{};
      zone_offset_s_ = ::localtime_r(&when, &local) != nullptr ? local.tm_gmtoff : 0;
    }
    unix_ns =
        static_cast<std::int64_t>(static_cast<std::uint64_t>(unix_ns) +
                                  static_cast<std::uint64_t>(zone_offset_s_ * k_ns_per_second));
  }
  // 2026-11-22T15:11:03.123456789Z
  //            ^^^^^^^^^ these, and digits
  std::array<char, k_rfc3339_length> stamp;
  write_rfc3339(stamp.data(), unix_ns);
  out.append(std::string_view(stamp.data() + 11, 9 + digits));
}

}  // namespace gancho
