/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What the path walker's test and its BPF program share. */
#pragma once

#include "wire/event.h"

#define WALKS_MAX 64 /* in one run of the program */

struct walk_answer {
	__u32 length;
	__u32 root_length;
	__u32 flags; /* EV_PATH_* */
	__u32 found; /* the descriptor was open, and the walk gave something */
	__u8 path[EV_PATH_MAX];
};
