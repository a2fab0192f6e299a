// SPDX-License-Identifier: Apache-2.0
//
// Text in columns of a terminal. Widths are counted in code points.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gancho {

[[nodiscard]] std::size_t columns_of(std::string_view utf8);

// Without bytes that could steer a terminal: each of them is a question mark.
[[nodiscard]] std::string harmless(std::string_view text);

// At least `width` columns, with blanks behind or before it.
[[nodiscard]] std::string pad_right(std::string_view text, std::size_t width);
[[nodiscard]] std::string pad_left(std::string_view text, std::size_t width);

// In lines of at most `width` columns that begin at column `indent`, where the first one is
// already. A word that is longer stands alone. With a newline at the end.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t indent, std::size_t width);

}  // namespace gancho
