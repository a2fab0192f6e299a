// SPDX-License-Identifier: Apache-2.0
//
// Conditions that were checked: plain data, ready to be evaluated, explained, compiled. Made by
// rules/check.h; nothing in it refers to the text or the tree that it came from.
//
// What conditions ask (terms) stands apart from how one makes an answer of it (logic): rules that
// are evaluated together ask the same things, each of which is answered once for an event.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "rules/ast.h"
#include "rules/field.h"
#include "rules/host_names.h"
#include "rules/network.h"
#include "rules/number.h"
#include "rules/text_match.h"

namespace re2 {
class RE2;
}

namespace gancho::rules {

// Something that has a value: each stands once, whoever asks for it.
struct TypedOperand {
  OperandKind kind = OperandKind::field;
  Transformer transformer = Transformer::val;
  ValueKind value = ValueKind::text;
  bool several = false;
  Field field = {};                   // of a field
  std::string text = {};              // of a text; the options of getopt
  char option = '\0';                 // getopt(...)[o]
  std::vector<Index> arguments = {};  // operands before this one
};

// What is compared with; which member counts follows from kind and operator.
struct Constant {
  std::string text = {};
  Number number = {};
  Network network = {};
  std::shared_ptr<const re2::RE2> regex = {};
};

// What `in`, `intersects` and `pmatch` look into, however many there are.
struct ValueSet {
  TextSet texts = {};
  std::vector<Number> numbers = {};  // sorted
  NetworkSet networks = {};
};

// A comparison of evt.type alone is decided by the type, but for some system calls.
struct TypeTruth {
  bool usual = false;
  std::vector<std::uint64_t> otherwise = {};  // sorted: syscall_id() for which it is not so
};

struct TypedComparison {
  Operator op = Operator::equal;  // never not_equal: that is `negated`
  bool negated = false;
  Modifier modifier = Modifier::none;
  ValueKind kind = ValueKind::text;
  Index left = 0;        // operand
  Index right = k_none;  // operand, or:
  Range constants = {};
  Index set = k_none;
  Index types = k_none;  // in type_truths
  Span at = {};
};

// Comparisons in the order of the text. What a negation stands before is asked for being untrue,
// so the steps know no `not`, and what is unknown is never what was wanted: it goes the way of
// `otherwise` either way. That is three-valued logic, as far as an answer `yes` is concerned.
struct Step {
  static constexpr std::uint32_t k_match = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::uint32_t k_no_match = k_match - 1;

  Index comparison = 0;
  bool wanted = true;
  std::uint32_t when_so = k_match;  // the next step, or an end
  std::uint32_t otherwise = k_no_match;
};

// Each stands once, however many conditions ask for it.
struct Terms {
  std::vector<TypedOperand> operands;  // arguments before what they are arguments of
  std::vector<Constant> constants;
  std::vector<ValueSet> sets;
  std::vector<std::vector<TypeTruth>> type_truths;  // by event type
  std::vector<TypedComparison> comparisons;
  HostNames hosts;                // of the names that are compared with
  bool needs_processes = false;   // asks the process table
  std::size_t arena_bytes = 0;    // that texts of one event can need
  std::size_t scratch_bytes = 0;  // and those of one comparison
};

// A comparison without which the condition cannot match.
struct Needed {
  Index comparison = 0;
  bool wanted = true;
};

struct Logic {
  std::vector<Step> steps;
  std::vector<bool> possible;  // by event type: may it match at all?
  std::vector<Needed> needed;  // whatever the event; rules/demands.h finds more for one type
};

// One that stands alone.
struct TypedCondition {
  Terms terms;
  Logic logic;
};

}  // namespace gancho::rules
