// SPDX-License-Identifier: Apache-2.0
#include "rules/read_items.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <string_view>
#include <utility>

#include "base/nearest.h"
#include "base/quote.h"
#include "base/yaml.h"
#include "rules/hints.h"
#include "rules/lexer.h"
#include "rules/node_reader.h"
#include "rules/read_rule.h"
#include "rules/read_versions.h"
#include "rules/values.h"

namespace gancho::rules {
namespace {

using Kind = YamlNode::Kind;

constexpr auto k_item_keys = std::to_array<std::string_view>(
    {"rule", "macro", "list", "required_engine_version", "required_plugin_versions"});
constexpr auto k_list_keys =
    std::to_array<std::string_view>({"list", "items", "append", "override"});
constexpr auto k_macro_keys =
    std::to_array<std::string_view>({"macro", "condition", "append", "override"});
constexpr auto k_list_changes = std::to_array<std::string_view>({"items"});
constexpr auto k_macro_changes = std::to_array<std::string_view>({"condition"});
class ItemReader : private NodeReader {
 public:
  explicit ItemReader(const NodeReader& reader) : NodeReader(reader) {}

  std::vector<Item> read(const std::vector<YamlNode>& documents) {
    for (const YamlNode& document : documents) {
      if (document.kind == Kind::null) continue;
      if (!expect(document, Kind::list, "a rule file")) continue;
      for (const YamlNode& item : document.children)
        if (item.kind != Kind::null && expect(item, Kind::map, "an entry")) read_item(item);
    }
    return std::move(items_);
  }

 private:
  void read_item(const YamlNode& item) {
    for (const std::string_view key : k_item_keys) {
      const YamlNode* node = find(item, key);
      if (node == nullptr) continue;
      if (key == "rule") {
        if (auto rule = read_rule(*this, item, *node)) items_.emplace_back(std::move(*rule));
        return;
      }
      if (key == "macro") return read_macro(item, *node);
      if (key == "list") return read_list(item, *node);
      if (key == "required_engine_version") return read_engine_version(*this, *node);
      return read_plugin_versions(*this, *node);
    }
    const YamlNode* first = item.children.empty() ? nullptr : &item.children.front();
    if (first == nullptr) return warning(at(item), "an entry without keys");
    std::string hint = did_you_mean(first->key, k_item_keys);
    if (hint.empty()) hint = "; there is rule, macro, list";
    warning(key_at(*first),
            fmt::format("unknown entry {}{}; it is left out", in_quotes(first->key), hint));
  }

  void read_list(const YamlNode& item, const YamlNode& name) {
    unknown_keys(item, k_list_keys, "a list");
    ListItem list{.name = {}, .at = at(name), .items = {}, .append = false};
    if (!read_name(name, "a list", list.name)) return;
    if (!is_bare_value(list.name)) {
      warning(list.at,
              "no condition can name this list: a name has no blanks, quotes, "
              "parentheses, commas or =");
    }
    const YamlNode* items = find(item, "items");
    if (items == nullptr) return needs(name, "a list", "items");
    if (!expect(*items, Kind::list, "items")) return;
    for (const YamlNode& one : items->children)
      if (expect(one, Kind::scalar, "an item")) list.items.push_back(item_value(text(one)));
    if (!read_change(item, k_list_changes, list.append)) return;
    items_.emplace_back(std::move(list));
  }

  void read_macro(const YamlNode& item, const YamlNode& name) {
    unknown_keys(item, k_macro_keys, "a macro");
    MacroItem macro{.name = {}, .at = at(name), .condition = {}, .append = false};
    if (!read_name(name, "a macro", macro.name)) return;
    if (!is_name(macro.name) || macro.name.find('.') != std::string::npos) {
      warning(macro.at,
              "no condition can name this macro: a name is letters, digits and "
              "_, and begins with a letter");
    }
    const YamlNode* condition = find(item, "condition");
    if (condition == nullptr) return needs(name, "a macro", "condition");
    if (!read_text(*condition, macro.condition)) return;
    if (!read_change(item, k_macro_changes, macro.append)) return;
    items_.emplace_back(std::move(macro));
  }

  // `append: true`, or `override` with the only key that there is.
  bool read_change(const YamlNode& item, Words key, bool& append) {
    if (!read_flag(item, "append", append)) return false;
    std::map<std::string_view, Change> changes;
    if (!read_override(item, key, key, changes)) return false;
    if (append && !changes.empty()) return append_and_override(item);
    if (append || (!changes.empty() && changes.begin()->second == Change::append)) append = true;
    return true;
  }

  std::vector<Item> items_;
};

}  // namespace

std::vector<Item> read_items(const Source& source, std::uint32_t file, Problems& problems) {
  const YamlOptions options{.max_bytes = k_most_bytes,
                            .max_values = k_most_yaml_values,
                            .documents = true,
                            .aliases = true,
                            .percent = true};
  std::vector<YamlNode> documents;
  Complaints complaints(source.name());
  const bool whole = parse_yaml(source.text(), options, documents, complaints);
  for (const Complaint& complaint : complaints.kept()) {
    const Span at =
        complaint.at.line == 0 ? Span{.file = file} : source.place(file, complaint.at.offset);
    if (complaint.repeated_key) {
      problems.warning(at, complaint.what);
    } else {
      problems.error(at, complaint.what);
    }
  }
  if (!whole) return {};
  Hints hints;
  return ItemReader(NodeReader(source, file, hints, problems)).read(documents);
}

}  // namespace gancho::rules
