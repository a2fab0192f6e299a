// SPDX-License-Identifier: Apache-2.0
#include "sinks/check_sinks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace gancho {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
namespace fs = std::filesystem;

class CheckSinks : public testing::Test {
 protected:
  void SetUp() override { fs::create_directory(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  std::string folder_ = testing::TempDir() + "gancho_check_sinks_" + std::to_string(::getpid());
  AlertOptions options_;
};

TEST_F(CheckSinks, SaysNothingOfWhatIsRightAndCreatesNothing) {
  EXPECT_THAT(check_sinks(options_), IsEmpty());
  const std::string headers = folder_ + "/headers";
  std::ofstream(headers) << "X-Api-Key: a\n";
  ASSERT_EQ(::chmod(headers.c_str(), 0600), 0);
  options_.file.path = folder_ + "/alerts.json";
  options_.program.command = {"/bin/sh", "-c", "true"};
  options_.http.url = "http://127.0.0.1:1/";
  options_.http.headers_file = headers;
  options_.syslog.enabled = options_.journal.enabled = true;
  EXPECT_THAT(check_sinks(options_), IsEmpty());
  EXPECT_FALSE(fs::exists(options_.file.path));
  std::ofstream(options_.file.path) << "one\n";
  EXPECT_THAT(check_sinks(options_), IsEmpty());
  EXPECT_EQ(fs::file_size(options_.file.path), 4U);
}

TEST_F(CheckSinks, SaysAllThatIsWrong) {
  const std::string headers = folder_ + "/headers";
  std::ofstream(headers) << "X-Api-Key: a\n";
  ASSERT_EQ(::chmod(headers.c_str(), 0644), 0);
  options_.file.path = folder_;
  options_.program.command = {"/nosuch"};
  options_.http.url = "http://127.0.0.1:1/";
  options_.http.headers_file = headers;
  const std::string of_headers =
      "alert_http: " + headers + " can be read by others than its owner; chmod 600 it";
  EXPECT_THAT(
      check_sinks(options_),
      ElementsAre("alert_file.path: cannot open " + folder_ + ": Is a directory",
                  "alert_program.command: cannot execute /nosuch: No such file or directory",
                  of_headers));
  options_.http.url.clear();
  options_.file.path = folder_ + "/none/alerts.json";
  options_.program.command = {headers};
  EXPECT_THAT(
      check_sinks(options_),
      ElementsAre(
          "alert_file.path: cannot create " + options_.file.path + ": No such file or directory",
          "alert_program.command: cannot execute " + headers + ": Permission denied", of_headers));
  EXPECT_FALSE(fs::exists(folder_ + "/none"));
  options_ = {};
  options_.file.path = folder_ + "/link";
  fs::create_symlink(folder_ + "/none", options_.file.path);
  options_.program.command = {folder_};
  options_.http.url = "https://127.0.0.1:1/";
  options_.http.ca_file = folder_ + "/none";
  EXPECT_EQ(check_sinks(options_).size(), 3U);
}

}  // namespace
}  // namespace gancho
