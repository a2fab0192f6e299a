// SPDX-License-Identifier: Apache-2.0
//
// What a rule says when it fires: text with fields in it.
//
//   %proc.name   %proc.aname[2]   %join(",", proc.args)   %12proc.name (12 characters wide)   %%
//
// What is done with a field is written, and means, what it does in a condition.
// Falco has no %%. A * in front of all says that the text is given also when a field has no value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rules/ast.h"
#include "rules/problems.h"
#include "rules/rule_text.h"

namespace gancho::rules {

struct OutputPart {
  std::string text;         // in front of what is shown
  Condition shown;          // an operand after what it takes; nothing at the end of all
  std::uint32_t width = 0;  // 0: as wide as it is
  Span at;                  // of all that is behind the text

  [[nodiscard]] bool shows() const { return !shown.operands.empty(); }
  // Of one that shows.
  [[nodiscard]] Index outermost() const { return static_cast<Index>(shown.operands.size() - 1); }
};

struct Output {
  std::vector<OutputPart> parts;
  bool partial = false;  // began with *
};

// nullopt when there is a problem. Names of fields end where a known field ends, as in
// "%proc.name.log"; unknown ones are left for check_fields().
[[nodiscard]] std::optional<Output> parse_output(const RuleText& text, Problems& problems);

// As parse_output() reads it back.
[[nodiscard]] std::string print_output(const Output& output);

}  // namespace gancho::rules
