/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The iterator over all tasks of the machine. */
#pragma once

struct hook_task {
	struct seq_file *seq; /* what is written there whoever reads the iterator gets */
	struct task_struct *task;
	int result; /* where programs may sleep: 1 for this task once more, at the next read */
};

static __always_inline bool fill_task(__u64 *ctx, struct hook_task *hook)
{
	struct bpf_iter__task *iter = (struct bpf_iter__task *)ctx;

	hook->seq = iter->meta->seq;
	hook->task = iter->task;
	hook->result = 0;
	return hook->task; /* NULL after the last one */
}
