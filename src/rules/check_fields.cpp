// SPDX-License-Identifier: Apache-2.0
#include "rules/check_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "base/quote.h"
#include "rules/field_names.h"

namespace gancho::rules {
namespace {

bool is_index(std::string_view text) {
  return !text.empty() && text.size() < 5 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// What is wrong with the argument; "" when nothing is.
std::string wrong_argument(std::string_view name, const FieldName& field,
                           const std::optional<std::string>& argument) {
  // evt.arg.flags has its argument in its name.
  const bool in_name = name.size() > field.name.size();
  switch (field.argument) {
    case FieldArgument::none:
      return argument ? fmt::format("{} takes nothing in brackets", field.name) : "";
    case FieldArgument::optional_index:
      return argument && !is_index(*argument) ? fmt::format("{} takes a number in brackets, not {}",
                                                            field.name, in_quotes(*argument))
                                              : "";
    case FieldArgument::key:
      if (!in_name && !argument)
        return fmt::format("{0} needs a name, as in {0}[name]", field.name);
      return in_name && argument ? fmt::format("{} has a name already", name) : "";
    case FieldArgument::optional_key:
      break;
  }
  return "";
}

class Checker {
 public:
  Checker(Rule& rule, bool skip_if_unknown, Hints& hints, Problems& problems)
      : rule_(rule), skip_if_unknown_(skip_if_unknown), hints_(hints), problems_(problems) {}

  void check() {
    for (const Operand& operand : rule_.condition.operands)
      if (operand.kind == OperandKind::field) compared(operand);
    for (const OutputPart& part : rule_.output.parts)
      if (!part.field.empty()) shown(part);
  }

 private:
  void compared(const Operand& operand) {
    const FieldName* field = known(operand.name, operand.argument, operand.at);
    if (field != nullptr && field->origin == FieldOrigin::none)
      disable(fmt::format("{} cannot be supplied: {}", operand.name, field->missing));
  }

  void shown(const OutputPart& part) {
    const FieldName* field = known(part.field, part.argument, part.at);
    if (field != nullptr && field->origin == FieldOrigin::none) {
      problems_.warning(part.at,
                        fmt::format("{} is shown as <NA>: {}", part.field, field->missing));
    }
  }

  const FieldName* known(std::string_view name, const std::optional<std::string>& argument,
                         const Span& at) {
    const FieldName* field = find_field(name);
    if (field == nullptr) {
      unknown(name, at);
    } else if (const std::string wrong = wrong_argument(name, *field, argument); !wrong.empty()) {
      problems_.error(at, wrong);
      return nullptr;
    }
    return field;
  }

  void unknown(std::string_view name, const Span& at) {
    const std::string hint = hints_.did_you_mean(name, field_names);
    // Of a plugin that there is not, say.
    const bool foreign = !is_field_class(name.substr(0, name.find('.')));
    if (skip_if_unknown_ || (foreign && hint.empty())) {
      disable(fmt::format("there is no field {}", in_quotes(name)));
    } else {
      problems_.error(at, fmt::format("unknown field {}{}", in_quotes(name), hint));
    }
  }

  void disable(std::string reason) {
    if (rule_.disabled.empty()) rule_.disabled = std::move(reason);
  }

  Rule& rule_;
  bool skip_if_unknown_;
  Hints& hints_;
  Problems& problems_;
};

}  // namespace

void check_fields(Rule& rule, bool skip_if_unknown, Hints& hints, Problems& problems) {
  Checker(rule, skip_if_unknown, hints, problems).check();
}

}  // namespace gancho::rules
