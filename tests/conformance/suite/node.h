// SPDX-License-Identifier: Apache-2.0
//
// A look at one part of a plan that remembers what has been looked at, so that what nobody knows is
// an error and not a difference that nobody sees.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "conformance/suite/plan.h"

namespace gancho::test {

class Node {
 public:
  Node(const Plan& plan, std::set<std::string>& seen, std::string path)
      : plan_(&plan), seen_(&seen), path_(std::move(path)) {}

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] Node at(const std::string& key) const {
    return {*plan_, *seen_, path_ + "/" + key};
  }

  // There is something here, or below.
  [[nodiscard]] bool exists() const {
    const auto below = plan_->lower_bound(path_ + "/");
    return plan_->contains(path_) ||
           (below != plan_->end() && below->first.starts_with(path_ + "/"));
  }

  [[nodiscard]] std::optional<std::string> text(const std::string& key) const {
    const auto found = plan_->find(path_ + "/" + key);
    if (found == plan_->end()) return std::nullopt;
    seen_->insert(found->first);
    return found->second;
  }
  [[nodiscard]] std::string text_or(const std::string& key, const std::string& otherwise) const {
    return text(key).value_or(otherwise);
  }
  [[nodiscard]] std::string need(const std::string& key) const {
    auto value = text(key);
    if (!value) throw std::runtime_error(path_ + ": no " + key);
    return *value;
  }

  // The elements of a list.
  [[nodiscard]] std::vector<Node> list(const std::string& key) const {
    std::vector<Node> found;
    for (std::size_t i = 0;; ++i) {
      Node next = at(key).at(std::to_string(i));
      if (!next.exists()) return found;
      found.push_back(std::move(next));
    }
  }
  // The texts of a map.
  [[nodiscard]] std::map<std::string, std::string> map(const std::string& key) const {
    std::map<std::string, std::string> found;
    const std::string prefix = path_ + "/" + key + "/";
    for (auto at = plan_->lower_bound(prefix); at != plan_->end() && at->first.starts_with(prefix);
         ++at) {
      seen_->insert(at->first);
      found[at->first.substr(prefix.size())] = at->second;
    }
    return found;
  }

 private:
  const Plan* plan_;
  std::set<std::string>* seen_;
  std::string path_;
};

// Throws when something below `path` has not been looked at.
inline void check_all_seen(const Plan& plan, const std::set<std::string>& seen,
                           const std::string& path) {
  for (auto at = plan.lower_bound(path + "/");
       at != plan.end() && at->first.starts_with(path + "/"); ++at)
    if (!seen.contains(at->first))
      throw std::runtime_error("nobody knows what this means: " + at->first + ": " + at->second);
}

}  // namespace gancho::test
