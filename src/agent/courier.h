// SPDX-License-Identifier: Apache-2.0
//
// The third process: delivers alerts (src/sinks), with no privilege and no rings.
#pragma once

namespace gancho {

// What the keeper executes as its courier: the process behind a CourierProcess. Returns its exit
// status.
[[nodiscard]] int run_courier(int control_fd);

}  // namespace gancho
