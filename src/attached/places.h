// SPDX-License-Identifier: Apache-2.0
//
// What hangs at interfaces (XDP, tc, tcx, netkit), network namespaces, cgroups and sockmaps, by
// anybody. Netfilter is not among them: its links do not say in which namespace they are.
//
// Other network namespaces are entered one after the other, each by a thread that ends with the
// look. They are found by the processes that are in them and by their mounts (/run/netns), so not
// seen is one that only a descriptor, a socket or a thread other than its process's first keeps.
// A link there is told, without the name of its interface.
//
// A type of program that nobody has loaded is not looked for.
#pragma once

#include "attached/attached.h"

namespace gancho {

// Adds attachments, networks and blanks; the attachments are in their order afterwards. What goes
// away meanwhile is left out, which is no blank. Needs CAP_SYS_ADMIN, CAP_NET_ADMIN and, for
// /proc/PID/ns, CAP_SYS_PTRACE. From any thread; no namespace of the caller changes.
void add_places(Attached& attached);

}  // namespace gancho
