// SPDX-License-Identifier: Apache-2.0
//
// How often this thread took memory by `new`. For programs that are linked with allocations.cpp.
#pragma once

#include <cstddef>

namespace gancho::test {

[[nodiscard]] std::size_t allocations();

}  // namespace gancho::test
