// SPDX-License-Identifier: Apache-2.0
//
// What the kernels that we test on offer, as the rooms have it: docs/hooks.md is made from this,
// and a test holds it to what the probe finds on each of them.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "event/room.h"
#include "load/probe.h"
#include "load/signals.h"

namespace gancho {

// In the order of the page's columns.
[[nodiscard]] std::span<const TestedKernel> tested_kernels();

// "6.1": the head of its column.
[[nodiscard]] std::string_view short_name(TestedKernel kernel);

// What choose() is to be asked with for this kernel.
[[nodiscard]] Available available_on(TestedKernel kernel);

// Which of them the probe's kernel is; nullopt for any other.
[[nodiscard]] std::optional<TestedKernel> tested_kernel(KernelProbe& probe);

}  // namespace gancho
