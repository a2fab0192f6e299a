/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * gancho stat syscalls: each call of the machine is counted where it returns. An object of its own: while a
 * program is at these tracepoints the kernel takes its slow path for every call of every process.
 *
 * Programs at tracepoints are not preempted, and calls are made by tasks only, so a CPU's value has one
 * writer.
 */
#include "core.bpf.h"
#include "loop.bpf.h"
#include "wire/syscall_stat.h"

#ifndef TS_COMPAT
#define TS_COMPAT 0x0002 /* arch/x86/include/asm/thread_info.h */
#endif
#define MAX_ERRNO 4095
/* include/linux/errno.h: what a call returns when a signal came */
#define ERESTARTSYS 512
#define ERESTART_RESTARTBLOCK 516
/* include/linux/sched.h */
#define PF_IO_WORKER 0x00000010
#define PF_USER_WORKER 0x00004000
#define TASK_STATES_BLOCKED 0x0003 /* TASK_INTERRUPTIBLE, TASK_UNINTERRUPTIBLE */

#define STAT_PARENTS 64	      /* looked at on the way up */
#define STAT_CGROUP_LEVELS 32 /* the same, of cgroups */

const volatile struct stat_settings settings = {};
__u64 view_begin; /* boot clock, ns; a task that started later was made under our eyes */

enum descent {
	DESCENT_UNKNOWN = 0, /* as task storage comes */
	DESCENT_OURS = 1,
	DESCENT_NOT_OURS = 2,
};

struct thread {
	__u64 begin; /* of the call that it is in; 0: none that we saw begin */
	__u32 number;
	__u32 table;
	__u32 descent; /* enum descent */
	__u32 seen;    /* it has begun or ended a call in this view */
};

/* By task and not by its id: an exec of a thread that is not the leader changes the id in the middle of the call. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct thread);
} threads SEC(".maps");

/* One table of rows, which user space replaces when it reads it. */
struct rows {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(struct stat_key)); /* clang only names the type of an inner map's */
	__uint(value_size, sizeof(struct stat_value));
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct rows);
} tables SEC(".maps");

static const struct stat_value no_value;

/* ---- whose call ---- */

struct climb {
	struct task_struct *leader;
	__u32 pid;
	__u32 found;
};

static long climb_step(__u64 index, struct climb *climb)
{
	struct task_struct *leader = climb->leader;
	__u32 pid = BPF_CORE_READ(leader, tgid);

	climb->found = pid == climb->pid;
	if (!pid || climb->found)
		return 1;
	climb->leader = BPF_CORE_READ(leader, real_parent, group_leader);
	return 0;
}

/* Its parents as they are now tell. Forks that we see hand it down, so it does not matter who dies later. */
static __always_inline bool descends(struct task_struct *task, struct thread *thread)
{
	struct climb climb = {.pid = settings.pid};

	if (thread->descent == DESCENT_UNKNOWN) {
		climb.leader = BPF_CORE_READ(task, group_leader);
		loop(STAT_PARENTS, climb_step, &climb);
		thread->descent = climb.found ? DESCENT_OURS : DESCENT_NOT_OURS;
	}
	return thread->descent == DESCENT_OURS;
}

static __always_inline struct thread *thread_of(struct task_struct *task, bool create)
{
	return bpf_task_storage_get(&threads, task, NULL,
				    create ? BPF_LOCAL_STORAGE_GET_F_CREATE : 0);
}

/* What can be told without looking at the task's storage. */
static __always_inline bool maybe_wanted(__u32 tgid)
{
	return tgid != settings.self &&
	       (!settings.pid || settings.children || tgid == settings.pid);
}

static __always_inline bool in_cgroup(void)
{
	return !settings.cgroup_id ||
	       bpf_get_current_ancestor_cgroup_id(settings.cgroup_level) == settings.cgroup_id;
}

/* ---- which call ---- */

static __always_inline __u32 table_of(struct task_struct *task)
{
	return task->thread_info.status & TS_COMPAT ? STAT_TABLE_32 : STAT_TABLE_64;
}

