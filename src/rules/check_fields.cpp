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

// What fields of Falco's plugins begin with: a name near to one of ours is none the less theirs.
constexpr std::string_view k_of_plugins =
    "k8smeta k8saudit ka jevt json ct cloudtrail okta github gitlab gcp gcpaudit azure aws "
    "keycloak "
    "salesforce box docker nomad krsi anomaly syslog journald kafka dummy dummy_c test sample";

bool is_index(std::string_view text) {
  return !text.empty() && text.size() < 5 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// Of alerts, not of events: the one who renders them has it.
constexpr std::string_view k_hostname = "evt.hostname";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return "";
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
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
    case FieldArgument::optional_both:
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
    for (const Value& value : rule_.condition.values) perhaps_a_field(value);
    for (const OutputPart& part : rule_.output.parts)
      for (const Operand& operand : part.shown.operands)
        if (operand.kind == OperandKind::field) shown(operand, part);
    return fine_;
  }

 private:
  void compared(const Operand& operand) {
    const FieldName* field = known(operand.name, operand.argument, operand.at, false);
    if (field != nullptr && field->origin == FieldOrigin::none)
      disable(fmt::format("{} cannot be supplied: {}", field->name, field->missing));
  }

  // "proc.pname" behind an operator is a text, which it is hardly meant to be.
  void perhaps_a_field(const Value& value) {
    const std::string_view text = trimmed(value.text);
    const std::size_t end = text.find_first_of(".(");
    if (end == std::string_view::npos) return;
    if (text[end] == '.') {
      if (find_field(text) != nullptr)
        problems_.warning(value.at, fmt::format("{} is a text here; the field is val({})",
                                                in_quotes(value.text), text));
    } else if (text.ends_with(')') && find_transformer(text.substr(0, end))) {
      problems_.warning(value.at, fmt::format("{} is a text here; written without quotes and "
                                              "blanks it is a transformer",
                                              in_quotes(value.text)));
    }
  }

  void shown(const Operand& operand, const OutputPart& part) {
    const FieldName* field = known(operand.name, operand.argument, operand.at, true);
    if (field == nullptr || field->origin != FieldOrigin::none) return;
    if (field->name != k_hostname || part.shown.operands.size() != 1) {
      problems_.warning(operand.at,
                        fmt::format("{} is shown as <NA>: {}", field->name, field->missing));
    }
  }

  // `shown`: by an output, which may show <NA>.
  const FieldName* known(std::string_view name, const std::optional<std::string>& argument,
                         const Span& at, bool shown) {
    const WrittenField written = written_field(name, argument ? &*argument : nullptr);
    const FieldName* field = find_field(written.name);
    if (field == nullptr) {
      unknown(written.name, at, shown);
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

  void unknown(std::string_view name, const Span& at, bool shown) {
    if (name.starts_with(k_argument)) return unknown_argument(name.substr(k_argument.size()), at);
    const std::string_view first = name.substr(0, name.find('.'));
    if (is_one_of(k_of_plugins, first)) {
      if (shown)
        problems_.warning(at, fmt::format("{} is shown as <NA>: there are no plugins", name));
      else
        disable(fmt::format("{} is of a plugin, and there are none", name));
      return;
    }
    const std::string hint = hints_.did_you_mean(name, field_names);
    // Of a plugin that nobody here has heard of, say.
    const bool foreign = !is_field_class(first);
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
