// SPDX-License-Identifier: Apache-2.0
//
// What cannot work is said in one line, with what to do, and a status that is not 0.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "support/agent.h"
#include "support/bpf_ids.h"
#include "support/load.h"

namespace gancho::test {
namespace {

namespace fs = std::filesystem;
using Command = std::vector<std::string>;

// One line, ours, and no sign of a crash.
void expect_one_line(const Ran& ran, int status) {
  EXPECT_EQ(ran.status, status) << ran.error;
  EXPECT_TRUE(ran.error.starts_with("gancho: ")) << ran.error;
  EXPECT_EQ(std::ranges::count(ran.error, '\n'), 1) << ran.error;
  for (const char* word : {"terminate", "what():", "ssertion", "    at ", "0x"})
    EXPECT_EQ(ran.error.find(word), std::string::npos) << ran.error;
}

Ran sh(const std::string& script) {
  return run({"/bin/sh", "-c", script});
}

TEST(BadInput, WithoutPrivilegeItSaysWhatIsMissing) {
  const TemporaryDirectory directory;
  const std::string copy = directory.path() + "/gancho";  // where anybody may read it
  fs::copy_file(gancho_path(), copy);
  for (const Command& what : {Command{"watch", "exec"}, Command{"run"}}) {
    Command command{"setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", copy};
    command.insert(command.end(), what.begin(), what.end());
    const Ran ran = run(command);
    expect_one_line(ran, 2);
    EXPECT_NE(ran.error.find("root"), std::string::npos) << ran.error;
  }
}

TEST(BadInput, WrongUsageIsStatus64) {
  const std::string gancho = gancho_path();
  for (const Command& command : {
           Command{gancho, "watch", "exce"},
           Command{gancho, "watch"},
           Command{gancho, "watch", "exec", "--vital-rign", "4096"},
           Command{gancho, "watch", "exec", "--vital-ring", "2048"},
           Command{gancho, "watch", "exec", "--vital-ring", "12288"},
           Command{gancho, "watch", "exec", "--bulk-ring", "lots"},
           Command{gancho, "watch", "exec", "--pid", "-1"},
           Command{gancho, "watch", "exec", "--count", "x"},
           Command{gancho, "look"},
       })
    expect_one_line(run(command), 64);
}

TEST(BadInput, AlertsThatCannotArriveAreNoStart) {
  const TemporaryDirectory directory;
  const std::string rules = directory.path() + "/rules.yaml";
  const std::string config = directory.path() + "/gancho.yaml";
  std::ofstream(rules) << "- rule: R\n  desc: d\n  condition: evt.type = execve\n  output: o\n"
                          "  priority: INFO\n";
  std::ofstream(config) << "rules:\n  files: [" << rules
                        << "]\nalert_program:\n  command: [/usr/bin/no-such-pager]\n";
  const Ran ran = run({gancho_path(), "run", "--config", config});
  expect_one_line(ran, 1);
  EXPECT_NE(ran.error.find("alert_program.command: "), std::string::npos) << ran.error;
  EXPECT_NE(ran.error.find("/usr/bin/no-such-pager"), std::string::npos) << ran.error;
}

// A file system that is full soon.
class FullDisk : public testing::Test {
 protected:
  void SetUp() override {
    write_tiny_program(program_);
    ::mkdir(disk_.c_str(), 0755);
    ASSERT_EQ(::mount("none", disk_.c_str(), "tmpfs", 0, "size=1m"), 0);
  }
  void TearDown() override { ::umount(disk_.c_str()); }

  // Until the agent ends by itself.
  Ended fill(Agent& agent) const {
    Load load(Kind::failed_exec, program_, std::string(1000, 'x'));
    return agent.wait();
  }

