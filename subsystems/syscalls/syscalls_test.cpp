// SPDX-License-Identifier: Apache-2.0
//
// How operations on files look to people.
#include "syscalls/syscalls.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config.bpf.h"
#include "event/names.h"
#include "event/room.h"
#include "event/text.h"
#include "support/facts.h"
#include "support/record_builder.h"
#include "syscalls/bare_calls.h"

namespace gancho {
namespace {

using test::RecordBuilder;

RecordBuilder by_alice(const char* event) {
  RecordBuilder r(*find_event(event));
  r.number("proc.pid", 7).text("proc.name", "x").number("user.uid", 1000);
  return r;
}

// The line behind time, event, process, user and thread.
std::string text(RecordBuilder& builder) {
  const test::SampleFacts facts;
  TextRenderer renderer(facts, {}, {.colour = false, .utc = true});
  ByteBuffer out;
  renderer.render(builder.view(), out);
  const std::string line(out.view().substr(0, out.view().size() - 1));
  const std::string front = "alice  x  ";
  const auto at = line.find(front);
  return at == std::string::npos ? line : line.substr(at + front.size());
}

TEST(FileText, OpenShowsFlagsAndDescriptor) {
  RecordBuilder r = by_alice("open");
  r.text("fd.nameraw", "f").text("fd.name", "/tmp/f").number("fd.num", 3);
  r.number("evt.arg.flags", O_WRONLY | O_CREAT).number("evt.is_created", 1);
  EXPECT_EQ(text(r), "/tmp/f O_WRONLY|O_CREAT → 3 [created]");
}

TEST(FileText, AFailureShowsWhatWasAskedFor) {
  RecordBuilder r = by_alice("unlink");
  r.number("evt.res", static_cast<std::uint32_t>(-2)).text("fs.path.nameraw", "no such");
  EXPECT_EQ(text(r), "ENOENT 'no such'");
}

TEST(FileText, TwoNames) {
  RecordBuilder r = by_alice("rename");
  r.text("fs.path.sourceraw", "a").text("fs.path.source", "/tmp/a");
  r.text("fs.path.targetraw", "b").text("fs.path.target", "/tmp/b").number("evt.arg.flags", 2);
  EXPECT_EQ(text(r), "/tmp/a → /tmp/b RENAME_EXCHANGE");
  RecordBuilder link = by_alice("symlink");
  link.text("fs.path.source", "../x").text("fs.path.targetraw", "l").text("fs.path.target", "/l");
  EXPECT_EQ(text(link), "/l says ../x");
}

TEST(FileText, WhatAFileIsAndWhatItIsToBe) {
  RecordBuilder mode = by_alice("chmod");
  mode.text("fs.path.name", "/f").number("fd.mode", 0100644).number("evt.arg.mode", 04755);
  EXPECT_EQ(text(mode), "/f 0644 → 4755");
  RecordBuilder owner = by_alice("chown");
  owner.text("fs.path.name", "/f").number("fd.uid", 0).number("fd.gid", 1000);
  owner.number("evt.arg.uid", 1000).number("evt.arg.gid", UINT32_MAX);
  EXPECT_EQ(text(owner), "/f root:alice → alice:-");
  RecordBuilder length = by_alice("truncate");
  length.text("fs.path.name", "/f").number("evt.arg.length", static_cast<std::uint64_t>(-1));
  EXPECT_EQ(text(length), "/f -1 bytes");
  RecordBuilder attribute = by_alice("setxattr");
  attribute.text("fs.path.name", "/f").text("evt.arg.name", "user.a").number("evt.arg.flags", 1);
  EXPECT_EQ(text(attribute), "/f user.a XATTR_CREATE");
}

TEST(FileText, WhatIsNotKnownIsLeftOut) {
  RecordBuilder r = by_alice("chmod");
  r.number("evt.res", static_cast<std::uint32_t>(-2)).text("fs.path.nameraw", "f");
  r.number("evt.arg.mode", 0600);
  EXPECT_EQ(text(r), "ENOENT f 0600");
}

TEST(FileText, Mounts) {
  RecordBuilder mount = by_alice("mount");
  mount.text("evt.arg.dev", "/dev/sdb1").text("fs.path.name", "/mnt").text("evt.arg.type", "ext4");
  mount.number("evt.arg.flags", MS_RDONLY | MS_NOSUID);
  EXPECT_EQ(text(mount), "/dev/sdb1 on /mnt ext4 MS_RDONLY|MS_NOSUID");
  RecordBuilder umount = by_alice("umount");
  umount.text("fs.path.name", "/mnt").text("fs.type", "ext4").text("fs.dev", "/dev/sdb1");
  umount.number("evt.arg.flags", MNT_DETACH);
  EXPECT_EQ(text(umount), "/mnt ext4 /dev/sdb1 MNT_DETACH");
  RecordBuilder pivot = by_alice("pivot_root");
  pivot.text("fs.path.source", "/new").text("fs.path.target", "/new/old");
  EXPECT_EQ(text(pivot), "/new → /new/old");
}

TEST(IoText, WhatWasMovedAndWhere) {
  RecordBuilder r = by_alice("read");
  r.text("fd.name", "/f").number("evt.arg.size", 4096).number("evt.arg.offset", 10);
  r.number("evt.rawres", 5).number("fd.origin", EV_ORIGIN_INHERITED);
  EXPECT_EQ(text(r), "/f 4096 at 10 → 5 [inherited]");
  RecordBuilder failed = by_alice("write");
  failed.number("evt.res", static_cast<std::uint32_t>(-28)).text("fd.name", "/f");
  failed.number("evt.arg.size", 1).number("evt.arg.offset", 0);
  EXPECT_EQ(text(failed), "ENOSPC /f 1 at 0");
  RecordBuilder begun = by_alice("write");
  begun.text("fd.name", "/f").number("evt.arg.size", 512).number("evt.is_async", 1);
  begun.number("evt.is_io_uring", 1);
  EXPECT_EQ(text(begun), "/f 512 [under way] [io_uring]");
}

TEST(FileText, MarksHowItCameIn) {
  RecordBuilder r = by_alice("mkdir");
  r.text("fs.path.name", "/d").number("evt.is_io_uring", 1).number("evt.is_compat", 1);
  EXPECT_EQ(text(r), "/d [io_uring] [32-bit]");
}

// ---- the rows of system calls, for kernels that have tracepoints only ----

struct Row {
  std::string_view name;
  std::optional<std::uint32_t> number;
  std::optional<std::uint32_t> number32;
};

#define GANCHO_ROW(call, number, number32, ...) {#call, number, number32},
#define GANCHO_ROW_64(call, number, ...) {#call, number, std::nullopt},
#define GANCHO_ROW_32(call, number32, ...) {#call, std::nullopt, number32},
const std::vector<Row> k_rows{BARE_CALLS(GANCHO_ROW, GANCHO_ROW_64, GANCHO_ROW_32)};

TEST(BareCalls, HaveTheNumbersOfTheirNames) {
  for (const Row& row : k_rows) {
    const SyscallNumbers numbers = syscall_numbers(row.name);
    EXPECT_TRUE(!row.number || numbers.table_64 == row.number) << row.name;
    EXPECT_TRUE(!row.number32 || numbers.table_32 == row.number32) << row.name;
    EXPECT_LT(row.number.value_or(0), static_cast<unsigned>(CALLS_MAX)) << row.name;
  }
}

// A row that is there twice would stand for the last one.
TEST(BareCalls, AreThereOnce) {
  std::set<std::uint32_t> numbers;
  std::set<std::uint32_t> numbers32;
  for (const Row& row : k_rows) {
    EXPECT_TRUE(!row.number || numbers.insert(*row.number).second) << row.name;
    EXPECT_TRUE(!row.number32 || numbers32.insert(*row.number32).second) << row.name;
  }
}

}  // namespace
}  // namespace gancho
