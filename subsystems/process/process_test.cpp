// SPDX-License-Identifier: Apache-2.0
//
// How the room's events look to people and machines.
#include "process/process.h"

#include <gtest/gtest.h>

#include <csignal>
#include <string>

#include "event/json.h"
#include "event/text.h"
#include "support/exec_record.h"
#include "support/facts.h"

namespace gancho {
namespace {

using test::RecordBuilder;

// The line without time and newline.
std::string text(RecordBuilder& builder) {
  const test::SampleFacts facts;
  TextRenderer renderer(facts, {}, {.colour = false, .utc = true});
  ByteBuffer out;
  renderer.render(builder.view(), out);
  const std::string_view line = out.view();
  return std::string(line.substr(14, line.size() - 15));
}

RecordBuilder exec() {
  return test::typical_exec(*find_event("exec"));
}

TEST(ExecText, TypicalLine) {
  RecordBuilder r = exec();
  EXPECT_EQ(text(r),
            "exec   42424  alice  /usr/bin/curl -sS --max-time 'https://example.org/status?a=1'"
            "  ← bash 4000 ← sshd 3990 ← sshd 900 ← systemd 1");
}

TEST(ExecText, FailureNamesTheErrorAndWhatWasAskedFor) {
  RecordBuilder r(*find_event("exec"));
  r.number("evt.res", static_cast<std::uint32_t>(-2)).text("evt.arg.filename", "./no such");
  r.number("user.before.uid", 0).number("proc.pid", 7);
  EXPECT_EQ(text(r), "exec       7  root  ENOENT './no such'");
}

TEST(ExecText, MarksAndChangeOfUser) {
  RecordBuilder r = exec();
  r.number("user.uid", 0).number("proc.is_suid", 1).number("proc.is_secure", 1);
  r.number("proc.is_exe_from_memfd", 1).number("proc.is_exe_upper_layer", 1);
  r.text("proc.exepath", "/usr/bin/curl", 0, EV_PATH_DELETED).lineage("proc.lineage", {});
  EXPECT_EQ(
      text(r),
      "exec   42424  alice -> root  /usr/bin/curl -sS --max-time 'https://example.org/status?a=1'"
      " [memfd] [deleted] [upper] [suid] [privileged]");
}

TEST(ExecText, ScriptsAndOtherNames) {
  RecordBuilder script(*find_event("exec"));
  script.text("proc.exepath", "/usr/bin/bash").list("proc.args", {"/bin/bash", "./run.sh", "-x"});
  script.text("proc.script", "/srv/run.sh").number("user.uid", 1000);
  EXPECT_EQ(text(script), "exec       0  alice  /usr/bin/bash ./run.sh -x [script /srv/run.sh]");

  RecordBuilder applet(*find_event("exec"));
  applet.text("proc.exepath", "/bin/busybox").list("proc.args", {"-ls", "/"}).number("user.uid", 0);
  applet.number("proc.args_truncated", 1);
  EXPECT_EQ(text(applet), "exec       0  root  /bin/busybox / ... [as ls]");
}

TEST(ForkAndExitText, AreSentences) {
  RecordBuilder fork(*find_event("fork"));
  fork.number("proc.pid", 4245).text("proc.name", "bash").number("proc.ppid", 4000);
  EXPECT_EQ(text(fork), "fork    4245  bash  forked by 4000");

  RecordBuilder exit(*find_event("exit"));
  exit.number("proc.pid", 4245).text("proc.name", "my prog");
  exit.number("proc.exit_status", 1).number("proc.lifetime", 12'345'678);
  exit.number("proc.cpu.user", 2'000'000).number("proc.cpu.system", 1'000'000);
  exit.number("proc.peak_rss", 5 << 20);
  const std::string cost = ", CPU 3ms, peak 5 MB";
  EXPECT_EQ(text(exit), "exit    4245  'my prog'  status 1 after 12.3ms" + cost);
  exit.number("proc.exit_signal", SIGSEGV).number("proc.core_dumped", 1);
  EXPECT_EQ(text(exit),
            "exit    4245  'my prog'  killed by SIGSEGV (core dumped) after 12.3ms" + cost);
  exit.number("proc.exit_signal", 64).number("proc.core_dumped", 0);
  EXPECT_EQ(text(exit), "exit    4245  'my prog'  killed by signal 64 after 12.3ms" + cost);
}

// What has not changed is not mentioned.
TEST(CredentialsText, SaysWhatChanged) {
  const auto change = [] {
    RecordBuilder record(*find_event("credentials"));
    record.number("proc.pid", 77).text("proc.name", "su");
    record.number("evt.syscall", 105).number("user.uid", 0);
    return record;
  };
  RecordBuilder ids = change();
  ids.number("user.before.uid", 1000).number("user.before.fsuid", 1000);
  EXPECT_EQ(text(ids), "credentials     77  su  alice -> root by setuid");

  RecordBuilder files = change();
  files.number("user.fsuid", 1000).number("group.before.count", 2);
  EXPECT_EQ(text(files), "credentials     77  su  for files root -> alice groups 2 -> 0 by setuid");

  RecordBuilder capabilities = change();
  capabilities.number("thread.before.cap_permitted", 0x7).number("thread.cap_permitted", 0x9);
  capabilities.number("thread.securebits", 1).number("ns.user", 5);
  EXPECT_EQ(text(capabilities),
            "credentials     77  su  permitted +1-2 securebits 0 -> 1 user namespace by setuid");

  RecordBuilder refused(*find_event("credentials"));
  refused.number("proc.pid", 77).text("proc.name", "su").number("evt.arg.id", 0);
  refused.number("evt.res", static_cast<std::uint32_t>(-1)).number("evt.syscall", 105);
  refused.number("user.before.uid", 1000);
  EXPECT_EQ(text(refused), "credentials     77  su  EPERM setuid 0 as alice");
}

// The whole line, so that no field changes its name, form or place unnoticed.
TEST(ExecJson, TypicalLine) {
  RecordBuilder r = exec();
  const test::SampleFacts facts;
  ByteBuffer out;
  JsonRenderer(facts, {}).render(r.view(), out);
  EXPECT_EQ(
      out.view(),
      R"({"evt.time":"1970-01-02T00:00:00.123456789Z","evt.boottime":86400123456789,)"
      R"("evt.type":"exec","evt.class":"vital","evt.num":51234,"evt.cpu":1,"proc.pid":42424,)"
      R"("thread.tid":42424,"proc.name":"curl","proc.start_time":86400120000000,)"
      R"("proc.exec_count":5,"evt.res":"SUCCESS","evt.arg.filename":"/usr/bin/curl",)"
      R"("evt.arg.user_memory":false,"proc.exepath":"/usr/bin/curl",)"
      R"("proc.exehostpath":"/usr/bin/curl","proc.args":["curl","-sS","--max-time",)"
      R"("https://example.org/status?a=1"],"proc.args_truncated":false,"proc.argc":4,)"
      R"("proc.envc":23,"proc.cwd":"/home/alice/work","proc.exe_ino":1311234,)"
      R"("proc.exe_dev":"8:1","proc.exe_generation":3141592653,"proc.exe_mode":"0755",)"
      R"("proc.is_exe_from_memfd":false,"proc.is_exe_upper_layer":false,)"
      R"("proc.is_exe_deleted":false,"proc.is_exe_unreachable":false,"proc.is_suid":false,)"
      R"("proc.is_sgid":false,"proc.is_secure":false,"proc.is_compat":false,)"
      R"("proc.from_thread":false,"proc.tid_before":42424,"proc.ppid":4000,"proc.sid":4000,)"
      R"("proc.vpid":42424,"proc.tty":"136:3","proc.tty_name":"pts3",)"
      R"("proc.lineage":[{"name":"bash","pid":4000,"start_time":86300000000000,)"
      R"("exec_count":4},{"name":"sshd","pid":3990,"start_time":86299000000000,)"
      R"("exec_count":3},{"name":"sshd","pid":900,"start_time":12000000000,)"
      R"("exec_count":2},{"name":"systemd","pid":1,"start_time":20000000,"exec_count":1}],)"
      R"("proc.lineage_truncated":false,"cgroup.id":5432,)"
      R"("cgroup.path":"/user.slice/user-1000.slice/session-3.scope","user.uid":1000,)"
      R"("user.name":"alice","user.ruid":1000,"user.rname":"alice","user.suid":1000,)"
      R"("group.gid":1000,"group.name":"alice","group.rgid":1000,"group.rname":"alice","group.sgid":1000,)"
      R"("thread.cap_permitted":"0x0000000000000000",)"
      R"("thread.cap_effective":"0x0000000000000000","user.before.uid":1000,)"
      R"("user.before.name":"alice","user.before.ruid":1000,"user.before.rname":"alice",)"
      R"("user.before.suid":1000,"group.before.gid":1000,"group.before.name":"alice",)"
      R"("group.before.rgid":1000,"group.before.rname":"alice","group.before.sgid":1000,)"
      R"("thread.before.cap_permitted":"0x0000000000000000",)"
      R"("thread.before.cap_effective":"0x0000000000000000","user.loginuid":1000,)"
      R"("user.loginname":"alice","ns.cgroup":4026531835,"ns.ipc":4026531839,)"
      R"("ns.mnt":4026531841,"ns.net":4026531840,"ns.pid":4026531836,"ns.time":4026531834,)"
      R"("ns.user":4026531837,"ns.uts":4026531838})"
      "\n");
}

// One container: 7. Its root is called boss.
class ContainerFacts final : public Facts {
 public:
  using Facts::group;
  using Facts::user;
  [[nodiscard]] std::string_view user(std::uint32_t) const override { return "machine"; }
  [[nodiscard]] std::string_view group(std::uint32_t) const override { return "machine"; }
  [[nodiscard]] const ContainerInfo* container(std::uint64_t cgroup_id) const override {
    return cgroup_id == 7 ? &info_ : nullptr;
  }

