// SPDX-License-Identifier: Apache-2.0
#include "rules/evaluate.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>

#include "rules/check.h"
#include "rules/parser.h"
#include "support/exec_record.h"
#include "support/record_builder.h"

namespace gancho::rules {
namespace {

using test::ancestor;
using test::RecordBuilder;

// root and alice; one container; and what the process table knows of process 7 and its parent.
class KnownToAll final : public Facts {
 public:
  using Facts::group;
  using Facts::user;
  [[nodiscard]] std::string_view user(std::uint32_t uid) const override {
    return uid == 0 ? "root" : uid == 1000 ? "alice" : "";
  }
  [[nodiscard]] std::string_view group(std::uint32_t) const override { return ""; }
  [[nodiscard]] const ContainerInfo* container(std::uint64_t cgroup) const override {
    return cgroup == 77 ? &web_ : cgroup == 79 ? &free_ : nullptr;
  }
  [[nodiscard]] std::optional<ProcessFacts> process(const ProcessKey& key) const override {
    const ProcessKey parent{.pid = 6, .start_time = 60};
    if (key == parent)
      return ProcessFacts{.process = key, .parent = {}, .name = "sh", .program = &shell_};
    if (key == ProcessKey{.pid = 5, .start_time = 50})
      return ProcessFacts{.process = key, .parent = {}, .name = "sshd", .program = &sshd_};
    if (key != ProcessKey{.pid = 7, .start_time = 70}) return std::nullopt;
    return ProcessFacts{
        .process = key, .parent = parent, .exec_count = 3, .name = "cat", .program = &cat_};
  }

  [[nodiscard]] std::optional<WallClock> clock() const override {
    return WallClock{.offset_ns = 1'700'000'000'000'000'000};
  }

  KnownToAll() {
    cat_.executor = {.pid = 7, .start_time = 70};
    cat_.credentials.euid = 1000;
    cat_.credentials.cap_effective = 1ULL << CAP_SYS_ADMIN;
    cat_.loginuid = 1000;
    cat_.sid = 5;
    cat_.vpid = 2;
    cat_.tty = 136U << 20 | 3;
    cat_.cwd = "/home/alice";
    cat_.exe_ino = 99;
    cat_.env = {"HOME=/home/alice\0LANG=C\0LANG=de\0EMPTY=\0odd\0", 42};
    sshd_.env = {"HOME=/\0SSH=a b\0TERM=", 21};
    sshd_.env_truncated = true;
    cat_.upper_layer = true;
    shell_.executor = {.pid = 6, .start_time = 60};
    shell_.vpid = 1;
  }

 private:
  static Program program(std::string_view exepath, std::string_view args,
                         std::string_view lineage = {}) {
    Program made;
    made.exepath = exepath;
    made.args = args;
    made.lineage = lineage;
    return made;
  }

