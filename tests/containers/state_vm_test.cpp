// SPDX-License-Identifier: Apache-2.0
//
// What is known of a container: from the files of its runtime, waited for as long as they may take.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <thread>

#include "containers/stage.h"
#include "support/account.h"

namespace gancho::test {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t k_second = 1'000'000'000;

Agent watch() {
  return Agent({"watch", "exec", "-o", "json"});
}

void expect_known(const Event& event, const std::string& type, const std::string& name,
                  const std::string& image) {
  EXPECT_EQ(text_of(event, "container.type"), type);
  EXPECT_EQ(text_of(event, "container.name"), name);
  EXPECT_EQ(text_of(event, "container.image"), image);
  EXPECT_TRUE(event.contains("container.unknown"));
  EXPECT_FALSE(flag_of(event, "container.unknown"));
}

TEST(State, OfEachRuntime) {
  Agent agent = watch();
  const std::string docker = new_id();
  write_docker(docker, "web-1", "docker.io/library/nginx:1.25");
  const Cgroup docker_cgroup("/system.slice/docker-" + docker + ".scope");
  run_in(docker_cgroup, "docker");
  const Event event = wait_for_tag(agent, "docker");
  expect_known(event, "docker", "web-1", "docker.io/library/nginx:1.25");
  EXPECT_EQ(text_of(event, "container.image.repository"), "docker.io/library/nginx");
  EXPECT_EQ(text_of(event, "container.image.tag"), "1.25");
  EXPECT_EQ(text_of(event, "container.image.id"), "sha256:" + std::string(64, 'e'));
  EXPECT_EQ(text_of(event, "container.created"), "2024-05-01T10:00:00.5Z");

  const std::string podman = new_id();
  write_state("/var/lib/containers/storage/overlay-containers/containers.json",
              R"([{"id":")" + new_id() + R"(","names":["other"]}])");
  write_state(
      "/var/lib/containers/storage/overlay-containers/volatile-containers.json",
      R"([{"id":")" + podman +
          R"(","names":["db"],"metadata":"{\"image-name\":\"docker.io/library/pg:16\"}"}])");
  const Cgroup podman_cgroup("/machine.slice/libpod-" + podman + ".scope/container");
  run_in(podman_cgroup, "podman");
  expect_known(wait_for_tag(agent, "podman"), "podman", "db", "docker.io/library/pg:16");

  const std::string containerd = new_id();
  write_state(
      "/run/containerd/io.containerd.runtime.v2.task/k8s.io/" + containerd + "/config.json",
      R"({"ociVersion":"1.1.0","annotations":{"io.kubernetes.cri.container-name":"app",)"
      R"("io.kubernetes.cri.image-name":"quay.io/app:2",)"
      R"("io.kubernetes.cri.sandbox-name":"app-1","io.kubernetes.cri.sandbox-namespace":"shop"}})");
  const Cgroup containerd_cgroup("/kubepods/pod1/" + containerd);
  run_in(containerd_cgroup, "containerd");
  const Event pod = wait_for_tag(agent, "containerd");
  expect_known(pod, "containerd", "app", "quay.io/app:2");
  EXPECT_EQ(text_of(pod, "k8s.pod.name"), "app-1");
  EXPECT_EQ(text_of(pod, "k8s.ns.name"), "shop");

  const std::string crio = new_id();
  write_state("/run/containers/storage/overlay-containers/" + crio + "/userdata/config.json",
              R"({"ociVersion":"1.0.2","annotations":{"io.kubernetes.cri-o.ContainerID":")" + crio +
                  R"(","io.kubernetes.cri-o.ImageName":"quay.io/job:3",)"
                  R"("io.kubernetes.container.name":"job"}})");
  const Cgroup crio_cgroup("/kubepods.slice/crio-" + crio + ".scope");
  run_in(crio_cgroup, "crio");
  expect_known(wait_for_tag(agent, "crio"), "cri-o", "job", "quay.io/job:3");
  expect_balance(agent.stop());
}

TEST(State, IsReadAnewWhenTheContainerIsStartedAgain) {
  Agent agent = watch();
  const std::string id = new_id();
  for (const char* name : {"before", "after"}) {
    write_docker(id, name, "a");
    const Cgroup cgroup("/docker/" + id);
    run_in(cgroup, name);
    EXPECT_EQ(text_of(wait_for_tag(agent, name), "container.name"), name);
  }
}

// What is written, and when (boot clock) each of the tags was first seen in the output.
std::map<std::string, std::uint64_t> watch_for(const Agent& agent,
                                               const std::vector<std::string>& tags) {
  std::map<std::string, std::uint64_t> seen;
  agent.wait_for([&](const std::vector<Event>& events) {
    for (const std::string& tag : tags)
      if (!seen.contains(tag) && has_tag(events, tag)) seen[tag] = boot_now();
    return seen.size() == tags.size();
  });
  return seen;
}

