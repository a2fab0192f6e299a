// SPDX-License-Identifier: Apache-2.0
//
// Where cases are played: on the machine, or in a container made by hand as docker makes them, with
// a root that is an overlay of the machine's.
#pragma once

#include <string>

#include "conformance/suite/suite.h"

namespace gancho::test {

// Makes the users that cases name, and puts the actor where all find it. Before the agent starts,
// for who is who is read then.
void prepare_stage(const std::vector<SuiteCase>& cases);

// "" when all that the case does was done, else what went wrong.
[[nodiscard]] std::string play(const SuiteCase& one);

}  // namespace gancho::test
