// SPDX-License-Identifier: Apache-2.0
#include "rules/output.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "base/nearest.h"
#include "base/quote.h"
#include "rules/field_table.h"
#include "rules/lexer.h"
#include "rules/parser.h"
#include "rules/print.h"

namespace gancho::rules {
namespace {

constexpr std::uint32_t k_most_wide = 1000;

bool in_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

class Reader {
 public:
  Reader(const RuleText& text, Problems& problems)
      : source_(text), text_(text.text()), problems_(problems) {}

  std::optional<Output> read() {
    at_ = std::min(text_.find_first_not_of(" \t\n"), text_.size());
    if (at_ < text_.size() && text_[at_] == '*') {
      output_.partial = true;
      ++at_;
    }
    const std::size_t end = text_.find_last_not_of(" \t\n");
    text_ = text_.substr(0, end == std::string_view::npos ? 0 : end + 1);
    std::string before;
    while (at_ < text_.size()) {
      if (text_[at_] != '%') {
        before += text_[at_++];
      } else if (text_.substr(at_).starts_with("%%")) {
        before += '%';
        at_ += 2;
      } else if (!shown(before)) {
        return std::nullopt;
      }
    }
    if (!before.empty()) output_.parts.push_back({std::move(before), {}, 0, {}});
    return std::move(output_);
  }

 private:
  bool shown(std::string& before) {
    const std::size_t begin = at_++;
    OutputPart part;
    if (!width(begin, part)) return false;
    const std::size_t word = word_end(at_);
    const bool is_call = word < text_.size() && text_[word] == '(';
    if (is_call ? !call(part) : !field(begin, part)) return false;
    part.at = source_.span(begin, at_);
    // What Falco once put here is given by the fields of the container.
    if (part.shown.operands.back().name == "container.info") return true;
    part.text = std::exchange(before, {});
    output_.parts.push_back(std::move(part));
    return true;
  }

  bool width(std::size_t begin, OutputPart& part) {
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      part.width = part.width * 10 + static_cast<std::uint32_t>(text_[at_] - '0');
      if (part.width > k_most_wide)
        return error(begin, at_, fmt::format("wider than {} characters", k_most_wide));
    }
    return true;
  }

  [[nodiscard]] std::size_t word_end(std::size_t at) const {
    while (at < text_.size() && in_name(text_[at])) ++at;
    return at;
  }

  bool call(OutputPart& part) {
    auto read = parse_call(source_, at_, problems_);
    if (!read) return false;
    part.shown = std::move(read->operand);
    at_ = read->end;
    return true;
  }

  bool field(std::size_t begin, OutputPart& part) {
    Operand made{.kind = OperandKind::field, .name = {}, .argument = {}, .arguments = {}, .at = {}};
    if (!name(begin, made.name) || !argument(begin, made)) return false;
    made.at = source_.span(begin, at_);
    part.shown.operands.push_back(std::move(made));
    return true;
  }

  bool name(std::size_t begin, std::string& read) {
    const std::size_t from = at_;
    at_ = word_end(at_);
    while (at_ + 1 < text_.size() && text_[at_] == '.' && in_name(text_[at_ + 1]))
      at_ = word_end(at_ + 1);
    std::string_view name = text_.substr(from, at_ - from);
    if (!is_name(name) || name.find('.') == std::string_view::npos) {
      return error(begin, std::max(at_, begin + 1),
                   "expected a field behind %, as in %proc.name; %% is a percent sign");
    }
    // "%proc.name.log", "%proc.names": the longest name that there is, as in Falco.
    std::string_view known = name;
    while (known.contains('.') && find_field(known) == nullptr) known.remove_suffix(1);
    if (known.contains('.') && known.size() < name.size()) {
      if (in_name(name[known.size()]))
        problems_.warning(
            source_.span(from, from + name.size()),
            fmt::format("read as the field {} and {} behind it{}", known,
                        in_quotes(name.substr(known.size())), did_you_mean(name, field_names())));
      name = known;
    }
    at_ = from + name.size();
    read = name;
    return true;
  }

  bool argument(std::size_t begin, Operand& field) {
    if (at_ == text_.size() || text_[at_] != '[') return true;
    const FieldName* known = find_field(field.name);
    // "%proc.name[1]" is text behind a field that takes none.
    if (known != nullptr && known->argument == FieldArgument::none) return true;
    const std::size_t end = text_.find(']', at_);
    if (end == std::string_view::npos || end == at_ + 1)
      return error(begin, at_ + 1, "expected a number or a name in brackets, as in %proc.aname[2]");
    field.argument = std::string(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return true;
  }

  bool error(std::size_t begin, std::size_t end, std::string message) {
    problems_.error(source_.span(begin, end), std::move(message));
    return false;
  }

  const RuleText& source_;
  std::string_view text_;
  Problems& problems_;
  Output output_;
  std::size_t at_ = 0;
};

void put_text(std::string& out, std::string_view text) {
  for (const char c : text) {
    out += c;
    if (c == '%') out += '%';
  }
}

}  // namespace

std::optional<Output> parse_output(const RuleText& text, Problems& problems) {
  return Reader(text, problems).read();
}

std::string print_output(const Output& output) {
  std::string out = output.partial ? "*" : "";
  for (const OutputPart& part : output.parts) {
    put_text(out, part.text);
    if (!part.shows()) continue;
    out += '%';
    if (part.width != 0) out += std::to_string(part.width);
    const Operand& outermost = part.shown.operands.back();
    if (outermost.kind != OperandKind::field) {
      out += print_operand(part.shown, part.outermost());
      continue;
    }
    // What is in brackets has no quotes here.
    out += outermost.name;
    if (outermost.argument) out.append("[").append(*outermost.argument).append("]");
  }
  return out;
}

}  // namespace gancho::rules
