// SPDX-License-Identifier: Apache-2.0
#include "enrich/state_json.h"

#include <algorithm>
#include <exception>

namespace gancho::runtime_state {
namespace {

constexpr std::size_t k_depth_max = 32;

}  // namespace

std::optional<json::value> parse(std::string_view text, std::size_t limit) {
  if (text.size() > limit) return std::nullopt;
  json::parse_options options;
  options.max_depth = k_depth_max;
  try {
    boost::system::error_code error;
    json::value value = json::parse({text.data(), text.size()}, error, {}, options);
    if (error) return std::nullopt;
    return value;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

const json::object* object_in(const json::object& in, std::string_view key) {
  const json::value* value = in.if_contains({key.data(), key.size()});
  return value != nullptr ? value->if_object() : nullptr;
}

const json::array* array_in(const json::object& in, std::string_view key) {
  const json::value* value = in.if_contains({key.data(), key.size()});
  return value != nullptr ? value->if_array() : nullptr;
}

std::string_view text_in(const json::object& in, std::string_view key) {
  const json::value* value = in.if_contains({key.data(), key.size()});
  const json::string* text = value != nullptr ? value->if_string() : nullptr;
  if (text == nullptr) return {};
  return {text->data(), std::min<std::size_t>(text->size(), k_text_max)};
}

}  // namespace gancho::runtime_state
