/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Operations on other processes and on the kernel itself. The system call's function begins and ends the
 * record: numbers are in the caller's registers, where nobody else reaches them. What was given by pointer
 * comes from functions behind, which have the kernel's own copy of it.
 */
#pragma once

#include "hooks/call_enter.h"
#include "hooks/clone_done.h"
#include "hooks/dupfd_done.h"
#include "hooks/mmap_done.h"
#include "hooks/mprotect_check.h"
#include "hooks/mprotect_done.h"
#include "hooks/signal_generate.h"
#include "hooks/syscall_return.h"
#include "socket.bpf.h"
#include "syscalls/call.bpf.h"
#include "task.bpf.h"

#define CLONE_NAMESPACES 0x7e020080 /* CLONE_NEW*, linux/sched.h */

#define PROT_READ 0x1 /* asm-generic/mman-common.h */
#define PROT_WRITE 0x2
#define PROT_EXEC 0x4
#define VM_READ 0x1 /* linux/mm.h */
#define VM_WRITE 0x2
#define VM_EXEC 0x4
#define VM_MAYSHARE 0x80
#define READ_IMPLIES_EXEC 0x0400000 /* linux/personality.h */

#define BPF_OBJECT_NAME 16 /* BPF_OBJ_NAME_LEN */
#define MEMFD_PREFIX 6	   /* "memfd:", which the kernel puts in front of the name */

static __always_inline enum ev_type privilege_type(enum probe_function call)
{
	switch (call) {
	case PROBE_sys_kill:
	case PROBE_sys_tkill:
	case PROBE_sys_tgkill:
	case PROBE_sys_rt_sigqueueinfo:
	case PROBE_sys_rt_tgsigqueueinfo:
	case PROBE_sys_pidfd_send_signal:
		return EV_KILL;
	case PROBE_sys_ptrace:
		return EV_PTRACE;
	case PROBE_sys_process_vm_readv:
	case PROBE_sys_process_vm_writev:
	case PROBE_sys_process_madvise:
		return EV_PROCESS_VM;
	case PROBE_sys_setns:
		return EV_SETNS;
	case PROBE_sys_unshare:
		return EV_UNSHARE;
	case PROBE_sys_bpf:
		return EV_BPF;
	case PROBE_sys_perf_event_open:
		return EV_PERF_EVENT_OPEN;
	case PROBE_sys_init_module:
	case PROBE_sys_finit_module:
		return EV_MODULE_LOAD;
	case PROBE_sys_delete_module:
		return EV_MODULE_DELETE;
	case PROBE_sys_kexec_load:
	case PROBE_sys_kexec_file_load:
		return EV_KEXEC;
	case PROBE_sys_keyctl:
		return EV_KEYCTL;
	case PROBE_sys_add_key:
		return EV_ADD_KEY;
	case PROBE_sys_request_key:
		return EV_REQUEST_KEY;
	case PROBE_sys_memfd_create:
		return EV_MEMFD_CREATE;
	case PROBE_sys_io_uring_setup:
		return EV_IO_URING_SETUP;
	case PROBE_sys_userfaultfd:
		return EV_USERFAULTFD;
	case PROBE_sys_dup:
	case PROBE_sys_dup2:
	case PROBE_sys_dup3:
		return EV_DUP;
	default:
		return EV_NONE;
	}
}

/* ---- what is told in passing ---- */

static __always_inline void give_pid(struct ev_privilege_call *record, __u64 pid)
{
	record->pid = pid;
	record->call.header.present |= EV_PRIVILEGE_HAS_PID;
}

static __always_inline void give_tid(struct ev_privilege_call *record, __u64 tid)
{
	record->tid = tid;
	record->call.header.present |= EV_PRIVILEGE_HAS_TID;
}

static __always_inline void give_signal(struct ev_privilege_call *record, __u64 signal)
{
	record->number = signal;
	if (!bare_has(EV_KILL)) /* the kernel asks about each target, also in vain */
		record->call.header.present |= EV_PRIVILEGE_HAS_COUNT;
}

