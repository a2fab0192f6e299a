// SPDX-License-Identifier: Apache-2.0
//
// Cases of Falco's event generator, as data: what is to be done, and the alert that must come of
// it. Templates are filled, one case for each of their values. Nothing of a case is known here by
// its name; what has no meaning here is an error.
//
// Ours beside Falco's language: `terminal: true` of a context, `fails: ERROR` of a step, `copyOf:
// FILE` of a memfd, and `expectedOutcome: null`: the case's rule must not fire.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "conformance/suite/plan.h"

namespace gancho::test {

struct Expected {
  std::optional<std::string> source, hostname, priority;
  std::map<std::string, std::string> fields;
};

struct SuiteContainer {
  std::string image = "docker.io/falcosecurity/event-generator:latest";
  std::string name = "event-generator";
  std::map<std::string, std::string> environment;
};

struct SuiteCase {
  std::string name;  // with #3 for the third of a template
  std::string rule;
  bool runs = true;  // on this machine
  bool terminal = false;
  std::optional<SuiteContainer> container;
  std::vector<std::string> users;    // that its processes have
  std::optional<Expected> expected;  // nullopt: its rule must not fire
  Plan plan;
};

// Throws std::runtime_error with file, line and what is wrong.
[[nodiscard]] std::vector<SuiteCase> read_suite(const std::filesystem::path& file);

}  // namespace gancho::test
