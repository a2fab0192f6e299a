/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A cgroup was made; no task is in it yet. Of any hierarchy. */
#pragma once

struct hook_cgroup_mkdir {
	struct cgroup *cgroup;
};

static __always_inline bool fill_cgroup_mkdir(__u64 *ctx, struct hook_cgroup_mkdir *hook)
{
	hook->cgroup = plain((struct cgroup *)ctx[0]);
	return true;
}
