// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/attempt.h"

struct perf_event_attr;

namespace gancho {

// A perf event of this thread that carries a program and is never enabled. Goes with its
// descriptor.
[[nodiscard]] Attempt attach_perf_event(perf_event_attr attributes, int program);

}  // namespace gancho