void expect_order(const std::vector<Event>& events) {
  std::int64_t last = 0;
  for (const Event& event : events) {
    EXPECT_GE(number_of(event, "evt.boottime"), last);
    last = number_of(event, "evt.boottime");
  }
}

TEST(Wait, AStateThatComesLateIsWaitedForAndTheOrderStays) {
  Agent agent = watch();
  const std::string id = new_id();
  const Cgroup cgroup("/docker/" + id);
  run_in(cgroup, "late");
  run_outside("behind");
  // 300 ms from the event on: that is the time that matters here, no condition.
  std::this_thread::sleep_for(300ms);
  EXPECT_FALSE(has_tag(agent.events(), "late"));
  EXPECT_FALSE(has_tag(agent.events(), "behind"));
  write_docker(id, "late", "a");
  const Event event = wait_for_tag(agent, "late");
  EXPECT_EQ(text_of(event, "container.name"), "late");
  EXPECT_FALSE(flag_of(event, "container.unknown"));
  wait_for_tag(agent, "behind");
  const Ended ended = agent.stop();
  expect_order(ended.events);
  expect_balance(ended);
  EXPECT_EQ(number_of(ended.account, "containers_unknown"), 0);
}

TEST(Wait, AStateThatNeverComesIsWaitedForASecondOnceAndTheEventIsMarked) {
  Agent agent = watch();
  const Cgroup cgroup("/docker/" + new_id());
  run_in(cgroup, "never");
  run_outside("behind");
  auto seen = watch_for(agent, {"never", "behind"});
  const Event event = wait_for_tag(agent, "never");
  EXPECT_TRUE(flag_of(event, "container.unknown"));
  EXPECT_EQ(text_of(event, "container.id"), cgroup.path().substr(8, 12));
  const auto time = static_cast<std::uint64_t>(number_of(event, "evt.boottime"));
  EXPECT_GE(seen["never"], time + k_second);
  EXPECT_LE(seen["never"], time + 2 * k_second);
  EXPECT_LE(seen["behind"], time + 2 * k_second);

  // The next is not held up.
  run_in(cgroup, "again");
  seen = watch_for(agent, {"again"});
  const Event again = wait_for_tag(agent, "again");
  EXPECT_TRUE(flag_of(again, "container.unknown"));
  EXPECT_LT(seen["again"],
            static_cast<std::uint64_t>(number_of(again, "evt.boottime")) + k_second * 9 / 10);
  const Ended ended = agent.stop();
  expect_order(ended.events);
  expect_balance(ended);
  EXPECT_EQ(number_of(ended.account, "containers_unknown"), 1);
}

TEST(Wait, ACrowdOfStrangersCostsOneSecondAndHidesNobody) {
  Agent agent = watch();
  constexpr int k_crowd = 40;
  const std::string known = new_id();
  write_docker(known, "known", "a");
  std::vector<std::unique_ptr<Cgroup>> crowd;
  for (int i = 0; i < k_crowd; ++i) {
    crowd.push_back(std::make_unique<Cgroup>("/docker/" + new_id()));
    run_in(*crowd.back(), "stranger");
  }
  const Cgroup cgroup("/docker/" + known);
  run_in(cgroup, "known");
  auto seen = watch_for(agent, {"known"});
  const Event event = wait_for_tag(agent, "known");
  EXPECT_EQ(text_of(event, "container.name"), "known");
  EXPECT_LE(seen["known"],
            static_cast<std::uint64_t>(number_of(event, "evt.boottime")) + 2 * k_second);
  const Ended ended = agent.stop();
  expect_order(ended.events);
  expect_balance(ended);
  EXPECT_EQ(number_of(ended.account, "containers_unknown"), k_crowd);
}

TEST(Wait, AnEndDoesNotWaitLonger) {
  Agent agent = watch();
  const Cgroup cgroup("/docker/" + new_id());
  run_in(cgroup, "never");
  const std::uint64_t begin = boot_now();
  const Ended ended = agent.stop();
  EXPECT_TRUE(has_tag(ended.events, "never"));
  EXPECT_LE(boot_now(), begin + 6 * k_second);
  EXPECT_EQ(ended.status, 0);
  expect_balance(ended);
}

TEST(Wait, AWorkerThatIsKilledMeanwhileLosesNothing) {
  test::Setup setup;
  setup.cut_lines = true;
  Agent agent({"watch", "exec", "-o", "json"}, setup);
  const std::string id = new_id();
  const Cgroup cgroup("/docker/" + id);
  run_in(cgroup, "waiting");
  run_outside("behind");
  ::kill(agent.worker(), SIGKILL);
  write_docker(id, "found", "a");
  wait_for_tag(agent, "behind");
  const Ended ended = agent.stop();
  int count = 0;
  for (const Event& event : ended.events)
    if (tag_of(event) == "waiting") {
      ++count;
      EXPECT_EQ(text_of(event, "container.name"), "found");
    }
  EXPECT_EQ(count, 1);
  expect_balance(ended);
}

