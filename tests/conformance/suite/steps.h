// SPDX-License-Identifier: Apache-2.0
//
// The system calls of a case, each made by its own number with the arguments that the case names.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/suite/bindings.h"
#include "conformance/suite/node.h"

namespace gancho::test {

// How an argument is written.
enum class Written {
  number,
  path,
  text,
  file,       // a descriptor
  directory,  // a descriptor; without it, the working directory
  buffer,     // bytes, and its length where the call takes that
  address,    // two arguments of the call
  how,        // of openat2, with its size
};

struct Argument {
  std::string_view name;
  Written written = Written::number;
  Names names = Names::none;
  bool needed = true;
};

struct Call {
  long number = 0;
  std::vector<Argument> arguments;  // in the order of the call
  int makes = -1;  // the argument that names what the call makes, which is removed afterwards
};

[[nodiscard]] const std::map<std::string_view, Call>& known_calls();

// One step, read and not yet done.
class Step {
 public:
  // Throws what is wrong with it.
  explicit Step(const Node& node);
  // Throws when it fails; or when it should fail and does not.
  void run(Bindings& bindings);
  void clean_up() const;
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_;
  std::string syscall_;
  std::map<std::string, std::string> arguments_;
  int fails_ = 0;  // with this error; a key of ours
  std::function<void()> undo_;
};

}  // namespace gancho::test