 private:
  ContainerInfo info_{.found = true,
                      .type = "podman",
                      .name = "web 1",
                      .image = "a/b:1",
                      .image_repository = "a/b",
                      .image_tag = "1",
                      .users = {{0, "boss"}}};
};

// Puts a record into a container; 0: outside.
void put_in(RecordBuilder& r, std::uint64_t cgroup_id, std::uint16_t flags = EV_CONTAINER_KNOWN) {
  r.container({.cgroup_id = cgroup_id,
               .id = {},
               .runtime = EV_RUNTIME_PODMAN,
               .flags = flags,
               .owner = 0,
               .mnt_ns = 1},
              cgroup_id != 0 ? std::string(64, 'c') : "");
}

RecordBuilder exec_in(std::uint64_t cgroup_id, std::uint16_t flags = EV_CONTAINER_KNOWN) {
  RecordBuilder r(*find_event("exec"));
  r.text("proc.exepath", "/a").number("user.uid", 0).number("user.ruid", 0);
  r.number("user.loginuid", 0);
  put_in(r, cgroup_id, flags);
  return r;
}

// From the first field of the container on, and the names of users.
std::string container_json(RecordBuilder r) {
  const ContainerFacts facts;
  static constexpr std::string_view names[] = {
      "user.name",      "user.loginname",   "container.id",    "container.full_id",
      "container.type", "container.name",   "container.image", "container.image.repository",
      "k8s.pod.name",   "container.unknown"};
  ByteBuffer out;
  JsonRenderer(facts, {}, Projection::create(names).value()).render(r.view(), out);
  TextRenderer text(facts, {}, {.colour = false, .utc = true}, Projection::create(names).value());
  text.render(r.view(), out);
  return std::string(out.view());
}

TEST(ExecInContainer, WhatIsKnownIsJoined) {
  EXPECT_EQ(container_json(exec_in(7)),
            R"({"user.name":"boss","user.loginname":"machine","container.id":"cccccccccccc",)"
            R"("container.full_id":")" +
                std::string(64, 'c') +
                R"(","container.type":"podman","container.name":"web 1","container.image":"a/b:1",)"
                R"("container.image.repository":"a/b","container.unknown":false})"
                "\n00:00:00.000  exec       0  user.name=boss user.loginname=machine "
                "container.id=cccccccccccc container.full_id=" +
                std::string(64, 'c') +
                " container.type=podman container.name='web 1' container.image=a/b:1 "
                "container.image.repository=a/b container.unknown=false\n");
}

