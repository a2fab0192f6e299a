/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * A histogram of durations: two slots for each power of two, from 64 ns to some minutes. Both sides read this
 * file: the programs count, user space says what lies in a slot.
 */
#ifndef GANCHO_LATENCY_SLOTS_H
#define GANCHO_LATENCY_SLOTS_H

#define LATENCY_SLOTS 64
#define LATENCY_FIRST_POWER 6 /* below 2^6 ns all is one */

/* Index of the highest bit that is set; BPF has no instruction for it. */
static inline unsigned int latency_power(unsigned long long ns)
{
	unsigned int power = 0;

	if (ns >> 32) {
		power += 32;
		ns >>= 32;
	}
	if (ns >> 16) {
		power += 16;
		ns >>= 16;
	}
	if (ns >> 8) {
		power += 8;
		ns >>= 8;
	}
	if (ns >> 4) {
		power += 4;
		ns >>= 4;
	}
	if (ns >> 2) {
		power += 2;
		ns >>= 2;
	}
	return power + (ns >> 1 & 1);
}

/* Where a duration is counted; the last slot has no upper end. */
static inline unsigned int latency_slot(unsigned long long ns)
{
	unsigned int power, slot;

	if (ns < 1ULL << LATENCY_FIRST_POWER)
		return 0;
	power = latency_power(ns);
	slot = (power - LATENCY_FIRST_POWER) * 2 + (ns >> (power - 1) & 1);
	return slot < LATENCY_SLOTS ? slot : LATENCY_SLOTS - 1;
}

/* The shortest duration in a slot; of the one behind the last: where the last would end. */
static inline unsigned long long latency_slot_begin(unsigned int slot)
{
	return slot ? (2ULL + slot % 2) << (slot / 2 + LATENCY_FIRST_POWER - 1) : 0;
}

#endif