static __always_inline void give_fd(struct ev_privilege_call *record, __u64 fd)
{
	record->fd = fd;
	record->call.header.present |= EV_PRIVILEGE_HAS_FD;
}

/* The first of several is shown, all are counted. */
static __noinline void target_found(struct ev_privilege_call *record, __u64 address)
{
	struct task_struct *task = (struct task_struct *)address;
	const struct cred *cred;

	if (record->count++ || !task)
		return;
	record->target.start_time = BPF_CORE_READ(task, group_leader, start_boottime);
	record->target.pid = BPF_CORE_READ(task, tgid);
	record->target.tid = BPF_CORE_READ(task, pid);
	cred = BPF_CORE_READ(task, real_cred);
	record->target.uid = BPF_CORE_READ(cred, uid.val);
	record->target.euid = BPF_CORE_READ(cred, euid.val);
	BPF_CORE_READ_INTO(&record->target.comm, task, comm);
	record->call.header.present |= EV_PRIVILEGE_HAS_TARGET;
}

/* A file by which the operation works. */
static __noinline void file_found(struct record_slot *slot, __u64 address)
{
	struct ev_privilege_call *record = (struct ev_privilege_call *)slot->record;
	struct file *file = (struct file *)address;
	struct task_struct *task = plain(bpf_get_current_task_btf());
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct socket *socket = socket_of_file(file);
	struct path path;

	record->inode = BPF_CORE_READ(inode, i_ino);
	record->dev = BPF_CORE_READ(inode, i_sb, s_dev);
	record->mode = BPF_CORE_READ(inode, i_mode) & S_IFMT;
	record->call.header.present |= EV_PRIVILEGE_HAS_FILE;
	if (socket) {
		if (socket_append(slot, offsetof(struct ev_privilege_call, socket), socket))
			record->call.header.present |= EV_PRIVILEGE_HAS_SOCKET;
		return;
	}
	BPF_CORE_READ_INTO(&path, file, f_path);
	if (paths_left_out(record->call.header.type))
		return;
	if (record->mode == S_IFIFO && !BPF_CORE_READ(path.dentry, d_name.len))
		return; /* pipe(2): it has no name */
	path_append(slot, &record->path, &path, task);
}

/* ---- the call begins: what is in registers ---- */

static __always_inline bool lands_on_standard(long fd)
{
	return fd >= 0 && fd <= 2;
}

static __always_inline bool privilege_begins(struct hook_syscall_enter *hook)
{
	switch (hook->call) {
	case PROBE_sys_dup2: /* onto itself: nothing happens */
		if ((__u32)hook->args[0] == (__u32)hook->args[1])
			return false;
		return lands_on_standard((__u32)hook->args[1]);
	case PROBE_sys_dup3:
		return lands_on_standard((__u32)hook->args[1]);
	default:
		return true;
	}
}

static __noinline void namespaces_now(struct ev_namespaces *to)
{
	struct task_struct *task = plain(bpf_get_current_task_btf());
	struct nsproxy *proxy = task->nsproxy;
	__u32 vpid;

	namespaces_fill(to, &vpid, task);
	/* The caller stays where it is; what it has chosen is its children's. */
	to->pid = BPF_CORE_READ(proxy, pid_ns_for_children, ns.inum);
	to->time = BPF_CORE_READ(proxy, time_ns_for_children, ns.inum);
}

