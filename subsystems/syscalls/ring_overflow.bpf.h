/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Results for which a ring's queue has no room. The kernel tells what the caller calls the request, not which one it
 * is: a worker's is the one that it serves; else it is among those that are complete and whose results are being
 * written, one after the other.
 */
#pragma once

#include "hooks/ring_overflow.h"
#include "syscalls/bare_rings.bpf.h"

#define RING_BATCH 1024 /* requests that are looked at */

struct ring_search {
	__u64 node; /* struct io_wq_work_node of the next one, or NULL */
	__u64 ring;
	__u64 user_data;
	long result;
	__u64 kept;  /* the first one of which there is a record */
	__u64 moved; /* the first one that reads or writes */
	__u64 other; /* of which nothing is told */
	__u32 moves; /* how many those are */
	__u32 ended; /* all were looked at */
};

static __always_inline bool ring_has_record(__u64 request)
{
	return ring_find(request) || bpf_map_lookup_elem(&ring_waits, &request);
}

static __always_inline bool ring_is_called(__u64 request, const struct ring_search *search)
{
	struct io_kiocb *req = (struct io_kiocb *)request;

	return BPF_CORE_READ(req, cqe.user_data) == search->user_data &&
	       BPF_CORE_READ(req, cqe.res) == (int)search->result;
}

static long ring_search_step(__u64 index, struct ring_search *search)
{
	struct io_kiocb *req;
	__u64 request;

	if (!search->node) {
		search->ended = 1;
		return 1;
	}
	request = search->node - bpf_core_field_offset(struct io_kiocb, comp_list);
	req = (struct io_kiocb *)request;
	search->node = (__u64)BPF_CORE_READ(req, comp_list.next);
	if (!ring_is_called(request, search))
		return 0;
	if (ring_io_type(BPF_CORE_READ(req, opcode)) != EV_NONE) {
		if (!search->moves++)
			search->moved = request;
	} else if (ring_has_record(request)) {
		search->kept = request;
		return 1;
	} else {
		search->other = request;
	}
	return 0;
}

/* What a worker serves, 0: we are none, or it is another request. */
static __always_inline __u64 ring_served(const struct ring_search *search)
{
	struct task_struct *task = plain(bpf_get_current_task_btf());
	struct io_worker *worker;
	struct io_kiocb *req;
	__u64 work;

	if (!(BPF_CORE_READ(task, flags) & PF_IO_WORKER))
		return 0;
	worker = BPF_CORE_READ(task, worker_private);
	work = (__u64)BPF_CORE_READ(worker, cur_work);
	if (!work)
		return 0;
	req = (struct io_kiocb *)(work - bpf_core_field_offset(struct io_kiocb, work));
	if ((__u64)BPF_CORE_READ(req, ctx) != search->ring || !ring_is_called((__u64)req, search))
		return 0;
	return (__u64)req;
}

static long ring_kept_step(__u64 index, struct ring_search *search)
{
	struct ring_kept *kept = &rings_kept[index & (RINGS_KEPT - 1)];
	struct io_kiocb *req = (struct io_kiocb *)kept->request;

	if (!req || (__u64)BPF_CORE_READ(req, ctx) != search->ring ||
	    !ring_is_called((__u64)req, search))
		return 0;
	search->kept = (__u64)req;
	return 1;
}

/* Of what reads and writes nothing is kept that would tell later that it is missing. */
static __always_inline void ring_unknown(void)
{
	const struct gancho_filter *filter = filter_now();

	if (!ring_io_asked(EV_READ) && !ring_io_asked(EV_WRITE))
		return;
	if (current_let_in(filter))
		account_no_slot(EV_CLASS_BULK);
}

static __always_inline __u64 ring_found(const struct ring_search *search)
{
	if (search->kept)
		return search->kept;
	return search->moves == 1 && search->ended ? search->moved : 0;
}

/* Whether it was found; if not, it is accounted for. A function, so that what it needs of the stack is free again. */
__noinline int ring_look_for(struct hook_ring_overflow *hook)
{
	struct ring_search search = {};
	struct io_ring_ctx *ring;

	if (!hook)
		return 0;
	search.ring = hook->done.ring;
	search.user_data = hook->done.user_data;
	search.result = hook->done.result;
	hook->done.request = ring_served(&search);
	if (hook->done.request)
		return 1;
	ring = (struct io_ring_ctx *)search.ring;
	search.node = (__u64)BPF_CORE_READ(ring, submit_state.compl_reqs.first);
	loop(RING_BATCH, ring_search_step, &search);
	if (!search.kept && !search.moves && !search.other)
		loop(RINGS_KEPT, ring_kept_step, &search);
	hook->done.request = ring_found(&search);
	if (hook->done.request)
		return 1;
	if (search.moves) /* it is one of them */
		ring_io_lost(search.moved);
	else if (!search.other)
		ring_unknown();
	return 0;
}

static __always_inline void syscalls__ring_overflow(struct hook_ring_overflow *hook)
{
	/* Else it is of an accept that goes on. */
	if (hook->flags & RING_MORE || ring_look_for(hook))
		ring_completed(&hook->done);
}
