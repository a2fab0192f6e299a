// SPDX-License-Identifier: Apache-2.0
#include "cli/policy_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <iterator>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/units.h"
#include "cli/columns.h"

namespace gancho {
namespace {

using rules::Rule;
using rules::RuleSet;

std::string counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string why_not(const Rule& rule) {
  return rule.disabled.empty() ? "its file says so" : rule.disabled;
}

// Names of rules with the reason, below a title that says how many.
void put_idle(std::string& out, const RuleSet& set, bool enabled) {
  std::vector<const Rule*> idle;
  for (const Rule& rule : set.rules)
    if (!rule.runs() && rule.enabled == enabled) idle.push_back(&rule);
  if (idle.empty()) return;
  const std::string_view why = enabled ? "cannot run" : "disabled";
  fmt::format_to(std::back_inserter(out), "{} {}:\n", counted(idle.size(), "rule"), why);
  for (const Rule* rule : idle) {
    fmt::format_to(std::back_inserter(out), "  {}{}\n", harmless(rule->name),
                   enabled ? ": " + harmless(why_not(*rule)) : "");
  }
}

std::string mode_text(const Rule& rule) {
  std::string mode(word_of(rule.mode));
  if (rule.trial) mode += " " + print_duration(*rule.trial);
  return mode;
}

// Of the files; of one place, as they were found.
std::vector<const rules::Problem*> in_order(const rules::Problems& problems) {
  std::vector<const rules::Problem*> sorted;
  for (const rules::Problem& problem : problems.kept()) sorted.push_back(&problem);
  std::ranges::sort(sorted, {}, [](const rules::Problem* problem) {
    return std::tuple(problem->at.file, problem->at.line, problem->at.column, problem);
  });
  return sorted;
}

}  // namespace

std::string policy_problems(const rules::Loaded& loaded) {
  std::string out;
  for (const rules::Problem* problem : in_order(loaded.problems))
    out += print_problem(*problem, loaded.sources);
  const std::size_t all = loaded.problems.errors() + loaded.problems.warnings();
  const std::size_t hidden = all - loaded.problems.kept().size();
  if (hidden > 0) fmt::format_to(std::back_inserter(out), "and {} more\n", hidden);
  return out;
}

std::string policy_check_json(const rules::Loaded& loaded, std::size_t files) {
  std::string out;
  for (const rules::Problem* problem : in_order(loaded.problems)) {
    boost::json::object line;
    if (problem->at.line != 0)
      line = {{"file", loaded.sources[problem->at.file].name()},
              {"line", problem->at.line},
              {"column", problem->at.column}};
    line["severity"] = problem->severity == rules::Severity::error ? "error" : "warning";
    line["message"] = problem->message;
    out += boost::json::serialize(line) + "\n";
  }
  boost::json::object counts{{"files", files},
                             {"errors", loaded.problems.errors()},
                             {"warnings", loaded.problems.warnings()}};
  if (const auto& set = loaded.rules) {
    counts["rules"] = set->rules.size();
    counts["macros"] = set->macros;
    counts["lists"] = set->lists;
    const auto count = [&](const auto& of) { return std::ranges::count_if(set->rules, of); };
    counts["disabled"] = count([](const Rule& rule) { return !rule.enabled; });
    counts["cannot_run"] = count([](const Rule& rule) { return rule.enabled && !rule.runs(); });
  }
  return out + boost::json::serialize(counts) + "\n";
}

std::string policy_summary(const RuleSet& set, std::size_t files) {
  std::string out =
      fmt::format("{}: {}, {}, {}\n", counted(files, "file"), counted(set.rules.size(), "rule"),
                  counted(set.macros, "macro"), counted(set.lists, "list"));
  put_idle(out, set, false);
  put_idle(out, set, true);
  return out;
}

std::string policy_table(const RuleSet& set) {
  constexpr std::size_t k_widest_name = 60;
  std::size_t name = 4;
  std::size_t source = 6;
  for (const Rule& rule : set.rules) {
    name = std::max(name, std::min(columns_of(rule.name), k_widest_name));
    source = std::max(source, columns_of(rule.source));
  }
  const auto line = [&](std::string_view rule, std::string_view priority, std::string_view runs,
                        std::string_view from, std::string_view tags) {
    std::string text = pad_right(rule, name) + "  " + pad_right(priority, 13) + "  " +
                       pad_right(runs, 4) + "  " + pad_right(from, source) + "  ";
    text += tags;
    text.erase(text.find_last_not_of(' ') + 1);
    return text + '\n';
  };
  std::string out = line("RULE", "PRIORITY", "RUNS", "SOURCE", "TAGS");
  for (const Rule& rule : set.rules) {
    out += line(harmless(rule.name), word_of(rule.priority), rule.runs() ? "yes" : "no",
                harmless(rule.source), harmless(fmt::format("{}", fmt::join(rule.tags, " "))));
  }
  std::string idle;
  put_idle(idle, set, true);
  if (!idle.empty()) out += "\n" + idle;
  return out;
}

std::string policy_json(const RuleSet& set) {
  std::string out;
  for (const Rule& rule : set.rules) {
    boost::json::object line{{"rule", rule.name},
                             {"priority", word_of(rule.priority)},
                             {"enabled", rule.enabled},
                             {"runs", rule.runs()},
                             {"source", rule.source},
                             {"tags", boost::json::array(rule.tags.begin(), rule.tags.end())},
                             {"action", word_of(rule.action)}};
    if (rule.action != rules::Action::alert) line["mode"] = mode_text(rule);
    if (!rule.disabled.empty()) line["disabled"] = rule.disabled;
    out += boost::json::serialize(line) + "\n";
  }
  return out;
}

}  // namespace gancho