static __always_inline void privilege_enter(struct hook_syscall_enter *hook)
{
	enum ev_type type = privilege_type(hook->call);
	struct ev_privilege_call *record;
	struct record_slot *slot;
	__u64 *args = hook->args;

	if (type == EV_NONE || !privilege_begins(hook))
		return;
	slot = call_begin(type, sizeof(*record));
	if (!slot)
		return;
	record = (struct ev_privilege_call *)slot->record;
	switch (hook->call) {
	case PROBE_sys_kill:
	case PROBE_sys_rt_sigqueueinfo:
		give_pid(record, args[0]);
		give_signal(record, args[1]);
		return;
	case PROBE_sys_tkill:
		give_tid(record, args[0]);
		give_signal(record, args[1]);
		return;
	case PROBE_sys_tgkill:
	case PROBE_sys_rt_tgsigqueueinfo:
		give_pid(record, args[0]);
		give_tid(record, args[1]);
		give_signal(record, args[2]);
		return;
	case PROBE_sys_pidfd_send_signal:
		give_fd(record, args[0]);
		give_signal(record, args[1]);
		record->flags = (__u32)args[3];
		return;
	case PROBE_sys_ptrace:
		record->number = args[0];
		give_pid(record, args[1]);
		record->address = args[2];
		record->data = args[3];
		return;
	case PROBE_sys_process_vm_readv:
	case PROBE_sys_process_vm_writev:
		give_pid(record, args[0]);
		record->length = args[4];
		return;
	case PROBE_sys_process_madvise:
		give_fd(record, args[0]);
		record->length = args[2];
		record->number = args[3];
		return;
	case PROBE_sys_setns:
		give_fd(record, args[0]);
		record->flags = (__u32)args[1];
		return namespaces_now(&record->ns_before);
	case PROBE_sys_unshare:
		record->flags = (__u32)args[0];
		return namespaces_now(&record->ns_before);
	case PROBE_sys_bpf:
		record->number = args[0];
		return;
	case PROBE_sys_perf_event_open:
		give_pid(record, args[1]);
		record->fd = args[2]; /* the processor */
		record->flags = args[4];
		return;
	case PROBE_sys_init_module:
		record->length = args[1];
		return;
	case PROBE_sys_finit_module:
		give_fd(record, args[0]);
		record->flags = (__u32)args[2];
		return;
	case PROBE_sys_delete_module:
		record->flags = (__u32)args[1];
		return;
	case PROBE_sys_kexec_file_load:
		give_fd(record, args[0]);
		record->flags = args[4];
		return;
	case PROBE_sys_add_key:
		record->length = args[3];
		record->fd = args[4];
		return;
	case PROBE_sys_request_key:
		record->fd = args[3];
		return;
	case PROBE_sys_memfd_create:
		record->flags = (__u32)args[1];
		return;
	case PROBE_sys_dup2:
		give_fd(record, args[0]);
		record->number = args[1];
		return;
	case PROBE_sys_dup3:
		give_fd(record, args[0]);
		record->number = args[1];
		record->flags = (__u32)args[2];
		return;
	default:
		return;
	}
}

/* ---- the kernel has its own copy, or has found what was meant ---- */

static __noinline void bpf_object_named(struct record_slot *slot, __u64 address)
{
	struct ev_privilege_call *record = (struct ev_privilege_call *)slot->record;
	union bpf_attr *attr = (union bpf_attr *)address;

	if (record->number == BPF_PROG_LOAD) {
		record->kind = BPF_CORE_READ(attr, prog_type);
		tail_kernel_name(slot, &record->name,
				 __builtin_preserve_access_index(&attr->prog_name),
				 BPF_OBJECT_NAME);
		record->call.header.present |= EV_PRIVILEGE_HAS_PROGRAM;
	} else if (record->number == BPF_MAP_CREATE) {
		record->kind = BPF_CORE_READ(attr, map_type);
		tail_kernel_name(slot, &record->name,
				 __builtin_preserve_access_index(&attr->map_name), BPF_OBJECT_NAME);
		record->call.header.present |= EV_PRIVILEGE_HAS_MAP;
	}
}

