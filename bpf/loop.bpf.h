/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * A loop that the verifier goes through once. bpf_loop() is of 5.17; before it, a plain loop, which the
 * verifier follows step by step, so it is shorter there (LOOP_STEPS_PLAIN).
 *
 * step(index, context) returns 0 to go on and 1 to stop. What changes from step to step belongs into
 * the context, in memory: in a register, each value would be one more state to verify.
 */
#pragma once

#include "core.bpf.h"

#define LOOP_STEPS_PLAIN 32

#define loop(steps, step, context)                                                      \
	({                                                                              \
		if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_loop)) {      \
			bpf_loop(steps, step, context, 0);                              \
		} else {                                                                \
			for (__u32 i_ = 0; i_ < (steps) && i_ < LOOP_STEPS_PLAIN; i_++) \
				if (step(i_, context))                                  \
					break;                                          \
		}                                                                       \
	})
