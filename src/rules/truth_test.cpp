// SPDX-License-Identifier: Apache-2.0
#include "rules/truth.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "rules/check.h"
#include "rules/evaluate.h"
#include "rules/parser.h"
#include "support/facts.h"
#include "support/record_builder.h"

namespace gancho::rules {
namespace {

constexpr auto k_all = std::to_array({Truth::no, Truth::unknown, Truth::yes});

TEST(Truth, TablesAreKleenes) {
  using enum Truth;
  EXPECT_EQ(opposite(no), yes);
  EXPECT_EQ(opposite(unknown), unknown);
  EXPECT_EQ(opposite(yes), no);
  constexpr Truth conjunction[3][3] = {{no, no, no}, {no, unknown, unknown}, {no, unknown, yes}};
  constexpr Truth disjunction[3][3] = {
      {no, unknown, yes}, {unknown, unknown, yes}, {yes, yes, yes}};
  for (const Truth a : k_all)
    for (const Truth b : k_all) {
      EXPECT_EQ(both(a, b), conjunction[static_cast<int>(a)][static_cast<int>(b)]);
      EXPECT_EQ(either(a, b), disjunction[static_cast<int>(a)][static_cast<int>(b)]);
      EXPECT_EQ(opposite(both(a, b)), either(opposite(a), opposite(b)));
    }
}

// A formula over three leaves, and what it is worth for each of their values.
struct Formula {
  std::string text;
  std::array<Truth, 27> worth;
};

// Leaf `which` of three; an assignment is a number of three digits to the base 3.
Formula leaf(int which) {
  static constexpr std::array<const char*, 3> fields{"proc.name = yes", "fd.num = 1",
                                                     "fd.name = yes"};
  Formula made{.text = fields[static_cast<std::size_t>(which)], .worth = {}};
  for (int i = 0; i < 27; ++i) {
    const int digit = which == 0 ? i % 3 : which == 1 ? i / 3 % 3 : i / 9;
    made.worth[static_cast<std::size_t>(i)] = k_all[static_cast<std::size_t>(digit)];
  }
  return made;
}

template <class Op>
Formula combined(const Formula& a, std::string_view word, const Formula& b, Op op) {
  Formula made{.text = "(" + a.text + " " + std::string(word) + " " + b.text + ")", .worth = {}};
  for (std::size_t i = 0; i < 27; ++i) made.worth[i] = op(a.worth[i], b.worth[i]);
  return made;
}

Formula negated(const Formula& a) {
  Formula made{.text = "not " + a.text, .worth = {}};
  for (std::size_t i = 0; i < 27; ++i) made.worth[i] = opposite(a.worth[i]);
  return made;
}

// Leaves, their negations, all pairs of those, and all pairs of pairs with a third.
std::vector<Formula> formulas() {
  std::vector<Formula> leaves;
  for (int which = 0; which < 3; ++which) {
    leaves.push_back(leaf(which));
    leaves.push_back(negated(leaves.back()));
  }
  std::vector<Formula> pairs;
  for (const Formula& a : leaves)
    for (const Formula& b : leaves)
      for (const Formula& pair : {combined(a, "and", b, both), combined(a, "or", b, either)}) {
        pairs.push_back(pair);
        pairs.push_back(negated(pair));
      }
  std::vector<Formula> all = leaves;
  all.insert(all.end(), pairs.begin(), pairs.end());
  for (const Formula& pair : pairs)
    for (const Formula& a : leaves)
      for (const Formula& made :
           {combined(pair, "and", a, both), combined(a, "or", pair, either)}) {
        all.push_back(made);
        all.push_back(negated(made));
      }
  return all;
}

// The evaluator has no `not` and two ways out of each comparison; that it is the same logic is
// shown here for every assignment. A leaf is unknown where the record has no such field.
TEST(Truth, EvaluatorHasTheSameTables) {
  const test::SampleFacts facts;
  std::vector<test::RecordBuilder> records;
  for (int i = 0; i < 27; ++i) {
    const auto digit = [i](int power) { return i / power % 3; };
    test::RecordBuilder open(*find_event("open"));
    open.text("proc.name", digit(1) == 2 ? "yes" : "no");
    if (digit(3) != 1) open.number("fd.num", digit(3) == 2 ? 1 : 0);
    if (digit(9) != 1) open.text("fd.name", digit(9) == 2 ? "yes" : "no");
    records.push_back(std::move(open));
  }
  std::size_t compared = 0;
  for (const Formula& formula : formulas()) {
    Problems problems;
    const auto parsed = parse_condition(RuleText(formula.text), problems);
    ASSERT_TRUE(parsed) << formula.text;
    auto checked = check_condition(*parsed, problems);
    ASSERT_TRUE(checked) << formula.text;
    Evaluator evaluator(std::move(*checked), facts);
    for (std::size_t i = 0; i < 27; ++i) {
      if (i % 3 == 1) continue;  // every record has the name of its process
      EXPECT_EQ(evaluator.matches(records[i].view()), formula.worth[i] == Truth::yes)
          << formula.text << " of assignment " << i;
      ++compared;
    }
  }
  EXPECT_GT(compared, 50'000U);
}

}  // namespace
}  // namespace gancho::rules
