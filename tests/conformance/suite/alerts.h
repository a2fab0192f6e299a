// SPDX-License-Identifier: Apache-2.0
//
// The agent under Falco's rules while cases are played, and which alerts came of which case: two
// rules of our own tell of the markers that the actor sets.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "conformance/suite/suite.h"
#include "support/agent.h"
#include "support/load.h"

namespace gancho::test {

// Of one case.
struct CaseAlerts {
  bool seen = false;             // from its beginning to its end
  std::vector<Event> preparing;  // until all was prepared for the steps
  std::vector<Event> acting;     // from then on; all, of a case without steps
};

class SuiteAgent {
 public:
  // `rules` as they are, all of them switched on. What a case expects of an alert and its rule does
  // not say is appended to the rule's output.
  SuiteAgent(const std::string& rules, const std::vector<SuiteCase>& cases);

  // Waits until the case's end was seen.
  void wait_for_end_of(const SuiteCase& one);
  [[nodiscard]] CaseAlerts alerts_of(const SuiteCase& one) const;
  [[nodiscard]] std::string error() const { return agent_->error(); }

 private:
  void read_more();

  TemporaryDirectory directory_;
  std::unique_ptr<Agent> agent_;
  std::size_t read_ = 0;  // bytes of its output
  std::vector<Event> alerts_;
};

// "" when the alerts are what the case expects; else what is wrong, a line each.
[[nodiscard]] std::string judge(const SuiteCase& one, const CaseAlerts& alerts);

}  // namespace gancho::test
