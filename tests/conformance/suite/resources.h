// SPDX-License-Identifier: Apache-2.0
//
// What a case has made before its steps: descriptors, connections, processes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "conformance/suite/bindings.h"
#include "conformance/suite/node.h"

namespace gancho::test {

class Resource {
 public:
  virtual ~Resource() = default;
  // Throws when it cannot be made. What others can name of it goes to the bindings.
  virtual void make(Bindings& bindings) = 0;
  virtual void destroy() = 0;
  // Whether making it is part of what rules are to see, unlike a file that lies ready.
  [[nodiscard]] virtual bool is_seen() const { return false; }
};

// Throws what is wrong with it. `program`: the actor's.
[[nodiscard]] std::unique_ptr<Resource> read_resource(const Node& node, const std::string& program);

}  // namespace gancho::test
