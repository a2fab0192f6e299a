/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Changes of credentials, of the login, of session and terminal. commit_creds() is the one place where a task
 * gets other credentials; an exec, which comes by too, has them in its own record.
 */
#pragma once

#include "container.bpf.h"
#include "emit.bpf.h"
#include "filter.bpf.h"
#include "hooks/credentials_change.h"
#include "hooks/credentials_return.h"
#include "hooks/loginuid_enter.h"
#include "hooks/syscall_enter.h"
#include "hooks/syscall_return.h"
#include "hooks/terminal_set.h"
#include "lineage.bpf.h"
#include "pending.bpf.h"
#include "process/process.h"

#define TIOCSCTTY 0x540e   /* asm-generic/ioctls.h */
#define GROUPS_COMPARED 32 /* supplementary groups: more count as changed when they are set */
#define NO_NEW_PRIVS_BIT 1 /* PFA_NO_NEW_PRIVS is bit 0, linux/sched.h */
#define PR_SET_PTRACER 0x59616d61 /* linux/prctl.h */

static __always_inline bool process_wanted(enum ev_type type)
{
	const struct gancho_filter *filter = filter_now();

	return filter_has(filter, type) && current_let_in(filter);
}

static __always_inline void process_call_fill(struct record_slot *slot, enum ev_type type,
					      enum ev_class class_id)
{
	struct ev_process_call *call = (struct ev_process_call *)slot->record;
	struct task_struct *task = plain(bpf_get_current_task_btf());
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());

	header_fill(&call->header, type, class_id, task);
	container_fill_current(slot, offsetof(struct ev_process_call, container));
	call->syscall = regs->orig_ax;
	call->table = !!(task->thread_info.status & TS_COMPAT);
	if (call->table)
		call->flags = EV_PROCESS_COMPAT;
}

/* A record that is sent by the same hook. fixed_bytes: of its struct, a constant. */
static __always_inline struct record_slot *process_begin(enum ev_type type, enum ev_class class_id,
							 __u32 fixed_bytes)
{
	struct record_slot *slot;

	if (!process_wanted(type))
		return NULL;
	slot = slot_claim(fixed_bytes);
	if (!slot) {
		account_no_slot(class_id);
		return NULL;
	}
	__builtin_memset(slot->record, 0, fixed_bytes);
	process_call_fill(slot, type, class_id);
	return slot;
}

static __always_inline void process_end(struct record_slot *slot, long result)
{
	struct ev_process_call *call = (struct ev_process_call *)slot->record;

	if (result < 0)
		call->error = result;
	slot_emit(slot);
	slot_release(slot);
}

/* ---- credentials ---- */

static __noinline void credentials_read(struct ev_credentials *to, struct ev_credentials_more *more,
					__u64 address)
{
	const struct cred *from = (const struct cred *)address;

	to->uid = BPF_CORE_READ(from, uid.val);
	to->euid = BPF_CORE_READ(from, euid.val);
	to->suid = BPF_CORE_READ(from, suid.val);
	to->gid = BPF_CORE_READ(from, gid.val);
	to->egid = BPF_CORE_READ(from, egid.val);
	to->sgid = BPF_CORE_READ(from, sgid.val);
	/* Two words before 6.3, one later: see credentials_fill(). */
	bpf_core_read(&to->cap_permitted, sizeof(__u64), &from->cap_permitted);
	bpf_core_read(&to->cap_effective, sizeof(__u64), &from->cap_effective);
	more->fsuid = BPF_CORE_READ(from, fsuid.val);
	more->fsgid = BPF_CORE_READ(from, fsgid.val);
	more->securebits = BPF_CORE_READ(from, securebits);
	more->user_ns = BPF_CORE_READ(from, user_ns, ns.inum);
	more->groups = BPF_CORE_READ(from, group_info, ngroups);
	bpf_core_read(&more->cap_inheritable, sizeof(__u64), &from->cap_inheritable);
	bpf_core_read(&more->cap_bounding, sizeof(__u64), &from->cap_bset);
	bpf_core_read(&more->cap_ambient, sizeof(__u64), &from->cap_ambient);
}

struct some_groups {
	__u32 ids[GROUPS_COMPARED];
};

static __always_inline void groups_read(struct some_groups *to, struct group_info *from,
					__u32 count)
{
	__builtin_memset(to, 0, sizeof(*to));
	if (count > GROUPS_COMPARED)
		count = GROUPS_COMPARED;
	bpf_probe_read_kernel(to, count * sizeof(__u32),
			      __builtin_preserve_access_index(&from->gid[0]));
}

