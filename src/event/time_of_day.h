// SPDX-License-Identifier: Apache-2.0
//
// When something happened, for people: the time of day in their zone, or in UTC.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace gancho {

// One thread at a time.
class TimeOfDay {
 public:
  // Reads the zone's file, for a process that will have no way to it.
  explicit TimeOfDay(bool utc = false);

  // "15:11:03.123", with so many digits behind the point, 1 to 9.
  void put(std::int64_t unix_ns, unsigned digits, ByteBuffer& out);

 private:
  bool utc_;
  // Zones change their offset on quarter hours only, so localtime_r() is asked once for each.
  std::int64_t zone_quarter_ = INT64_MIN;
  std::int64_t zone_offset_s_ = 0;
};

}  // namespace gancho
