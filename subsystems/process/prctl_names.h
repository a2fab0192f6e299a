// SPDX-License-Identifier: Apache-2.0
//
// The options of prctl(2) that are reported.
#pragma once

#include <array>

#include "event/names.h"

namespace gancho::process {

inline constexpr auto k_prctl_names = std::to_array<NamedNumber>({
    {1, "PR_SET_PDEATHSIG"},
    {4, "PR_SET_DUMPABLE"},
    {8, "PR_SET_KEEPCAPS"},
    {15, "PR_SET_NAME"},
    {22, "PR_SET_SECCOMP"},
    {24, "PR_CAPBSET_DROP"},
    {28, "PR_SET_SECUREBITS"},
    {35, "PR_SET_MM"},
    {36, "PR_SET_CHILD_SUBREAPER"},
    {38, "PR_SET_NO_NEW_PRIVS"},
    {47, "PR_CAP_AMBIENT"},
    {53, "PR_SET_SPECULATION_CTRL"},
    {59, "PR_SET_SYSCALL_USER_DISPATCH"},
    {0x59616d61, "PR_SET_PTRACER"},
});

}  // namespace gancho::process
