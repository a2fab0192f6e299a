/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Is this operation wanted? Asked first, before anything is collected. */
#pragma once

#include "maps.bpf.h"

/* Changed by user space at any time. */
static __always_inline __u32 policy_generation(void)
{
	return *(volatile __u32 *)&policy.generation;
}

static __always_inline const struct gancho_filter *filter_now(void)
{
	return &policy.filters[policy_generation() & 1];
}

static __always_inline bool filter_has(const struct gancho_filter *filter, enum ev_type type)
{
	/* A type out of a table is a number that the verifier knows nothing about. */
	return filter->events[type / 64 % (EV_TYPE_MAX / 64)] >> type % 64 & 1;
}

static __always_inline bool filter_table_has(const struct gancho_filter *filter, enum ev_type type)
{
	return filter->table[type / 64] >> type % 64 & 1;
}

static __always_inline bool paths_left_out(__u32 type)
{
	return policy.no_paths[type / 64 % (EV_TYPE_MAX / 64)] >> type % 64 & 1;
}

static __always_inline bool environment_asked_for(void)
{
	return *(volatile __u32 *)&policy.environment;
}

/* current's cgroup is the filter's or lies below it. */
static __always_inline bool filter_cgroup(const struct gancho_filter *filter)
{
	return !filter->cgroup_id ||
	       bpf_get_current_ancestor_cgroup_id(filter->cgroup_level) == filter->cgroup_id;
}
