// SPDX-License-Identifier: Apache-2.0
#include "load/kernel_facts.h"

#include <gtest/gtest.h>
#include <linux/capability.h>

#include "load/kernel_btf.h"

namespace gancho {
namespace {

TEST(MarkedWord, IsTheOneInParenthesesOrBrackets) {
  EXPECT_EQ(marked_word("none voluntary (full)"), "full");
  EXPECT_EQ(marked_word("[none] integrity confidentiality"), "none");
  EXPECT_EQ(marked_word("none"), "");
  EXPECT_EQ(marked_word("(none"), "");
  EXPECT_EQ(marked_word(""), "");
}

KernelFacts with(std::initializer_list<unsigned> capabilities) {
  KernelFacts facts;
  for (const unsigned capability : capabilities) facts.capabilities |= 1ULL << capability;
  return facts;
}

TEST(MissingPrivilege, NamesWhatIsMissing) {
  EXPECT_EQ(missing_privilege(with({})), "neither CAP_BPF nor CAP_PERFMON");
  EXPECT_EQ(missing_privilege(with({CAP_BPF})), "no CAP_PERFMON");
  EXPECT_EQ(missing_privilege(with({CAP_PERFMON, CAP_NET_ADMIN})), "no CAP_BPF");
  EXPECT_EQ(missing_privilege(with({CAP_BPF, CAP_PERFMON})), "");
  EXPECT_EQ(missing_privilege(with({CAP_SYS_ADMIN})), "");
}

TEST(MissingPrivilege, CapabilitiesOfAnotherUserNamespaceDoNotCount) {
  KernelFacts facts = with({CAP_SYS_ADMIN, CAP_BPF, CAP_PERFMON});
  facts.initial_user_namespace = false;
  EXPECT_EQ(missing_privilege(facts), "not in the initial user namespace");
}

TEST(KernelFacts, AreThoseOfThisMachine) {
  const KernelFacts facts = read_kernel_facts();
  EXPECT_FALSE(facts.release.empty());
  EXPECT_FALSE(facts.architecture.empty());
  EXPECT_GE(facts.possible_cpus, 1U);
}

TEST(KernelBtf, RefusesWhatIsNotBtf) {
  EXPECT_EQ(KernelBtf::parse("").error().code, Errc::input);
  EXPECT_EQ(KernelBtf::parse(std::string(1000, 'x')).error().code, Errc::input);
  // A right header whose parts reach beyond the end.
  std::string raw(
      "\x9f\xeb\x01\x00\x18\x00\x00\x00\x00\x00\x00\x00\xff\x00\x00\x00\xff\x00\x00\x00\x10\x00\x00"
      "\x00",
      24);
  EXPECT_EQ(KernelBtf::parse(raw).error().code, Errc::input);
}

TEST(KernelBtf, FindsNamesByKind) {
  // int (4 bytes more), struct "pair" with "one" and "two", func "pair", and its prototype.
  constexpr std::string_view k_strings{"\0int\0pair\0one\0two\0bpf_struct_ops_pair\0", 38};
  const std::uint32_t types[] = {
      1,  1U << 24,     4, 32,                    // [1] int
      5,  4U << 24 | 2, 8, 10, 1, 0,  14, 1, 32,  // [2] struct pair
      0,  13U << 24,    0,                        // [3] void ()
      5,  12U << 24,    3,                        // [4] func pair
      18, 4U << 24,     0,                        // [5] struct bpf_struct_ops_pair
      5,  6U << 24 | 2, 4, 10, 1, 14, 7,          // [6] enum pair
  };
  const std::uint32_t header[] = {0x0001eb9f, 24, 0, sizeof types, sizeof types, k_strings.size()};
  std::string raw(reinterpret_cast<const char*>(header), sizeof header);
  raw.append(reinterpret_cast<const char*>(types), sizeof types);
  raw.append(k_strings);
  const auto btf = KernelBtf::parse(raw);
  ASSERT_TRUE(btf) << btf.error().message;
  EXPECT_EQ(btf->structure("pair"), 2U);
  EXPECT_EQ(btf->function("pair"), 4U);
  EXPECT_EQ(btf->function("int"), 0U);
  EXPECT_EQ(btf->function("pai"), 0U);
  EXPECT_EQ(btf->function("air"), 0U);
  EXPECT_EQ(btf->function(""), 0U);
  EXPECT_EQ(btf->structure_member("pair", "two"), 1);
  EXPECT_EQ(btf->structure_member("pair", "three"), -1);
  EXPECT_EQ(btf->structure_member("none", "two"), -1);
  EXPECT_EQ(btf->struct_ops(), std::vector<std::string>{"pair"});
  const std::vector<std::pair<std::string, std::uint32_t>> values{{"one", 1}, {"two", 7}};
  EXPECT_EQ(btf->enumeration("pair"), values);
  EXPECT_TRUE(btf->enumeration("one").empty());
}

}  // namespace
}  // namespace gancho
