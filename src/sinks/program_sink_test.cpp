// SPDX-License-Identifier: Apache-2.0
//
// Real programs: shell scripts that the test writes.
#include "sinks/program_sink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <string>

#include "sinks/sink_stage.h"

namespace gancho::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class Program : public testing::Test {
 protected:
  void make(const std::string& script, AlertProgramOptions options = {}) {
    const std::string path = folder_.path() + "/program";
    std::ofstream(path) << "#!/bin/sh\n" << script;
    ASSERT_EQ(::chmod(path.c_str(), 0755), 0);
    if (options.command.empty()) options.command = {path, folder_.path(), "two words; $HOME"};
    auto runner = ProgramRunner::create(options, [] { return Status{}; });
    ASSERT_TRUE(runner) << runner.error().message;
    sink_ = std::make_unique<ProgramSink>(options, std::move(*runner), stage_.context());
    sink_->start();
  }
  std::string read(const std::string& name) const {
    std::ifstream file(folder_.path() + "/" + name);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  SinkStage stage_;
  TemporaryFolder folder_;
  std::unique_ptr<ProgramSink> sink_;
};

TEST_F(Program, GetsTheJsonAndACleanEnvironment) {
  ASSERT_EQ(::setenv("GANCHO_TEST_SECRET", "x", 1), 0);
  ASSERT_EQ(::setenv("LANG", "C.UTF-8", 1), 0);
  make(
      "cat > $1/input; env > $1/env; echo \"$2\" > $1/word; ls /proc/self/fd > $1/fds; pwd > "
      "$1/pwd");
  sink_->offer(held("{\"n\":1}"));
  ASSERT_TRUE(sink_->finish(stage_.deadline()));
  EXPECT_EQ(read("input"), "{\"n\":1}\n");
  EXPECT_EQ(read("word"), "two words; $HOME\n");
  EXPECT_THAT(read("env"), HasSubstr("LANG=C.UTF-8\n"));
  EXPECT_THAT(read("env"), HasSubstr("PATH=/usr/local/sbin:"));
  EXPECT_THAT(read("env"), testing::Not(HasSubstr("GANCHO")));
  EXPECT_EQ(read("fds"), "0\n1\n2\n3\n");  // the last is ls's own
  EXPECT_EQ(read("pwd"), "/\n");
  EXPECT_EQ(stage_.counts().delivered, 1U);
}

TEST_F(Program, GetsTheLargestAlert) {
  make("wc -c > $1/bytes");
  sink_->offer(held(std::string(130'000, 'x')));
  ASSERT_TRUE(sink_->finish(stage_.deadline()));
  EXPECT_EQ(read("bytes"), "130001\n");
}

TEST_F(Program, ThatFailsIsCounted) {
  make("read line; exit $line");
  for (const char* status : {"0", "7", "0"}) sink_->offer(held(status));
  ASSERT_TRUE(sink_->finish(stage_.deadline()));
  EXPECT_EQ(stage_.counts().delivered, 2U);
  EXPECT_EQ(stage_.counts().failed, 1U);
  EXPECT_THAT(stage_.lines().front(), HasSubstr("ended with status 7"));
}

TEST_F(Program, ThatIsNotThereIsCounted) {
  make("", {.command = {"/nonexistent/program"}});
  sink_->offer(held("x"));
  ASSERT_TRUE(sink_->finish(stage_.deadline()));
  EXPECT_EQ(stage_.counts().failed, 1U);
  EXPECT_THAT(stage_.lines().front(), HasSubstr("can the courier's user execute it?"));
}

TEST_F(Program, ThatTakesTooLongIsKilledWithWhatItStarted) {
  make("sleep 1000 & echo $! > $1/child; wait", {.timeout = 300ms});
  sink_->offer(held("x"));
  ASSERT_TRUE(sink_->finish(stage_.deadline()));
  EXPECT_EQ(stage_.counts().failed, 1U);
  EXPECT_THAT(stage_.lines().front(), HasSubstr("took too long and was killed"));
  const std::string text = read("child");
  ASSERT_FALSE(text.empty());
  const pid_t child = std::stoi(text);
  // Gone, or waiting for whoever adopted it.
  stage_.wait_until([&] {
    if (::kill(child, 0) != 0) return errno == ESRCH;
    std::ifstream file("/proc/" + std::to_string(child) + "/stat");
    const std::string stat{std::istreambuf_iterator<char>(file), {}};
    return stat.contains(") Z");
  });
}

// Each tells that it is there and waits for the word of the test.
TEST_F(Program, RunsSoManyAtOnceAndNoMore) {
  make("read n; touch $1/here_$n; while [ ! -e $1/go ]; do sleep 0.01; done", {.at_once = 3});
  for (int i = 0; i < 8; ++i) sink_->offer(held(std::to_string(i)));
  const auto here = [&] {
    int count = 0;
    for (int i = 0; i < 8; ++i)
      if (std::filesystem::exists(folder_.path() + "/here_" + std::to_string(i))) ++count;
    return count;
  };
  stage_.wait_until([&] { return here() == 3; });
  EXPECT_FALSE(sink_->finish(std::chrono::steady_clock::now() + 100ms));
  EXPECT_EQ(here(), 3);
  std::ofstream(folder_.path() + "/go") << "";
  ASSERT_TRUE(sink_->finish(stage_.deadline()));
  EXPECT_EQ(here(), 8);
  EXPECT_EQ(stage_.counts().delivered, 8U);
}

}  // namespace
}  // namespace gancho::test
