// SPDX-License-Identifier: Apache-2.0
//
// What a rule says when it fires: text with fields in it.
//
//   %proc.name   %proc.aname[2]   %tolower(proc.name)   %12proc.name (12 characters wide)   %%
//
// Falco has no %%. A * in front of all says that the text is given also when a field has no value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rules/operators.h"
#include "rules/problems.h"
#include "rules/rule_text.h"

namespace gancho::rules {

struct OutputPart {
  std::string text;   // in front of the field
  std::string field;  // "" only at the end of all
  std::optional<std::string> argument;
  std::vector<Transformer> transformers;  // the outermost first
  std::uint32_t width = 0;                // 0: as wide as it is
  Span at;                                // of the field
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
