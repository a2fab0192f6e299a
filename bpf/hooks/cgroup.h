/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The iterator over the cgroups of one hierarchy, parents first. Since 6.1. */
#pragma once

struct hook_cgroup {
	struct cgroup *cgroup;
};

static __always_inline bool fill_cgroup(__u64 *ctx, struct hook_cgroup *hook)
{
	hook->cgroup = ((struct bpf_iter__cgroup *)ctx)->cgroup;
	return hook->cgroup; /* NULL after the last one */
}
