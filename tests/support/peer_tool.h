// SPDX-License-Identifier: Apache-2.0
//
// A tool of libbpf-tools that prints a table of what happens, beside our agent.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "support/load.h"

namespace gancho::test {

struct PeerRow {
  std::string line;
  std::vector<std::string> words;  // of the line, at blanks
};

// Whether it can be run here at all.
[[nodiscard]] bool installed(const std::string& tool);

// A child, ended with the object. Some print their header before they see anything: show them
// something until they say so.
class PeerTool {
 public:
  // Returns when its header is there; throws std::runtime_error after a minute.
  explicit PeerTool(const std::string& name);
  PeerTool(const PeerTool&) = delete;
  PeerTool& operator=(const PeerTool&) = delete;
  ~PeerTool();

  // Whole lines so far, the header among them.
  [[nodiscard]] std::vector<PeerRow> rows() const;

  // Those that satisfy `wanted`, waited for until there are `count`; throws after a minute.
  [[nodiscard]] std::vector<PeerRow> wait_for(const std::function<bool(const PeerRow&)>& wanted,
                                              std::size_t count) const;

 private:
  TemporaryDirectory directory_;
  std::string name_;
  std::string out_;
  pid_t pid_ = -1;
};

}  // namespace gancho::test
