// SPDX-License-Identifier: Apache-2.0
#include "rules/read_rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/quote.h"
#include "base/units.h"
#include "rules/read_exceptions.h"

namespace gancho::rules {
namespace {

using Kind = YamlNode::Kind;

constexpr auto k_rule_keys = std::to_array<std::string_view>({"rule",
                                                              "desc",
                                                              "condition",
                                                              "output",
                                                              "priority",
                                                              "source",
                                                              "tags",
                                                              "exceptions",
                                                              "enabled",
                                                              "append",
                                                              "override",
                                                              "warn_evttypes",
                                                              "skip-if-unknown-filter",
                                                              "capture",
                                                              "capture_duration",
                                                              "capture_events",
                                                              "capture_filesize",
                                                              "action",
                                                              "mode",
                                                              "at"});
constexpr auto k_appendable =
    std::to_array<std::string_view>({"condition", "output", "desc", "tags", "exceptions"});
constexpr auto k_replaceable = std::to_array<std::string_view>(
    {"condition", "output", "desc", "tags", "exceptions", "priority", "enabled", "warn_evttypes",
     "skip-if-unknown-filter", "capture", "capture_duration", "capture_events", "capture_filesize",
     "action", "mode", "at"});
// Keys of Falco's that make a capture file, and that are read and not used.
constexpr auto k_counts =
    std::to_array<std::string_view>({"capture_duration", "capture_events", "capture_filesize"});

class RuleReader : private NodeReader {
 public:
  explicit RuleReader(const NodeReader& reader) : NodeReader(reader) {}

  std::optional<RuleItem> read(const YamlNode& item, const YamlNode& name) {
    unknown_keys(item, k_rule_keys, "a rule");
    RuleItem rule{.name = {}, .at = at(name), .keys = {}, .appended = {}};
    if (!read_name(name, "a rule", rule.name)) return std::nullopt;
    bool append = false;
    std::map<std::string_view, Change> changes;
    if (!read_flag(item, "append", append) ||
        !read_override(item, k_appendable, k_replaceable, changes))
      return std::nullopt;
    if (append && !changes.empty()) {
      append_and_override(item);
      return std::nullopt;
    }
    const std::size_t before = problems().errors();
    if (!changes.empty()) {
      read_changes(item, changes, rule);
    } else if (append) {
      read_appended(item, rule);
    } else {
      read_whole(item, name, rule);
    }
    if (problems().errors() == before) return rule;
    // No file with an error is used; what else is wrong with the rule is said in the same run.
    if (rule.change != RuleChange::define || !rule.keys.condition) return std::nullopt;
    rule.keys.exceptions.reset();
    return rule;
  }

 private:
  void read_changes(const YamlNode& item, const std::map<std::string_view, Change>& changes,
                    RuleItem& rule) {
    rule.change = RuleChange::keys;
    for (const YamlNode& node : item.children) {
      if (node.key == "rule" || node.key == "override" || !among(k_rule_keys, node.key)) continue;
      const auto change = changes.find(node.key);
      if (change == changes.end()) {
        error(key_at(node), fmt::format("override does not say what {} does: append or "
                                        "replace",
                                        node.key));
        continue;
      }
      const bool appends = change->second == Change::append;
      read_key(node, appends ? rule.appended : rule.keys, appends);
    }
  }

  void read_appended(const YamlNode& item, RuleItem& rule) {
    rule.change = RuleChange::append;
    for (const YamlNode& node : item.children) {
      if (node.key == "condition" || node.key == "exceptions") {
        read_key(node, rule.appended, true);
      } else if (node.key != "rule" && node.key != "append" && among(k_rule_keys, node.key)) {
        warning(key_at(node),
                fmt::format("append takes condition and exceptions alone; {} is left out "
                            "(override can replace it)",
                            node.key));
      }
    }
  }

  void read_whole(const YamlNode& item, const YamlNode& name, RuleItem& rule) {
    for (const YamlNode& node : item.children) read_key(node, rule.keys, false);
    const auto given = [&item](std::string_view key) { return find(item, key) != nullptr; };
    constexpr auto k_needed =
        std::to_array<std::string_view>({"condition", "output", "desc", "priority"});
    if (std::ranges::none_of(k_needed, given)) {
      rule.change = RuleChange::enable;
      if (!given("enabled")) needs(name, "a rule", "condition, output, desc and priority");
      return;
    }
    for (const std::string_view key : k_needed)
      if (!given(key)) needs(name, "a rule", key);
  }

