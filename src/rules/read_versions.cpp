// SPDX-License-Identifier: Apache-2.0
#include "rules/read_versions.h"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <vector>

#include "base/quote.h"
#include "rules/engine_version.h"

namespace gancho::rules {
namespace {

using Kind = YamlNode::Kind;

constexpr auto k_plugin_keys = std::to_array<std::string_view>({"name", "version", "alternatives"});

class VersionReader : private NodeReader {
 public:
  explicit VersionReader(const NodeReader& reader) : NodeReader(reader) {}

  void read_engine_version(const YamlNode& node) {
    if (!expect(node, Kind::scalar, "required_engine_version")) return;
    const auto version = EngineVersion::parse(node.text);
    if (!version) {
      return error(at(node), fmt::format("{} is no version: expected a number, or three "
                                         "with dots",
                                         in_quotes(node.text)));
    }
    if (version->newer_than(k_engine_version)) {
      warning(at(node),
              fmt::format("written for version {} of Falco's engine; what is newer than {} may "
                          "not be understood",
                          version->print(), k_engine_version.print()));
    }
  }

  void read_plugin_versions(const YamlNode& node) {
    if (!expect(node, Kind::list, "required_plugin_versions")) return;
    for (const YamlNode& plugin : node.children) {
      if (!expect(plugin, Kind::map, "a plugin")) continue;
      unknown_keys(plugin, k_plugin_keys, "a plugin");
      std::vector<std::string_view> names = plugin_names(plugin);
      if (names.empty() || among(names, "container")) continue;
      warning(at(plugin),
              fmt::format("there are no plugins: rules about the fields or events of {} "
                          "do not run",
                          in_quotes(names.front())));
    }
  }

 private:
  std::vector<std::string_view> plugin_names(const YamlNode& plugin) {
    std::vector<std::string_view> names;
    const auto take = [&](const YamlNode& node) {
      const YamlNode* name = find(node, "name");
      const YamlNode* version = find(node, "version");
      if (name == nullptr || version == nullptr)
        return error(at(node), "a plugin needs name and version");
      if (expect(*name, Kind::scalar, "name") && expect(*version, Kind::scalar, "version"))
        names.push_back(name->text);
    };
    take(plugin);
    const YamlNode* alternatives = find(plugin, "alternatives");
    if (alternatives == nullptr || !expect(*alternatives, Kind::list, "alternatives")) return names;
    for (const YamlNode& one : alternatives->children)
      if (expect(one, Kind::map, "an alternative")) take(one);
    return names;
  }
};

}  // namespace

void read_engine_version(const NodeReader& reader, const YamlNode& node) {
  VersionReader(reader).read_engine_version(node);
}

void read_plugin_versions(const NodeReader& reader, const YamlNode& node) {
  VersionReader(reader).read_plugin_versions(node);
}

}  // namespace gancho::rules