/* Both have as many. */
static __noinline int groups_differ(__u64 before, __u64 after, __u32 count)
{
	struct some_groups one, two;

	if (before == after)
		return 0;
	if (count > GROUPS_COMPARED)
		return 1;
	groups_read(&one, (struct group_info *)before, count);
	groups_read(&two, (struct group_info *)after, count);
	return !!__builtin_memcmp(&one, &two, sizeof(one));
}

static __always_inline bool credentials_differ(struct ev_process_credentials *record,
					       const struct cred *before, const struct cred *after)
{
	return __builtin_memcmp(&record->before, &record->after, sizeof(record->before)) ||
	       __builtin_memcmp(&record->before_more, &record->after_more,
				sizeof(record->before_more)) ||
	       groups_differ((__u64)BPF_CORE_READ(before, group_info),
			     (__u64)BPF_CORE_READ(after, group_info), record->after_more.groups);
}

static __always_inline void process__credentials_change(struct hook_credentials_change *hook)
{
	struct task_struct *task = hook->task;
	const struct cred *before = task->cred, *next = hook->next;
	struct ev_process_credentials *record;
	struct record_slot *slot;

	if (BPF_CORE_READ_BITFIELD_PROBED(task, in_execve)) /* its own record has them */
		return;
	slot = process_begin(EV_PROCESS_CREDENTIALS, EV_CLASS_VITAL, sizeof(*record));
	if (!slot)
		return;
	record = (struct ev_process_credentials *)slot->record;
	credentials_read(&record->before, &record->before_more, (__u64)before);
	credentials_read(&record->after, &record->after_more, (__u64)next);
	if (!credentials_differ(record, before, next)) {
		slot_release(slot);
		return;
	}
	record->call.header.present = EV_CREDENTIALS_HAS_AFTER;
	process_end(slot, 0);
}

/* ids: how many the call takes. */
static __always_inline void credentials_refused(long result, __u32 ids)
{
	struct ev_process_credentials *record;
	struct task_struct *task;
	struct record_slot *slot;
	__u64 args[6];

	if (result >= 0)
		return;
	slot = process_begin(EV_PROCESS_CREDENTIALS, EV_CLASS_BULK, sizeof(*record));
	if (!slot)
		return;
	record = (struct ev_process_credentials *)slot->record;
	task = plain(bpf_get_current_task_btf());
	credentials_read(&record->before, &record->before_more, (__u64)BPF_CORE_READ(task, cred));
	syscall_args(args);
	record->asked[0] = args[0];
	record->asked[1] = args[1];
	record->asked[2] = args[2];
	record->call.header.present = ((1ULL << ids) - 1) * EV_CREDENTIALS_HAS_ASKED;
	process_end(slot, result);
}

/* ---- session, process group, terminal ---- */

static __always_inline void session_changed(enum ev_type type, struct tty_struct *tty, long result,
					    __s32 pid, __s32 pgid)
{
	enum ev_class class_id = result < 0 ? EV_CLASS_BULK : EV_CLASS_VITAL;
	struct ev_process_session *record;
	struct task_struct *task;
	struct record_slot *slot;
	struct pid *group;

	slot = process_begin(type, class_id, sizeof(*record));
	if (!slot)
		return;
	record = (struct ev_process_session *)slot->record;
	task = plain(bpf_get_current_task_btf());
	record->sid = session_of(task);
	group = task->signal->pids[PIDTYPE_PGID];
	record->pgid = group ? BPF_CORE_READ(group, numbers[0].nr) : 0;
	record->arg_pid = pid;
	record->arg_pgid = pgid;
	if (tty) {
		record->tty = BPF_CORE_READ(tty, driver, major) << 20 |
			      (BPF_CORE_READ(tty, driver, minor_start) + BPF_CORE_READ(tty, index));
		tail_kernel_string(slot, &record->tty_name,
				   __builtin_preserve_access_index(&tty->name));
		record->call.header.present = EV_SESSION_HAS_TTY;
	}
	process_end(slot, result);
}

static __always_inline void process__terminal_set(struct hook_terminal_set *hook)
{
	session_changed(EV_PROCESS_TERMINAL, hook->tty, 0, 0, 0);
}

/* ---- login ---- */

