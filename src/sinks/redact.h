// SPDX-License-Identifier: Apache-2.0
//
// Secrets taken out of arguments and environment before anybody sees them. A pattern is RE2's, over
// bytes; what its first group matches, or all of it when it has none, becomes <redacted>.
// The word "default" stands for default_redactions().
// Arguments should come joined by blanks: some secrets are known by the word in front of them only.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gancho {

inline constexpr std::string_view k_redacted = "<redacted>";

// Options and variables that are called passwords, tokens or keys; mysql's -p; Authorization;
// names and passwords in URLs.
[[nodiscard]] std::span<const std::string_view> default_redactions();

// "" or what is wrong with a pattern.
[[nodiscard]] Status check_redaction(std::string_view pattern);

class Redactor {
 public:
  // Of no patterns: takes out nothing.
  [[nodiscard]] static Result<Redactor> create(std::span<const std::string> patterns);
  Redactor(Redactor&&) noexcept;
  Redactor& operator=(Redactor&&) noexcept;
  ~Redactor();

  // `text` itself when no pattern matches, else a view of `scratch`. One thread at a time.
  [[nodiscard]] std::string_view apply(std::string_view text, std::string& scratch) const;

 private:
  struct Patterns;
  explicit Redactor(std::unique_ptr<Patterns> patterns);
  std::unique_ptr<Patterns> patterns_;
};

}  // namespace gancho
