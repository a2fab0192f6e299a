// SPDX-License-Identifier: Apache-2.0
//
// The packaged rules under one agent: each is fired by a real act and not by its near miss, and an
// hour of the ordinary, in small, fires none.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "rules/act.h"
#include "support/account.h"
#include "support/agent.h"
#include "support/load.h"
#include "systemd/system_manager.h"

namespace gancho::test {
namespace {

const std::string k_packaged = GANCHO_PACKAGING "/rules.d";
const std::string k_marker = "Marker";

std::vector<Act> all_acts() {
  std::vector<Act> acts;
  for (const auto& part :
       {program_acts(), file_acts(), network_acts(), kernel_acts(), privilege_acts()})
    acts.insert(acts.end(), part.begin(), part.end());
  return acts;
}

std::vector<std::string> packaged_rules() {
  const Ran listed = run({gancho_path(), "policy", "list", k_packaged, "-o", "json"});
  EXPECT_EQ(listed.status, 0) << listed.error;
  std::vector<std::string> names;
  for (const Event& rule : parse_events(listed.output)) names.push_back(text_of(rule, "rule"));
  return names;
}

// The one agent of this program. What happened between two marks is told by the alerts between
// them: events are judged in the order in which they happened.
class Watch {
 public:
  static Watch& get() {
    static Watch watch;
    return watch;
  }

  // The alerts since the mark before, by rule.
  std::map<std::string, std::vector<std::string>> mark() {
    const std::string text = "starter-mark " + std::to_string(++marks_);
    run_program({"/bin/true", "starter-mark", std::to_string(marks_)});
    const auto is_mark = [&](const Event& alert) {
      const auto* fields = alert.if_contains("output_fields");
      return text_of(alert, "rule") == k_marker && fields != nullptr &&
             text_of(fields->as_object(), "proc.args") == text;
    };
    const std::vector<Event> alerts = agent_.wait_for(
        [&](const std::vector<Event>& now) { return std::ranges::any_of(now, is_mark); });
    std::map<std::string, std::vector<std::string>> told;
    for (; seen_ < alerts.size(); ++seen_) {
      const std::string rule = text_of(alerts[seen_], "rule");
      if (rule != k_marker) told[rule].push_back(text_of(alerts[seen_], "output"));
    }
    return told;
  }

  Ended stop() { return agent_.stop(); }

 private:
  Watch() : agent_({"run", "--config", config(), "--stats"}) {}

  static std::string config() {
    static const TemporaryDirectory directory;
    const std::string marker = directory.path() + "/marker.yaml";
    write_text(marker,
               "- rule: Marker\n  desc: d\n  priority: DEBUG\n  output: \"%proc.args\"\n"
               "  condition: evt.type = exec and proc.args startswith \"starter-mark \"\n");
    const std::string path = directory.path() + "/gancho.yaml";
    write_text(path, "rules: {files: [" + k_packaged + ", " + marker +
                         "]}\nalerts: {rate: 0}\nsocket: \"\"\n");
    return path;
  }

