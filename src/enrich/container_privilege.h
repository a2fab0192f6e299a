// SPDX-License-Identifier: Apache-2.0
//
// Was a container given everything (--privileged, securityContext.privileged)? Docker, podman and
// CRI-O (of a pod's sandbox) write it down. Of containers of containerd, nerdctl and CRI-O it
// follows from what all of them take such a container to be: all capabilities, nothing of /proc and
// /sys hidden or read-only, no seccomp filter. Any thread.
#pragma once

#include "enrich/state_json.h"
#include "event/container.h"

namespace gancho {

// hostconfig.json of dockerd.
[[nodiscard]] Privileged privilege_of_docker(const boost::json::object& host_config);

// config.json of an OCI bundle.
[[nodiscard]] Privileged privilege_of_spec(const boost::json::object& spec);

}  // namespace gancho
