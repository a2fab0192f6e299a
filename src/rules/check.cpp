// SPDX-License-Identifier: Apache-2.0
#include "rules/check.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/quote.h"
#include "event/room.h"
#include "rules/constants.h"
#include "rules/field_reader.h"
#include "rules/hints.h"
#include "rules/host_names.h"
#include "rules/path_glob.h"
#include "rules/print.h"
#include "rules/steps.h"

namespace gancho::rules {
namespace {

constexpr std::size_t k_most_errors = 10;
// Each takes memory and time to be made.
constexpr std::size_t k_most_regexes = 1000;
// Of all of them: some 20 MB with their automata. One that people write has fewer than a hundred.
constexpr std::size_t k_most_instructions = 200'000;
// Of texts that one event may need; what is not written to takes no memory.
constexpr std::size_t k_most_arena = std::size_t{64} << 20;
constexpr std::uint8_t k_bits_v4 = 32;
constexpr std::uint8_t k_bits_v6 = 128;

bool is_order(Operator op) {
  return op == Operator::less || op == Operator::less_equal || op == Operator::greater ||
         op == Operator::greater_equal;
}

bool is_for_any_kind(Operator op) {
  return op == Operator::equal || op == Operator::not_equal || op == Operator::in ||
         op == Operator::intersects || op == Operator::exists;
}

// That may have a field behind them.
bool takes_field(Operator op) {
  return is_order(op) || is_for_any_kind(op) || op == Operator::contains ||
         op == Operator::startswith || op == Operator::endswith;
}

// An event that may have it, and not in the record.
bool asks_table(const Field& field) {
  for (const Room* room : rooms())
    for (const EventDesc& event : room->events)
      if (field.rows[event.type].first == nullptr) return true;
  return false;
}

}  // namespace

std::optional<Logic> Checker::condition(const Condition& condition) {
  condition_ = &condition;
  shown_ = false;
  errors_ = 0;
  for (const Node& node : condition.nodes)
    if (node.kind == NodeKind::macro && !stopped()) no_comparison(condition.macro_of(node));
  std::vector<Index> places;
  places.reserve(condition.comparisons.size());
  for (const Comparison& one : condition.comparisons) {
    if (stopped()) break;
    places.push_back(comparison(one));
  }
  if (errors_ != 0) return std::nullopt;
  return make_logic(condition, places, terms_);
}

Index Checker::operand(const Condition& condition, Index index) {
  condition_ = &condition;
  shown_ = true;
  errors_ = 0;
  const Index made = operand(index, As::plain);
  if (made == k_none || !terms_.operands[made].several) return made;
  const std::size_t scratch = text_bound(made);
  bound_room(scratch, condition.operands[index].at);
  terms_.scratch_bytes = std::max(terms_.scratch_bytes, scratch);
  return errors_ == 0 ? made : k_none;
}

Index Checker::comparison(const Comparison& comparison) {
  std::string text = print_comparison(*condition_, comparison);
  if (const auto known = comparisons_.find(text); known != comparisons_.end()) return known->second;
  const std::size_t errors = errors_;
  TypedComparison made = checked(comparison);
  if (errors_ != errors) return k_none;
  std::size_t scratch = 0;
  for (const Index side : {made.left, made.right})
    if (side != k_none && terms_.operands[side].several) scratch += text_bound(side);
  bound_room(scratch, comparison.at);
  terms_.scratch_bytes = std::max(terms_.scratch_bytes, scratch);
  decide_by_type(made, terms_);
  terms_.comparisons.push_back(std::move(made));
  const auto place = static_cast<Index>(terms_.comparisons.size() - 1);
  comparisons_.emplace(std::move(text), place);
  return place;
}

void Checker::no_comparison(const Value& word) {
  const std::string hint = find_event(word.text) != nullptr
                               ? fmt::format("; write evt.type = {}", word.text)
                               : "; macros are known in rule files only";
  error(word.at, fmt::format("expected a comparison, as in proc.name = bash, not {}{}",
                             in_quotes(word.text), hint));
}

TypedComparison Checker::checked(const Comparison& comparison) {
  TypedComparison made{.op = comparison.op, .modifier = comparison.modifier, .at = comparison.at};
  const bool on_text = !is_order(made.op) && !is_for_any_kind(made.op);
  made.left = operand(comparison.left, as_compared(comparison.left, made.op));
  if (made.left != k_none && asks_host_name(*condition_, comparison.left)) {
    with_hosts(comparison, made);
    return made;
  }
  if (made.left != k_none && on_text && is_mode(made.left))
    made.left = operand(comparison.left, As::mode_names);
  if (made.left == k_none) return made;
  const TypedOperand& left = terms_.operands[made.left];
  made.kind = left.value;
  const std::string_view word = describe(comparison.op).word;
  if (is_order(made.op) && made.kind != ValueKind::number) {
    error(comparison.at,
          fmt::format("{} takes a number, and {} is {}", word,
                      print_operand(*condition_, comparison.left), kind_text(made.kind)));
    return made;
  }
  if (on_text && made.kind != ValueKind::text) {
    error(comparison.at,
          fmt::format("{} takes a text, and {} is {}", word,
                      print_operand(*condition_, comparison.left), kind_text(made.kind)));
    return made;
  }
  if (made.op == Operator::not_equal) {
    made.op = Operator::equal;
    made.negated = true;
  }
  if (comparison.right != k_none)
    with_field(comparison, made);
  else
    with_values(comparison, made);
  return made;
}

void Checker::with_field(const Comparison& comparison, TypedComparison& made) {
  const Operand& right = condition_->operands[comparison.right];
  if (!takes_field(comparison.op)) {
    error(right.at,
          fmt::format("expected a value behind {}, not a field", describe(comparison.op).word));
    return;
  }
  if (asks_host_name(*condition_, comparison.right)) {
    error(right.at, fmt::format("{} stands on the left, and names behind it",
                                print_operand(*condition_, comparison.right)));
    return;
  }
  made.right = operand(comparison.right, as_compared(comparison.right, made.op));
  if (made.right == k_none) return;
  const TypedOperand& typed = terms_.operands[made.right];
  if (typed.value != made.kind) {
    error(right.at,
          fmt::format("expected {}, and {} is {}", kind_text(made.kind),
                      print_operand(*condition_, comparison.right), kind_text(typed.value)));
  }
  if (made.op == Operator::in || made.op == Operator::intersects) made.op = Operator::equal;
}

void Checker::with_values(const Comparison& comparison, TypedComparison& made) {
  const auto values = condition_->values_of(comparison);
  const bool as_globs =
      made.op == Operator::pmatch &&
      std::ranges::any_of(values, [](const Value& value) { return is_path_glob(value.text); });
  if (as_globs) {
    made.op = Operator::regex;
    made.modifier = Modifier::anyof;
  }
  const bool is_set =
      made.op == Operator::in || made.op == Operator::intersects || made.op == Operator::pmatch;
  made.constants.first = static_cast<Index>(terms_.constants.size());
  ValueSet set;
  for (const Value& value : values) {
    if (made.op == Operator::regex && ++regexes_ > k_most_regexes) {
      error(value.at, fmt::format("more than {} regular expressions", k_most_regexes));
      errors_ = k_most_errors;
    }
    if (stopped()) return;
    auto constant = read_constant(terms_.operands[made.left], made.op,
                                  as_globs ? path_glob_regex(value.text) : value.text);
    if (constant && constant->regex) {
      instructions_ += static_cast<std::size_t>(constant->regex->ProgramSize());
      if (instructions_ > k_most_instructions) {
        error(value.at,
              "the regular expressions are too large together: repetitions as in x{900} "
              "count as often as they are");
        errors_ = k_most_errors;
        return;
      }
    }
    if (!constant) {
      error(value.at,
            fmt::format("{}: {}", print_operand(*condition_, comparison.left), constant.error()));
    } else if (!is_set) {
      terms_.constants.push_back(std::move(*constant));
    } else if (made.kind == ValueKind::text) {
      set.texts.insert(std::move(constant->text));
    } else if (made.kind == ValueKind::address) {
      set.networks.add(constant->network);
    } else {
      set.numbers.push_back(constant->number);
    }
  }
  made.constants.count = static_cast<Index>(terms_.constants.size()) - made.constants.first;
  if (!is_set) return;
  std::ranges::sort(set.numbers);
  set.networks.finish();
  terms_.sets.push_back(std::move(set));
  made.set = static_cast<Index>(terms_.sets.size() - 1);
}

// The name is looked up, and the address compared with what was found.
void Checker::with_hosts(const Comparison& comparison, TypedComparison& made) {
  made.kind = ValueKind::address;
  if (!takes_host_names(comparison)) {
    const std::string name = print_operand(*condition_, comparison.left);
    error(comparison.at,
          fmt::format("{} takes =, != and in, with names of hosts: they are looked up, and it is "
                      "their addresses that are compared",
                      name));
    return;
  }
  made.negated = made.op == Operator::not_equal;
  made.op = Operator::in;
  ValueSet set;
  for (const Value& value : condition_->values_of(comparison)) {
    if (stopped()) return;
    if (is_host_name(value.text)) {
      for (const IpAddress& address : terms_.hosts.addresses_of(value.text))
        set.networks.add({.address = address, .prefix = address.v6 ? k_bits_v6 : k_bits_v4});
    } else if (const auto address = parse_network(value.text);
               address && !value.text.contains('/')) {
      set.networks.add(*address);
    } else if (address) {
      error(value.at, fmt::format("expected the name of a host, not {}", in_quotes(value.text)));
    } else {
      problems_.warning(value.at, fmt::format("{} is the name of no host: nothing equals it",
                                              in_quotes(value.text)));
    }
  }
  set.networks.finish();
  terms_.sets.push_back(std::move(set));
  made.set = static_cast<Index>(terms_.sets.size() - 1);
}

// --- operands ---

Checker::As Checker::as_compared(Index index, Operator op) const {
  if (asks_host_name(*condition_, index)) return As::address;
  return op == Operator::intersects ? As::values : As::plain;
}

// The same wherever the same is asked for. k_none after an error.
Index Checker::operand(Index index, As as) {  // NOLINT(misc-no-recursion)
  const Operand& operand = condition_->operands[index];
  if (operand.kind == OperandKind::transformer && operand.transformer == Transformer::val)
    return this->operand(condition_->arguments_of(operand)[0], as);
  const auto key =
      std::pair(as, operand.kind == OperandKind::text ? "\"" + operand.name
                                                      : print_operand(*condition_, index));
  if (const auto known = operands_.find(key); known != operands_.end()) return known->second;
  const Index made = operand.kind == OperandKind::field ? field(operand, as)
                     : operand.kind == OperandKind::text
                         ? add({.kind = OperandKind::text, .text = operand.name})
                         : transformer(operand);
  if (made == k_none) return k_none;
  const TypedOperand& typed = terms_.operands[made];
  if (typed.kind == OperandKind::field && typed.field.of_process && asks_table(typed.field))
    terms_.needs_processes = true;
  if (!typed.several) need_arena(own_need(made), operand.at);
  operands_.emplace(key, made);
  return made;
}

Index Checker::add(TypedOperand operand) {
  terms_.operands.push_back(std::move(operand));
  return static_cast<Index>(terms_.operands.size() - 1);
}

Index Checker::field(const Operand& operand, As as) {
  auto found = find_field_rows(operand.name, operand.argument);
  if (!found) return error(operand.at, std::move(found.error()));
  if ((as == As::list || as == As::values) && found->reading == Reading::arguments) {
    found->reading = Reading::argument_list;
    found->several = true;
  }
  if (as == As::list && (!found->several || found->kind != ValueKind::text))
    return error(operand.at,
                 fmt::format("expected a list, as proc.args is one, not {}", found->name));
  if (as == As::address) {
    found->reading = Reading::own;
    found->kind = ValueKind::address;
  } else if (found->reading == Reading::host_name && !shown_) {
    return error(operand.at, fmt::format("{} is compared with =, != and in only", found->name));
  }
  if (as == As::mode_names) {
    found->reading = Reading::mode_names;
    found->kind = ValueKind::text;
  }
  TypedOperand made{.kind = OperandKind::field};
  made.value = found->kind;
  made.several = found->several;
  made.field = std::move(*found);
  return add(std::move(made));
}

Index Checker::transformer(const Operand& operand) {  // NOLINT(misc-no-recursion)
  const TransformerDesc& desc = describe(operand.transformer);
  TypedOperand made{.kind = OperandKind::transformer, .transformer = operand.transformer};
  const auto arguments = condition_->arguments_of(operand);
  const bool is_getopt = operand.transformer == Transformer::getopt;
  const std::size_t list = is_getopt ? 0 : operand.transformer == Transformer::join ? 1 : SIZE_MAX;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const Operand& written = condition_->operands[arguments[i]];
    const Index argument = this->operand(arguments[i], i == list ? As::list : As::plain);
    if (argument == k_none) return k_none;
    const TypedOperand& typed = terms_.operands[argument];
    const bool counts = operand.transformer == Transformer::len && typed.several;
    if (typed.value != ValueKind::text && !counts)
      return error(written.at,
                   fmt::format("{} takes a text, and {} is {}", desc.word,
                               print_operand(*condition_, arguments[i]), kind_text(typed.value)));
    const bool may_be_list = i == list || arguments.size() == 1;
    if (typed.several && !may_be_list)
      return error(written.at, fmt::format("{} takes one text, and {} may have several values",
                                           desc.word, print_operand(*condition_, arguments[i])));
    if (i == list && !typed.several)
      return error(written.at, fmt::format("{} takes a list, and {} is one text", desc.word,
                                           print_operand(*condition_, arguments[i])));
    if (i == list && is_getopt && typed.kind != OperandKind::field)
      return error(written.at, "getopt takes a field, as proc.args is one");
    made.arguments.push_back(argument);
    made.several = arguments.size() == 1 && typed.several;
  }
  if (operand.transformer == Transformer::len) {
    made.value = ValueKind::number;
    made.several = false;
  }
  if (is_getopt && !options(operand, made)) return k_none;
  return add(std::move(made));
}

