// SPDX-License-Identifier: Apache-2.0
//
// YAML as plain data that remembers where everything stood, for files that people write by hand and
// that may be hostile all the same: bounded in size and depth, and without the parts of YAML by
// which a small file becomes a large one or a file means something else than it shows (aliases,
// anchors, tags, merge keys, several documents). The one file that knows yaml-cpp is yaml.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gancho {

struct Mark {
  std::uint32_t line = 1;  // both from 1
  std::uint32_t column = 1;
};

struct YamlNode {
  enum class Kind : std::uint8_t { null, scalar, list, map };
  Kind kind = Kind::null;
  Mark at;
  std::string text;                // scalar
  std::vector<YamlNode> children;  // list, map
  std::string key;                 // child of a map
  Mark key_at;
};

// Collects what is wrong with a file, one line each, so that one run shows all of it.
class Complaints {
 public:
  explicit Complaints(std::string_view file_name) : file_name_(file_name) {}

  void add(Mark at, std::string_view what);
  void add(std::string_view what);  // about the file as a whole
  [[nodiscard]] bool empty() const { return count_ == 0; }
  // Errc::input; the lines are joined by newlines, and from some point on only counted.
  [[nodiscard]] Error error() const;

 private:
  std::string_view file_name_;
  std::string lines_;
  std::size_t count_ = 0;
};

inline constexpr std::size_t k_yaml_max_bytes = 1U << 20;

// A null node for an empty file. False when parsing could not go on to the end of the text; the
// complaints say why. A key that is given twice is a complaint, and the second is left out.
[[nodiscard]] bool parse_yaml(std::string_view text, YamlNode& root, Complaints& complaints);

}  // namespace gancho