// Who may make a cgroup in his own slice may give it any name; root's containers are not his.
TEST(Owner, AUserCannotPassForAContainerOfRoot) {
  std::ofstream("/etc/passwd", std::ios::app) << "tester:x:1234:1234::/home/tester:/bin/sh\n";
  Agent agent = watch();
  const Cgroup slice("/user.slice/user-1234.slice/user@1234.service");
  ASSERT_EQ(::chown(slice.directory().c_str(), 1234, 1234), 0);
  const std::string roots = new_id();
  write_docker(roots, "roots", "a");
  const Cgroup posing(slice.path() + "/docker-" + roots + ".scope");
  run_in(posing, "posing");
  const Event event = wait_for_tag(agent, "posing");
  EXPECT_TRUE(flag_of(event, "container.unknown"));
  EXPECT_FALSE(event.contains("container.name"));

  const std::string own = new_id();
  const std::string list =
      "/home/tester/.local/share/containers/storage/overlay-containers/containers.json";
  write_state(list, R"([{"id":")" + own + R"(","names":["rootless"]}])");
  ASSERT_EQ(::chown(list.c_str(), 1234, 1234), 0);
  const Cgroup rootless(slice.path() + "/libpod-" + own + ".scope");
  run_in(rootless, "rootless");
  EXPECT_EQ(text_of(wait_for_tag(agent, "rootless"), "container.name"), "rootless");

  // A link in his home leads nowhere.
  const std::string linked = new_id();
  write_state("/root/list.json", R"([{"id":")" + linked + R"(","names":["stolen"]}])");
  std::filesystem::remove(list);
  std::filesystem::create_symlink("/root/list.json", list);
  const Cgroup link(slice.path() + "/libpod-" + linked + ".scope");
  run_in(link, "link");
  EXPECT_TRUE(flag_of(wait_for_tag(agent, "link"), "container.unknown"));
  std::filesystem::remove(list);
}

TEST(Hostile, StateThatMakesNoSenseIsNone) {
  Agent agent = watch();
  for (const std::string& text :
       {std::string("{"), std::string(3U << 20, '['), std::string("\xff\xfe"), std::string()}) {
    const std::string id = new_id();
    write_state("/var/lib/docker/containers/" + id + "/config.v2.json", text);
    const Cgroup cgroup("/docker/" + id);
    run_in(cgroup, id);
    EXPECT_TRUE(flag_of(wait_for_tag(agent, id), "container.unknown"));
  }
  const std::string fifo = new_id();
  const std::string directory = "/var/lib/docker/containers/" + fifo;
  std::filesystem::create_directories(directory);
  ASSERT_EQ(::mkfifo((directory + "/config.v2.json").c_str(), 0600), 0);
  const Cgroup cgroup("/docker/" + fifo);
  run_in(cgroup, "fifo");
  EXPECT_TRUE(flag_of(wait_for_tag(agent, "fifo"), "container.unknown"));
  expect_balance(agent.stop());
}

TEST(Hostile, ANameIsShownEscaped) {
  Agent agent = watch();
  const std::string id = new_id();
  write_docker(id, "x\\u001b[31m\\u202e", "a");
  const Cgroup cgroup("/docker/" + id);
  run_in(cgroup, "name");
  EXPECT_EQ(text_of(wait_for_tag(agent, "name"), "container.name"), "x\x1b[31m\xe2\x80\xae");
  std::ifstream output(agent.output_path());
  const std::string lines(std::istreambuf_iterator<char>(output), {});
  EXPECT_EQ(lines.find('\x1b'), std::string::npos);
  EXPECT_EQ(lines.find("\xe2\x80\xae"), std::string::npos);
}

TEST(Replay, ShowsTheSame) {
  const TemporaryDirectory directory;
  const std::string file = directory.path() + "/rec";
  Agent agent({"watch", "exec", "-o", "json", "--record", file});
  const std::string id = new_id();
  write_docker(id, "recorded", "a:1");
  const Cgroup known("/docker/" + id);
  const Cgroup unknown("/docker/" + new_id());
  run_in(known, "known");
  run_in(unknown, "unknown");
  run_outside("outside");
  wait_for_tag(agent, "outside");
  const Ended live = agent.stop();
  const Ran replay = run({gancho_path(), "replay", file, "-o", "json"});
  EXPECT_EQ(replay.status, 0) << replay.error;
  EXPECT_EQ(parse_events(replay.output), live.events);
  const Ran text = run({gancho_path(), "replay", file, "-o", "text"});
  EXPECT_NE(text.output.find("[in recorded]"), std::string::npos) << text.output;
  EXPECT_NE(text.output.find("[in " + unknown.path().substr(8, 12) + "]"), std::string::npos)
      << text.output;
}

}  // namespace
}  // namespace gancho::test
