// SPDX-License-Identifier: Apache-2.0
#include "rules/rule_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>

namespace gancho::rules {
namespace {

namespace fs = std::filesystem;

class RuleFiles : public testing::Test {
 protected:
  RuleFiles() { fs::create_directory(folder_); }
  ~RuleFiles() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
  }
  Result<std::vector<RuleFile>> read(const std::string& name = "") const {
    const std::array<std::string, 1> names{folder_ / name};
    return read_rule_files(names);
  }
  fs::path folder_ =
      fs::path(testing::TempDir()) /
      (testing::UnitTest::GetInstance()->current_test_info()->name() + std::string("_rule_files"));
};

TEST_F(RuleFiles, OfAFolderByNameAndNothingBeside) {
  write("b.yml", "b");
  write("a.yaml", "a");
  write("notes.txt", "n");
  write(".a.yaml", "of an editor");
  fs::create_symlink("nobody@nowhere.1", folder_ / ".#a.yaml");
  fs::create_directory(folder_ / "old.yaml");
  const auto files = read();
  ASSERT_TRUE(files) << files.error().message;
  ASSERT_EQ(files->size(), 2U);
  EXPECT_EQ((*files)[0].text, "a");
  EXPECT_EQ((*files)[1].text, "b");
}

TEST_F(RuleFiles, NeverWaitForAPipe) {
  ASSERT_EQ(::mkfifo((folder_ / "a.yaml").c_str(), 0600), 0);
  for (const char* const name : {"", "a.yaml"}) {
    const auto files = read(name);
    ASSERT_FALSE(files);
    EXPECT_NE(files.error().message.find("a.yaml: not a regular file"), std::string::npos);
  }
}

TEST_F(RuleFiles, AreNotMoreThanSoMuchTogether) {
  for (int i = 0; i < 5; ++i) write(std::to_string(i) + ".yaml", std::string(1'000'000, '#'));
  const auto files = read();
  ASSERT_FALSE(files);
  EXPECT_NE(files.error().message.find("4.yaml: the rule files are more than 4 MiB together"),
            std::string::npos);
}

}  // namespace
}  // namespace gancho::rules
