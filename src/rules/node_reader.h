// SPDX-License-Identifier: Apache-2.0
//
// What all readers of a rule file need: values of YAML as what they must be, or a problem.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/yaml.h"
#include "rules/hints.h"
#include "rules/items.h"
#include "rules/problems.h"
#include "rules/rule_text.h"
#include "rules/source.h"

namespace gancho::rules {

using Words = std::span<const std::string_view>;

[[nodiscard]] bool among(Words words, std::string_view word);

// Of a map; nullptr when it has no such key.
[[nodiscard]] const YamlNode* find(const YamlNode& map, std::string_view key);

class NodeReader {
 public:
  // All stay where they are.
  NodeReader(const Source& source, std::uint32_t file, Hints& hints, Problems& problems)
      : source_(source), file_(file), hints_(hints), problems_(problems) {}

  // False, and a problem, when it is something else. `what` is how it is called.
  bool expect(const YamlNode& node, YamlNode::Kind kind, std::string_view what);
  // `name` of `what`: "a rule".
  bool read_name(const YamlNode& node, std::string_view what, std::string& name);
  bool read_text(const YamlNode& node, RuleText& text);
  void read_flag(const YamlNode& node, std::optional<bool>& flag);
  // Of an entry; as it is when the key is not there.
  bool read_flag(const YamlNode& item, std::string_view key, bool& flag);
  // `override` of an entry: what is done with which key.
  bool read_override(const YamlNode& item, Words appendable, Words replaceable,
                     std::map<std::string_view, Change>& changes);
  bool append_and_override(const YamlNode& item);

  void unknown_keys(const YamlNode& item, Words known, std::string_view what);
  void wrong_word(const YamlNode& node, std::string_view key, Words words);
  void needs(const YamlNode& name, std::string_view what, std::string_view key);

  [[nodiscard]] RuleText text(const YamlNode& node) const;
  [[nodiscard]] Span at(const YamlNode& node) const;
  [[nodiscard]] Span key_at(const YamlNode& node) const;

  void error(const Span& at, std::string message) { problems_.error(at, std::move(message)); }
  void warning(const Span& at, std::string message) { problems_.warning(at, std::move(message)); }
  [[nodiscard]] Problems& problems() { return problems_; }
  [[nodiscard]] Hints& hints() { return hints_; }

 private:
  const Source& source_;
  std::uint32_t file_;
  Hints& hints_;
  Problems& problems_;
};

}  // namespace gancho::rules
