/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Is this the name of a container's cgroup, and where does the id begin? Compiled on both sides: the
 * programs decide by it, src/enrich/container_name_test.cpp holds it to what the runtimes write.
 *
 * Names come from the runtimes' drivers: with systemd a scope (docker-ID.scope), without it a directory
 * (ID below docker/, libpod-ID). 64 hexadecimal digits at the end of a name are an id, whoever wrote
 * them; but a name in which "conmon-" stands before them is the container's monitor, which runs on the host.
 *
 * It looks at copies of parts of the name, so that every index is a constant: with indices that depend
 * on the length, the verifier goes through fifty thousand instructions.
 */
#ifndef GANCHO_CONTAINER_NAME_H
#define GANCHO_CONTAINER_NAME_H

#include "wire/task.h"

#define CONTAINER_NAME_MAX 127 /* bytes; a longer name is no container's */
#define CONTAINER_FRONT_BYTES 16
#define CONTAINER_HEX_DIGITS 64
#define CONTAINER_BUILD_DIGITS 25 /* of an id that BuildKit gives: digits and small letters */

/* How a name is read: the program from the kernel, the test from its own memory. Both end with NUL. */
#ifdef __bpf__
#define container_copy(to, from, bytes) bpf_probe_read_kernel(to, bytes, from)
#define container_copy_string(to, from, room) bpf_probe_read_kernel_str(to, room, from)
#else
#include <string.h>
#define container_copy(to, from, bytes) memcpy(to, from, bytes)
#define container_copy_string(to, from, room) strncpy(to, from, (room) - 1)
#endif

struct container_name {
	__u32 runtime; /* EV_RUNTIME_NONE: no container's */
	__u32 begin;   /* of the id in the name */
	__u32 length;  /* of the id, 1 to EV_CONTAINER_ID_MAX: what is longer is cut */
};

#define container_inline static inline __attribute__((always_inline))
#define container_words __attribute__((aligned(8)))

#ifdef __clang__
#define container_unroll _Pragma("clang loop unroll(full)")
#define container_roll _Pragma("clang loop unroll(disable)")
#else
#define container_unroll
#define container_roll
#endif

/*
 * Eight bytes at a time: each comparison of one would be two more states to verify. `bytes` is aligned,
 * and has room for whole words; the first byte is the lowest.
 */
container_inline __u64 container_word(const char *text, __u32 length)
{
	__u64 word = 0, byte;

	container_unroll for (__u32 i = 0; i < 8 && i < length; i++)
	{
		byte = text[i] & 0xff;
		word |= byte << 8 * i;
	}
	return word;
}

container_inline int container_same(const char *bytes, const char *text, __u32 length)
{
	__u64 difference = 0;

	container_unroll for (__u32 i = 0; i < length; i += 8)
	{
		__u64 word, mask = length - i < 8 ? (1ull << 8 * (length - i)) - 1 : ~0ull;

		__builtin_memcpy(&word, bytes + i, sizeof(word));
		difference |= (word ^ container_word(text + i, length - i)) & mask;
	}
	return !difference;
}

/* Whether `bytes` begins with the literal `text`. */
#define container_has(bytes, text) container_same(bytes, text, sizeof(text) - 1)

/* The same, NUL included: the whole name. */
#define container_is(bytes, text) container_same(bytes, text, sizeof(text))

/* Whether the eight bytes end with the literal `text`. */
container_inline int container_ends_with(const char *bytes, const char *text, __u32 length)
{
	__u64 word;

	__builtin_memcpy(&word, bytes, sizeof(word));
	return word >> 8 * (8 - length) == container_word(text, length);
}
#define container_ends(bytes, text) container_ends_with(bytes, text, sizeof(text) - 1)

/* All are digits or of the first small letters. Without a branch: each would be a state to verify. */
container_inline int container_digits(const unsigned char *bytes, __u32 length, __u32 letters)
{
	__u32 wrong = 0;

	container_roll for (__u32 i = 0; i < length; i++)
	{
		__u32 digit = bytes[i] - 48u;  /* '0' */
		__u32 letter = bytes[i] - 97u; /* 'a' */

		/* Bit 31 says that a difference of two bytes is negative: out of the range. */
		wrong |= (digit | (9 - digit)) & (letter | (letters - 1 - letter));
	}
	return !(wrong >> 31);
}

