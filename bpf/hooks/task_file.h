/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#pragma once

struct hook_task_file {
	struct seq_file *seq; /* what is written there whoever reads the iterator gets */
	struct task_struct *task;
	struct file *file;
	__u32 fd;
};

static __always_inline bool fill_task_file(__u64 *ctx, struct hook_task_file *hook)
{
	struct bpf_iter__task_file *iter = (struct bpf_iter__task_file *)ctx;

	hook->seq = iter->meta->seq;
	hook->task = iter->task;
	hook->file = iter->file;
	hook->fd = iter->fd;
	return hook->task && hook->file; /* NULL after the last one */
}
