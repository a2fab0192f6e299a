// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.h"

#include <unistd.h>

#include <cstdlib>

#include "cli/values.h"

namespace gancho {

Terminal Terminal::current() {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return {.out = ::isatty(STDOUT_FILENO) == 1,
          .error = ::isatty(STDERR_FILENO) == 1,
          .plain = (no_color != nullptr && *no_color != '\0') || term == nullptr ||
                   std::string_view(term) == "dumb"};
}

std::vector<std::string_view> color_words() {
  return {"auto", "always", "never"};
}

Result<bool> wants_color(const Arguments& arguments, const Terminal& terminal) {
  const std::string_view when = TRY(word_value(arguments, k_color_option, "auto"));
  if (when == "auto") return terminal.out && !terminal.plain;
  return when == "always";
}

}  // namespace gancho