static __always_inline void privilege_middle(struct hook_call_enter *hook)
{
	struct record_slot *slot = pending_find();
	struct ev_privilege_call *record;
	__u64 *args = hook->args;

	if (!slot)
		return;
	record = (struct ev_privilege_call *)slot->record;
	switch (hook->function) {
	case PROBE_check_kill_permission:
		if (record->call.header.type == EV_KILL)
			target_found(record, args[2]);
		return;
	case PROBE_ptrace_attach:
	case PROBE_ptrace_check_attach:
	case PROBE_security_ptrace_traceme:
		if (record->call.header.type == EV_PTRACE)
			target_found(record, args[0]);
		return;
	case PROBE_mm_access:
		if (record->call.header.type == EV_PROCESS_VM)
			target_found(record, args[0]);
		return;
	case PROBE_security_bpf:
		if (record->call.header.type == EV_BPF)
			bpf_object_named(slot, args[1]);
		return;
	case PROBE_perf_event_alloc:
		if (record->call.header.type != EV_PERF_EVENT_OPEN)
			return;
		record->kind = BPF_CORE_READ((struct perf_event_attr *)args[0], type);
		record->data = BPF_CORE_READ((struct perf_event_attr *)args[0], config);
		record->call.header.present |= EV_PRIVILEGE_HAS_COPY;
		target_found(record, args[2]);
		return;
	case PROBE_security_kernel_read_file:
		if ((record->call.header.type == EV_MODULE_LOAD ||
		     record->call.header.type == EV_KEXEC) &&
		    !(record->call.header.present & EV_PRIVILEGE_HAS_FILE))
			file_found(slot, args[0]);
		return;
	case PROBE_find_module_all:
		if ((record->call.header.type == EV_MODULE_LOAD ||
		     record->call.header.type == EV_MODULE_DELETE) &&
		    !record->name.offset)
			tail_kernel_string(slot, &record->name, (void *)args[0]);
		return;
	case PROBE_parse_args: /* of the module, whose name is known by now */
		if (record->call.header.type == EV_MODULE_LOAD && !record->more.offset)
			tail_kernel_string(slot, &record->more, (void *)args[1]);
		return;
	case PROBE_key_create_or_update:
		if (record->call.header.type != EV_ADD_KEY)
			return;
		tail_kernel_string(slot, &record->more, (void *)args[1]);
		tail_kernel_string(slot, &record->name, (void *)args[2]);
		return;
	case PROBE_request_key_and_link:
		if (record->call.header.type != EV_REQUEST_KEY)
			return;
		tail_kernel_string(slot, &record->more,
				   BPF_CORE_READ((struct key_type *)args[0], name));
		tail_kernel_string(slot, &record->name, (void *)args[1]);
		return;
	case PROBE_shmem_file_setup:
	case PROBE_hugetlb_file_setup:
		if (record->call.header.type == EV_MEMFD_CREATE)
			tail_kernel_string(slot, &record->name, (void *)args[0] + MEMFD_PREFIX);
		return;
	case PROBE_do_dup2: /* under the lock of the descriptors: it stays what it is */
		if (record->call.header.type == EV_DUP)
			file_found(slot, args[1]);
		return;
	default:
		return;
	}
}

/* It comes to a task; where the kernel does not tell whom else it was meant for. */
static __always_inline void syscalls__signal_generate(struct hook_signal_generate *hook)
{
	struct ev_privilege_call *record = call_pending(pending_find(), EV_KILL);

	if (!record || record->number != hook->signal)
		return;
	record->call.header.present |= EV_PRIVILEGE_HAS_COUNT;
	target_found(record, (__u64)hook->task);
}

/* ---- the call ends ---- */

/* The ring as it was made: its parameters are the caller's memory. */
static __noinline void ring_made(struct ev_privilege_call *record, int fd)
{
	struct file *file = file_of_fd(fd);
	struct io_ring_ctx *ring = BPF_CORE_READ(file, private_data);

	if (!ring)
		return;
	record->flags = BPF_CORE_READ(ring, flags);
	record->call.header.present |= EV_PRIVILEGE_HAS_COPY;
}

/* A descriptor that is one of the standard three now. */
static __always_inline void dup_landed(__u64 from, bool from_known, struct file *file, __u64 flags,
				       long result)
{
	struct record_slot *slot = call_begin(EV_DUP, sizeof(struct ev_privilege_call));
	struct ev_privilege_call *record;

	if (!slot)
		return;
	record = (struct ev_privilege_call *)slot->record;
	if (from_known)
		give_fd(record, from);
	record->number = result;
	record->flags = flags;
	if (file)
		file_found(slot, (__u64)file);
	record->call.header.present |= EV_PRIVILEGE_HAS_NEW_FD;
	call_end(slot, result);
}

