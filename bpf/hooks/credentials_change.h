/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A task of its own accord, or in an exec, changes its credentials. Nothing can stop it any more. */
#pragma once

struct hook_credentials_change {
	struct task_struct *trusted; /* current */
	struct task_struct *task;    /* the same, to read through; still with the old ones */
	const struct cred *next;
};

static __always_inline bool fill_commit_creds(__u64 *ctx, struct hook_credentials_change *hook)
{
	hook->trusted = bpf_get_current_task_btf();
	hook->task = plain(hook->trusted);
	hook->next = (const struct cred *)ctx[0];
	return true;
}

static __always_inline bool fill_credentials_change(__u64 *ctx,
						    struct hook_credentials_change *hook)
{
	__u64 next = PT_REGS_PARM1((struct pt_regs *)ctx);

	return fill_commit_creds(&next, hook);
}
