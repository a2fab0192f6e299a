/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Runs once for each interpreter level of an exec: bprm->file is that level's file. */
#pragma once

struct hook_exec_check {
	struct task_struct *trusted; /* current, still the old program */
	struct task_struct *task;    /* the same, to read through */
	struct linux_binprm *bprm;
};

static __always_inline bool fill_security_bprm_check(__u64 *ctx, struct hook_exec_check *hook)
{
	hook->trusted = bpf_get_current_task_btf();
	hook->task = plain(hook->trusted);
	hook->bprm = plain((struct linux_binprm *)ctx[0]);
	return true;
}
