/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A cgroup is gone; no task was in it any more. Of any hierarchy. */
#pragma once

struct hook_cgroup_rmdir {
	struct cgroup *cgroup;
};

static __always_inline bool fill_cgroup_rmdir(__u64 *ctx, struct hook_cgroup_rmdir *hook)
{
	hook->cgroup = plain((struct cgroup *)ctx[0]);
	return true;
}