/* hooks.list has such a call as retsyscall: all is known when it is over. */
static __always_inline bool privilege_has_one_moment(enum probe_function call)
{
	switch (call) {
	case PROBE_sys_userfaultfd:
	case PROBE_sys_kexec_load:
	case PROBE_sys_keyctl:
	case PROBE_sys_io_uring_setup:
		return true;
	default:
		return false;
	}
}

static __always_inline void privilege_given_late(struct ev_privilege_call *record,
						 enum probe_function call, __u64 *args)
{
	switch (call) {
	case PROBE_sys_userfaultfd:
		record->flags = (__u32)args[0];
		return;
	case PROBE_sys_kexec_load:
		record->address = args[0];
		record->length = args[1];
		record->flags = args[3];
		return;
	case PROBE_sys_keyctl:
		record->number = args[0];
		record->address = args[1];
		record->data = args[2];
		return;
	case PROBE_sys_io_uring_setup:
		record->length = (__u32)args[0];
		return;
	default:
		return;
	}
}

static __always_inline void privilege_return(struct hook_syscall_return *hook)
{
	enum ev_type type = privilege_type(hook->call);
	struct ev_privilege_call *record;
	struct record_slot *slot;

	if (type == EV_NONE)
		return;
	if (hook->call == PROBE_sys_dup) {
		if (lands_on_standard(hook->result))
			dup_landed(hook->args[0], true, file_of_fd(hook->result), 0, hook->result);
		return;
	}
	if (privilege_has_one_moment(hook->call)) {
		slot = call_begin(type, sizeof(*record));
		if (!slot)
			return;
		record = (struct ev_privilege_call *)slot->record;
		privilege_given_late(record, hook->call, hook->args);
	} else {
		slot = pending_find();
		record = call_pending(slot, type);
		if (!record)
			return;
	}
	switch (type) {
	case EV_BPF:
		if (hook->result >= 0)
			record->call.header.present |= EV_PRIVILEGE_HAS_RESULT;
		break;
	case EV_PERF_EVENT_OPEN:
	case EV_MEMFD_CREATE:
	case EV_USERFAULTFD:
	case EV_DUP:
		if (hook->result >= 0)
			record->call.header.present |= EV_PRIVILEGE_HAS_NEW_FD;
		break;
	case EV_IO_URING_SETUP:
		if (hook->result < 0)
			break;
		record->call.header.present |= EV_PRIVILEGE_HAS_NEW_FD;
		ring_made(record, hook->result);
		break;
	case EV_SETNS:
	case EV_UNSHARE:
		namespaces_now(&record->ns);
		break;
	case EV_PTRACE:
	case EV_PROCESS_VM:
	case EV_KEYCTL:
	case EV_ADD_KEY:
	case EV_REQUEST_KEY:
		if (hook->result >= 0)
			record->call.header.present |= EV_PRIVILEGE_HAS_RESULT;
		break;
	default:
		break;
	}
	call_end(slot, hook->result);
}

/* ---- what happens too often for a probe ---- */

static __always_inline void syscalls__clone_done(struct hook_clone_done *hook)
{
	struct ev_privilege_call *record;
	struct record_slot *slot;

	if (!(hook->args->flags & CLONE_NAMESPACES))
		return;
	slot = call_begin(EV_CLONE, sizeof(*record));
	if (!slot)
		return;
	record = (struct ev_privilege_call *)slot->record;
	record->flags = hook->args->flags;
	if (hook->result >= 0)
		record->call.header.present |= EV_PRIVILEGE_HAS_RESULT;
	call_end(slot, hook->result);
}

static __always_inline void syscalls__dupfd_done(struct hook_dupfd_done *hook)
{
	__u64 args[6];

	if (!lands_on_standard(hook->result))
		return;
	syscall_args(args);
	dup_landed(args[0], true, hook->file, hook->flags, hook->result);
}

