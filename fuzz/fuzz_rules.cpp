// SPDX-License-Identifier: Apache-2.0
//
// A rule file of any content: rules, or complaints that a person can read and whose places are in
// the file.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "rules/load.h"
#include "rules/parser.h"
#include "rules/print.h"

namespace {

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gancho::rules;
  // Two files, so that one changes what the other defines.
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = text.find("\n#---\n");
  std::vector<RuleFile> files{{"f", text.substr(0, cut)}};
  if (cut != std::string::npos) files.push_back({"g", text.substr(cut + 1)});
  const Loaded loaded = load_rules(std::move(files));
  require(loaded.rules.has_value() == (loaded.problems.errors() == 0),
          "neither rules nor an error");
  for (const Problem& problem : loaded.problems.kept()) {
    require(problem.at.file < loaded.sources.size(), "a problem of no file");
    const std::string printed = print_problem(problem, loaded.sources);
    require(printed.size() < 4000, "an error that nobody reads");
    for (const char c : printed)
      require(c == '\n' || static_cast<unsigned char>(c) >= 0x20, "a control character");
  }
  if (!loaded.rules) return 0;
  for (const Rule& rule : loaded.rules->rules) {
    if (rule.condition.nodes.empty()) {
      require(!rule.disabled.empty(), "a rule without a condition");
      continue;
    }
    for (const Node& node : rule.condition.nodes)
      require(node.kind != NodeKind::macro, "a macro that is not written out");
    Problems none;
    const auto again = parse_condition(RuleText(print_condition(rule.condition)), none);
    // What was written out may be longer than what may be written.
    if (again) require(same(rule.condition, *again), "printing changed what it says");
  }
  return 0;
}
