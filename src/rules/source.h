// SPDX-License-Identifier: Apache-2.0
//
// The files that rules are read from, and their lines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rules/problems.h"
#include "rules/span.h"

namespace gancho::rules {

class Source {
 public:
  Source(std::string name, std::string text);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::string_view text() const { return text_; }
  // The place of a byte, as the file of that index.
  [[nodiscard]] Span place(std::uint32_t file, std::size_t offset, std::size_t length = 1) const;
  // Without its newline; "" when there is none of that number.
  [[nodiscard]] std::string_view line(std::uint32_t number) const;

 private:
  std::string name_;
  std::string text_;
  std::vector<std::size_t> lines_;      // where they begin
  std::vector<std::size_t> continued_;  // bytes of a character behind its first
};

// "rules.yaml:12:5: unknown key ...", and below it the line and what it is about underlined. A long
// line is shown in part. Ends with a newline.
[[nodiscard]] std::string print_problem(const Problem& problem, const std::vector<Source>& sources);

}  // namespace gancho::rules
