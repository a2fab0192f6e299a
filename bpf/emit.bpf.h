/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* From a finished record to a ring: number it, send it, account for it, wake the reader if need be. */
#pragma once

#include "slot.bpf.h"

/* Takes the number before the space in the ring, so that a record that is lost leaves a gap. */
static __always_inline __u64 account_offer(enum ev_class class_id)
{
	struct account_cpu *mine = this_account();

	return mine ? __sync_fetch_and_add(&mine->classes[class_id].offered, 1) : 0;
}

static __always_inline void account_no_slot(enum ev_class class_id)
{
	struct account_cpu *mine = this_account();

	if (!mine)
		return;
	__sync_fetch_and_add(&mine->classes[class_id].offered, 1);
	__sync_fetch_and_add(&mine->classes[class_id].lost_slot, 1);
}

static __always_inline void account_filtered(enum ev_class class_id)
{
	struct account_cpu *mine = this_account();

	if (mine)
		__sync_fetch_and_add(&mine->classes[class_id].filtered, 1);
}

/* Force a wake-up only for a reader that sleeps without a limit, or before a ring runs full. */
static __always_inline __u64 wakeup_flags(void *ring, __u32 ring_bytes)
{
	__u32 zero = 0;
	struct doorbell *bell = bpf_map_lookup_elem(&doorbell, &zero);

	if (!bell)
		return 0;
	if (bell->armed && __sync_lock_test_and_set(&bell->armed, 0)) {
		__sync_fetch_and_add(&bell->wakeups, 1);
		return BPF_RB_FORCE_WAKEUP;
	}
	if (!bell->urged && bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) > ring_bytes / 2 &&
	    !__sync_lock_test_and_set(&bell->urged, 1)) {
		__sync_fetch_and_add(&bell->wakeups, 1);
		return BPF_RB_FORCE_WAKEUP;
	}
	return BPF_RB_NO_WAKEUP;
}

static __always_inline void wakeup_again(void)
{
	__u32 zero = 0;
	struct doorbell *bell = bpf_map_lookup_elem(&doorbell, &zero);

	if (bell)
		__sync_lock_test_and_set(&bell->armed, 1);
}

static __always_inline void emit_bytes(struct ev_header *header, __u32 size)
{
	enum ev_class class_id = header->class_id;
	struct account_cpu *mine;
	__u64 flags = 0;
	void *ring;
	long lost = -1;

	header->size = size;
	header->cpu = bpf_get_smp_processor_id();
	if (class_id == EV_CLASS_VITAL) {
		header->number = account_offer(EV_CLASS_VITAL);
		flags = wakeup_flags(&vital_ring, settings.vital_ring_bytes);
		lost = bpf_ringbuf_output(&vital_ring, header, size, flags);
	} else {
		__u32 key = header->pid & settings.bulk_ring_mask;

		header->number = account_offer(EV_CLASS_BULK);
		ring = bpf_map_lookup_elem(&bulk_rings, &key);
		if (ring) {
			flags = wakeup_flags(ring, settings.bulk_ring_bytes);
			lost = bpf_ringbuf_output(ring, header, size, flags);
		}
	}
	if (!lost)
		return;
	/* The wake-up is lost with the record, and the reader may be asleep: the next one has to bring it. */
	if (flags == BPF_RB_FORCE_WAKEUP)
		wakeup_again();
	mine = this_account();
	if (mine)
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
