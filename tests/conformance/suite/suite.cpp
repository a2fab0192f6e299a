// SPDX-License-Identifier: Apache-2.0
#include "conformance/suite/suite.h"

#include <sys/utsname.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <string_view>

#include "base/read_file.h"
#include "base/yaml.h"

namespace gancho::test {
namespace {

using Kind = YamlNode::Kind;

[[noreturn]] void wrong(const YamlNode& node, const std::string& what) {
  throw std::runtime_error("line " + std::to_string(node.at.line) + ": " + what);
}

const YamlNode* find(const YamlNode& map, std::string_view key) {
  const auto found = std::ranges::find(map.children, key, &YamlNode::key);
  return found == map.children.end() || found->kind == Kind::null ? nullptr : &*found;
}

const std::string& text_of(const YamlNode& node) {
  if (node.kind != Kind::scalar) wrong(node, "expected a word");
  return node.text;
}

std::optional<std::string> find_text(const YamlNode& map, std::string_view key) {
  const YamlNode* const found = find(map, key);
  return found == nullptr ? std::nullopt : std::optional(text_of(*found));
}

std::string need_text(const YamlNode& map, std::string_view key) {
  const auto text = find_text(map, key);
  if (!text) wrong(map, "no " + std::string(key));
  return *text;
}

void need_map(const YamlNode& node) {
  if (node.kind != Kind::map) wrong(node, "expected a map");
}

void check_keys(const YamlNode& map, std::initializer_list<std::string_view> known) {
  need_map(map);
  for (const YamlNode& child : map.children)
    if (std::ranges::find(known, child.key) == known.end())
      wrong(child, "nobody knows what this means: " + child.key);
}

std::map<std::string, std::string> read_texts(const YamlNode& map) {
  need_map(map);
  std::map<std::string, std::string> texts;
  for (const YamlNode& child : map.children) texts[child.key] = text_of(child);
  return texts;
}

// What stands in for %{ item.KEY }.
using Values = std::map<std::string, const YamlNode*>;

// "KEY" of a text that is nothing but such a template.
std::optional<std::string> template_of(std::string_view text) {
  constexpr std::string_view blanks = " \t\n";
  const auto trim = [&](std::string_view part) {
    part.remove_prefix(std::min(part.find_first_not_of(blanks), part.size()));
    part.remove_suffix(part.size() - (part.find_last_not_of(blanks) + 1));
    return part;
  };
  text = trim(text);
  if (!text.starts_with("%{") || !text.ends_with('}')) return std::nullopt;
  text = trim(text.substr(2, text.size() - 3));
  constexpr std::string_view item = "item.";
  if (!text.starts_with(item)) return std::nullopt;
  return std::string(text.substr(item.size()));
}

YamlNode fill(const YamlNode& node, const Values& values) {
  if (node.kind == Kind::scalar) {
    const auto key = template_of(node.text);
    if (!key) {
      if (node.text.contains("%{")) wrong(node, "a template within a text: " + node.text);
      return node;
    }
    const auto found = values.find(*key);
    if (found == values.end()) wrong(node, "no value of that name: " + node.text);
    YamlNode filled = *found->second;
    filled.key = node.key;
    filled.at = node.at;
    return filled;
  }
  YamlNode filled = node;
  for (YamlNode& child : filled.children) child = fill(child, values);
  return filled;
}

// Each combination of the values of a case specification.
std::vector<Values> read_values(const YamlNode& specification) {
  check_keys(specification, {"strategy", "values"});
  const std::string strategy = need_text(specification, "strategy");
  const YamlNode* const given = find(specification, "values");
  if (given == nullptr) wrong(specification, "no values");
  need_map(*given);
  std::vector<Values> all(1);
  for (const YamlNode& value : given->children) {
    if (strategy == "vector") {
      all.front()[value.key] = &value;
      continue;
    }
    if (strategy != "matrix") wrong(specification, "no strategy: " + strategy);
    if (value.kind != Kind::list) wrong(value, "expected a list");
    std::vector<Values> more;
    for (const Values& so_far : all)
      for (const YamlNode& one : value.children) {
        more.push_back(so_far);
        more.back()[value.key] = &one;
      }
    all = std::move(more);
  }
  return all;
}

void flatten(const YamlNode& node, const std::string& path, Plan& plan) {
  switch (node.kind) {
    case Kind::null:
      return;
    case Kind::scalar:
      plan[path] = node.text;
      return;
    case Kind::map:
      for (const YamlNode& child : node.children) flatten(child, path + "/" + child.key, plan);
      return;
    case Kind::list:
      for (std::size_t i = 0; i < node.children.size(); ++i)
        flatten(node.children[i], path + "/" + std::to_string(i), plan);
      return;
  }
}

bool runs_here(const YamlNode& node) {
  check_keys(node, {"arch"});
  const YamlNode* const arch = find(node, "arch");
  if (arch == nullptr) return true;
  check_keys(*arch, {"op", "val"});
  utsname here{};
  ::uname(&here);
  // In Go's words.
  const std::string_view machine = here.machine;
  const std::string_view ours = machine == "x86_64"    ? "amd64"
                                : machine == "aarch64" ? "arm64"
                                                       : machine;
  const std::string op = need_text(*arch, "op");
  const bool same = need_text(*arch, "val") == ours;
  if (op == "eq") return same;
  if (op == "ne") return !same;
  wrong(*arch, "no operator: " + op);
}

SuiteContainer read_container(const YamlNode& node) {
  check_keys(node, {"image", "name", "env"});
  SuiteContainer container;
  if (auto image = find_text(node, "image")) container.image = *image;
  if (auto name = find_text(node, "name")) container.name = *name;
  if (const YamlNode* const variables = find(node, "env"))
    container.environment = read_texts(*variables);
  return container;
}

void read_context(const YamlNode& node, SuiteCase& made) {
  check_keys(node, {"container", "processes", "terminal"});
  if (const YamlNode* const container = find(node, "container"))
    made.container = read_container(*container);
  if (const auto terminal = find_text(node, "terminal")) made.terminal = *terminal == "true";
  const YamlNode* const processes = find(node, "processes");
  if (processes == nullptr) return;
  flatten(*processes, "case/context/processes", made.plan);
  for (std::size_t i = 0; i < processes->children.size(); ++i) {
    if (auto user = find_text(processes->children[i], "user")) made.users.push_back(*user);
    made.plan.emplace("case/context/processes/" + std::to_string(i) + "/exePath", "");
  }
}

Expected read_expected(const YamlNode& node) {
  check_keys(node, {"source", "hostname", "priority", "outputFields"});
  Expected expected{.source = find_text(node, "source"),
                    .hostname = find_text(node, "hostname"),
                    .priority = find_text(node, "priority"),
                    .fields = {}};
  if (const YamlNode* const fields = find(node, "outputFields"))
    expected.fields = read_texts(*fields);
  return expected;
}

SuiteCase read_case(const YamlNode& test) {
  check_keys(test, {"name", "rule", "description", "runIf", "runner", "context", "before", "after",
                    "resources", "steps", "expectedOutcome", "cases"});
  SuiteCase made;
  made.name = need_text(test, "name");
  made.rule = need_text(test, "rule");
  if (const YamlNode* const condition = find(test, "runIf")) made.runs = runs_here(*condition);
  if (const YamlNode* const context = find(test, "context")) read_context(*context, made);
  const std::string runner = need_text(test, "runner");
  if (runner == "ContainerRunner") {
    if (!made.container) made.container.emplace();
  } else if (runner != "HostRunner") {
    wrong(test, "no runner: " + runner);
  }
  for (const std::string_view key : {"before", "after", "resources", "steps"})
    if (const YamlNode* const part = find(test, key))
      flatten(*part, "case/" + std::string(key), made.plan);
  if (const YamlNode* const resources = find(test, "resources"))
    for (std::size_t i = 0; i < resources->children.size(); ++i)
      if (find_text(resources->children[i], "type") == "process")
        made.plan.emplace("case/resources/" + std::to_string(i) + "/exePath", "");
  const YamlNode* const expected = find(test, "expectedOutcome");
  if (expected != nullptr) made.expected = read_expected(*expected);
  return made;
}

// Files of programs that a case does not name have names of their own.
void name_programs(const std::string& number, Plan& plan) {
  std::size_t count = 0;
  for (auto& [key, value] : plan)
    if (key.ends_with("/exePath") && value.empty())
      value = "/tmp/event-generator" + number + "x" + std::to_string(count++);
}

std::vector<SuiteCase> read_test(const YamlNode& test) {
  need_map(test);
  const YamlNode* const cases = find(test, "cases");
  if (cases == nullptr) return {read_case(fill(test, {}))};
  YamlNode without = test;
  std::erase_if(without.children, [](const YamlNode& child) { return child.key == "cases"; });
  std::vector<SuiteCase> made;
  for (const YamlNode& specification : cases->children)
    for (const Values& values : read_values(specification)) {
      made.push_back(read_case(fill(without, values)));
      made.back().name += "#" + std::to_string(made.size() - 1);
    }
  return made;
}

}  // namespace

std::vector<SuiteCase> read_suite(const std::filesystem::path& file) {
  const auto text = read_file(file, 1U << 20);
  if (!text) throw std::runtime_error(text.error().message);
  std::vector<YamlNode> documents;
  const std::string name = file.filename();
  Complaints complaints(name);
  if (!parse_yaml(*text, {.aliases = true, .percent = true}, documents, complaints) ||
      !complaints.empty() || documents.size() != 1)
    throw std::runtime_error(complaints.error().message);
  std::vector<SuiteCase> cases;
  try {
    check_keys(documents[0], {"tests"});
    const YamlNode* const tests = find(documents[0], "tests");
    if (tests == nullptr || tests->kind != Kind::list) wrong(documents[0], "no list of tests");
    for (const YamlNode& test : tests->children)
      std::ranges::move(read_test(test), std::back_inserter(cases));
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(name + ": " + error.what());
  }
  static std::size_t count = 0;
  for (SuiteCase& one : cases) {
    const std::string number = std::to_string(count++);
    one.plan["case/number"] = number;
    name_programs(number, one.plan);
  }
  return cases;
}

}  // namespace gancho::test
