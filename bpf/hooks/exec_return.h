/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * An attempt to execute comes back: from the look-up of the file (alloc_bprm), from loading it
 * (bprm_execve), or from the system call. The inner two have the kernel's own copy of the path, which
 * no thread of the caller can change any more, so they are asked first; only the system call sees what
 * fails before and between them (EFAULT, E2BIG, EAGAIN). Where the look-up fails differs: ENOENT and
 * EACCES come out of bprm_execve up to 6.5 and out of alloc_bprm later.
 */
#pragma once

struct hook_exec_return {
	struct task_struct *trusted; /* current */
	struct task_struct *task;    /* the same, to read through */
	struct linux_binprm *bprm;   /* NULL when there is none (any more) */
	const char *filename;	     /* the kernel's copy of the path, or NULL */
	long error;		     /* negative errno */
	bool outermost;		     /* the system call itself */
};

static __always_inline bool fill_exec_return(__u64 *ctx, struct hook_exec_return *hook)
{
	__u64 result = 0;

	/* The number of arguments differs between kernels, and with it the place of the result. */
	if (bpf_get_func_ret(ctx, &result))
		return false;
	hook->trusted = bpf_get_current_task_btf();
	hook->task = plain(hook->trusted);
	hook->bprm = NULL;
	hook->filename = NULL;
	hook->error = (long)result;
	hook->outermost = false;
	return true;
}

static __always_inline bool fill_alloc_bprm(__u64 *ctx, struct hook_exec_return *hook)
{
	if (!fill_exec_return(ctx, hook))
		return false;
	if (hook->error >= 0 || hook->error < -4095) /* not IS_ERR() */
		return false;
	hook->filename = ((struct filename *)ctx[1])->name;
	return true;
}

static __always_inline bool fill_bprm_execve(__u64 *ctx, struct hook_exec_return *hook)
{
	if (!fill_exec_return(ctx, hook))
		return false;
	hook->error = (int)hook->error; /* an int: the upper half of the register is not its own */
	if (hook->error >= 0)
		return false;
	hook->bprm = plain((struct linux_binprm *)ctx[0]);
	hook->filename = hook->bprm->filename;
	return true;
}

static __always_inline bool fill_exec_syscall(__u64 *ctx, struct hook_exec_return *hook)
{
	if (!fill_exec_return(ctx, hook))
		return false;
	hook->outermost = true;
	return hook->error < 0;
}

#define fill___x64_sys_execve fill_exec_syscall
#define fill___x64_sys_execveat fill_exec_syscall
#define fill___ia32_compat_sys_execve fill_exec_syscall
#define fill___ia32_compat_sys_execveat fill_exec_syscall

static __always_inline bool fill_exec_tracepoint(__u64 *ctx, struct hook_exec_return *hook)
{
	struct trace_event_raw_sys_exit *event = (void *)ctx;

	hook->trusted = bpf_get_current_task_btf();
	hook->task = plain(hook->trusted);
	hook->bprm = NULL;
	hook->filename = NULL;
	hook->error = event->ret;
	hook->outermost = true;
	return hook->error < 0;
}

#define fill_sys_exit_execve fill_exec_tracepoint
#define fill_sys_exit_execveat fill_exec_tracepoint