static __always_inline __u32 known_number(__u64 number)
{
	return number < STAT_NUMBERS ? number : STAT_NUMBERS;
}

static __always_inline bool never_returns(__u32 table, __u32 number)
{
	return table == STAT_TABLE_32 ? number == 1 || number == 252
				      : number == 60 || number == 231;
}

/* fork, vfork, clone, clone3: 0 is what the child gets, and the child has called nothing. */
static __always_inline bool is_fork(__u32 table, __u32 number)
{
	if (table == STAT_TABLE_32)
		return number == 2 || number == 190 || number == 120 || number == 435;
	return number == 57 || number == 58 || number == 56 || number == 435;
}

/* execve, execveat */
static __always_inline bool is_exec(__u32 table, __u32 number)
{
	return table == STAT_TABLE_32 ? number == 11 || number == 358
				      : number == 59 || number == 322;
}

/* ---- its row ---- */

static __always_inline void key_fill(struct stat_key *key, struct task_struct *task, __u32 table,
				     __u32 number, __s32 error)
{
	if (settings.by & STAT_BY_PROCESS) {
		key->start_time = task->group_leader->start_boottime;
		key->pid = task->tgid;
	}
	if (settings.by & STAT_BY_CALL) {
		key->table = table;
		key->number = number;
	}
	if (settings.by & STAT_BY_ERRNO)
		key->error = error;
}

static __always_inline struct stat_value *row_of(const struct stat_key *key)
{
	const struct stat_key rest = {.pid = STAT_REST_PID};
	struct stat_value *value;
	__u32 zero = 0;
	void *rows;

	rows = bpf_map_lookup_elem(&tables, &zero);
	if (!rows)
		return NULL;
	value = bpf_map_lookup_elem(rows, key);
	if (value)
		return value;
	bpf_map_update_elem(rows, key, &no_value, BPF_NOEXIST);
	value = bpf_map_lookup_elem(rows, key);
	/* The table is full; this row is always there. */
	return value ? value : bpf_map_lookup_elem(rows, &rest);
}

/* begin: 0 when it was not seen. */
static __always_inline void count(struct task_struct *task, __u32 table, __u32 number, __s64 result,
				  __u64 begin)
{
	__u64 now = bpf_ktime_get_ns(), ns;
	struct stat_key key = {};
	struct stat_value *value;
	bool restarts = result <= -ERESTARTSYS && result >= -ERESTART_RESTARTBLOCK;
	bool error = result < 0 && result >= -MAX_ERRNO;

	key_fill(&key, task, table, number, error ? result : 0);
	value = row_of(&key);
	if (!value)
		return;
	value->calls++;
	if (restarts)
		value->interrupted++;
	else if (error)
		value->errors++;
	if (settings.by & STAT_BY_PROCESS) {
		value->last = now;
		bpf_get_current_comm(value->comm, sizeof(value->comm));
	}
	if (!begin)
		return;
	ns = now - begin;
	value->timed++;
	value->total += ns;
	if (ns > value->longest)
		value->longest = ns;
	value->slots[latency_slot(ns) & (LATENCY_SLOTS - 1)]++;
}

/* ---- hooks ---- */

