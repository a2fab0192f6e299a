// SPDX-License-Identifier: Apache-2.0
//
// Variables of an environment whose names say that they hold a secret.
#pragma once

#include <string_view>

namespace gancho {

// PGPASSWORD, DB_PASS, STRIPE_KEY, GITHUB_TOKEN_2, HTTP_COOKIE; not PWD, SSH_ASKPASS, XKB_KEYMAP.
[[nodiscard]] bool is_secret_name(std::string_view name);

}  // namespace gancho
