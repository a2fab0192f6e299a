// SPDX-License-Identifier: Apache-2.0
//
// A condition of any content: a tree in its normal form, or complaints that a person can read. What
// is accepted says the same when it is printed and read again.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "rules/output.h"
#include "rules/parser.h"
#include "rules/print.h"

namespace {

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

void check_form(const gancho::rules::Condition& condition) {
  using namespace gancho::rules;
  require(!condition.nodes.empty(), "an empty tree");
  for (Index i = 0; i < condition.nodes.size(); ++i) {
    const Node& node = condition.nodes[i];
    if (node.kind == NodeKind::comparison || node.kind == NodeKind::macro) continue;
    require(node.kind == NodeKind::negation ? node.parts.count == 1 : node.parts.count > 1,
            "a node with the wrong number of children");
    for (const Index child : condition.children_of(node)) {
      require(child < i, "a child behind its parent");
      require(condition.nodes[child].kind != node.kind, "not in normal form");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gancho::rules;
  const RuleText text({reinterpret_cast<const char*>(data), size});
  Problems problems;
  const auto condition = parse_condition(text, problems);
  require(condition.has_value() == (problems.errors() == 0), "neither a tree nor an error");
  for (const Problem& problem : problems.kept())
    require(!problem.message.empty() && problem.message.size() < 1000,
            "an error that nobody reads");
  if (condition) {
    check_form(*condition);
    Problems none;
    const auto again = parse_condition(RuleText(print_condition(*condition)), none);
    require(again.has_value(), "what was printed is not read back");
    require(same(*condition, *again), "printing changed what it says");
  }
  Problems of_output;
  if (const auto output = parse_output(text, of_output)) {
    const std::string printed = print_output(*output);
    const auto again = parse_output(RuleText(printed), of_output);
    require(again.has_value(), "an output that was printed is not read back");
    require(print_output(*again) == printed, "printing an output changed it");
  }
  return 0;
}
