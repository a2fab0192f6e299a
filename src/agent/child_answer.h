// SPDX-License-Identifier: Apache-2.0
//
// What a child of the keeper is asked for that answers with a text: it reads, or hears, what others
// wrote, so it has no privilege, and is over after a while, whatever it hangs on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gancho {

// Runs `answer` in a child, with what it shall write to; it never returns. All that it has said
// until its end, or until `limit_ns` or `most` bytes.
[[nodiscard]] Result<std::string> ask_child(std::uint64_t limit_ns, std::size_t most,
                                            const std::function<void(int out)>& answer);

// All of it; false when nobody listens.
[[nodiscard]] bool write_whole(int out, std::string_view text);

}  // namespace gancho
