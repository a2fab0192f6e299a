// SPDX-License-Identifier: Apache-2.0
//
// Secrets taken out of arguments, and of whatever else is shown, before anybody sees them. A
// pattern is RE2's, over bytes; what its first group matches, or all of it when it has none,
// becomes <redacted>. The word "default" stands for default_redactions() and for what variables are
// called (secret_names.h). Some secrets are known by
// the word in front of them only: arguments should come together, as a list or joined by blanks.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rules/text_change.h"

namespace gancho {

inline constexpr std::string_view k_redacted = "<redacted>";

// What is called a password, token or key, as an option, a variable, in lists of settings, queries,
// JSON and headers; mysql's -p; Authorization; names and passwords in URLs.
[[nodiscard]] std::span<const std::string_view> default_redactions();

// "" or what is wrong with a pattern.
[[nodiscard]] Status check_redaction(std::string_view pattern);

struct SecretPart {  // of a text
  std::size_t begin = 0;
  std::size_t end = 0;
  bool follows = false;  // known by what is in front of it
};

class Redactor {
 public:
  // Of no patterns: takes out nothing.
  [[nodiscard]] static Result<Redactor> create(std::span<const std::string> patterns);
  Redactor(Redactor&&) noexcept;
  Redactor& operator=(Redactor&&) noexcept;
  ~Redactor();

  // `text` itself when no pattern matches, else a view of `scratch`. One thread at a time.
  [[nodiscard]] std::string_view apply(std::string_view text, std::string& scratch) const;
  // Of a list with a zero byte between its elements: each without what is secret of it beside the
  // others, as many as before.
  [[nodiscard]] std::string_view apply_to_list(std::string_view list, std::string& scratch) const;

  // Of an environment, NAME=VALUE with a zero byte behind each, but for one that was cut off: what
  // is secret of each by itself, and the whole value of one that is called a secret.
  [[nodiscard]] std::string_view apply_to_environment(std::string_view list,
                                                      std::string& scratch) const;

 private:
  struct Patterns;
  // In order, none in another.
  [[nodiscard]] std::vector<SecretPart> hidden(std::string_view text) const;
  [[nodiscard]] std::vector<SecretPart> hidden_of_variable(std::string_view variable,
                                                           bool is_cut) const;
  explicit Redactor(std::unique_ptr<Patterns> patterns);
  std::unique_ptr<Patterns> patterns_;
};

// What becomes of texts, lists and environments before they are shown. Both must outlive it.
[[nodiscard]] rules::TextChange without_secrets(const Redactor& redactor, std::string& scratch);

}  // namespace gancho
