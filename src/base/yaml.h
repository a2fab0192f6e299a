// SPDX-License-Identifier: Apache-2.0
//
// YAML as plain data that remembers where everything stood, for files that people write by hand and
// that may be hostile all the same: bounded in size and depth, and without the parts of YAML by
// which a file means something else than it shows (tags, merge keys). Aliases and several documents
// only where they are asked for, and what an alias stands for counts as if it were written out. The
// one file that knows yaml-cpp is yaml.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gancho {

struct Mark {
  std::uint32_t line = 1;  // both from 1; line 0: the file as a whole
  std::uint32_t column = 1;
  std::uint32_t offset = 0;  // bytes from the beginning of the text
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

// How a message calls it: "a list".
[[nodiscard]] std::string_view kind_name(YamlNode::Kind kind);

// How much is read, and what of YAML beside its plain part.
struct YamlOptions {
  std::size_t max_bytes = 1U << 20;
  std::size_t max_depth = 16;  // yaml-cpp recurses once a level
  std::size_t max_values = 10'000;
  bool documents = false;  // several in one file
  bool aliases = false;
  bool percent = false;  // a plain value may begin with %, which YAML reserves
};

struct Complaint {
  Mark at;
  std::string what;
  bool repeated_key = false;  // the second of two; the first counts
};

// Collects what is wrong with a file, one line each, so that one run shows all of it.
class Complaints {
 public:
  explicit Complaints(std::string_view file_name) : file_name_(file_name) {}

  void add(Mark at, std::string_view what) { add({at, std::string(what)}); }
  void add(std::string_view what) { add(Mark{0, 0, 0}, what); }  // about the file as a whole
  void add(Complaint complaint);
  [[nodiscard]] bool empty() const { return count_ == 0; }
  // The first of them: from some point on they are only counted.
  [[nodiscard]] std::span<const Complaint> kept() const { return kept_; }
  // Errc::input; the lines are joined by newlines.
  [[nodiscard]] Error error() const;

 private:
  std::string_view file_name_;
  std::vector<Complaint> kept_;
  std::size_t count_ = 0;
};

// A null node for an empty file. False when parsing could not go on to the end of the text; the
// complaints say why. A key that is given twice is a complaint, and the second is left out.
[[nodiscard]] bool parse_yaml(std::string_view text, YamlNode& root, Complaints& complaints);

// Each document of the text; more than one where the options allow it.
[[nodiscard]] bool parse_yaml(std::string_view text, const YamlOptions& options,
                              std::vector<YamlNode>& documents, Complaints& complaints);

}  // namespace gancho
