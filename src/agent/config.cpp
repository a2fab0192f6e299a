// SPDX-License-Identifier: Apache-2.0
#include "agent/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>
#include <vector>

#include "agent/settings.h"
#include "base/nearest.h"
#include "base/quote.h"
#include "base/read_file.h"
#include "base/utf8.h"
#include "base/yaml.h"

namespace gancho {
namespace {

std::string_view section_of(const Setting& setting) {
  const auto dot = setting.path.find('.');
  return dot == std::string_view::npos ? "" : setting.path.substr(0, dot);
}

std::string_view leaf_of(const Setting& setting) {
  return setting.path.substr(setting.path.rfind('.') + 1);
}

// Keys that may stand in this section; "" is the top of the file.
std::vector<std::string_view> keys_of(std::string_view section) {
  std::vector<std::string_view> keys;
  for (const Setting& setting : settings()) {
    if (section_of(setting) == section) keys.push_back(leaf_of(setting));
  }
  if (section.empty()) {
    for (const Section& known : sections()) keys.push_back(known.name);
  }
  return keys;
}

class Reader {
 public:
  Reader(AgentOptions& options, Complaints& complaints)
      : options_(options), complaints_(complaints) {}

  void read(const YamlNode& root) {
    if (root.kind == YamlNode::Kind::null) return;
    if (!expect(root, YamlNode::Kind::map, "the file")) return;
    for (const YamlNode& node : root.children) read_top(node);
    if (!complaints_.empty()) return;
    if (const auto conflict = find_conflict(options_)) {
      complaints_.add(place_of(*conflict),
                      fmt::format("{}{}{}", conflict->first, conflict->relation, conflict->second));
    }
  }

 private:
  void read_top(const YamlNode& node) {
    if (const Setting* setting = find_setting(node.key)) {
      // "filter.pid: 1" at the top would be one more way to write the same.
      if (section_of(*setting).empty()) return read_setting(*setting, node);
    }
    const auto section = std::ranges::find(sections(), node.key, &Section::name);
    if (section == sections().end()) return unknown_key("", node);
    // A section whose keys are all commented out is no error.
    if (node.kind == YamlNode::Kind::null) return;
    if (!expect(node, YamlNode::Kind::map, node.key)) return;
    for (const YamlNode& child : node.children) {
      const Setting* setting = find_setting(fmt::format("{}.{}", section->name, child.key));
      if (setting == nullptr) {
        unknown_key(section->name, child);
      } else {
        read_setting(*setting, child);
      }
    }
  }

  void read_setting(const Setting& setting, const YamlNode& node) {
    places_.emplace(setting.path, node.key_at);
    if (setting.clear == nullptr) {
      if (expect(node, YamlNode::Kind::scalar, setting.path)) set(setting, node);
      return;
    }
    if (!expect(node, YamlNode::Kind::list, setting.path)) return;
    if (node.children.empty() && setting.unset.empty())
      return complaints_.add(node.at, fmt::format("{} is empty", setting.path));
    setting.clear(options_);
    for (const YamlNode& element : node.children) {
      if (expect(element, YamlNode::Kind::scalar, fmt::format("an element of {}", setting.path)))
        set(setting, element);
    }
  }

  void set(const Setting& setting, const YamlNode& node) {
    const Status status = setting.set(node.text, options_);
    if (!status)
      complaints_.add(node.at, fmt::format("{}: {}", setting.path, status.error().message));
  }

  bool expect(const YamlNode& node, YamlNode::Kind kind, std::string_view what) {
    if (node.kind == kind) return true;
    complaints_.add(
        node.at, fmt::format("{} must be {}, not {}", what, kind_name(kind), kind_name(node.kind)));
    return false;
  }

  void unknown_key(std::string_view section, const YamlNode& node) {
    const std::string_view leaf = std::string_view(node.key).substr(node.key.rfind('.') + 1);
    std::string hint = did_you_mean(node.key, keys_of(section));
    // Right word, wrong place: "format" at the top, "output.format" written with a dot.
    for (const Setting& setting : settings()) {
      if (!hint.empty()) break;
      if (leaf_of(setting) == leaf || setting.path == node.key) {
        hint =
            fmt::format("; did you mean \"{}\" in \"{}\"?", leaf_of(setting), section_of(setting));
        if (section_of(setting).empty())
          hint = fmt::format("; \"{}\" belongs at the top of the file", leaf);
      }
    }
    if (hint.empty()) hint = fmt::format("; there is {}", fmt::join(keys_of(section), ", "));
    const std::string where = section.empty() ? "" : fmt::format(" in \"{}\"", section);
    complaints_.add(node.key_at,
                    fmt::format("unknown key {}{}{}", in_quotes(node.key), where, hint));
  }

  // The one of the two that this file sets.
  [[nodiscard]] Mark place_of(const Conflict& conflict) const {
    for (const std::string_view path : {conflict.first, conflict.second}) {
      if (const auto found = places_.find(path); found != places_.end()) return found->second;
    }
    return {};
  }