bool Checker::options(const Operand& operand, TypedOperand& made) {
  const TypedOperand& known = terms_.operands[made.arguments[1]];
  if (known.kind != OperandKind::text) {
    error(operand.at, "getopt takes the letters of the options in quotes, as in \"ab:\"");
    return false;
  }
  if (operand.argument && operand.argument->size() != 1) {
    error(operand.at, fmt::format("expected the letter of an option in brackets, not {}",
                                  in_quotes(*operand.argument)));
    return false;
  }
  made.several = true;
  made.text = known.text;
  if (operand.argument) made.option = operand.argument->front();
  return true;
}

bool Checker::is_mode(Index index) const {
  const TypedOperand& operand = terms_.operands[index];
  return operand.kind == OperandKind::field && operand.field.reading == Reading::own &&
         operand.field.only_type() == FieldType::mode;
}

// --- room for texts ---

// The longest form of its values, all together.
std::size_t Checker::text_bound(Index index) const {  // NOLINT(misc-no-recursion)
  const TypedOperand& operand = terms_.operands[index];
  if (operand.value != ValueKind::text) return 0;
  if (operand.kind == OperandKind::field) return k_text_max;
  if (operand.kind == OperandKind::text) return operand.text.size();
  std::size_t bound = 0;
  if (operand.transformer == Transformer::join)
    bound = k_values_max * text_bound(operand.arguments[0]);
  for (const Index argument : operand.arguments)
    bound = std::min(k_most_arena + 1, bound + text_bound(argument));
  return bound;
}

