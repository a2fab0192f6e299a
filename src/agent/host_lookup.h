// SPDX-License-Identifier: Apache-2.0
//
// The addresses of names of hosts that rules compare with, found by a child that has a network and
// nothing else: neither the keeper, which is root, nor who reads rules speaks to anybody.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "rules/host_names.h"

namespace gancho {

// The addresses of one name, as texts. Called in the child, on a thread of its own.
using HostResolver = std::function<std::vector<std::string>(const std::string& name)>;

// As the machine's programs find them: /etc/hosts, DNS, whatever /etc/nsswitch.conf says.
[[nodiscard]] std::vector<std::string> resolve_host(const std::string& name);

// All at once, two seconds at most; a name that has no address, or none by then, is missing in what
// comes back. One thread; as root or not.
[[nodiscard]] Result<rules::HostNames> look_up_hosts(const std::vector<std::string>& names,
                                                     const HostResolver& resolve = resolve_host);

}  // namespace gancho
