/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What a task is: its identity, credentials, namespaces, cgroup, terminal. */
#pragma once

#include "loop.bpf.h"
#include "tail.bpf.h"
#include "wire/task.h"

/* linux/sched.h */
#define PF_FORKNOEXEC 0x00000040
#define PF_KTHREAD 0x00200000

#define CGROUP_LEVELS 32 /* names of a cgroup's path that a record carries */

/* kernfs_node.parent became __parent in 6.15 (kernel commit 633488947ef6) */
struct kernfs_node___6_15 {
	struct kernfs_node *__parent;
} __attribute__((preserve_access_index));

static __always_inline void comm_fill(__u8 (*to)[EV_COMM_LEN], struct task_struct *task)
{
	struct timespec64 *words; /* it has two, and none is a pointer */

	_Static_assert(sizeof(*words) == EV_COMM_LEN, "a comm is two words");
	if (!reads_in_place) {
		BPF_CORE_READ_INTO(to, task, comm);
		return;
	}
	words = bpf_core_cast((void *)task + bpf_core_field_offset(struct task_struct, comm),
			      struct timespec64);
	*(__u64 *)&(*to)[0] = words->tv_sec;
	*(__u64 *)&(*to)[8] = words->tv_nsec;
}

/* What a descriptor of the current process stands for at this moment; NULL when it is closed. */
static __always_inline struct file *file_of_fd(__u32 fd)
{
	struct task_struct *task = plain(bpf_get_current_task_btf());
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file *file = NULL;

	if (fd < BPF_CORE_READ(table, max_fds))
		bpf_probe_read_kernel(&file, sizeof(file), BPF_CORE_READ(table, fd) + fd);
	return file;
}

static __always_inline void header_fill(struct ev_header *header, enum ev_type type,
					enum ev_class class_id, struct task_struct *task)
{
	__u32 pid = task->tgid, tid = task->pid;

	header->type = type;
	header->class_id = class_id;
	header->time = bpf_ktime_get_boot_ns();
	header->start_time = (pid == tid ? task : task->group_leader)->start_boottime;
	header->exec_count = task->self_exec_id;
	header->pid = pid;
	header->tid = tid;
	comm_fill(&header->comm, task);
}

static __always_inline void credentials_fill(struct ev_credentials *to, const struct cred *from)
{
	to->uid = from->uid.val;
	to->euid = from->euid.val;
	to->suid = from->suid.val;
	to->gid = from->gid.val;
	to->egid = from->egid.val;
	to->sgid = from->sgid.val;
	/* Two words before 6.3, one later (kernel commit f122a08b197d); the same bits on a little-endian machine. */
	bpf_core_read(&to->cap_permitted, sizeof(__u64), &from->cap_permitted);
	bpf_core_read(&to->cap_effective, sizeof(__u64), &from->cap_effective);
}

static __always_inline void namespaces_fill(struct ev_namespaces *to, __u32 *vpid,
					    struct task_struct *task)
{
	struct nsproxy *proxy = task->nsproxy;
	struct pid *pid =
		task->group_leader->thread_pid; /* the process's, also when a thread asks */

	to->user = task->cred->user_ns->ns.inum;
	if (proxy) { /* NULL while a task exits */
		to->cgroup = proxy->cgroup_ns->ns.inum;
		to->ipc = proxy->ipc_ns->ns.inum;
		to->mnt = BPF_CORE_READ(proxy, mnt_ns, ns.inum);
		to->net = proxy->net_ns->ns.inum;
		to->time = proxy->time_ns->ns.inum;
		to->uts = proxy->uts_ns->ns.inum;
	}
	if (pid) {
		struct upid *innermost = __builtin_preserve_access_index(&pid->numbers[0]);
		struct upid numbers;

		innermost += BPF_CORE_READ(pid, level);
		bpf_probe_read_kernel(&numbers, sizeof(numbers), innermost);
		*vpid = numbers.nr;
		to->pid = BPF_CORE_READ(numbers.ns, ns.inum);
	}
}

static __always_inline __u32 session_of(struct task_struct *task)
{
	struct pid *session = task->signal->pids[PIDTYPE_SID];

	return session ? BPF_CORE_READ(session, numbers[0].nr) : 0;
}

static __always_inline bool terminal_fill(struct record_slot *slot, __u32 *device,
					  struct ev_string *name, struct task_struct *task)
{
	struct tty_struct *tty = task->signal->tty;

	if (!tty)
		return false;
	*device = BPF_CORE_READ(tty, driver, major) << 20 |
		  (BPF_CORE_READ(tty, driver, minor_start) + BPF_CORE_READ(tty, index));
	tail_kernel_string(slot, name, __builtin_preserve_access_index(&tty->name));
	return true;
}

static __always_inline struct kernfs_node *kernfs_parent(struct kernfs_node *node)
{
	struct kernfs_node___6_15 *newer = (void *)node;

	if (bpf_core_field_exists(newer->__parent))
		return BPF_CORE_READ(newer, __parent);
	return BPF_CORE_READ(node, parent);
}

struct cgroup_climb {
	struct record_slot *slot;
	struct kernfs_node *node;
};

static long cgroup_step(__u64 index, struct cgroup_climb *climb)
{
	struct kernfs_node *node = climb->node, *parent = kernfs_parent(node);
	struct record_slot *slot = climb->slot;
	__u32 at = tail_next(slot);
	long n;

	if (!parent || !at) /* the hierarchy's root has no name */
		return 1;
	n = bpf_probe_read_kernel_str(&slot->record[at & (TAIL_LIMIT - 1)], NAME_BYTES,
				      BPF_CORE_READ(node, name));
	if (n <= 0)
		return 1;
	slot->tail = at + n;
	climb->node = parent;
	return 0;
}

/* Names from the leaf up, each with its NUL. Returns their length. */
__noinline int cgroup_append(struct record_slot *slot, __u64 kernfs_node)
{
	struct cgroup_climb climb = {.slot = slot, .node = (struct kernfs_node *)kernfs_node};
	__u64 begin;

	if (!slot)
		return 0;
	begin = slot->tail;
	loop(CGROUP_LEVELS, cgroup_step, &climb);
	return slot->tail - begin;
}

static __always_inline void cgroup_fill(struct record_slot *slot, __u64 *id, struct ev_string *path,
					struct task_struct *task)
{
	struct kernfs_node *node = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn);

	*id = BPF_CORE_READ(node, id);
	path->offset = slot->tail;
	path->length = cgroup_append(slot, (__u64)node);
}
