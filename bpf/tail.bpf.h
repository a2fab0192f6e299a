/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Strings and arrays at the end of a record. A string that finds no room is absent. */
#pragma once

#include "slot.bpf.h"

/*
 * Where the next bytes go, as an offset that the verifier believes: up to EV_PATH_MAX + 1 bytes may
 * be written there. 0 when the tail is full.
 */
static __always_inline __u32 tail_next(struct record_slot *slot)
{
	__u64 at = slot->tail;

	return at < TAIL_LIMIT ? at & (TAIL_LIMIT - 1) : 0;
}

static __always_inline void tail_took(struct record_slot *slot, struct ev_string *string, __u32 at,
				      __u32 length)
{
	string->offset = at;
	string->length = length;
	slot->tail = at + length;
}

static __always_inline bool tail_kernel_string(struct record_slot *slot, struct ev_string *string,
					       const void *from)
{
	__u32 at = tail_next(slot);
	long n;

	if (!at)
		return false;
	n = bpf_probe_read_kernel_str(&slot->record[at & (TAIL_LIMIT - 1)], EV_PATH_MAX, from);
	if (n <= 0)
		return false;
	tail_took(slot, string, at, n - 1);
	return true;
}

#define TAIL_SHORT_BYTES 64

/*
 * The same in words, a fifth of the cost. Only where numbers are read in place, and where TAIL_SHORT_BYTES may be
 * read: what lies behind the NUL does not come along. false: it is longer, or there is no room.
 */
static __always_inline bool tail_short_string(struct record_slot *slot, struct ev_string *string,
					      const void *from)
{
	const __u64 ones = 0x0101010101010101ULL;
	struct itimerspec64 *words; /* it has four, and none is a pointer */
	__u32 at = tail_next(slot);
	__u8 *to = &slot->record[at & (TAIL_LIMIT - 1)];

	if (!at)
		return false;
#pragma clang loop unroll(full)
	for (__u32 i = 0; i < TAIL_SHORT_BYTES / 8; i++) {
		__u64 word, nul, before;

		if (i % 4 == 0)
			words = bpf_core_cast(from + 8 * i, struct itimerspec64);
		word = i % 4 == 0   ? words->it_interval.tv_sec
		       : i % 4 == 1 ? words->it_interval.tv_nsec
		       : i % 4 == 2 ? words->it_value.tv_sec
				    : words->it_value.tv_nsec;
		/* The lowest bit that is set is the highest of the first byte that is zero. */
		nul = (word - ones) & ~word & ones << 7;
		if (!nul) {
			*(__u64 *)(to + 8 * i) = word;
			continue;
		}
		before = ((nul & -nul) >> 7) - 1;
		*(__u64 *)(to + 8 * i) = word & before;
		tail_took(slot, string, at, 8 * i + ((before & ones) * ones >> 56));
		return true;
	}
	return false;
}

/* At most limit bytes, its NUL included: of an array that may be filled to its end. */
static __always_inline bool tail_kernel_name(struct record_slot *slot, struct ev_string *string,
					     const void *from, __u32 limit)
{
	__u32 at = tail_next(slot);
	long n;

	barrier_var(limit); /* as below */
	if (!at || limit > EV_PATH_MAX)
		return false;
	n = bpf_probe_read_kernel_str(&slot->record[at & (TAIL_LIMIT - 1)], limit, from);
	if (n <= 0)
		return false;
	tail_took(slot, string, at, n - 1);
	return true;
}

static __always_inline bool tail_user_string(struct record_slot *slot, struct ev_string *string,
					     const void *from)
{
	__u32 at = tail_next(slot);
	long n;

	if (!at)
		return false;
	n = bpf_probe_read_user_str(&slot->record[at & (TAIL_LIMIT - 1)], EV_PATH_MAX, from);
	if (n < 0)
		return false;
	tail_took(slot, string, at,
		  n ? n - 1 : 0); /* of an empty string the helper does not count the NUL */
	return true;
}

/* length: at most EV_PATH_MAX. */
static __always_inline bool tail_kernel_bytes(struct record_slot *slot, struct ev_string *string,
					      const void *from, __u32 length)
{
	__u32 at = tail_next(slot);

	barrier_var(
		length); /* or the compiler tests a copy, and the verifier has not seen this one tested */
	if (!at || length > EV_PATH_MAX)
		return false;
	if (bpf_probe_read_kernel(&slot->record[at & (TAIL_LIMIT - 1)], length, from))
		return false;
	tail_took(slot, string, at, length);
	return true;
}

static __always_inline void tail_align(struct record_slot *slot)
{
	slot->tail = (slot->tail + 7) & ~7ULL;
}
