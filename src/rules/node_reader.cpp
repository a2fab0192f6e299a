// SPDX-License-Identifier: Apache-2.0
#include "rules/node_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/nearest.h"
#include "base/quote.h"
#include "rules/yaml_text.h"

namespace gancho::rules {
namespace {

using Kind = YamlNode::Kind;

}  // namespace

bool among(Words words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

const YamlNode* find(const YamlNode& map, std::string_view key) {
  const auto found = std::ranges::find(map.children, key, &YamlNode::key);
  return found == map.children.end() ? nullptr : &*found;
}

bool NodeReader::expect(const YamlNode& node, Kind kind, std::string_view what) {
  if (node.kind == kind) return true;
  error(at(node),
        fmt::format("{} must be {}, not {}", what, kind_name(kind), kind_name(node.kind)));
  return false;
}

bool NodeReader::read_name(const YamlNode& node, std::string_view what, std::string& name) {
  if (!expect(node, Kind::scalar, fmt::format("the name of {}", what))) return false;
  name = node.text;
  if (!name.empty()) return true;
  error(at(node), fmt::format("{} needs a name", what));
  return false;
}

bool NodeReader::read_text(const YamlNode& node, RuleText& text) {
  if (!expect(node, Kind::scalar, node.key)) return false;
  text = this->text(node);
  if (text.text().find_first_not_of(" \t\r\n") != std::string::npos) return true;
  error(key_at(node), fmt::format("{} is empty", node.key));
  return false;
}

bool NodeReader::read_flag(const YamlNode& item, std::string_view key, bool& flag) {
  const YamlNode* node = find(item, key);
  if (node == nullptr) return true;
  std::optional<bool> read;
  read_flag(*node, read);
  flag = read.value_or(false);
  return read.has_value();
}

void NodeReader::read_flag(const YamlNode& node, std::optional<bool>& flag) {
  if (!expect(node, Kind::scalar, node.key)) return;
  const std::string word = lowered(node.text);
  if (word == "true" || word == "yes" || word == "on" || word == "y") flag = true;
  if (word == "false" || word == "no" || word == "off" || word == "n") flag = false;
  if (!flag) {
    error(at(node),
          fmt::format("{}: expected true or false, not {}", node.key, in_quotes(node.text)));
  }
}

bool NodeReader::read_override(const YamlNode& item, Words appendable, Words replaceable,
                               std::map<std::string_view, Change>& changes) {
  const YamlNode* overrides = find(item, "override");
  if (overrides == nullptr) return true;
  if (!expect(*overrides, Kind::map, "override")) return false;
  const std::size_t before = problems_.errors();
  for (const YamlNode& one : overrides->children) {
    if (!among(replaceable, one.key)) {
      error(key_at(one), fmt::format("{} cannot be overridden{}", in_quotes(one.key),
                                     did_you_mean(one.key, replaceable)));
    } else if (one.text == "append" && !among(appendable, one.key)) {
      error(at(one), fmt::format("nothing can be appended to {}; it can be replaced", one.key));
    } else if (one.text != "append" && one.text != "replace") {
      error(at(one), fmt::format("expected append or replace, not {}", in_quotes(one.text)));
    } else if (find(item, one.key) == nullptr) {
      error(key_at(one), fmt::format("override names {}, which is not given", one.key));
    } else {
      changes[one.key] = one.text == "append" ? Change::append : Change::replace;
    }
  }
  return problems_.errors() == before;
}

bool NodeReader::append_and_override(const YamlNode& item) {
  error(key_at(*find(item, "override")),
        "append and override say the same; only one of them can be there");
  return false;
}

void NodeReader::unknown_keys(const YamlNode& item, Words known, std::string_view what) {
  for (const YamlNode& node : item.children) {
    if (among(known, node.key)) continue;
    warning(key_at(node), fmt::format("unknown key {} of {}{}", in_quotes(node.key), what,
                                      hints_.did_you_mean(node.key, [known] { return known; })));
  }
}

void NodeReader::wrong_word(const YamlNode& node, std::string_view key, Words words) {
  std::string hint = did_you_mean(node.text, words);
  if (hint.empty()) hint = fmt::format("; there is {}", fmt::join(words, ", "));
  error(at(node), fmt::format("unknown {} {}{}", key, in_quotes(node.text), hint));
}

void NodeReader::needs(const YamlNode& name, std::string_view what, std::string_view key) {
  error(at(name), fmt::format("{} needs {}", what, key));
}

RuleText NodeReader::text(const YamlNode& node) const {
  return text_of(node, file_, source_);
}

Span NodeReader::at(const YamlNode& node) const {
  return source_.place(file_, node.at.offset, node.text.size());
}

Span NodeReader::key_at(const YamlNode& node) const {
  return source_.place(file_, node.key_at.offset, node.key.size());
}

}  // namespace gancho::rules
