// SPDX-License-Identifier: Apache-2.0
#include "sinks/check_sinks.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace gancho {
namespace {

namespace fs = std::filesystem;

class CheckSinks : public testing::Test {
 protected:
  void SetUp() override { fs::create_directory(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  std::string folder_ = testing::TempDir() + "gancho_check_sinks_" + std::to_string(::getpid());
  // What is said; "" when nothing is wrong.
  [[nodiscard]] std::string said() const {
    const Status sinks = check_sinks(options_);
    return sinks ? "" : sinks.error().message;
  }

  AlertOptions options_;
};

TEST_F(CheckSinks, SaysNothingOfWhatIsRightAndCreatesNothing) {
  EXPECT_EQ(said(), "");
  const std::string headers = folder_ + "/headers";
  std::ofstream(headers) << "X-Api-Key: a\n";
  ASSERT_EQ(::chmod(headers.c_str(), 0600), 0);
  options_.file.path = folder_ + "/alerts.json";
  options_.program.command = {"/bin/sh", "-c", "true"};
  options_.http.url = "http://127.0.0.1:1/";
  options_.http.headers_file = headers;
  options_.syslog.enabled = options_.journal.enabled = true;
  EXPECT_EQ(said(), "");
  EXPECT_FALSE(fs::exists(options_.file.path));
  std::ofstream(options_.file.path) << "one\n";
  EXPECT_EQ(said(), "");
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
  EXPECT_EQ(said(),
            "alert_file.path: cannot open " + folder_ +
                ": Is a directory\n"
                "alert_program.command: cannot execute /nosuch: No such file or directory\n" +
                of_headers);
  options_.http.url.clear();
  options_.file.path = folder_ + "/none/alerts.json";
  options_.program.command = {headers};
  EXPECT_EQ(said(), "alert_file.path: cannot create " + options_.file.path +
                        ": No such file or directory\nalert_program.command: cannot execute " +
                        headers + ": Permission denied\n" + of_headers);
  EXPECT_FALSE(fs::exists(folder_ + "/none"));
  options_ = {};
  options_.file.path = folder_ + "/link";
  fs::create_symlink(folder_ + "/none", options_.file.path);
  options_.program.command = {folder_};
  options_.http.url = "https://127.0.0.1:1/";
  options_.http.ca_file = folder_ + "/none";
  EXPECT_EQ(std::ranges::count(said(), '\n'), 2) << said();
}

}  // namespace
}  // namespace gancho