  AgentOptions& options_;
  Complaints& complaints_;
  std::map<std::string_view, Mark> places_;  // of the keys that the file sets
};

// As YAML; plain where nothing can be mistaken.
std::string print_scalar(std::string_view text) {
  const auto harmless = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
           c == '.' || c == '_' || c == '-';
  };
  const bool word = !text.empty() && !text.starts_with('-') && !text.starts_with('.') &&
                    std::ranges::all_of(text, harmless);
  if (word && text != "null" && text != "Null" && text != "NULL") return std::string(text);
  std::string out = "\"";
  while (!text.empty()) {
    const Utf8 next = decode_utf8(text);
    const std::size_t length = next.length == 0 ? 1 : next.length;
    const bool control = next.code < 0x20 || (next.code >= 0x7f && next.code < 0xa0);
    if (next.length != 0 && control) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<std::uint32_t>(next.code));
    } else {
      if (next.code == '"' || next.code == '\\') out += '\\';
      out += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return out + '"';
}

std::string print_value(const Setting& setting, const AgentOptions& options) {
  std::string out;
  for (const std::string& element : setting.get(options)) {
    out += (out.empty() ? "" : ", ") + print_scalar(element);
  }
  return setting.clear == nullptr ? out : fmt::format("[{}]", out);
}

// What it means and which words it takes, as a sentence.
std::string describe(const Setting& setting) {
  std::string out(setting.meaning);
  // An alternative that the value's name spells out already needs no list.
  if (setting.choices != nullptr && setting.value.find('|') == std::string_view::npos) {
    const auto choices = setting.choices();
    // Of many, the reference is the place.
    if (choices.size() < 8) out += fmt::format(": {}", fmt::join(choices, ", "));
  }
  if (!setting.unset.empty()) out += fmt::format("; {}", setting.unset);
  return out + '.';
}

// `text` as comment lines of at most 100 columns.
void put_comment(std::string& out, std::string_view text, std::string_view indent) {
  constexpr std::size_t k_width = 100;
  while (!text.empty()) {
    const std::size_t room = k_width - indent.size() - 2;
    std::size_t cut = text.size();
    if (cut > room) cut = text.rfind(' ', room);
    fmt::format_to(std::back_inserter(out), "{}# {}\n", indent, text.substr(0, cut));
    text.remove_prefix(std::min(cut + 1, text.size()));
  }
}

}  // namespace

AgentOptions run_defaults() {
  AgentOptions options;
  options.format = OutputFormat::json;
  options.socket = k_default_socket;
  return options;
}

Result<AgentOptions> parse_config(std::string_view text, std::string_view file_name,
                                  AgentOptions defaults) {
  Complaints complaints(file_name);
  YamlNode root;
  if (parse_yaml(text, root, complaints)) Reader(defaults, complaints).read(root);
  if (!complaints.empty()) return std::unexpected(complaints.error());
  return defaults;
}

Result<AgentOptions> load_config(const std::string& path) {
  const std::string text = TRY(read_regular_file(path, YamlOptions{}.max_bytes));
  AgentOptions options = TRY(parse_config(text, path, run_defaults()));
  options.config_file = path;
  return options;
}

std::string print_config(const AgentOptions& options) {
  std::string out =
      "# Configuration of Gancho: what `gancho run` does.\n"
      "#   gancho run --check-config    reads this file and says what is wrong with it, its rules, "
      "its sinks\n"
      "#   systemctl reload gancho      makes a running agent read it again\n"
      "# A key that is left out has its default. Sizes: 4096, 512KiB, 2MiB. Times: 20ms, 1s.\n";
  std::string_view section;
  for (const Setting& setting : settings()) {
    const std::string_view own = section_of(setting);
    if (own != section || own.empty()) out += '\n';
    if (own != section && !own.empty()) {
      const auto known = std::ranges::find(sections(), own, &Section::name);
      put_comment(out, fmt::format("{}.", known->meaning), "");
      fmt::format_to(std::back_inserter(out), "{}:\n", own);
    }
    section = own;
    const std::string_view indent = own.empty() ? "" : "  ";
    put_comment(out, describe(setting), indent);
    fmt::format_to(std::back_inserter(out), "{}{}: {}\n", indent, leaf_of(setting),
                   print_value(setting, options));
  }
  return out;
}

std::string default_config() {
  return print_config(run_defaults());
}

std::string config_page() {
  const AgentOptions defaults = run_defaults();
  std::string page = "| key | default | meaning |\n|---|---|---|\n";
  for (const Setting& setting : settings()) {
    fmt::format_to(std::back_inserter(page), "| `{}` | `{}` | {} |\n", setting.path,
                   print_value(setting, defaults), describe(setting));
  }
  return page;
}

}  // namespace gancho
