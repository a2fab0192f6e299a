// SPDX-License-Identifier: Apache-2.0
#include "conformance/suite/alerts.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <fstream>
#include <map>
#include <set>
#include <stdexcept>
#include <thread>

#include "base/read_file.h"
#include "rules/field_table.h"
#include "rules/load.h"

namespace gancho::test {
namespace {

constexpr auto k_marker_rule = "Suite marker";
// What a container executes and was not in its image. The programs of a case are not, so that this
// comes beside what a case in a container expects.
constexpr auto k_not_of_the_image = "Drop and execute new binary in container";

std::string marker_rules() {
  return std::string("- rule: ") + k_marker_rule +
         "\n  desc: Where a case begins and ends.\n"
         "  condition: evt.type in (open, openat) and fd.name startswith " +
         k_marker_prefix + "\n  output: \"%fd.name\"\n  priority: DEBUG\n";
}

bool names(const rules::Rule& rule, const std::string& field) {
  return std::ranges::any_of(rule.output.parts, [&](const rules::OutputPart& part) {
    if (!part.shows()) return false;
    const rules::Operand& shown = part.shown.operands.back();
    return field == shown.name || field == shown.name + "[" + shown.argument.value_or("") + "]" ||
           field == shown.name + "." + shown.argument.value_or("");
  });
}

// What is added to the rules: switches, and fields of outputs.
std::string changed_rules(const std::string& file, const std::vector<SuiteCase>& cases) {
  const auto text = read_file(file, 1U << 20);
  if (!text) throw std::runtime_error(text.error().message);
  const rules::Loaded loaded = rules::load_rules({{"rules", *text}});
  if (!loaded.rules) throw std::runtime_error(file + " has errors");
  std::map<std::string, std::set<std::string>> wanted;
  for (const SuiteCase& one : cases)
    if (one.expected)
      for (const auto& [field, value] : one.expected->fields) wanted[one.rule].insert(field);
  std::string changes;
  for (const rules::Rule& rule : loaded.rules->rules) {
    if (!rule.enabled) changes += "- rule: " + rule.name + "\n  enabled: true\n";
    std::string more;
    for (const std::string& field : wanted[rule.name])
      // What nobody knows would make the file one with an error; it is missed in the alert.
      if (!names(rule, field) && rules::find_field(rules::written_field(field, nullptr).name))
        more.append(" ").append(field).append("=%").append(field);
    if (!more.empty())
      changes += "- rule: " + rule.name + "\n  output: \"" + more +
                 "\"\n  override:\n    output: append\n";
  }
  return changes.empty() ? "[]\n" : changes;
}

std::string as_text(const boost::json::value* value) {
  if (value == nullptr) return "(not there)";
  if (value->is_string()) return std::string(value->as_string());
  return boost::json::serialize(*value);
}

std::string field_of(const Event& alert, const std::string& field) {
  const auto* const fields = alert.if_contains("output_fields");
  return fields == nullptr ? "" : as_text(fields->as_object().if_contains(field));
}

bool same_word(std::string_view one, std::string_view other) {
  // "info" is short for a word, as Falco has it.
  const auto word = [](std::string_view text) {
    std::string lower(text);
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return lower == "info" ? std::string("informational") : lower;
  };
  return word(one) == word(other);
}

// "" or how the alert differs.
std::string difference(const Event& alert, const Expected& expected) {
  std::string found;
  const auto differ = [&](const std::string& what, const std::string& is,
                          const std::string& should) {
    found += what + " is " + is + ", not " + should + "\n";
  };
  if (expected.source && text_of(alert, "source") != *expected.source)
    differ("source", text_of(alert, "source"), *expected.source);
  if (expected.hostname && text_of(alert, "hostname") != *expected.hostname)
    differ("hostname", text_of(alert, "hostname"), *expected.hostname);
  if (expected.priority && !same_word(text_of(alert, "priority"), *expected.priority))
    differ("priority", text_of(alert, "priority"), *expected.priority);
  for (const auto& [field, value] : expected.fields)
    if (const std::string is = field_of(alert, field); is != value) differ(field, is, value);
  return found;
}

}  // namespace

SuiteAgent::SuiteAgent(const std::string& rules, const std::vector<SuiteCase>& cases) {
  const auto write = [this](const std::string& name, const std::string& text) {
    std::string path = directory_.path() + "/" + name;
    std::ofstream(path) << text;
    return path;
  };
  const std::string config = write("gancho.yaml", "alerts:\n  rate: 0\n");
  agent_ = std::make_unique<Agent>(std::vector<std::string>{
      "run", "--config", config, "-o", "json", "--rules", write("markers.yaml", marker_rules()),
      rules, write("changes.yaml", changed_rules(rules, cases))});
}

void SuiteAgent::read_more() {
  std::ifstream file(agent_->output_path(), std::ios::binary);
  file.seekg(static_cast<std::streamoff>(read_));
  for (std::string line; std::getline(file, line) && !file.eof();) {
    read_ += line.size() + 1;
    alerts_.push_back(boost::json::parse(line).as_object());
  }
}

namespace {

std::string marker_of(const SuiteCase& one, std::string_view word) {
  return k_marker_prefix + one.plan.at("case/number") + "." + std::string(word);
}

}  // namespace

void SuiteAgent::wait_for_end_of(const SuiteCase& one) {
  const std::string marker = marker_of(one, k_marker_end);
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(120);
  for (;;) {
    read_more();
    if (std::ranges::any_of(alerts_, [&](const Event& alert) {
          return text_of(alert, "rule") == k_marker_rule && field_of(alert, "fd.name") == marker;
        }))
      return;
    if (std::chrono::steady_clock::now() > limit)
      throw std::runtime_error("the end of " + one.name + " was not seen; " + agent_->error());
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

CaseAlerts SuiteAgent::alerts_of(const SuiteCase& one) const {
  CaseAlerts found;
  enum class Phase : std::uint8_t { before, preparing, acting } phase = Phase::before;
  for (const Event& alert : alerts_) {
    if (text_of(alert, "rule") == k_marker_rule) {
      const std::string name = field_of(alert, "fd.name");
      if (name == marker_of(one, k_marker_start)) phase = Phase::preparing;
      if (name == marker_of(one, k_marker_begin)) phase = Phase::acting;
      if (name == marker_of(one, k_marker_end) && phase != Phase::before) {
        found.seen = true;
        break;
      }
      continue;
    }
    if (phase == Phase::preparing) found.preparing.push_back(alert);
    if (phase == Phase::acting) found.acting.push_back(alert);
  }
  const bool has_steps = one.plan.contains("case/steps/0/name");
  if (!has_steps) found.acting = std::exchange(found.preparing, {});
  return found;
}

std::string judge(const SuiteCase& one, const CaseAlerts& alerts) {
  const auto has_rule = [&](const Event& alert) { return text_of(alert, "rule") == one.rule; };
  const auto show = [](const Event& alert) { return boost::json::serialize(alert) + "\n"; };
  std::string wrong;
  if (!alerts.seen) wrong += "it was not seen from its beginning to its end\n";
  if (!one.expected) {
    for (const auto* const part : {&alerts.preparing, &alerts.acting})
      for (const Event& alert : *part)
        if (has_rule(alert)) wrong += "must not fire: " + show(alert);
    return wrong;
  }
  // A chain's last process may fire on its way to the steps.
  const bool earlier = std::ranges::none_of(alerts.acting, has_rule);
  std::size_t fired = 0;
  for (const Event& alert : earlier ? alerts.preparing : alerts.acting) {
    if (has_rule(alert)) {
      ++fired;
      if (const std::string what = difference(alert, *one.expected); !what.empty())
        wrong += what + show(alert);
    } else if (!earlier && !(one.container && text_of(alert, "rule") == k_not_of_the_image)) {
      wrong += "fires, too: " + show(alert);
    }
  }
  if (fired != 1) wrong += "fired " + std::to_string(fired) + " times\n";
  if (fired == 0)
    for (const Event& alert : alerts.acting) wrong += "but: " + show(alert);
  return wrong;
}

}  // namespace gancho::test
