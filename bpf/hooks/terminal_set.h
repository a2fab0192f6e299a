/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A terminal becomes the controlling one of current's session: by an ioctl, or by being opened. */
#pragma once

struct hook_terminal_set {
	struct tty_struct *tty;
};

static __always_inline bool fill_terminal_set(__u64 *ctx, struct hook_terminal_set *hook)
{
	hook->tty = (struct tty_struct *)PT_REGS_PARM1((struct pt_regs *)ctx);
	return true;
}
