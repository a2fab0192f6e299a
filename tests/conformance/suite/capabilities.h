// SPDX-License-Identifier: Apache-2.0
//
// What a file gives to who executes it, as cap_from_text(3) writes it: "all=iep", "cap_net_raw=ep",
// "= cap_chown,cap_kill+p".
#pragma once

#include <linux/capability.h>

#include <string_view>

namespace gancho::test {

// For the attribute security.capability. Throws on a word that it does not know.
[[nodiscard]] vfs_cap_data read_capabilities(std::string_view text);

}  // namespace gancho::test
