// SPDX-License-Identifier: Apache-2.0
#include "sinks/secret_names.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/ascii.h"

namespace gancho {
namespace {

// At the end of any word of the name: PGPASSWORD, ACCESSTOKEN.
constexpr auto k_endings =
    std::to_array<std::string_view>({"password", "passwd", "passphrase", "secret", "token",
                                     "apikey", "credential", "cookie", "authorization"});
// As the last word: DB_PASS, but not PASS_THROUGH.
constexpr auto k_last = std::to_array<std::string_view>({"pass", "key", "auth", "sshpass"});
// The same, behind another word: MYSQL_PWD, while PWD is where a shell is.
constexpr std::string_view k_behind = "pwd";

}  // namespace

bool is_secret_name(std::string_view name) {
  const std::string small = lowered(name);
  std::string_view rest = small;
  std::string_view last;
  std::size_t words = 0;
  while (!rest.empty()) {
    std::string_view word = rest.substr(0, rest.find_first_of("_-."));
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    while (!word.empty() && word.back() >= '0' && word.back() <= '9') word.remove_suffix(1);
    if (word.empty()) continue;
    const std::string_view one =
        word.ends_with('s') && !word.ends_with("ss") ? word.substr(0, word.size() - 1) : word;
    if (std::ranges::any_of(k_endings, [&](std::string_view end) { return one.ends_with(end); }))
      return true;
    last = one;
    ++words;
  }
  return std::ranges::find(k_last, last) != k_last.end() || (last == k_behind && words > 1);
}

}  // namespace gancho