// What it writes for itself when it is read.
std::size_t Checker::own_need(Index index) const {
  const TypedOperand& operand = terms_.operands[index];
  if (operand.kind == OperandKind::text) return 0;
  std::size_t need = text_bound(index);
  // The elements that it is made of are read for it.
  if (operand.transformer == Transformer::join) need += text_bound(operand.arguments[1]);
  if (operand.transformer == Transformer::len) need += text_bound(operand.arguments[0]);
  return need;
}

void Checker::need_arena(std::size_t bytes, const Span& at) {
  terms_.arena_bytes += bytes;
  bound_room(terms_.arena_bytes, at);
}

void Checker::bound_room(std::size_t bytes, const Span& at) {
  if (bytes <= k_most_arena || stopped()) return;
  error(at, "too many different texts would have to be made for one event");
  errors_ = k_most_errors;
}

bool Checker::stopped() const {
  return errors_ >= k_most_errors;
}

Index Checker::error(const Span& at, std::string message) {
  ++errors_;
  problems_.error(at, std::move(message));
  return k_none;
}

std::optional<TypedCondition> check_condition(const Condition& condition, Problems& problems,
                                              HostNames hosts) {
  Checker checker(problems, std::move(hosts));
  auto logic = checker.condition(condition);
  if (!logic) return std::nullopt;
  return TypedCondition{.terms = std::move(checker).finish(), .logic = std::move(*logic)};
}

}  // namespace gancho::rules
