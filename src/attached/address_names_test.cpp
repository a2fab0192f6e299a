// SPDX-License-Identifier: Apache-2.0
#include "attached/address_names.h"

#include <gtest/gtest.h>

namespace gancho {
namespace {

AddressNames names(const char* text) {
  return AddressNames(KernelSymbols::parse(text));
}

TEST(AddressNames, FindsTheFunctionThatAnAddressIsIn) {
  // Modules stand behind the kernel, whatever their addresses.
  AddressNames table = names(
      "ffffffff81001000 T vfs_read\n"
      "ffffffff81001100 t helper\n"
      "ffffffff81001180 d data\n"
      "ffffffffc0000000 t ovl_open\t[overlay]\n"
      "ffffffff81000800 T early\t[odd]\n");
  const auto found = table.find(0xffffffff81001104);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "helper");
  EXPECT_EQ(found->offset, 4U);
  EXPECT_EQ(table.find(0xffffffff81001000)->name, "vfs_read");
  EXPECT_EQ(table.find(0xffffffffc0000000)->name, "ovl_open");
  EXPECT_EQ(table.find(0xffffffff81000801)->name, "early");
  EXPECT_FALSE(table.find(0xffffffff80000000));
}

TEST(AddressNames, PreferTheNameThatOthersLinkTo) {
  AddressNames table = names("ffffffff81001000 t __alias\nffffffff81001000 T do_it\n");
  EXPECT_EQ(table.find(0xffffffff81001000)->name, "do_it");
}

TEST(AddressNames, AreNotGuessedWhereTheKernelHidesAddresses) {
  AddressNames table = names("0000000000000000 T vfs_read\n0000000000000000 T vfs_write\n");
  EXPECT_FALSE(table.find(0xffffffff81001000));
}

}  // namespace
}  // namespace gancho