  ContainerInfo web_{.found = true, .type = "podman", .name = "web", .image = "nginx"};
  ContainerInfo free_{.found = true, .type = "docker", .privileged = Privileged::yes};
  ev_ancestor lineage_[2] = {ancestor("sh", 6, 60), ancestor("sshd", 5, 50)};
  Program cat_ = program("/usr/bin/cat", std::string_view("cat\0/etc/shadow\0-n\0", 19),
                         {reinterpret_cast<const char*>(lineage_), sizeof(lineage_)});
  Program sshd_ = program("/usr/sbin/sshd", std::string_view("/usr/sbin/sshd\0-D\0", 18));
  Program shell_ = program("/usr/bin/dash", std::string_view("sh\0-c\0x\0", 8));
};

ev_container in_cgroup(std::uint64_t id) {
  ev_container made{};
  made.cgroup_id = id;
  made.flags = EV_CONTAINER_KNOWN;
  return made;
}

bool matches(std::string_view text, RecordBuilder& record) {
  static const KnownToAll facts;
  Problems problems;
  const auto parsed = parse_condition(RuleText(text), problems);
  auto typed = parsed ? check_condition(*parsed, problems) : std::nullopt;
  EXPECT_TRUE(typed) << text << ": " << (problems.kept().empty() ? "" : problems.kept()[0].message);
  return typed && Evaluator(std::move(*typed), facts).matches(record.view());
}

// It holds, and its negation does not.
::testing::AssertionResult yes(std::string_view text, RecordBuilder& record) {
  if (!matches(text, record)) return ::testing::AssertionFailure() << text << " does not match";
  const std::string negated = "not (" + std::string(text) + ")";
  if (matches(negated, record)) return ::testing::AssertionFailure() << negated << " matches";
  return ::testing::AssertionSuccess();
}

::testing::AssertionResult no(std::string_view text, RecordBuilder& record) {
  return yes("not (" + std::string(text) + ")", record);
}

::testing::AssertionResult unknown(std::string_view text, RecordBuilder& record) {
  if (matches(text, record)) return ::testing::AssertionFailure() << text << " matches";
  const std::string negated = "not (" + std::string(text) + ")";
  if (matches(negated, record)) return ::testing::AssertionFailure() << negated << " matches";
  return ::testing::AssertionSuccess();
}

RecordBuilder curl() {
  return test::typical_exec(*find_event("exec"));
}

TEST(Evaluate, NumbersAndTexts) {
  auto exec = curl();
  EXPECT_TRUE(yes("proc.name = curl", exec));
  EXPECT_TRUE(no("proc.name != curl", exec));
  EXPECT_TRUE(yes("proc.name in (wget, curl)", exec));
  EXPECT_TRUE(no("proc.name in ()", exec));
  EXPECT_TRUE(yes("proc.pid = 42424 and proc.pid >= 42424 and proc.pid < 0xffff1", exec));
  EXPECT_TRUE(yes("proc.pid > -1", exec));
  EXPECT_TRUE(yes("proc.exe_mode = 755", exec));
  EXPECT_TRUE(yes("proc.exe_mode contains S_IXOTH", exec));
  EXPECT_TRUE(no("proc.exe_mode contains S_ISUID", exec));
  EXPECT_TRUE(yes("proc.exepath startswith /usr and proc.exepath endswith curl", exec));
  EXPECT_TRUE(yes("proc.exepath glob /usr/*/c[tuv]r?", exec));
  EXPECT_TRUE(yes("proc.exepath iglob /USR/*", exec));
  EXPECT_TRUE(yes("proc.exepath icontains BIN/CU", exec));
  EXPECT_TRUE(yes("proc.exepath bcontains 2f62696e", exec));
  EXPECT_TRUE(yes("proc.exepath bstartswith 2f75", exec));
  EXPECT_TRUE(yes("proc.exepath regex \"/usr/.*\"", exec));
  EXPECT_TRUE(no("proc.exepath regex \"usr\"", exec));  // the whole of it
  EXPECT_TRUE(yes("proc.exepath pmatch (/opt, /usr)", exec));
  EXPECT_TRUE(yes("proc.exepath pmatch (/usr/bin/curl)", exec));
  EXPECT_TRUE(no("proc.exepath pmatch (/us, /usr/bin/cur)", exec));
  EXPECT_TRUE(yes("proc.exepath pmatch (/)", exec));
  // The first slash does not count, as in Falco.
  EXPECT_TRUE(yes("proc.exepath pmatch (etc, usr/bin/)", exec));
  EXPECT_TRUE(no("proc.exepath pmatch (bin, us)", exec));
  EXPECT_TRUE(yes("proc.name pmatch (/curl) and proc.name pmatch (curl)", exec));
  EXPECT_TRUE(yes("proc.exepath pmatch (/opt, /us?/*)", exec));
  EXPECT_TRUE(yes("proc.exepath pmatch (/[tu]sr)", exec));
  EXPECT_TRUE(no("proc.exepath pmatch (/*/curl, /usr/[!b]*)", exec));
  EXPECT_TRUE(yes("evt.res = SUCCESS and evt.res = 0 and evt.failed = false", exec));
  EXPECT_TRUE(yes("user.name = alice and user.uid = 1000 and user.loginuid != -1", exec));
  EXPECT_TRUE(yes("proc.tty_name exists and not proc.script exists", exec));
  EXPECT_TRUE(unknown("proc.script = x", exec));
  EXPECT_TRUE(unknown("proc.script in ()", exec));
  EXPECT_TRUE(unknown("fd.name = x", exec));
}

TEST(Evaluate, WhatACallReturned) {
  RecordBuilder open(*find_event("open"));
  EXPECT_TRUE(unknown("evt.rawres >= 0", open));  // it has not failed, and no descriptor was read
  open.number("fd.num", 3);
  EXPECT_TRUE(yes("evt.rawres = 3", open));
  open.number("evt.res", static_cast<std::uint32_t>(-EACCES));
  EXPECT_TRUE(yes("evt.rawres = -13", open));
  RecordBuilder connect(*find_event("connect"));
  connect.number("fd.num", 3);
  EXPECT_TRUE(yes("evt.rawres = 0 and evt.rawres >= 0", connect));
  RecordBuilder keyctl(*find_event("keyctl"));  // whatever its operation returns
  EXPECT_FALSE(matches("evt.rawres = 1000000", keyctl));
}

TEST(Evaluate, HowOldAProcessIs) {
  RecordBuilder exit(*find_event("exit"));
  exit.number("evt.boottime", 5'000).number("proc.start_time", 2'000);
  EXPECT_TRUE(yes("proc.duration = 3000 and proc.duration > 2999", exit));
}

TEST(Evaluate, Modifiers) {
  auto exec = curl();
  EXPECT_TRUE(yes("proc.exepath startswith anyof (/opt, /usr)", exec));
  EXPECT_TRUE(yes("proc.exepath contains allof (usr, bin)", exec));
  EXPECT_TRUE(no("proc.exepath contains allof (usr, lib)", exec));
  EXPECT_TRUE(yes("proc.exepath contains oneof (usr, lib)", exec));
  EXPECT_TRUE(no("proc.exepath contains oneof (usr, bin)", exec));
  EXPECT_TRUE(yes("proc.name != anyof (curl, wget)", exec));
  EXPECT_TRUE(no("proc.name != allof (curl, wget)", exec));
  EXPECT_TRUE(yes("proc.name = allof ()", exec));
}

TEST(Evaluate, CommandLine) {
  auto exec = curl();
  EXPECT_TRUE(yes("proc.exe = curl", exec));
  EXPECT_TRUE(yes("proc.args = '-sS --max-time https://example.org/status?a=1'", exec));
  EXPECT_TRUE(yes("proc.cmdline = 'curl -sS --max-time https://example.org/status?a=1'", exec));
  EXPECT_TRUE(yes("proc.exeline startswith 'curl -sS'", exec));
  EXPECT_TRUE(yes("proc.args[0] = -sS and proc.args[1] = --max-time", exec));
  EXPECT_TRUE(no("proc.args[3] exists", exec));
  EXPECT_TRUE(no("proc.args[3] = x", exec));
  EXPECT_TRUE(yes("proc.cmdnargs = 3 and proc.cmdlenargs = 43", exec));
  EXPECT_TRUE(yes("join(\"|\", proc.args) startswith '-sS|--max-time|'", exec));
  EXPECT_TRUE(yes("concat(proc.exe, \":\", proc.name) = curl:curl", exec));
  EXPECT_TRUE(yes("toupper(proc.name) = CURL and tolower(toupper(proc.name)) = curl", exec));
  EXPECT_TRUE(yes("len(proc.name) = 4 and basename(proc.exepath) = val(proc.name)", exec));
  EXPECT_TRUE(yes("getopt(proc.args, \"sSx:\") in (s)", exec));
  EXPECT_TRUE(no("getopt(proc.args, \"x:\")[x] exists", exec));
}

TEST(Evaluate, Ancestors) {
  auto exec = curl();
  EXPECT_TRUE(yes("proc.pname = bash and proc.aname[0] = curl and proc.aname[1] = bash", exec));
  EXPECT_TRUE(yes("proc.aname[4] = systemd and proc.apid[4] = 1", exec));
  EXPECT_TRUE(yes("proc.aname = systemd and proc.aname in (x, sshd)", exec));
  EXPECT_TRUE(no("proc.aname = nginx", exec));
  EXPECT_TRUE(no("proc.aname != sshd", exec));
  EXPECT_TRUE(yes("proc.apid = 900", exec));
  EXPECT_TRUE(yes("tolower(proc.aname) = sshd and len(proc.aname) = 4", exec));
  // It is known that there is no fifth: that it is something is untrue, and it does not exist.
  EXPECT_TRUE(no("proc.aname[5] = x", exec));
  EXPECT_TRUE(yes("proc.aname[5] != x", exec));
  EXPECT_TRUE(no("proc.aname[5] exists", exec));

  // A process that executed twice is one, by what it ran last; its own past is no ancestor.
  RecordBuilder again(*find_event("exec"));
  again.number("proc.pid", 9).number("proc.start_time", 90);
  again.lineage("proc.lineage", {ancestor("sh", 9, 90, 3), ancestor("python", 8, 80, 2),
                                 ancestor("env", 8, 80, 1), ancestor("init", 1, 1, 1)});
  EXPECT_TRUE(yes("proc.pname = python and proc.aname[2] = init and len(proc.aname) = 2", again));
}

TEST(Evaluate, WhatTheProcessTableKnows) {
  RecordBuilder open(*find_event("open"));
  open.number("proc.pid", 7).number("proc.start_time", 70).number("proc.exec_count", 3);
  open.text("proc.name", "cat");
  EXPECT_TRUE(yes("proc.cmdline = 'cat /etc/shadow -n' and proc.exepath = /usr/bin/cat", open));
  EXPECT_TRUE(yes("proc.pname = sh and proc.aname = sshd and proc.aname[2] = sshd", open));
  EXPECT_TRUE(yes("proc.pexe = sh and proc.pexepath = /usr/bin/dash", open));
  EXPECT_TRUE(yes("proc.pcmdline = 'sh -c x'", open));
  EXPECT_TRUE(yes("getopt(proc.args, \"n\") = n", open));
  // Of another program than the one that the table knows now nothing is said.
  open.number("proc.exec_count", 2);
  EXPECT_TRUE(unknown("proc.cmdline contains shadow", open));
  open.number("proc.pid", 8);
  EXPECT_TRUE(unknown("proc.pexepath = /usr/bin/dash", open));
}

TEST(Evaluate, WhatAProgramIsKnownBy) {
  RecordBuilder open(*find_event("open"));
  open.number("proc.pid", 7).number("proc.start_time", 70).number("proc.exec_count", 3);
  open.number("evt.boottime", 1'000'000'100).number("user.uid", 1000);
  EXPECT_TRUE(yes("thread.cap_effective contains CAP_SYS_ADMIN", open));
  EXPECT_TRUE(no("thread.cap_permitted contains CAP_SYS_ADMIN", open));
  EXPECT_TRUE(yes("user.loginuid = 1000 and user.loginname = alice", open));
  EXPECT_TRUE(yes("proc.sid = 5 and proc.is_sid_leader = false and proc.sname = sshd", open));
  EXPECT_TRUE(yes("proc.sid.exe = /usr/sbin/sshd and proc.sid.exepath = /usr/sbin/sshd", open));
  EXPECT_TRUE(yes("proc.vpid = 2 and proc.pvpid = 1 and proc.ppid = 6", open));
  EXPECT_TRUE(yes("proc.tty = 34819 and proc.tty != 0", open));  // 0x8803, pts/3
  EXPECT_TRUE(yes("proc.cwd = /home/alice and proc.exe_ino = 99", open));
  EXPECT_TRUE(yes("proc.is_exe_upper_layer = true and proc.is_exe_from_memfd = false", open));
  EXPECT_TRUE(yes("proc.ppid.duration = 1000000040", open));
  EXPECT_TRUE(yes("proc.ppid.ts = 1700000000000000060", open));
  EXPECT_TRUE(yes("proc.aexepath = /usr/sbin/sshd and proc.aexe[1] = sh", open));
  EXPECT_TRUE(yes("proc.acmdline[2] = 'sshd -D' and proc.aargs[1] = '-c x'", open));
  EXPECT_TRUE(yes("proc.aexepath[0] = /usr/bin/cat and proc.aexepath[2] endswith sshd", open));
  EXPECT_TRUE(no("proc.aexepath[3] exists", open));
  // Its ids are others now, and so may its capabilities be.
  open.number("user.uid", 0);
  EXPECT_TRUE(unknown("thread.cap_effective contains CAP_SYS_ADMIN", open));
  open.number("proc.exec_count", 2);
  EXPECT_TRUE(unknown("proc.tty = 0", open));
  EXPECT_TRUE(unknown("user.loginuid = 1000", open));
  EXPECT_TRUE(unknown("proc.sid = 5", open));
}

TEST(Evaluate, Environments) {
  RecordBuilder open(*find_event("open"));
  open.number("proc.pid", 7).number("proc.start_time", 70).number("proc.exec_count", 3);
  EXPECT_TRUE(yes("proc.env = 'HOME=/home/alice LANG=C LANG=de EMPTY= odd'", open));
  EXPECT_TRUE(yes("proc.env icontains 'lang=DE' and proc.env exists", open));
  // As getenv(3) finds it.
  EXPECT_TRUE(yes("proc.env[HOME] = /home/alice and proc.env[LANG] = C", open));
  EXPECT_TRUE(yes("proc.env[EMPTY] = '' and proc.env[EMPTY] exists", open));
  EXPECT_TRUE(no("proc.env[HOM] exists or proc.env[odd] exists or proc.env[C] = x", open));
  EXPECT_TRUE(no("proc.env[lang] = C", open));
  // Of its parent the environment is not known, and of the one above not all.
  EXPECT_TRUE(unknown("proc.aenv contains SSH or proc.aenv[1] contains HOME", open));
  EXPECT_TRUE(yes("proc.aenv[2] = 'HOME=/ SSH=a b TERM='", open));
  EXPECT_TRUE(yes("proc.aenv[0] startswith 'HOME=/home'", open));
  EXPECT_TRUE(no("proc.aenv[3] contains x", open));
  EXPECT_TRUE(unknown("proc.aenv[SSH] = 'a b'", open));
  open.number("proc.exec_count", 2);
  EXPECT_TRUE(unknown("proc.env contains HOME", open));
  EXPECT_TRUE(unknown("proc.env[HOME] = x", open));
}

TEST(Evaluate, TheEnvironmentOfAnAttempt) {
  auto exec = curl();
  EXPECT_TRUE(unknown("proc.env contains x or proc.env[A] = 1 or evt.arg.env = x", exec));
  exec.list("proc.env", {"A=1", "B=x y", "C="});
  EXPECT_TRUE(yes("proc.env = 'A=1 B=x y C=' and proc.env[B] = 'x y'", exec));
  EXPECT_TRUE(yes("evt.arg.env contains B and evt.arg[env] endswith 'C='", exec));
  EXPECT_TRUE(no("proc.env[D] = 1", exec));
  exec.number("proc.env_truncated", 1);
  EXPECT_TRUE(yes("proc.env[B] = 'x y'", exec));
  EXPECT_TRUE(unknown("proc.env[D] = 1", exec));
}

TEST(Evaluate, AncestorsThatHaveTheVariable) {
  RecordBuilder open(*find_event("open"));
  open.number("proc.pid", 9).number("proc.start_time", 90).number("proc.exec_count", 3);
  EXPECT_TRUE(unknown("proc.aenv[SSH] = x", open));
  RecordBuilder exec(*find_event("exec"));
  exec.lineage("proc.lineage", {ancestor("sshd", 5, 50)});
  EXPECT_TRUE(yes("proc.aenv[SSH] = 'a b' and proc.aenv contains 'SSH=a b'", exec));
  EXPECT_TRUE(unknown("proc.aenv[NONE] = x", exec));  // it may have been cut off
  exec.lineage("proc.lineage", {ancestor("cat", 7, 70)});
  EXPECT_TRUE(yes("proc.aenv[LANG] = C and not proc.aenv[NONE] = x", exec));
  exec.lineage("proc.lineage", {ancestor("cat", 7, 70), ancestor("sshd", 5, 50)});
  EXPECT_TRUE(yes("proc.aenv[SSH] = 'a b' and proc.aenv[HOME] = /home/alice", exec));
  exec.lineage("proc.lineage", {ancestor("sh", 6, 60), ancestor("sshd", 5, 50)});
  EXPECT_TRUE(unknown("proc.aenv[SSH] = 'a b'", exec));
}

TEST(Evaluate, NothingRefusesYet) {
  auto exec = curl();
  EXPECT_TRUE(yes("evt.verdict = allow", exec));
}

TEST(Evaluate, ATerminalOrNone) {
  auto exec = curl();
  EXPECT_TRUE(yes("proc.tty != 0", exec));
  RecordBuilder without(*find_event("exec"));
  EXPECT_TRUE(yes("proc.tty = 0", without));
  RecordBuilder changed(*find_event("terminal"));
  EXPECT_TRUE(unknown("proc.tty = 0", changed));
}

TEST(Evaluate, TimeOfDay) {
  RecordBuilder fork(*find_event("fork"));
  fork.number("evt.boottime", 1'500'000'007).number("proc.start_time", 1);
  EXPECT_TRUE(yes("evt.rawtime = 1700000001500000007 and evt.rawtime.s = 1700000001", fork));
  EXPECT_TRUE(yes("evt.rawtime.ns = 500000007 and proc.pid.ts = 1700000000000000001", fork));
  EXPECT_TRUE(yes("evt.time = 2023-11-14T22:13:21.500000007Z", fork));
  EXPECT_TRUE(yes("evt.time.iso8601 startswith 2023-11 and evt.time.iso8601 endswith Z", fork));
  EXPECT_TRUE(
      yes("evt.datetime = '2023-11-14 22:13:21.500000007' and evt.time.s = 22:13:21", fork));
  EXPECT_TRUE(yes("evt.datetime.s = '2023-11-14 22:13:21'", fork));
}

TEST(Evaluate, AFileThatCouldNotBeOpened) {
  RecordBuilder open(*find_event("open"));
  open.text("fd.nameraw", "/etc/../etc//./../etc/shadow");
  open.number("evt.res", static_cast<std::uint32_t>(-EACCES));
  EXPECT_TRUE(yes("fd.name = /etc/shadow and fd.num = -1 and fd.typechar = f", open));
  EXPECT_TRUE(yes("fd.directory = /etc and fd.filename = shadow and fd.type = file", open));
  open.text("fd.nameraw", "/../..");
  EXPECT_TRUE(yes("fd.name = / and fd.directory = /", open));
  open.text("fd.nameraw", "shadow");  // of which directory?
  EXPECT_TRUE(unknown("fd.name = shadow", open));
  RecordBuilder opened(*find_event("open"));
  opened.text("fd.nameraw", "/etc/shadow");
  EXPECT_TRUE(unknown("fd.name = /etc/shadow", opened));
  EXPECT_TRUE(unknown("fd.typechar = f", opened));
}

TEST(Evaluate, AUserIsWhoItActsAs) {
  RecordBuilder exec(*find_event("exec"));
  exec.number("user.uid", 0).number("user.ruid", 1000);
  EXPECT_TRUE(yes("user.uid = 0 and user.name = root", exec));
  EXPECT_TRUE(yes("user.euid = 0 and user.ename = root", exec));
  EXPECT_TRUE(yes("user.ruid = 1000 and user.rname = alice and user.uid != val(user.ruid)", exec));
  exec.number("group.gid", 42).number("group.rgid", 1000);
  EXPECT_TRUE(yes("group.gid = 42 and group.egid = 42 and group.rgid = 1000", exec));
  exec.number("user.before.uid", 1000).number("user.before.ruid", 0);
  EXPECT_TRUE(yes("user.before.name = alice and user.before.ename = alice", exec));
  EXPECT_TRUE(yes("user.before.rname = root and user.before.euid = 1000", exec));
}

TEST(Evaluate, WhatFalcoCallsArguments) {
  RecordBuilder open(*find_event("open"));
  open.text("fd.nameraw", "passwd").number("fd.num", 3).number("evt.arg.flags", O_CREAT);
  open.number("evt.arg.mode", 0750);
  EXPECT_TRUE(yes("evt.arg.name = passwd and evt.arg[fd] = 3 and evt.rawarg.res = 3", open));
  EXPECT_TRUE(yes("evt.args startswith 'flags=O_RDONLY|O_CREAT mode=0750'", open));
  EXPECT_TRUE(
      yes("evt.info contains 'mode=0750' and evt.count = 1 and evt.source = syscall", open));
  EXPECT_TRUE(yes("evt.is_open_create = false and evt.is_open_exec = false", open));
  open.number("evt.is_created", 1);
  EXPECT_TRUE(yes("evt.is_open_create = true and evt.is_open_exec = true", open));
  open.number("evt.arg.mode", 0640);
  EXPECT_TRUE(yes("evt.is_open_create = true and evt.is_open_exec = false", open));
  EXPECT_TRUE(yes("evt.is_io = false and evt.is_io_read = false", open));
  RecordBuilder read(*find_event("read"));
  EXPECT_TRUE(yes("evt.is_io = true and evt.is_io_read = true and evt.is_io_write = false", read));

  RecordBuilder ids(*find_event("credentials"));
  ids.number("evt.arg.id", 1000).number("evt.syscall", 105);  // setuid
  EXPECT_TRUE(yes("evt.arg.uid = 1000 and evt.arg.uid = alice", ids));
  EXPECT_TRUE(no("evt.arg.uid in (root, nobody)", ids));
  EXPECT_TRUE(unknown("evt.arg.gid = 1000", ids));
  EXPECT_TRUE(unknown("evt.arg.ruid = 1000", ids));
  ids.number("evt.syscall", 117);  // setresuid
  EXPECT_TRUE(yes("evt.arg.ruid = 1000", ids));
  EXPECT_TRUE(unknown("evt.arg.uid = 1000", ids));
}

TEST(Evaluate, ConnectedSockets) {
  RecordBuilder connect(*find_event("connect"));
  EXPECT_TRUE(yes("fd.connected = true and fd.name_changed = true", connect));
  connect.number("evt.res", static_cast<std::uint32_t>(-EINPROGRESS));
  EXPECT_TRUE(yes("fd.connected = false and fd.name_changed = true", connect));
  connect.number("evt.res", static_cast<std::uint32_t>(-ECONNREFUSED));
  EXPECT_TRUE(yes("fd.connected = false and fd.name_changed = false", connect));
  RecordBuilder listen(*find_event("listen"));
  EXPECT_TRUE(yes("fd.connected = false and fd.name_changed = false", listen));
  RecordBuilder accept(*find_event("accept"));
  EXPECT_TRUE(yes("fd.connected = true", accept));
}

TEST(Evaluate, Files) {
  RecordBuilder open(*find_event("open"));
  open.text("fd.name", "/etc/ssh/sshd_config").number("fd.type", S_IFREG).number("fd.num", 3);
  open.number("evt.arg.flags", O_WRONLY | O_CREAT).number("evt.syscall", 257);  // openat
  EXPECT_TRUE(yes("fd.directory = /etc/ssh and fd.filename = sshd_config", open));
  EXPECT_TRUE(yes("evt.is_open_write = true and evt.is_open_read = false", open));
  EXPECT_TRUE(yes("evt.arg.flags contains O_CREAT and evt.arg[flags] contains O_WRONLY", open));
  EXPECT_TRUE(yes("fd.typechar = f and fd.type = file and fd.type = regular", open));
  EXPECT_TRUE(no("fd.type != file", open));
  EXPECT_TRUE(yes("evt.type = open and evt.type = openat and evt.type in (x, openat)", open));
  EXPECT_TRUE(no("evt.type = openat2", open));
  EXPECT_TRUE(no("evt.type in (creat, openat2)", open));
  EXPECT_TRUE(no("evt.type != openat", open));
  open.number("fd.num", static_cast<std::uint64_t>(-2))
      .number("evt.res", static_cast<std::uint32_t>(-ENOENT));
  EXPECT_TRUE(
      yes("fd.num < 0 and evt.res = ENOENT and evt.res startswith E and evt.res = -2", open));
  EXPECT_TRUE(yes("evt.rawres = -2 and evt.rawres < 0", open));
  open.number("fd.type", S_IFDIR);
  EXPECT_TRUE(yes("fd.typechar = d and fd.type = directory", open));
  open.text("fd.name", "/motd");
  EXPECT_TRUE(yes("fd.directory = / and fd.filename = motd", open));
}

RecordBuilder connection(std::array<std::uint8_t, 4> to, std::uint16_t port) {
  const EventDesc& desc = *find_event("connect");
  RecordBuilder made(desc);
  for (const FieldDesc& field : desc.fields) {
    if (field.name != "fd.lip" && field.name != "fd.rip") continue;
    made.number(field.name, 0);
    ev_address address{};
    std::ranges::copy(std::array<std::uint8_t, 4>{127, 0, 0, 1}, address.bytes);
    address.family = AF_INET;
    address.port = 40000;
    if (field.name == "fd.rip") {
      std::ranges::copy(to, address.bytes);
      address.port = port;
    }
    made.put(field.offset, address);
  }
  return made;
}

TEST(Evaluate, Addresses) {
  auto connect = connection({192, 0, 2, 77}, 443);
  EXPECT_TRUE(yes("fd.rip = 192.0.2.77 and fd.rip = 192.0.2.0/24", connect));
  EXPECT_TRUE(yes("fd.rip in (10.0.0.0/8, 192.0.2.64/26)", connect));
  EXPECT_TRUE(no("fd.rip in (192.0.2.0/26, 192.0.2.76, ::/0)", connect));
  EXPECT_TRUE(yes("fd.ip = 127.0.0.0/8 and fd.ip = 192.0.2.77", connect));
  EXPECT_TRUE(no("fd.ip != 127.0.0.1", connect));
  EXPECT_TRUE(yes("fd.rip = ::ffff:192.0.2.77 and fd.rip = ::ffff:192.0.2.0/120", connect));
  EXPECT_TRUE(yes("fd.port = 443 and fd.port = 40000 and fd.rport in (80, 443)", connect));
  EXPECT_TRUE(yes("fd.net in (192.0.2.0/24) and fd.rnet != 10.0.0.0/8", connect));
  EXPECT_TRUE(unknown("fd.directory = x", connect));
}

TEST(Evaluate, Containers) {
  RecordBuilder exec(*find_event("exec"));
  EXPECT_TRUE(unknown("container.id = host", exec));
  EXPECT_TRUE(unknown("container.name = web", exec));
  exec.container(in_cgroup(0), "");
  EXPECT_TRUE(yes("container.id = host", exec));
  // On the machine itself there is none: known, and so is what it is not called.
  EXPECT_TRUE(
      yes("container.name = host and container.type = host and container.full_id = host", exec));
  EXPECT_TRUE(no("container.name != host or container.type in (docker, podman)", exec));
  EXPECT_TRUE(yes("container.name != web and not container.image exists", exec));
  exec.container(in_cgroup(77), "0123456789ab");
  EXPECT_TRUE(
      yes("container.id != host and container.name = web and container.image = nginx", exec));
  exec.container(in_cgroup(78), "0123456789ab");
  EXPECT_TRUE(unknown("container.image = nginx", exec));
}

TEST(Evaluate, WhatAContainerWasGiven) {
  RecordBuilder exec(*find_event("exec"));
  EXPECT_TRUE(unknown("container.privileged = true", exec));
  exec.container(in_cgroup(0), "");
  EXPECT_TRUE(no("container.privileged = true or container.privileged = false", exec));
  EXPECT_TRUE(no("container.privileged exists", exec));
  exec.container(in_cgroup(79), "0123456789ab");
  EXPECT_TRUE(yes("container.privileged = true and not container.privileged = false", exec));
  // Its state does not say; there is no state.
  for (const std::uint64_t cgroup : {77U, 78U}) {
    exec.container(in_cgroup(cgroup), "0123456789ab");
    EXPECT_TRUE(unknown("container.privileged = true", exec));
  }
}

TEST(Evaluate, NamesOfHosts) {
  HostNames hosts;
  hosts.add("db.example.org", parse_network("192.0.2.7")->address);
  hosts.add("db.example.org", parse_network("2001:db8::7")->address);
  hosts.add("web", parse_network("192.0.2.8")->address);
  const KnownToAll facts;
  RecordBuilder connect(*find_event("connect"));
  const auto holds = [&](std::string_view text) {
    Problems problems;
    const auto parsed = parse_condition(RuleText(text), problems);
    return Evaluator(check_condition(parsed.value(), problems, hosts).value(), facts)
        .matches(connect.view());
  };
  // Nothing is known of an address.
  EXPECT_FALSE(holds("fd.sip.name = web"));
  EXPECT_FALSE(holds("not fd.sip.name = web"));
  const auto to = [&](const ev_address& address) {
    for (const FieldDesc& field : find_event("connect")->fields)
      if (field.name == "fd.sip" || field.name == "fd.rip")
        connect.number(field.name, 0).put(field.offset, address);
  };
  ev_address address{};
  address.family = AF_INET;
  std::ranges::copy(std::array<std::uint8_t, 4>{192, 0, 2, 7}, address.bytes);
  to(address);
  EXPECT_TRUE(holds("fd.sip.name = db.example.org"));
  EXPECT_TRUE(holds("val(fd.rip.name) in (web, db.example.org)"));
  EXPECT_TRUE(holds("fd.sip.name != web and not fd.sip.name in (web, nobody.example.org)"));
  EXPECT_FALSE(holds("fd.sip.name != db.example.org"));
  EXPECT_FALSE(holds("fd.cip.name = db.example.org"));
  EXPECT_TRUE(holds("fd.sip.name = 192.0.2.7"));
  // What has no address equals nothing.
  EXPECT_FALSE(holds("fd.sip.name = nobody.example.org"));
  EXPECT_TRUE(holds("fd.sip.name != nobody.example.org"));
  address = {};
  address.family = AF_INET6;
  std::ranges::copy(std::array<std::uint8_t, 4>{0x20, 0x01, 0x0d, 0xb8}, address.bytes);
  address.bytes[15] = 7;
  to(address);
  EXPECT_TRUE(holds("fd.sip.name = db.example.org and not fd.sip.name = web"));
}

TEST(Evaluate, ArgumentsIntersect) {
  RecordBuilder exec(*find_event("exec"));
  exec.list("proc.args", {"tar", "-c", "-f", "a b.tar"});
  EXPECT_TRUE(yes("proc.args intersects (-x, -f)", exec));
  EXPECT_TRUE(yes("proc.args intersects ('a b.tar')", exec));
  EXPECT_TRUE(no("proc.args intersects (tar, '-c -f', b.tar)", exec));
  EXPECT_TRUE(yes("proc.args in ('-c -f a b.tar')", exec));  // one text
  exec.list("proc.args", {"tar"});
  EXPECT_TRUE(no("proc.args intersects (tar)", exec));
}

TEST(Evaluate, Bytes) {
  RecordBuilder exec(*find_event("exec"));
  exec.text("evt.arg.filename", "\xff\xfe x");
  EXPECT_TRUE(yes("evt.arg.filename regex \".. x\" and evt.arg.filename bcontains fffe", exec));
  exec.text("evt.arg.filename", "aGVsbG8=");
  EXPECT_TRUE(yes("b64(evt.arg.filename) = hello", exec));
  exec.text("evt.arg.filename", "!!");
  EXPECT_TRUE(unknown("b64(evt.arg.filename) = hello", exec));
}

}  // namespace
}  // namespace gancho::rules
