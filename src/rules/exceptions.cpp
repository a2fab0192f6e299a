// SPDX-License-Identifier: Apache-2.0
#include "rules/exceptions.h"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/parser.h"
#include "rules/values.h"

namespace gancho::rules {
namespace {

bool takes_list(const OperatorWords& words) {
  return describe(words.op).takes == Takes::list || words.modifier != Modifier::none;
}

// "toupper(proc.pname)": Falco takes no quotes for it, for it has no blank.
bool is_transformed(std::string_view text) {
  const std::size_t open = text.find('(');
  return open != std::string_view::npos && text.ends_with(')') &&
         text.find_first_of(" \t\n\"'") == std::string_view::npos &&
         find_transformer(text.substr(0, open)) != nullptr;
}

ExceptionEntry word_entry(std::string_view word, const Span& at) {
  return {.is_list = false, .text = RuleText(word, at), .entries = {}, .at = at};
}

// Writes the condition of one exception.
class Writer {
 public:
  Writer(RuleText& out, Problems& problems) : out_(out), problems_(problems) {}

  [[nodiscard]] bool wrong() const { return wrong_; }

  void exception(const ExceptionItem& exception) {
    if (exception.values.empty() || !exception.fields || !exception.comparisons) return;
    at_ = exception.at;
    put(" and not (");
    if (exception.fields->is_list) {
      tuples(exception);
    } else {
      out_.add(exception.fields->text);
      put(" ");
      out_.add(exception.comparisons->text);
      put(" ");
      list(exception.values);
    }
    put(")");
  }

 private:
  void put(std::string_view glue) { out_.add(glue, at_); }

  void tuples(const ExceptionItem& exception) {
    const std::size_t fields = exception.fields->entries.size();
    std::string_view separator = "(";
    for (const ExceptionEntry& tuple : exception.values) {
      put(separator);
      separator = ") or (";
      if (!tuple.is_list || tuple.entries.size() != fields) {
        error(tuple.at, fmt::format("expected a list of {} values, one for each field", fields));
        continue;
      }
      for (std::size_t i = 0; i < fields; ++i) {
        if (i > 0) put(" and ");
        comparison(exception.fields->entries[i].text, exception.comparisons->entries[i].text,
                   tuple.entries[i]);
      }
    }
    put(")");
  }

  void comparison(const RuleText& field, const RuleText& words, const ExceptionEntry& value) {
    out_.add(field);
    put(" ");
    out_.add(words);
    put(" ");
    Problems ignored;  // they were checked when they were read
    const auto parsed = parse_operator(words, ignored);
    const bool listed = parsed && takes_list(*parsed);
    if (listed && value.is_list) return list(value.entries);
    if (value.is_list) {
      return error(value.at, fmt::format("expected one value behind {}, not a list", words.text()));
    }
    if (!listed)
      return out_.add(is_transformed(value.text.text()) ? value.text : as_value(value.text));
    if (value.text.text().starts_with('(')) return out_.add(value.text);
    put("(");
    out_.add(as_value(value.text));
    put(")");
  }

  void list(std::span<const ExceptionEntry> values) {
    std::string_view separator = "(";
    for (const ExceptionEntry& value : values) {
      put(separator);
      separator = ", ";
      if (value.is_list) {
        error(value.at, "expected a value, not a list");
      } else {
        out_.add(as_value(value.text));
      }
    }
    if (values.empty()) put("(");
    put(")");
  }

  void error(const Span& at, std::string message) {
    wrong_ = true;
    problems_.error(at, std::move(message));
  }

  RuleText& out_;
  Problems& problems_;
  Span at_;
  bool wrong_ = false;
};

}  // namespace

void check_exception(ExceptionItem& exception, Problems& problems) {
  const ExceptionEntry& fields = *exception.fields;
  if (!exception.comparisons) {
    exception.comparisons = word_entry("in", fields.at);
    exception.comparisons->is_list = fields.is_list;
    for (const ExceptionEntry& field : fields.entries)
      exception.comparisons->entries.push_back(word_entry("=", field.at));
  }
  const ExceptionEntry& comparisons = *exception.comparisons;
  if (fields.is_list != comparisons.is_list ||
      fields.entries.size() != comparisons.entries.size()) {
    return problems.error(comparisons.at,
                          fields.is_list ? fmt::format("expected a list of {} comparisons, one "
                                                       "for each field",
                                                       fields.entries.size())
                                         : "expected one comparison, as there is one field");
  }
  if (!fields.is_list) {
    (void)parse_operand(fields.text, problems);
    const auto words = parse_operator(comparisons.text, problems);
    if (words && !takes_list(*words)) {
      problems.error(comparisons.at,
                     "expected in, pmatch, intersects or an operator with anyof, "
                     "oneof or allof, as there is one field");
    }
    return;
  }
  for (std::size_t i = 0; i < fields.entries.size(); ++i) {
    (void)parse_operand(fields.entries[i].text, problems);
    (void)parse_operator(comparisons.entries[i].text, problems);
  }
}

std::optional<RuleText> with_exceptions(const RuleText& condition,
                                        std::span<const ExceptionItem> exceptions,
                                        Problems& problems) {
  if (exceptions.empty()) return condition;
  const Span at = condition.span();
  RuleText out;
  out.add("(", at);
  out.add(condition);
  out.add(")", at);
  Writer writer(out, problems);
  for (const ExceptionItem& exception : exceptions) writer.exception(exception);
  if (writer.wrong()) return std::nullopt;
  return out;
}

}  // namespace gancho::rules
