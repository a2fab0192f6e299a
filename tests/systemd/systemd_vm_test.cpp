// SPDX-License-Identifier: Apache-2.0
//
// packaging/gancho.service, unchanged, under a real systemd: with the few capabilities and calls
// that it leaves, everything must still work.
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "attached/read_attached.h"
#include "support/agent.h"
#include "support/bpf_ids.h"
#include "support/load.h"
#include "system_manager.h"

namespace gancho::test {
namespace {

namespace fs = std::filesystem;
constexpr const char* k_unit = "gancho.service";
constexpr const char* k_output = "/run/gancho-test-output";

class Systemd : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    fs::copy_file(gancho_path(), "/usr/bin/gancho", fs::copy_options::overwrite_existing);
    fs::create_directories("/etc/gancho");
    fs::copy_file(GANCHO_PACKAGING "/gancho.yaml", k_config, fs::copy_options::overwrite_existing);
    manager_ = new SystemManager;
    const std::string units = SystemManager::unit_directory();
    fs::copy_file(GANCHO_PACKAGING "/gancho.service", units + "/" + k_unit);
    // There is no journal; and half a minute is long to wait for a watchdog.
    fs::create_directories(units + "/gancho.service.d");
    std::ofstream(units + "/gancho.service.d/test.conf")
        << "[Service]\nStandardOutput=append:" << k_output << "\nWatchdogSec=6\n";
    ASSERT_EQ(manager_->control({"daemon-reload"}).status, 0);
  }
  static void TearDownTestSuite() { delete manager_; }

  void SetUp() override {
    before_ = BpfIds::now();
    const Ran started = manager_->control({"start", k_unit});
    ASSERT_EQ(started.status, 0) << started.error;
    write_tiny_program(program_);
  }
  void TearDown() override {
    EXPECT_EQ(manager_->control({"stop", k_unit}).status, 0);
    EXPECT_EQ(manager_->property(k_unit, "ActiveState"), "inactive");
  }

  static const SystemManager& manager() { return *manager_; }

  // An operation is seen, through to standard output.
  void expect_to_see(const std::string& tag) const {
    perform(Kind::exec, program_, tag, 1);
    for (std::string text; !text.contains('"' + tag + "\",\"0\"]");) {
      ASSERT_EQ(manager_->property(k_unit, "ActiveState"), "active");
      std::ifstream file(k_output);
      text.assign(std::istreambuf_iterator<char>(file), {});
    }
  }

  BpfIds before_;

 private:
  static constexpr const char* k_config = "/etc/gancho/gancho.yaml";
  inline static SystemManager* manager_ = nullptr;
  TemporaryDirectory directory_;
  std::string program_ = directory_.path() + "/program";
};

TEST_F(Systemd, StartsSeesReloadsAndEnds) {
  EXPECT_EQ(manager().property(k_unit, "ActiveState"), "active");
  EXPECT_EQ(manager().property(k_unit, "SubState"), "running");
  expect_to_see("first");
  const Ran reloaded = manager().control({"reload", k_unit});
  EXPECT_EQ(reloaded.status, 0) << reloaded.error;
  expect_to_see("second");
  EXPECT_EQ(manager().control({"stop", k_unit}).status, 0);
  EXPECT_EQ(manager().property(k_unit, "Result"), "success");
  EXPECT_EQ(manager().property(k_unit, "NRestarts"), "0");
  EXPECT_EQ(BpfIds::now().links, before_.links);
}

TEST_F(Systemd, StartsItAgainWhenItIsKilled) {
  ASSERT_EQ(::kill(manager().main_process(k_unit), SIGKILL), 0);
  manager().wait_for(k_unit, "NRestarts", "1");
  manager().wait_for(k_unit, "ActiveState", "active");
  expect_to_see("again");
}

TEST_F(Systemd, StartsItAgainWhenItHangs) {
  ASSERT_EQ(::kill(manager().main_process(k_unit), SIGSTOP), 0);
  manager().wait_for(k_unit, "NRestarts", "1");
  manager().wait_for(k_unit, "ActiveState", "active");
  expect_to_see("awake");
}

// What it attaches to the cgroup of a service that may not send everywhere.
TEST_F(Systemd, ItsOwnProgramsAreFoundAtTheirCgroup) {
  std::ofstream(SystemManager::unit_directory() + "/fenced.service")
      << "[Service]\nExecStart=/bin/sleep 1000\nIPAddressDeny=192.0.2.0/24\n";
  ASSERT_EQ(manager().control({"daemon-reload"}).status, 0);
  ASSERT_EQ(manager().control({"start", "fenced.service"}).status, 0);
  const auto attached = read_attached();
  ASSERT_TRUE(attached) << attached.error().message;
  std::set<std::string> places;
  for (const Attachment& one : attached->attachments)
    if (one.how == "cgroup" && one.detail.ends_with("/fenced.service")) {
      places.insert(one.place);
      EXPECT_TRUE(attached->programs.at(one.program).name.starts_with("sd_fw_"))
          << attached->programs.at(one.program).name;
    }
  EXPECT_EQ(places, (std::set<std::string>{"cgroup_inet_egress", "cgroup_inet_ingress"}));
  EXPECT_EQ(manager().control({"stop", "fenced.service"}).status, 0);
}

}  // namespace
}  // namespace gancho::test
