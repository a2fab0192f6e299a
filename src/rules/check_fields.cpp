// SPDX-License-Identifier: Apache-2.0
#include "rules/check_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/quote.h"
#include "rules/field_table.h"

namespace gancho::rules {
namespace {

constexpr std::string_view k_argument = "evt.arg.";

bool is_index(std::string_view text) {
  return !text.empty() && text.size() < 5 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// What is wrong with the argument; "" when nothing is.
std::string wrong_argument(const FieldName& field, const std::optional<std::string>& argument) {
  switch (field.argument) {
    case FieldArgument::none:
      return argument ? fmt::format("{} takes nothing in brackets", field.name) : "";
    case FieldArgument::optional_index:
      return argument && !is_index(*argument) ? fmt::format("{} takes a number in brackets, not {}",
                                                            field.name, in_quotes(*argument))
                                              : "";
    case FieldArgument::key:
      return argument ? "" : fmt::format("{0} needs a name, as in {0}[name]", field.name);
    case FieldArgument::optional_key:
      break;
  }
  return "";
}

class Checker {
 public:
  Checker(Rule& rule, bool skip_if_unknown, Hints& hints, Problems& problems)
      : rule_(rule), skip_if_unknown_(skip_if_unknown), hints_(hints), problems_(problems) {}

  bool check() {
    for (const Operand& operand : rule_.condition.operands)
      if (operand.kind == OperandKind::field) compared(operand);
    for (const OutputPart& part : rule_.output.parts)
      if (!part.field.empty()) shown(part);
    return fine_;
  }

 private:
  void compared(const Operand& operand) {
    const FieldName* field = known(operand.name, operand.argument, operand.at);
    if (field != nullptr && field->origin == FieldOrigin::none)
      disable(fmt::format("{} cannot be supplied: {}", field->name, field->missing));
  }

  void shown(const OutputPart& part) {
    const FieldName* field = known(part.field, part.argument, part.at);
    if (field != nullptr && field->origin == FieldOrigin::none) {
      problems_.warning(part.at,
                        fmt::format("{} is shown as <NA>: {}", field->name, field->missing));
    }
  }

  const FieldName* known(std::string_view name, const std::optional<std::string>& argument,
                         const Span& at) {
    const WrittenField written = written_field(name, argument ? &*argument : nullptr);
    const FieldName* field = find_field(written.name);
    if (field == nullptr) {
      unknown(written.name, at);
      return nullptr;
    }
    // k8s.pod.label.app has its argument in its name.
    const bool in_name = written.name.size() > field->name.size();
    std::string wrong;
    if (in_name && argument) wrong = fmt::format("{} has a name already", written.name);
    if (!in_name)
      wrong =
          wrong_argument(*field, written.has_argument ? argument : std::optional<std::string>());
    if (wrong.empty()) return field;
    error(at, wrong);
    return nullptr;
  }

  void unknown(std::string_view name, const Span& at) {
    if (name.starts_with(k_argument)) return unknown_argument(name.substr(k_argument.size()), at);
    const std::string hint = hints_.did_you_mean(name, field_names);
    // Of a plugin that there is not, say.
    const bool foreign = !is_field_class(name.substr(0, name.find('.')));
    if (skip_if_unknown_ || (foreign && hint.empty())) {
      disable(fmt::format("there is no field {}", in_quotes(name)));
    } else {
      error(at, fmt::format("unknown field {}{}", in_quotes(name), hint));
    }
  }

  void unknown_argument(std::string_view name, const Span& at) {
    if (skip_if_unknown_)
      return disable(fmt::format("no event has an argument {}", in_quotes(name)));
    // Without what all of them begin with, which would make any two alike.
    const std::string hint = hints_.did_you_mean(name, [] {
      std::vector<std::string_view> names;
      for (const std::string_view field : field_names())
        if (field.starts_with(k_argument)) names.push_back(field.substr(k_argument.size()));
      return names;
    });
    error(at, fmt::format("no event has an argument {}{}", in_quotes(name), hint));
  }

  void error(const Span& at, std::string message) {
    fine_ = false;
    problems_.error(at, std::move(message));
  }

  void disable(std::string reason) {
    if (rule_.disabled.empty()) rule_.disabled = std::move(reason);
  }

  Rule& rule_;
  bool skip_if_unknown_;
  Hints& hints_;
  Problems& problems_;
  bool fine_ = true;
};

}  // namespace

bool check_fields(Rule& rule, bool skip_if_unknown, Hints& hints, Problems& problems) {
  return Checker(rule, skip_if_unknown, hints, problems).check();
}

}  // namespace gancho::rules