TEST(ExecInContainer, WhatIsNotKnownIsMarked) {
  EXPECT_EQ(container_json(exec_in(8)),
            R"({"user.loginname":"machine","container.id":"cccccccccccc","container.full_id":")" +
                std::string(64, 'c') +
                R"(","container.type":"podman","container.unknown":true})"
                "\n00:00:00.000  exec       0  user.loginname=machine "
                "container.id=cccccccccccc container.full_id=" +
                std::string(64, 'c') + " container.type=podman container.unknown=true\n");
}

TEST(ExecInContainer, OutsideItIsTheHostAndWhereNobodyKnowsNothing) {
  EXPECT_TRUE(
      container_json(exec_in(0))
          .starts_with(
              R"({"user.name":"machine","user.loginname":"machine","container.id":"host"})"));
  EXPECT_TRUE(container_json(exec_in(7, 0))
                  .starts_with(R"({"user.name":"machine","user.loginname":"machine"})"));
  EXPECT_TRUE(container_json(exec_in(7, EV_CONTAINER_KNOWN | EV_CONTAINER_MACHINE))
                  .starts_with(R"({"user.name":"machine",)"));
}

// As text, without the time.
std::string line(RecordBuilder r) {
  const ContainerFacts facts;
  ByteBuffer out;
  TextRenderer(facts, {}, {.colour = false, .utc = true}).render(r.view(), out);
  return std::string(out.view().substr(14));
}

TEST(ExecInContainer, TextNamesIt) {
  EXPECT_EQ(line(exec_in(7)), "exec       0  boss  /a [in 'web 1']\n");
  EXPECT_EQ(line(exec_in(8)), "exec       0  0  /a [in cccccccccccc]\n");
  EXPECT_EQ(line(exec_in(0)), "exec       0  machine  /a\n");
}

TEST(ForkAndExitInContainer, SayWhich) {
  for (const auto& [type, text] :
       {std::pair{"fork", "fork       0  a  forked by 0"},
        {"exit", "exit       0  a  status 0 after 0ns, CPU 0ns, peak 0 MB"}}) {
    const auto in = [&](std::uint64_t cgroup_id) {
      RecordBuilder r(*find_event(type));
      r.text("proc.name", "a");
      put_in(r, cgroup_id);
      return r;
    };
    EXPECT_EQ(line(in(7)), std::string(text) + " [in 'web 1']\n");
    EXPECT_EQ(line(in(0)), std::string(text) + "\n");
    EXPECT_TRUE(container_json(in(7)).starts_with(R"({"container.id":"cccccccccccc",)"));
    EXPECT_TRUE(container_json(in(0)).starts_with(R"({"container.id":"host"})"));
  }
}

}  // namespace
}  // namespace gancho