/* What a process with an old personality may read, it may execute. */
static __always_inline __u64 effective_prot(__u64 prot)
{
	struct task_struct *task = plain(bpf_get_current_task_btf());

	if (prot & PROT_READ && task->personality & READ_IMPLIES_EXEC)
		prot |= PROT_EXEC;
	return prot;
}

static __always_inline bool writes_and_runs(__u64 prot)
{
	return prot & PROT_WRITE && prot & PROT_EXEC;
}

static __always_inline void memory_mapped(const struct hook_mmap_done *hook)
{
	__u64 prot = effective_prot(hook->prot);
	struct ev_privilege_call *record;
	struct record_slot *slot;

	if (!writes_and_runs(prot))
		return;
	slot = call_begin(EV_MEMORY_EXEC, sizeof(*record));
	if (!slot)
		return;
	record = (struct ev_privilege_call *)slot->record;
	record->address = hook->result >= 0 || hook->result < -MAX_ERRNO ? (__u64)hook->result
									 : hook->address;
	record->length = hook->length;
	record->data = prot;
	record->flags = (__u32)hook->flags;
	if (hook->user_memory)
		record->call.flags |= EV_CALL_USER_MEMORY;
	if (hook->file)
		file_found(slot, (__u64)hook->file);
	call_end(slot, hook->result);
}

static __always_inline void syscalls__mmap_done(struct hook_mmap_done *hook)
{
	memory_mapped(hook);
}

/*
 * Was that memory written, or can it be, and shall it run? Once it is both, there is no news in it. A private
 * mapping with pages of its own was written, also when it cannot be just now.
 */
static __always_inline bool memory_matters(__u64 now, bool written, __u64 prot)
{
	if (!(prot & PROT_EXEC) || (now & VM_WRITE && now & VM_EXEC))
		return false;
	return now & VM_WRITE || prot & PROT_WRITE || (written && !(now & VM_EXEC));
}

static __always_inline bool mapping_written(const struct vm_area_struct *vma)
{
	return vma->anon_vma && !(vma->vm_flags & VM_MAYSHARE);
}

static __always_inline void memory_before(struct record_slot *slot, __u64 now, bool written,
					  __u64 file)
{
	struct ev_privilege_call *record = (struct ev_privilege_call *)slot->record;

	record->before = now & (VM_READ | VM_WRITE | VM_EXEC); /* the same bits as PROT_* */
	record->call.header.present |= EV_PRIVILEGE_HAS_BEFORE;
	if (written)
		record->call.flags |= EV_CALL_MAPPING_WRITTEN;
	if (file)
		file_found(slot, file);
}

static __always_inline struct record_slot *memory_begin(__u64 prot)
{
	struct record_slot *slot = call_begin(EV_MEMORY_EXEC, sizeof(struct ev_privilege_call));
	struct ev_privilege_call *record;

	if (!slot)
		return NULL;
	record = (struct ev_privilege_call *)slot->record;
	record->data = prot & (PROT_READ | PROT_WRITE | PROT_EXEC);
	return slot;
}

static __always_inline void syscalls__mprotect_check(struct hook_mprotect_check *hook)
{
	struct vm_area_struct *vma = hook->vma;
	bool written = mapping_written(vma);
	struct record_slot *slot;

	if (!memory_matters(vma->vm_flags, written, hook->prot))
		return;
	if (call_pending(pending_find(), EV_MEMORY_EXEC)) /* one record for all of the range */
		return;
	slot = memory_begin(hook->prot);
	if (slot)
		memory_before(slot, vma->vm_flags, written, (__u64)vma->vm_file);
}

static __always_inline void memory_protected(__u64 address, __u64 length, long result)
{
	struct record_slot *slot = pending_find();
	struct ev_privilege_call *record = call_pending(slot, EV_MEMORY_EXEC);

	if (!record)
		return;
	record->address = address;
	record->length = length;
	call_end(slot, result);
}

static __always_inline void syscalls__mprotect_done(struct hook_mprotect_done *hook)
{
	memory_protected(hook->address, hook->length, hook->result);
}
