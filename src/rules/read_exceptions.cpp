// SPDX-License-Identifier: Apache-2.0
#include "rules/read_exceptions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/quote.h"
#include "rules/exceptions.h"

namespace gancho::rules {
namespace {

using Kind = YamlNode::Kind;

constexpr auto k_exception_keys =
    std::to_array<std::string_view>({"name", "fields", "comps", "values"});

class ExceptionReader : private NodeReader {
 public:
  explicit ExceptionReader(const NodeReader& reader) : NodeReader(reader) {}

  std::vector<ExceptionItem> read(const YamlNode& node, bool more) {
    std::vector<ExceptionItem> exceptions;
    if (node.kind == Kind::null || !expect(node, Kind::list, "exceptions")) return exceptions;
    for (const YamlNode& one : node.children) {
      if (!expect(one, Kind::map, "an exception")) continue;
      ExceptionItem exception = read_exception(one);
      const auto same = [&](const ExceptionItem& other) { return other.name == exception.name; };
      if (!exception.name.empty() && std::ranges::any_of(exceptions, same))
        problems().warning(exception.at, fmt::format("exception {} is given twice; both count",
                                                     in_quotes(exception.name)));
      if (!more && !exception.fields && !exception.name.empty())
        error(exception.at, "an exception needs fields");
      exceptions.push_back(std::move(exception));
    }
    return exceptions;
  }

 private:
  ExceptionItem read_exception(const YamlNode& node) {
    unknown_keys(node, k_exception_keys, "an exception");
    ExceptionItem exception{
        .name = {}, .at = at(node), .fields = {}, .comparisons = {}, .values = {}};
    const YamlNode* name = find(node, "name");
    if (name == nullptr) {
      error(at(node), "an exception needs a name");
    } else {
      exception.at = at(*name);
      (void)read_name(*name, "an exception", exception.name);
    }
    if (const YamlNode* fields = find(node, "fields")) exception.fields = given(*fields);
    if (const YamlNode* comps = find(node, "comps")) exception.comparisons = given(*comps);
    if (const YamlNode* values = find(node, "values");
        values != nullptr && values->kind != Kind::null) {
      if (expect(*values, Kind::list, "values"))
        for (const YamlNode& value : values->children) exception.values.push_back(entry(value, 0));
    }
    if (exception.fields) check_exception(exception, problems());
    return exception;
  }

  // What is empty is not given, as in Falco.
  std::optional<ExceptionEntry> given(const YamlNode& node) {
    ExceptionEntry made = entry(node, 0);
    if (made.is_list ? made.entries.empty() : node.kind == Kind::scalar && made.text.empty())
      return std::nullopt;
    return made;
  }

  ExceptionEntry entry(const YamlNode& node, unsigned depth) {  // NOLINT(misc-no-recursion)
    constexpr unsigned k_deepest = 2;
    ExceptionEntry made{
        .is_list = node.kind == Kind::list, .text = {}, .entries = {}, .at = at(node)};
    if (node.kind == Kind::scalar) {
      made.text = text(node);
    } else if (node.kind == Kind::list && depth < k_deepest) {
      for (const YamlNode& child : node.children) made.entries.push_back(entry(child, depth + 1));
    } else {
      error(at(node),
            fmt::format("expected a value or a list of values, not {}",
                        depth == k_deepest && node.kind == Kind::list ? "a list in a list"
                                                                      : kind_name(node.kind)));
    }
    return made;
  }
};

}  // namespace

std::vector<ExceptionItem> read_exceptions(const NodeReader& reader, const YamlNode& node,
                                           bool more) {
  return ExceptionReader(reader).read(node, more);
}

}  // namespace gancho::rules
