// SPDX-License-Identifier: Apache-2.0
#include "load/attempt.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace gancho {
namespace {

TEST(ErrorName, KnowsTheKernelsOwnErrno) {
  EXPECT_EQ(error_name(EPERM), "EPERM");
  EXPECT_EQ(error_name(524), "ENOTSUPP");
  EXPECT_EQ(error_name(12345), "12345");
}

TEST(VerifierReason, IsTheLastSentence) {
  EXPECT_EQ(verifier_reason("func#0 @0\n"
                            "0: R1=ctx() R10=fp0\n"
                            "0: (85) call bpf_loop#181\n"
                            "program of this type cannot use helper bpf_loop#181\n"
                            "processed 1 insns (limit 1000000) max_states_per_insn 0\n"),
            "program of this type cannot use helper bpf_loop#181");
}

TEST(VerifierReason, DropsTheDot) {
  EXPECT_EQ(verifier_reason("bpf_modify_return_test() is not modifiable.\nprocessed 0 insns"),
            "bpf_modify_return_test() is not modifiable");
}

TEST(VerifierReason, IsEmptyWhenNothingWasSaid) {
  EXPECT_EQ(verifier_reason(""), "");
  EXPECT_EQ(verifier_reason("R0=scalar() R1=ctx()\n0: (95) exit\n\n; return 0;\n"), "");
}

TEST(AttemptOf, TellsADescriptorFromAnError) {
  EXPECT_EQ(attempt_of(-ENOENT).error, ENOENT);
  EXPECT_FALSE(attempt_of(-ENOENT).reason.empty());
  EXPECT_EQ(attempt_of(-EPERM).reason, k_not_permitted);
}

}  // namespace
}  // namespace gancho
