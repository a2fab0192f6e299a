// SPDX-License-Identifier: Apache-2.0
#include "load/call_functions.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

namespace gancho {
namespace {

class CallFunctions : public ::testing::Test {
 protected:
  Result<std::vector<CallFunction>> find(const std::vector<std::string>& calls,
                                         const std::string& symbols) {
    std::ofstream(path_) << symbols;
    return find_call_functions(calls, path_.c_str());
  }
  void TearDown() override { std::remove(path_.c_str()); }

 private:
  std::string path_ = ::testing::TempDir() + "symbols." + std::to_string(::getpid());
};

const std::string k_symbols =
    "ffffffff81000010 T __x64_sys_newuname\n"
    "ffffffff81000020 T __ia32_sys_newuname\n"
    "ffffffff81000030 t __do_sys_uname\n"
    "ffffffff81000040 T __x64_sys_getppid\n"
    "ffffffff81000040 T __ia32_sys_getppid\n"
    "ffffffff81000050 W __x64_sys_mount\n"
    "ffffffff82000050 d __x64_sys_mount_data\n"
    "ffffffff81000060 T __ia32_compat_sys_ia32_mmap\n"
    "ffffffff81000070 T __x64_sys_mmap\n"
    "ffffffff81000080 T __x64_sys_exit\n"
    "ffffffff81000090 T __ia32_sys_oldumount\n"
    "ffffffffc0000000 t __x64_sys_mmap_helper\t[module]\n";

TEST_F(CallFunctions, AreFoundByAllSpellingsOnceForEachAddress) {
  EXPECT_EQ(find({"uname"}, k_symbols).value(),
            (std::vector<CallFunction>{{"__x64_sys_newuname", 0xffffffff81000010},
                                       {"__ia32_sys_newuname", 0xffffffff81000020}}));
  EXPECT_EQ(find({"getppid"}, k_symbols).value(),
            (std::vector<CallFunction>{{"__x64_sys_getppid", 0xffffffff81000040}}));
  EXPECT_EQ(find({"mount", "umount"}, k_symbols).value(),
            (std::vector<CallFunction>{{"__x64_sys_mount", 0xffffffff81000050},
                                       {"__ia32_sys_oldumount", 0xffffffff81000090}}));
  EXPECT_EQ(find({"mmap"}, k_symbols).value().size(), 2U);
  EXPECT_FALSE(find({"exit"}, k_symbols).value().at(0).returns);
  EXPECT_TRUE(find({}, k_symbols).value().empty());
}

TEST_F(CallFunctions, WhatTheKernelLacksIsSaid) {
  const auto none = find({"uname", "vm86"}, k_symbols);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Errc::unsupported);
  EXPECT_EQ(none.error().message, "this kernel has no system call vm86");
  const auto hidden = find({"uname"}, "0000000000000000 T __x64_sys_newuname\n");
  ASSERT_FALSE(hidden);
  EXPECT_NE(hidden.error().message.find("kptr_restrict"), std::string::npos);
  const std::vector<std::string> one{"uname"};
  EXPECT_FALSE(find_call_functions(one, "/nothing/there"));
}

TEST(CallSpellings, OldAndNewNames) {
  const auto has = [](const char* call, const char* name) {
    const auto names = call_spellings(call);
    return std::ranges::find(names, name) != names.end();
  };
  EXPECT_TRUE(has("uname", "newuname"));
  EXPECT_TRUE(has("olduname", "uname"));
  EXPECT_TRUE(has("oldolduname", "olduname"));
  EXPECT_TRUE(has("chown", "chown16"));
  EXPECT_TRUE(has("chown32", "chown"));
  EXPECT_TRUE(has("nanosleep", "nanosleep_time32"));
  EXPECT_TRUE(has("clock_gettime64", "clock_gettime"));
  EXPECT_TRUE(has("futex_time64", "futex"));
  EXPECT_TRUE(has("stat64", "ia32_stat64"));
  EXPECT_TRUE(has("fcntl", "fcntl64"));
  EXPECT_TRUE(has("umount2", "umount"));
  EXPECT_TRUE(has("mmap2", "mmap_pgoff"));
  EXPECT_TRUE(has("_newselect", "select"));
}

}  // namespace
}  // namespace gancho
