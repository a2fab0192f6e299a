// SPDX-License-Identifier: Apache-2.0
//
// What is wrong with rules, so that one run shows all of it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rules/span.h"

namespace gancho::rules {

enum class Severity : std::uint8_t { error, warning };

struct Problem {
  Severity severity = Severity::error;
  Span at;
  std::string message;  // one line: what was expected, what stands there, the nearest known name
};

class Problems {
 public:
  // A file that is wrong in more ways is not read by anybody.
  static constexpr std::size_t k_most = 100;

  void error(const Span& at, std::string message) { add(Severity::error, at, std::move(message)); }
  void warning(const Span& at, std::string message) {
    add(Severity::warning, at, std::move(message));
  }

  // All that came, also those that were not kept. The same of the same place counts once.
  [[nodiscard]] std::size_t errors() const { return errors_; }
  [[nodiscard]] std::size_t warnings() const { return warnings_; }
  // Errors and warnings in the order in which they were found, k_most of each.
  [[nodiscard]] std::span<const Problem> kept() const { return kept_; }

 private:
  void add(Severity severity, const Span& at, std::string message) {
    // What is wrong in a macro is found again in each rule that has it.
    const auto same = [&](const Problem& problem) {
      return problem.at == at && problem.severity == severity && problem.message == message;
    };
    if (std::ranges::any_of(kept_, same)) return;
    std::size_t& count = severity == Severity::error ? errors_ : warnings_;
    if (++count <= k_most) kept_.push_back({severity, at, std::move(message)});
  }

  std::vector<Problem> kept_;
  std::size_t errors_ = 0;
  std::size_t warnings_ = 0;
};

}  // namespace gancho::rules
