// SPDX-License-Identifier: Apache-2.0
//
// What is made of a checked condition's tree: the steps that evaluate it, and the types of events
// for which it may match.
#pragma once

#include "rules/ast.h"
#include "rules/typed.h"

namespace gancho::rules {

// Comparisons of `typed` stand at the places of the tree's own, in the order of the text.
void make_steps(const Condition& condition, TypedCondition& typed);

// A comparison of evt.type decided for each type of event; nothing for any other.
void decide_by_type(TypedCondition& typed);

// Of the steps that there are.
void find_possible_types(const Condition& condition, TypedCondition& typed);

}  // namespace gancho::rules