  // `more`: to what there is already.
  void read_key(const YamlNode& node, RuleKeys& keys, bool more) {
    const std::string& key = node.key;
    if (key == "condition") return read_optional(node, keys.condition);
    if (key == "output") return read_optional(node, keys.output);
    if (key == "tags") return read_tags(node, keys);
    if (key == "exceptions") return (void)(keys.exceptions = read_exceptions(*this, node, more));
    if (key == "enabled") return read_flag(node, keys.enabled);
    if (key == "warn_evttypes") return read_flag(node, keys.warn_evttypes);
    if (key == "skip-if-unknown-filter") return read_flag(node, keys.skip_if_unknown_filter);
    if (key == "capture") return read_flag(node, keys.capture);
    if (!among(k_rule_keys, key) || key == "rule" || key == "append") return;
    if (!expect(node, Kind::scalar, key)) return;
    if (key == "desc") keys.description = node.text;
    if (key == "source") keys.source = node.text;
    if (key == "priority") read_priority(node, keys);
    if (key == "action") read_action(node, keys);
    if (key == "mode") read_mode(node, keys);
    if (key == "at") read_place(node, keys);
    if (among(k_counts, key) && !parse_count(node.text))
      error(at(node), fmt::format("{}: {} is no number", key, in_quotes(node.text)));
  }

  void read_optional(const YamlNode& node, std::optional<RuleText>& text) {
    RuleText read;
    if (read_text(node, read)) text = std::move(read);
  }

  void read_priority(const YamlNode& node, RuleKeys& keys) {
    keys.priority = find_priority(node.text);
    if (!keys.priority) wrong_word(node, "priority", priority_words());
  }

  void read_action(const YamlNode& node, RuleKeys& keys) {
    keys.action = find_action(node.text);
    if (!keys.action) wrong_word(node, "action", action_words());
  }

  // "audit", "trial 10m", "enforce"
  void read_mode(const YamlNode& node, RuleKeys& keys) {
    const std::size_t blank = std::min(node.text.find(' '), node.text.size());
    keys.mode = find_mode(std::string_view(node.text).substr(0, blank));
    const bool trial = keys.mode == Mode::trial;
    if (!keys.mode || (trial != (blank < node.text.size()))) {
      return error(at(node), fmt::format("mode: expected audit, \"trial 10m\" or enforce, "
                                         "not {}",
                                         in_quotes(node.text)));
    }
    if (!trial) return;
    const auto duration = parse_duration(std::string_view(node.text).substr(blank + 1));
    if (!duration || duration->count() <= 0) {
      return error(at(node), fmt::format("mode: a trial needs a duration, as in \"trial "
                                         "10m\", not {}",
                                         in_quotes(node.text)));
    }
    keys.trial = *duration;
  }

  // "xdp eth0", "netfilter"
  void read_place(const YamlNode& node, RuleKeys& keys) {
    constexpr std::size_t k_longest_interface = 15;
    const std::size_t blank = std::min(node.text.find(' '), node.text.size());
    PacketPlace place;
    const auto hook = find_packet_hook(std::string_view(node.text).substr(0, blank));
    if (!hook) return wrong_word(node, "at", packet_hook_words());
    place.hook = *hook;
    if (blank < node.text.size()) {
      place.interface = node.text.substr(blank + 1);
      if (place.interface.size() > k_longest_interface ||
          place.interface.find_first_of(" /:") != std::string::npos) {
        return error(at(node),
                     fmt::format("at: {} is no name of an interface", in_quotes(place.interface)));
      }
    }
    keys.place = std::move(place);
  }

  void read_tags(const YamlNode& node, RuleKeys& keys) {
    if (node.kind == Kind::null) return;
    if (!expect(node, Kind::list, "tags")) return;
    std::vector<std::string> tags;
    for (const YamlNode& tag : node.children)
      if (expect(tag, Kind::scalar, "a tag")) tags.push_back(tag.text);
    keys.tags = std::move(tags);
  }
};

}  // namespace

std::optional<RuleItem> read_rule(const NodeReader& reader, const YamlNode& item,
                                  const YamlNode& name) {
  return RuleReader(reader).read(item, name);
}

}  // namespace gancho::rules
