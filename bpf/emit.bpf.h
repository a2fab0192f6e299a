/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* From a finished record to a ring: number it, send it, account for it, wake the reader if need be. */
#pragma once

#include "slot.bpf.h"

/* Takes the number before the space in the ring, so that a record that is lost leaves a gap. */
static __always_inline __u64 account_offer(struct account_cpu *mine, enum ev_class class_id)
{
	return __sync_fetch_and_add(&mine->classes[class_id].offered, 1);
}

static __always_inline void account_no_slot(enum ev_class class_id)
{
	struct account_class *mine = &this_account()->classes[class_id];

	__sync_fetch_and_add(&mine->offered, 1);
	__sync_fetch_and_add(&mine->lost_slot, 1);
}

static __always_inline void account_filtered(enum ev_class class_id)
{
	__sync_fetch_and_add(&this_account()->classes[class_id].filtered, 1);
}

#define BELL_LOOKS 4 /* every fourth record of a CPU looks how full its ring is */

/*
 * Wakes a reader that sleeps without a limit, or before a ring runs full. The record is in its ring by now: a
 * reader looks into the rings once more when it has armed the bell, so either it sees the record or it is
 * seen here. Asked before, the answer could be old by the time when the record is there. What wakes is an
 * empty record.
 */
static __always_inline void ring_bell(void *ring, __u32 ring_bytes, __u64 number)
{
	volatile struct doorbell *bell = &doorbell;
	void *empty;

	if (bell->armed) {
		if (!__sync_lock_test_and_set(&bell->armed, 0))
			return;
	} else if (bell->urged || number % BELL_LOOKS ||
		   bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) <= ring_bytes / 2 ||
		   __sync_lock_test_and_set(&bell->urged, 1)) {
		return;
	}
	empty = bpf_ringbuf_reserve(ring, 8, 0);
	if (!empty) { /* the next record has to bring it */
		__sync_lock_test_and_set(&bell->armed, 1);
		return;
	}
	__sync_fetch_and_add(&bell->wakeups, 1);
	bpf_ringbuf_discard(empty, BPF_RB_FORCE_WAKEUP);
}

static __always_inline void emit_bytes(struct ev_header *header, __u32 size)
{
	enum ev_class class_id = header->class_id;
	__u32 cpu = bpf_get_smp_processor_id();
	struct account_cpu *mine = account_of(cpu);
	void *ring;
	long lost = -1;

	header->size = size;
	header->cpu = cpu;
	if (class_id == EV_CLASS_VITAL) {
		header->number = account_offer(mine, EV_CLASS_VITAL);
		lost = bpf_ringbuf_output(&vital_ring, header, size, BPF_RB_NO_WAKEUP);
		ring_bell(&vital_ring, settings.vital_ring_bytes, header->number);
	} else {
		__u32 key = header->pid & settings.bulk_ring_mask;

		header->number = account_offer(mine, EV_CLASS_BULK);
		ring = bpf_map_lookup_elem(&bulk_rings, &key);
		if (ring) {
			lost = bpf_ringbuf_output(ring, header, size, BPF_RB_NO_WAKEUP);
			ring_bell(ring, settings.bulk_ring_bytes, header->number);
		}
	}
	if (lost)
		__sync_fetch_and_add(&mine->classes[class_id & 1].lost_ring, 1);
}

static __always_inline void slot_emit(struct record_slot *slot)
{
	__u64 size;

	size = (slot->tail + 7) & ~7ULL;
	if (size > sizeof(slot->record))
		size = sizeof(slot->record);
	emit_bytes((struct ev_header *)slot->record, size);
}