SEC("tp_btf/sys_enter")
int BPF_PROG(call_begins, struct pt_regs *regs, long id)
{
	struct task_struct *trusted = bpf_get_current_task_btf(), *task = plain(trusted);
	__u32 table, number = known_number(id);
	struct thread *thread;

	if (!maybe_wanted(task->tgid) || !in_cgroup())
		return 0;
	thread = thread_of(trusted, true);
	if (settings.children && (!thread || !descends(task, thread)))
		return 0;
	table = table_of(task);
	if (thread)
		thread->seen = true;
	if (never_returns(table, number)) {
		count(task, table, number, 0, 0);
		return 0;
	}
	if (!thread) /* no memory: it will be counted without a duration */
		return 0;
	thread->number = number;
	thread->table = table;
	thread->begin = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(call_returns, struct pt_regs *regs, long result)
{
	struct task_struct *trusted = bpf_get_current_task_btf(), *task = plain(trusted);
	__u32 table, number;
	struct thread *thread;

	if (!maybe_wanted(task->tgid))
		return 0;
	thread = thread_of(trusted, settings.children);
	/* The number is the one of the begin: an exec may have changed the table, a signal's return the number. */
	if (thread && thread->begin) {
		__u64 begin = thread->begin;

		thread->begin = 0;
		count(task, thread->table, thread->number, result, begin);
		return 0;
	}
	/* It began before the view, or seccomp refused it before the tracepoint. */
	if (!in_cgroup() || (settings.children && (!thread || !descends(task, thread))))
		return 0;
	if (thread)
		thread->seen = true;
	table = table_of(task);
	number = known_number(regs->orig_ax);
	if (!result && is_fork(table, number))
		return 0;
	/* A program that the kernel itself started. */
	if (!result && is_exec(table, number) && task->start_boottime >= view_begin)
		return 0;
	count(task, table, number, result, 0);
	return 0;
}

/* Only with settings.children. */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(process_forks, struct task_struct *parent, struct task_struct *child)
{
	struct thread *of_parent = thread_of(parent, true), *of_child = thread_of(child, true);

	if (of_parent && of_child)
		of_child->descent = descends(parent, of_parent) ? DESCENT_OURS : DESCENT_NOT_OURS;
	return 0;
}

/* Only with settings.children: who descends, before anybody's parent dies. */
SEC("iter/task")
int visit(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct thread *thread;

	if (!task)
		return 0;
	thread = thread_of(task, true);
	if (thread)
		descends(task, thread);
	return 0;
}

/* ---- what is under way ---- */

struct cgroup_climb {
	struct cgroup_subsys_state *at;
	__u32 found;
	__u32 pad;
};

static long cgroup_climb_step(__u64 index, struct cgroup_climb *climb)
{
	struct cgroup_subsys_state *at = climb->at;

	if (!at)
		return 1;
	climb->found = BPF_CORE_READ(at, cgroup, kn, id) == settings.cgroup_id;
	climb->at = BPF_CORE_READ(at, parent);
	return climb->found;
}

static __always_inline bool task_in_cgroup(struct task_struct *task)
{
	struct cgroup_climb climb = {};

	if (!settings.cgroup_id)
		return true;
	climb.at = (void *)BPF_CORE_READ(task, cgroups, dfl_cgrp) +
		   bpf_core_field_offset(struct cgroup, self);
	loop(STAT_CGROUP_LEVELS, cgroup_climb_step, &climb);
	return climb.found;
}

/* task->state became __state in 5.14, before any kernel that we run on. */
SEC("iter/task")
int under_way(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct stat_under_way found = {};
	struct thread *thread;
	struct pt_regs *regs;
	__u64 number;

	if (!task || !maybe_wanted(task->tgid) || !task_in_cgroup(task))
		return 0;
	thread = thread_of(task, settings.children);
	if (settings.children && (!thread || !descends(task, thread)))
		return 0;
	if (thread && thread->begin) {
		found.since = thread->begin;
		key_fill(&found.key, task, thread->table, thread->number, STAT_NOT_RETURNED);
	} else {
		/* Its registers are those of its last entry; while it is blocked it is still in that. */
		if ((thread && thread->seen) || task->start_boottime >= view_begin || !task->mm ||
		    task->flags & (PF_IO_WORKER | PF_USER_WORKER) ||
		    !(task->__state & TASK_STATES_BLOCKED))
			return 0;
		regs = (struct pt_regs *)bpf_task_pt_regs(task);
		number = BPF_CORE_READ(regs, orig_ax);
		if ((__s64)number < 0) /* an interrupt or a fault */
			return 0;
		key_fill(&found.key, task, table_of(task), known_number(number), STAT_NOT_RETURNED);
	}
	BPF_CORE_READ_INTO(&found.comm, task, comm);
	bpf_seq_write(ctx->meta->seq, &found, sizeof(found));
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
