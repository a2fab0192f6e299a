// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Runs the product's path walker on the calling task's descriptors, for the tests. */
#include "path.bpf.h"
#include "walker/walker.bpf.h"

char _license[] SEC("license") = "Dual BSD/GPL";

const volatile __u32 max_steps = PATH_MAX_STEPS;
__u32 count; /* walks wanted, at most WALKS_MAX */
__u32 fds[WALKS_MAX];
struct walk_answer answers[WALKS_MAX];

/* Global, so that the verifier goes through it once and not WALKS_MAX times. */
__noinline int walk_one(__u32 index)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct walk_answer *answer;
	struct record_slot *slot;
	struct fdtable *table;
	struct file *file = NULL;
	struct ev_path result = {};
	struct path path = {};
	__u32 length;

	if (index >= WALKS_MAX)
		return 0;
	answer = &answers[index];
	answer->found = 0;
	table = BPF_CORE_READ(task, files, fdt);
	if (fds[index] >= BPF_CORE_READ(table, max_fds))
		return 0;
	bpf_probe_read_kernel(&file, sizeof(file), BPF_CORE_READ(table, fd) + fds[index]);
	if (!file)
		return 0;
	/* As a hook has it: read in place, where that can be. */
	path.mnt = member_of(typed(file, reads_in_place), f_path.mnt, reads_in_place);
	path.dentry = member_of(typed(file, reads_in_place), f_path.dentry, reads_in_place);

	slot = slot_claim(8);
	if (!slot)
		return 0;
	path_append(slot, &result, &path, task);
	length = result.length;
	barrier_var(length);
	if (result.offset && length <= EV_PATH_MAX &&
	    !bpf_probe_read_kernel(answer->path, length,
				   &slot->record[result.offset & (TAIL_LIMIT - 1)])) {
		answer->length = length;
		answer->root_length = result.root_length;
		answer->flags = result.flags;
		answer->found = 1;
	}
	slot_release(slot);
	return 0;
}

SEC("raw_tp")
int walk(void *ctx)
{
	for (__u32 i = 0; i < WALKS_MAX && i < count; i++)
		walk_one(i);
	return 0;
}