  TemporaryDirectory directory_;
  std::string program_ = directory_.path() + "/program";
  std::string disk_ = directory_.path() + "/disk";
};

TEST_F(FullDisk, UnderARecordingWhatWasRecordedCanBeSalvaged) {
  const std::string recording = disk_ + "/recording";
  Agent agent({"watch", "exec", "-o", "json", "--record", recording});
  const Ended ended = fill(agent);
  expect_one_line({.status = ended.status, .output = "", .error = ended.error}, 1);
  EXPECT_NE(ended.error.find("No space left on device"), std::string::npos) << ended.error;
  EXPECT_NE(ended.error.find("gancho replay --salvage " + recording), std::string::npos)
      << ended.error;

  expect_one_line(run({gancho_path(), "replay", recording}), 1);
  const Ran salvaged = run({gancho_path(), "replay", "--salvage", recording, "-o", "json"});
  const auto lines = static_cast<std::size_t>(std::ranges::count(salvaged.output, '\n'));
  EXPECT_GT(lines, 100U);
  // What was in force when the disk ran full, or more: blocks that were written after that are
  // whole too.
  const std::string words = "holds at least ";
  const std::size_t at = ended.error.find(words);
  ASSERT_NE(at, std::string::npos) << ended.error;
  EXPECT_LE(std::stoul(ended.error.substr(at + words.size())), lines) << ended.error;
  EXPECT_FALSE(salvaged.error.empty());
}

TEST_F(FullDisk, UnderTheOutputTheFileIsNamed) {
  const std::string config = directory_.path() + "/gancho.yaml";
  std::ofstream(config) << "output:\n  file: " << disk_ << "/events.json\n";
  Agent agent({"run", "--config", config});
  const Ended ended = fill(agent);
  expect_one_line({.status = ended.status, .output = "", .error = ended.error}, 1);
  EXPECT_NE(ended.error.find("No space left on device"), std::string::npos) << ended.error;
  EXPECT_NE(ended.error.find(disk_ + "/events.json"), std::string::npos) << ended.error;
}

TEST(BadInput, ARecordingThatIsNotWholeIsRefused) {
  const TemporaryDirectory directory;
  const std::string program = directory.path() + "/program";
  const std::string recording = directory.path() + "/recording";
  write_tiny_program(program);
  {
    Agent agent({"watch", "exec", "fork", "exit", "-o", "json", "--record", recording});
    perform(Kind::exec, program, "x", 50);
    ASSERT_EQ(agent.stop().status, 0);
  }
  ASSERT_EQ(run({gancho_path(), "replay", recording}).status, 0);
  const std::string cut = directory.path() + "/cut";
  const std::uintmax_t size = fs::file_size(recording);
  for (const std::uintmax_t bytes :
       {std::uintmax_t{0}, std::uintmax_t{7}, std::uintmax_t{16}, std::uintmax_t{40}, size / 3,
        size / 2, size - 100, size - 1}) {
    fs::copy_file(recording, cut, fs::copy_options::overwrite_existing);
    fs::resize_file(cut, bytes);
    SCOPED_TRACE(bytes);
    expect_one_line(run({gancho_path(), "replay", cut}), 1);
  }
  expect_one_line(run({gancho_path(), "replay", "/bin/ls"}), 1);
  expect_one_line(run({gancho_path(), "replay", directory.path() + "/nobody"}), 1);
  expect_one_line(run({gancho_path(), "replay", directory.path()}), 1);
}

TEST(BadInput, AReaderThatLeavesEndsItQuietly) {
  const TemporaryDirectory directory;
  const std::string program = directory.path() + "/program";
  const std::string recording = directory.path() + "/recording";
  write_tiny_program(program);
  const BpfIds before = BpfIds::now();
  Load load(Kind::exec, program, "x");
  const std::string watch = gancho_path() + " watch exec -o json ";
  Ran ran = sh(watch + "| head -n 1");
  EXPECT_EQ(std::ranges::count(ran.output, '\n'), 1);
  EXPECT_EQ(ran.error, "");
  ran = sh("{ " + watch + "; echo $? >&2; } | head -n 1 >/dev/null");
  EXPECT_EQ(ran.error, "0\n");
  // The recording is not concerned.
  ran = sh("{ " + watch + "--record " + recording + "; echo $? >&2; } | head -n 1 >/dev/null");
  EXPECT_EQ(ran.error, "0\n");
  load.stop();
  ran = run({gancho_path(), "replay", recording});
  EXPECT_EQ(ran.status, 0) << ran.error;
  EXPECT_GT(std::ranges::count(ran.output, '\n'), 1);
}

TEST(BadInput, WithoutStandardOutputItSaysSo) {
  expect_one_line(sh(gancho_path() + " watch exec >&-"), 1);
}

}  // namespace
}  // namespace gancho::test
