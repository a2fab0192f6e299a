// SPDX-License-Identifier: Apache-2.0
#include "load/hook_kind.h"

#include <gtest/gtest.h>

namespace gancho {
namespace {

TEST(ProgramName, KindEndsAtTheFirstDoubleUnderscore) {
  const auto name = parse_program_name("fexit____x64_sys_execve");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->kind, HookKind::fexit);
  EXPECT_EQ(name->target, "__x64_sys_execve");
}

TEST(ProgramName, KindsAreNotMistakenForOneAnother) {
  EXPECT_EQ(parse_program_name("tp__sys_exit_execve")->kind, HookKind::tracepoint);
  EXPECT_EQ(parse_program_name("tp_btf__sched_switch")->kind, HookKind::tp_btf);
  EXPECT_EQ(parse_program_name("raw_tp__sys_enter")->kind, HookKind::raw_tracepoint);
  EXPECT_EQ(parse_program_name("kprobe__vfs_read")->kind, HookKind::kprobe);
  EXPECT_EQ(parse_program_name("kprobe_multi__vfs_read")->kind, HookKind::kprobe_multi);
  EXPECT_EQ(parse_program_name("probe__do_rmdir")->kind, HookKind::kprobe);
  EXPECT_EQ(parse_program_name("retprobe__do_rmdir")->kind, HookKind::kretprobe);
  EXPECT_EQ(parse_program_name("iter__task")->kind, HookKind::iter);
  EXPECT_EQ(parse_program_name("lsm__file_open")->target, "file_open");
}

TEST(ProgramName, OthersAreRefused) {
  EXPECT_FALSE(parse_program_name("fexit_do_exit"));
  EXPECT_FALSE(parse_program_name("__do_exit"));
  EXPECT_FALSE(parse_program_name("freplace__do_exit"));
  EXPECT_FALSE(parse_program_name(""));
}

TEST(HookKinds, NamesAreUnique) {
  for (const HookKindDesc& one : hook_kinds()) {
    int same = 0;
    for (const HookKindDesc& other : hook_kinds()) same += one.name == other.name ? 1 : 0;
    EXPECT_EQ(same, 1) << one.name;
    EXPECT_EQ(describe(one.kind).name, one.name);
    EXPECT_FALSE(one.needs.empty());
  }
}

}  // namespace
}  // namespace gancho
