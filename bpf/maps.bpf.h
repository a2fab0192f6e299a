/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The maps that all rooms share. Sizes of 1, and that of the account, are set by the loader (src/load/object.cpp). */
#pragma once

#include "config.bpf.h"
#include "wire/account.h"

const volatile struct gancho_settings settings = {
	.args_max = EV_PATH_MAX,
	.cpu_mask = CPUS_MAX - 1,
	.containers = CONTAINERS_V2,
	.container_tasks = 1,
};

/* Each is the one value of a map of its own, which user space has in its memory too. */
struct gancho_policy policy SEC(".data.policy");
struct doorbell doorbell SEC(".data.doorbell");
struct account_cpu account[CPUS_MAX] SEC(".bss.account"); /* one for each CPU */

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} vital_ring SEC(".maps");

struct bulk_ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct bulk_ring);
} bulk_rings SEC(".maps");

static __always_inline struct account_cpu *account_of(__u32 cpu)
{
	return &account[cpu & settings.cpu_mask];
}

static __always_inline struct account_cpu *this_account(void)
{
	return account_of(bpf_get_smp_processor_id());
}
