// SPDX-License-Identifier: Apache-2.0
//
// `gancho check`: tries what this kernel allows and says which signals can be had, from which hook,
// and what is lost. docs/check.md has the JSON.
#pragma once

namespace gancho {

// Prints the report on standard output. The exit status: 0 everything can be had, 1 something
// optional is lost, 2 the agent cannot run here.
[[nodiscard]] int run_check(bool json, bool color);

}  // namespace gancho