  Agent agent_;
  std::size_t seen_ = 0;
  std::size_t marks_ = 0;
};

std::string shown(const std::map<std::string, std::vector<std::string>>& told) {
  std::string text;
  for (const auto& [rule, outputs] : told)
    for (const std::string& output : outputs) text += "  " + rule + ": " + output + "\n";
  return text;
}

TEST(Starter, EveryRuleHasAnAct) {
  std::multiset<std::string> acted;
  for (const Act& act : all_acts()) acted.insert(act.rule);
  const std::vector<std::string> rules = packaged_rules();
  EXPECT_GE(rules.size(), 25U);
  EXPECT_EQ(acted, std::multiset<std::string>(rules.begin(), rules.end()));
}

TEST(Starter, EachIsFiredByItsActAndNotByItsNearMiss) {
  Watch& watch = Watch::get();
  for (const Act& act : all_acts()) {
    SCOPED_TRACE(act.rule);
    act.prepare();
    watch.mark();
    EXPECT_TRUE(succeeds(act.miss)) << "the near miss itself";
    const auto missed = watch.mark();
    EXPECT_TRUE(missed.empty()) << "a near miss fires:\n" << shown(missed);
    act.tidy();
    act.prepare();
    watch.mark();
    EXPECT_TRUE(succeeds(act.act)) << "the act itself";
    const auto told = watch.mark();
    EXPECT_TRUE(told.contains(act.rule)) << "not fired; fired were:\n" << shown(told);
    for (const auto& [rule, outputs] : told)
      if (rule != act.rule) ADD_FAILURE() << "another fires:\n" << shown({{rule, outputs}});
    act.tidy();
  }
  watch.mark();
}

// ---- what a server does all day ----

void expect_quiet() {
  const auto told = Watch::get().mark();
  EXPECT_TRUE(told.empty()) << shown(told);
}

// The same under rules that expect nobody to do anything: it is tempting enough.
const std::string k_nothing_is_expected =
    "- list: package_managers\n  items: [nobody]\n- list: account_programs\n  items: [nobody]\n";

TEST(Starter, PackagesCronAndLogInsAreQuiet) {
  const TemporaryDirectory directory;
  const std::string harsh = directory.path() + "/harsh.yaml";
  write_text(harsh, k_nothing_is_expected);
  const Agent other({"run", "--rules", k_packaged, harsh, "-o", "json"});
  Watch::get().mark();
  const Ran ran = run({"/bin/sh", GANCHO_ORDINARY});
  EXPECT_EQ(ran.status, 0) << ran.output << ran.error;
  expect_quiet();
  const std::set<std::string> tempted{"Accounts or their rights changed", "Cron job put in place",
                                      "File made to give root's rights", "Password hashes read",
                                      "Something is to be started at boot"};
  other.wait_for([&](const std::vector<Event>& alerts) {
    return std::ranges::all_of(
        tempted, [&](const std::string& rule) { return !where(alerts, "rule", rule).empty(); });
  });
}

// With what systemd locks a service into: mounts over system folders, BPF programs, namespaces.
TEST(Starter, ServicesOfSystemdAreQuiet) {
  install("rsyslogd", "#!/bin/sh\nexec /bin/sleep 1000\n");
  Watch::get().mark();
  {
    const SystemManager manager;
    write_text(SystemManager::unit_directory() + "/locked-in.service",
               "[Service]\nExecStart=/bin/sleep 1000\nExecStartPre=/bin/sh -c 'id > /tmp/id'\n"
               "ProtectSystem=strict\nProtectHome=yes\nPrivateTmp=yes\nPrivateDevices=yes\n"
               "ProtectKernelTunables=yes\nProtectControlGroups=yes\nProtectHostname=yes\n"
               "TemporaryFileSystem=/srv\nBindReadOnlyPaths=/usr/share\nReadOnlyPaths=/etc\n"
               "InaccessiblePaths=/root\nPrivateNetwork=yes\nPrivateUsers=yes\nPrivateIPC=yes\n"
               "NoNewPrivileges=yes\nUser=nobody\nAmbientCapabilities=CAP_DAC_OVERRIDE\n"
               "IPAddressDeny=192.0.2.0/24\nDevicePolicy=closed\n");
    write_text(SystemManager::unit_directory() + "/log.service",
               "[Service]\nExecStart=/usr/local/bin/rsyslogd\n"
               "[Install]\nWantedBy=multi-user.target\n");
    for (const std::vector<std::string>& words : {std::vector<std::string>{"daemon-reload"},
                                                  {"start", "locked-in.service"},
                                                  {"start", "log.service"},
                                                  {"restart", "log.service"},
                                                  {"stop", "locked-in.service"},
                                                  {"stop", "log.service"}}) {
      const Ran ran = manager.control(words);
      EXPECT_EQ(ran.status, 0) << words[0] << ' ' << words.back() << ran.error;
      if (words.back() == "locked-in.service" && words[0] == "start") {
        EXPECT_EQ(manager.property("locked-in.service", "ActiveState"), "active");
      }
    }
  }
  expect_quiet();
}

// Debian's podman, with an image of one static program.
TEST(Starter, ContainersThatStartAreQuiet) {
  const TemporaryDirectory directory;
  const std::string image = directory.path() + "/image";
  shell("mkdir -p /var/lib/containers " + image + "/bin " + image + "/etc; cp /bin/busybox " +
        image + "/bin; ln -s busybox " + image + "/bin/sh; echo root:x:0:0::/:/bin/sh > " + image +
        "/etc/passwd; tar -C " + image + " -cf " + image + ".tar .");
  // The machine's root is an overlay, which holds no other.
  shell("mount -t tmpfs tmpfs /var/lib/containers");
  Watch::get().mark();
  const std::string podman = "podman --cgroup-manager cgroupfs ";
  shell(podman + "import -q " + image + ".tar example.org/shop/tiny:1 > /dev/null;" + podman +
        "run -d --network none --name web example.org/shop/tiny:1 /bin/sh -c 'busybox sleep 1000'"
        " > /dev/null;" +
        podman + "exec web /bin/sh -c 'busybox ls /etc; busybox touch /etc/new' > /dev/null;" +
        podman + "rm -f -t 0 web > /dev/null");
  expect_quiet();
  shell("umount -l /var/lib/containers");
}

TEST(Starter, NothingWasLost) {
  const Ended ended = Watch::get().stop();
  EXPECT_EQ(ended.status, 0) << ended.error;
  for (const char* name : {"vital", "bulk"}) {
    const ClassAccount account = account_of(ended, name);
    EXPECT_GT(account.delivered, 0) << name;
    EXPECT_EQ(account.lost(), 0) << name;
  }
}

}  // namespace
}  // namespace gancho::test
