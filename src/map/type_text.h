// SPDX-License-Identifier: Apache-2.0
//
// A type of the kernel as C writes it.
#pragma once

#include <cstdint>
#include <string>

#include "map/types.h"

namespace gancho {

// "const struct path *", "unsigned int", "int (*)(struct sk_buff *)", "char [16]".
[[nodiscard]] std::string type_text(const btf* types, std::uint32_t id);

// Of a function's type.
[[nodiscard]] Prototype prototype_text(const btf* types, std::uint32_t id);

}  // namespace gancho