static __always_inline void process__loginuid_enter(struct hook_loginuid_enter *hook)
{
	struct task_struct *task = plain(bpf_get_current_task_btf());
	struct ev_process_loginuid *record;
	struct record_slot *slot;

	if (!process_wanted(EV_PROCESS_LOGINUID))
		return;
	slot = pending_claim(EV_CLASS_VITAL, sizeof(*record));
	if (!slot)
		return;
	record = (struct ev_process_loginuid *)slot->record;
	__builtin_memset(record, 0, sizeof(*record));
	process_call_fill(slot, EV_PROCESS_LOGINUID, EV_CLASS_VITAL);
	record->before = task->loginuid.val;
	record->session_before = task->sessionid;
	record->after = hook->loginuid;
}

static __always_inline void loginuid_return(long result)
{
	struct task_struct *task = plain(bpf_get_current_task_btf());
	struct record_slot *slot = pending_find();
	struct ev_process_loginuid *record;

	if (!slot)
		return;
	record = (struct ev_process_loginuid *)slot->record;
	if (record->call.header.type != EV_PROCESS_LOGINUID)
		return;
	record->session_after = task->sessionid;
	if (result < 0)
		record->call.header.class_id = EV_CLASS_BULK;
	process_end(slot, result);
}

/* ---- prctl ---- */

/* Those that set something which matters to others. */
static __always_inline bool prctl_matters(__u32 option)
{
	const __u64 some = 1ULL << 1 /* PDEATHSIG */ | 1ULL << 4 /* DUMPABLE */ |
			   1ULL << 8 /* KEEPCAPS */ | 1ULL << 15 /* NAME */ |
			   1ULL << 22 /* SECCOMP */ | 1ULL << 24 /* CAPBSET_DROP */ |
			   1ULL << 28 /* SECUREBITS */ | 1ULL << 35 /* MM */ |
			   1ULL << 36 /* CHILD_SUBREAPER */ | 1ULL << 38 /* NO_NEW_PRIVS */ |
			   1ULL << 47 /* CAP_AMBIENT */ | 1ULL << 53 /* SPECULATION_CTRL */ |
			   1ULL << 59 /* SYSCALL_USER_DISPATCH */;

	return option == PR_SET_PTRACER || (option < 64 && some >> option & 1);
}

static __always_inline void prctl_return(struct hook_syscall_return *hook)
{
	struct ev_process_prctl *record;
	struct record_slot *slot;

	if (!prctl_matters(hook->args[0]))
		return;
	slot = process_begin(EV_PROCESS_PRCTL, EV_CLASS_BULK, sizeof(*record));
	if (!slot)
		return;
	record = (struct ev_process_prctl *)slot->record;
	record->option = hook->args[0];
	record->arg2 = hook->args[1];
	record->arg3 = hook->args[2];
	record->no_new_privs = plain(bpf_get_current_task_btf())->atomic_flags & NO_NEW_PRIVS_BIT;
	process_end(slot, hook->result);
}

/* ---- the functions that come back ---- */

static __always_inline void process__credentials_return(struct hook_credentials_return *hook)
{
	__u64 args[6];
	__u32 ids;

	switch (hook->function) {
	case PROBE___sys_setuid:
	case PROBE___sys_setgid:
		ids = 1;
		break;
	case PROBE___sys_setreuid:
	case PROBE___sys_setregid:
		ids = 2;
		break;
	case PROBE___sys_setresuid:
	case PROBE___sys_setresgid:
		ids = 3;
		break;
	case PROBE_ksys_setsid:
		return session_changed(EV_PROCESS_SETSID, NULL, hook->result, 0, 0);
	case PROBE_audit_set_loginuid:
		return loginuid_return(hook->result);
	case PROBE_tty_jobctrl_ioctl: /* success is reported where it happens */
		syscall_args(args);
		if ((__u32)args[1] == TIOCSCTTY && hook->result < 0)
			session_changed(EV_PROCESS_TERMINAL, NULL, hook->result, 0, 0);
		return;
	default:
		return;
	}
	credentials_refused(hook->result, ids);
}

static __always_inline void process__syscall_return(struct hook_syscall_return *hook)
{
	switch (hook->call) {
	case PROBE_sys_setgroups:
	case PROBE_sys_setgroups16:
	case PROBE_sys_capset:
		return credentials_refused(hook->result, 0);
	case PROBE_sys_prctl:
		return prctl_return(hook);
	case PROBE_sys_setpgid:
		return session_changed(EV_PROCESS_SETPGID, NULL, hook->result, hook->args[0],
				       hook->args[1]);
	default:
		return;
	}
}
