// SPDX-License-Identifier: Apache-2.0
//
// JSON of a runtime's state. Any byte of it may be hostile: size, depth and the lengths of texts
// are bounded.
#pragma once

#include <boost/json.hpp>
#include <cstddef>
#include <optional>
#include <string_view>

namespace gancho::runtime_state {

namespace json = boost::json;

inline constexpr std::size_t k_text_max = 1024;  // of one value, bytes

// nullopt: it is larger than `limit`, too deep, or no JSON.
[[nodiscard]] std::optional<json::value> parse(std::string_view text, std::size_t limit);

// nullptr: there is none.
[[nodiscard]] const json::object* object_in(const json::object& in, std::string_view key);
[[nodiscard]] const json::array* array_in(const json::object& in, std::string_view key);
// "" when there is none; cut after k_text_max.
[[nodiscard]] std::string_view text_in(const json::object& in, std::string_view key);

}  // namespace gancho::runtime_state
