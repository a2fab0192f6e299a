// SPDX-License-Identifier: Apache-2.0
#include "rules/reference_evaluator.h"

#include <arpa/inet.h>
#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <regex>

#include "rules/print.h"

namespace gancho::rules::reference {
namespace {

std::string in_case(std::string text, int (*change)(int)) {
  for (char& c : text) c = static_cast<char>(change(static_cast<unsigned char>(c)));
  return text;
}

// "0100..." of an address, with which of the two it is in front.
std::string bits(const std::string& text) {
  std::array<unsigned char, 16> bytes{};
  const bool v6 = text.find(':') != std::string::npos;
  if (::inet_pton(v6 ? AF_INET6 : AF_INET, text.c_str(), bytes.data()) != 1) std::abort();
  std::string all = v6 ? "6:" : "4:";
  for (std::size_t i = 0; i < (v6 ? 16U : 4U); ++i)
    for (int bit = 7; bit >= 0; --bit) all += (bytes[i] >> bit & 1) != 0 ? '1' : '0';
  return all;
}

bool in_network(const std::string& address, const std::string& network) {
  const auto slash = network.find('/');
  const std::string of = bits(network.substr(0, slash));
  const std::size_t length =
      slash == std::string::npos ? of.size() : 2 + std::stoul(network.substr(slash + 1));
  return bits(address).substr(0, length) == of.substr(0, length);
}

// Both with one '/' in front and one behind; the C library has the patterns.
bool is_below(const std::string& path, const std::string& prefix) {
  const auto opened = [](const std::string& text) {
    return "/" + text.substr(std::min(text.find_first_not_of('/'), text.size()));
  };
  if (prefix.find_first_of("*?[") != std::string::npos)
    return ::fnmatch(opened(prefix).c_str(), opened(path).c_str(),
                     FNM_PATHNAME | FNM_LEADING_DIR) == 0;
  const auto closed = [](const std::string& text) {
    return text.ends_with('/') ? text : text + "/";
  };
  return !path.empty() && closed(opened(path)).starts_with(closed(opened(prefix)));
}

bool related(Operator op, char kind, const std::string& left, const std::string& right) {
  switch (op) {
    case Operator::equal:
    case Operator::in:
    case Operator::intersects:
      if (kind == 'a') return in_network(left, right);
      if (kind == 'n') return std::stoll(left) == std::stoll(right);
      return left == right;
    case Operator::less:
      return std::stoll(left) < std::stoll(right);
    case Operator::less_equal:
      return std::stoll(left) <= std::stoll(right);
    case Operator::greater:
      return std::stoll(left) > std::stoll(right);
    case Operator::greater_equal:
      return std::stoll(left) >= std::stoll(right);
    case Operator::contains:
      return left.find(right) != std::string::npos;
    case Operator::icontains:
      return in_case(left, ::tolower).find(in_case(right, ::tolower)) != std::string::npos;
    case Operator::startswith:
      return left.substr(0, right.size()) == right;
    case Operator::endswith:
      return left.size() >= right.size() && left.substr(left.size() - right.size()) == right;
    case Operator::glob:
      return ::fnmatch(right.c_str(), left.c_str(), 0) == 0;
    case Operator::iglob:
      return ::fnmatch(right.c_str(), left.c_str(), FNM_CASEFOLD) == 0;
    case Operator::regex:
      return std::regex_match(left, std::regex(right));
    case Operator::pmatch:
      return is_below(left, right);
    default:
      std::abort();
  }
}

Known value_of(const Condition& condition, const Operand& operand, const Event& event) {
  if (operand.kind == OperandKind::text)
    return {.kind = 't', .values = std::vector<std::string>{operand.name}};
  if (operand.kind == OperandKind::field) {
    const std::string name =
        operand.name + (operand.argument ? "[" + *operand.argument + "]" : std::string());
    return event.at(name);
  }
  std::vector<Known> arguments;
  for (const Index index : condition.arguments_of(operand))
    arguments.push_back(value_of(condition, condition.operands[index], event));
  Known made = arguments[0];
  for (const Known& argument : arguments)
    if (!argument.values) made.values.reset();
  if (operand.transformer == Transformer::len) made.kind = 'n';
  if (!made.values) return made;
  if (operand.transformer == Transformer::concat) {
    std::string all;
    for (const Known& argument : arguments) all += argument.values->at(0);
    made.values = {all};
    return made;
  }
  for (std::string& value : *made.values) {
    switch (operand.transformer) {
      case Transformer::val:
        break;
      case Transformer::tolower:
        value = in_case(value, ::tolower);
        break;
      case Transformer::toupper:
        value = in_case(value, ::toupper);
        break;
      case Transformer::basename:
        value = value.substr(value.rfind('/') + 1);
        break;
      case Transformer::len:
        value = std::to_string(value.size());
        break;
      default:
        std::abort();
    }
  }
  return made;
}

// Whether it is one text or a list depends on who asks for proc.args.
bool asks_for_arguments(const Condition& condition, const Comparison& comparison) {
  const Operand* left = &condition.operands[comparison.left];
  while (left->kind == OperandKind::transformer && left->transformer == Transformer::val)
    left = &condition.operands[condition.arguments_of(*left)[0]];
  return comparison.op == Operator::intersects && left->name == "proc.args" && !left->argument;
}

Truth compare(const Condition& condition, const Comparison& comparison, const Event& event) {
  const Known left = asks_for_arguments(condition, comparison)
                         ? event.at("proc.args, each")
                         : value_of(condition, condition.operands[comparison.left], event);
  if (comparison.op == Operator::exists)
    return truth_of(left.values.has_value() && !left.values->empty());
  if (!left.values) return Truth::unknown;
  std::vector<std::string> right;
  if (comparison.right != k_none) {
    const Known known = value_of(condition, condition.operands[comparison.right], event);
    if (!known.values) return Truth::unknown;
    right = *known.values;
  }
  for (const rules::Value& value : condition.values_of(comparison)) right.push_back(value.text);

  const bool negated = comparison.op == Operator::not_equal;
  const Operator op = negated ? Operator::equal : comparison.op;
  std::size_t fitting = 0;
  for (const std::string& value : right) {
    bool any = false;
    for (const std::string& one : *left.values) any = any || related(op, left.kind, one, value);
    if (any != negated) ++fitting;
  }
  switch (comparison.modifier) {
    case Modifier::oneof:
      return truth_of(fitting == 1);
    case Modifier::allof:
      return truth_of(fitting == right.size());
    default:
      break;
  }
  // Of several values of a field behind != none may be the same.
  if (negated && comparison.right != k_none) return truth_of(fitting == right.size());
  return truth_of(fitting != 0);
}

Truth evaluate(const Condition& condition, const Node& node, const Event& event) {
  if (node.kind == NodeKind::comparison)
    return compare(condition, condition.comparison_of(node), event);
  std::vector<Truth> truths;
  for (const Index child : condition.children_of(node))
    truths.push_back(evaluate(condition, condition.nodes[child], event));
  if (node.kind == NodeKind::negation) return opposite(truths[0]);
  Truth all = truths[0];
  for (const Truth truth : truths)
    all = node.kind == NodeKind::all ? both(all, truth) : either(all, truth);
  return all;
}

}  // namespace

Truth evaluate(const Condition& condition, const Event& event) {
  return evaluate(condition, condition.nodes[condition.root()], event);
}

}  // namespace gancho::rules::reference
