// SPDX-License-Identifier: Apache-2.0
//
// The shortest proof that everything hangs together: a program starts, and its record comes out.
#include <gtest/gtest.h>

#include "support/agent.h"

namespace gancho::test {
namespace {

TEST(FirstFlow, AProgramThatStartsIsSeenOnceAndCompletely) {
  Agent agent({"watch", "exec", "-o", "json"});
  ASSERT_EQ(run({"/bin/echo", "one", "two words"}).status, 0);
  agent.wait_for(
      [](const auto& events) { return !where(events, "proc.exepath", "/usr/bin/echo").empty(); });
  const Ended ended = agent.stop();

  EXPECT_EQ(ended.status, 0) << ended.error;
  const auto echoes = where(ended.events, "proc.exepath", "/usr/bin/echo");
  ASSERT_EQ(echoes.size(), 1U);
  EXPECT_EQ(list_of(echoes[0], "proc.args"),
            (std::vector<std::string>{"/bin/echo", "one", "two words"}));
  EXPECT_EQ(text_of(echoes[0], "evt.res"), "SUCCESS");
  EXPECT_EQ(text_of(echoes[0], "user.name"), "root");
  EXPECT_EQ(ended.account.at("vital").at("offered"), ended.account.at("vital").at("delivered"));
}

}  // namespace
}  // namespace gancho::test