container_inline void container_take(struct container_name *to, __u32 runtime, __u32 begin,
				     __u32 end)
{
	if (end <= begin)
		return;
	to->runtime = runtime;
	to->begin = begin;
	to->length = end - begin < EV_CONTAINER_ID_MAX ? end - begin : EV_CONTAINER_ID_MAX;
}

/* Who writes 64 digits behind this. */
container_inline __u32 container_runtime(const char *front)
{
	if (container_has(front, "docker-"))
		return EV_RUNTIME_DOCKER;
	if (container_has(front, "cri-containerd-") || container_has(front, "nerdctl-"))
		return EV_RUNTIME_CONTAINERD;
	if (container_has(front, "crio-"))
		return EV_RUNTIME_CRIO;
	if (container_has(front, "libpod-"))
		return EV_RUNTIME_PODMAN;
	return EV_RUNTIME_OTHER;
}

/* A name that ends in 64 hexadecimal digits: what stands before them decides. */
container_inline void container_take_hex(struct container_name *to, const char *name,
					 const char *front, const char *parent, __u32 begin,
					 int scope)
{
	char before[8] container_words = {};

	if (!begin) {
		/* Below libpod_parent it is a pod, in which the containers lie. */
		if (!scope && !container_is(parent, "libpod_parent"))
			container_take(to,
				       container_is(parent, "docker") ? EV_RUNTIME_DOCKER
								      : EV_RUNTIME_OTHER,
				       begin, begin + CONTAINER_HEX_DIGITS);
		return;
	}
	if (begin >= 8)
		container_copy(before, name + begin - 8, 8);
	else
		container_copy(before + 7, name + begin - 1, 1);
	/* A colon: containerd told to use systemd, and its runtime not. */
	if (before[7] != '-' && before[7] != ':')
		return;
	if (container_ends(before, "conmon-") || (begin == 7 && container_has(front, "conmon-")))
		return;
	container_take(to, container_runtime(front), begin, begin + CONTAINER_HEX_DIGITS);
}

/* `name` has `length` bytes, `above` is the name of the cgroup that it lies in. `to` is zeroed. */
container_inline void container_name_parse(struct container_name *to, const char *name,
					   __u32 length, const char *above)
{
	char front[CONTAINER_FRONT_BYTES] container_words = {};
	char parent[CONTAINER_FRONT_BYTES] container_words = {};
	char back[8] container_words = {};
	unsigned char digits[CONTAINER_HEX_DIGITS];
	__u32 end = length;
	int scope;

	if (length < 1 || length > CONTAINER_NAME_MAX)
		return;
	container_copy_string(front, name, sizeof(front));
	container_copy_string(parent, above, sizeof(parent));
	if (length >= sizeof(back))
		container_copy(back, name + length - sizeof(back), sizeof(back));
	scope = container_ends(back, ".scope");

	if (container_has(front, "lxc.payload."))
		return container_take(to, EV_RUNTIME_LXC, 12, length);
	if (container_is(parent, "lxc"))
		return container_take(to, EV_RUNTIME_LXC, 0, length);
	if (container_is(parent, "machine.slice")) {
		if (container_has(front, "systemd-nspawn@") && container_has(back, ".service"))
			return container_take(to, EV_RUNTIME_NSPAWN, 15, length - 8);
		/* Virtual machines are registered in the same way. */
		if (scope && container_has(front, "machine-") && !container_has(front + 8, "qemu"))
			return container_take(to, EV_RUNTIME_NSPAWN, 8, length - 6);
	}

	if (scope)
		end -= 6;
	if (end >= CONTAINER_HEX_DIGITS) {
		container_copy(digits, name + end - CONTAINER_HEX_DIGITS, CONTAINER_HEX_DIGITS);
		if (container_digits(digits, CONTAINER_HEX_DIGITS, 6))
			return container_take_hex(to, name, front, parent,
						  end - CONTAINER_HEX_DIGITS, scope);
	}
	if (end >= CONTAINER_BUILD_DIGITS) {
		const __u32 begin = end - CONTAINER_BUILD_DIGITS;

		if (!(scope ? (begin == 7 && container_has(front, "docker-")) ||
				      (begin == 9 && container_has(front, "buildkit-"))
			    : !begin && container_is(parent, "buildkit")))
			return;
		container_copy(digits, name + begin, CONTAINER_BUILD_DIGITS);
		if (container_digits(digits, CONTAINER_BUILD_DIGITS, 26))
			container_take(to, EV_RUNTIME_BUILDKIT, begin, end);
	}
}

#endif
