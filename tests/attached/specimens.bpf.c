// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* One program of every kind that can be attached, where next to nothing happens, for the tests. */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char _license[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1000);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 8);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} jumps SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(max_entries, 2);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct bpf_cpumap_val));
} processors SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
	__uint(max_entries, 4);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct bpf_devmap_val));
} devices SEC(".maps");

static int count(__u32 key)
{
	__u64 *value = bpf_map_lookup_elem(&counts, &key);

	if (value)
		__sync_fetch_and_add(value, 1);
	return 0;
}

SEC("raw_tp/task_rename") int sp_raw(void *ctx)
{
	return count(1);
}
SEC("tp_btf/task_newtask") int sp_tp_btf(void *ctx)
{
	return 0;
}
SEC("tp/oom/mark_victim") int sp_tp(void *ctx)
{
	return 0;
}
SEC("tp/syscalls/sys_enter_acct") int sp_tp_call(void *ctx)
{
	return 0;
}
SEC("tp/oom/mark_victim") int sp_tp_ioctl(void *ctx)
{
	return 0;
}

SEC("fentry/bpf_fentry_test1") int sp_fentry_whose_name_is_long(void *ctx)
{
	return 0;
}
SEC("fexit/bpf_fentry_test2") int sp_fexit(void *ctx)
{
	return 0;
}
SEC("fentry/ovl_statfs") int sp_module(void *ctx)
{
	return 0;
}
SEC("fmod_ret/security_settime64") int sp_fmod_ret(void *ctx)
{
	return 0;
}
SEC("lsm/settime") int sp_lsm(void *ctx)
{
	return 0;
}

SEC("kprobe") int sp_kprobe(void *ctx)
{
	return 0;
}
SEC("kretprobe") int sp_kretprobe(void *ctx)
{
	return 0;
}
/* Without a link, by perf's own way and by tracefs; the program is at two places. */
SEC("kprobe") int sp_kprobe_ioctl(void *ctx)
{
	return 0;
}
SEC("kprobe") int sp_kprobe_legacy(void *ctx)
{
	return 0;
}
/* At several functions, each with a link of its own. */
SEC("kprobe") int sp_kprobe_many(void *ctx)
{
	return 0;
}
/* Of which there is nothing but a pinned link. */
SEC("kprobe") int sp_kprobe_pinned(void *ctx)
{
	return 0;
}
SEC("kprobe.multi") int sp_multi(void *ctx)
{
	return 0;
}
SEC("kretprobe.multi") int sp_ret_multi(void *ctx)
{
	return 0;
}
SEC("uprobe") int sp_uprobe(void *ctx)
{
	return 0;
}
SEC("uretprobe") int sp_uretprobe(void *ctx)
{
	return 0;
}
SEC("uprobe.multi") int sp_uprobe_multi(void *ctx)
{
	return 0;
}

SEC("perf_event") int sp_sample(void *ctx)
{
	return 0;
}
SEC("perf_event") int sp_sample_ioctl(void *ctx)
{
	return 0;
}

SEC("iter/task") int sp_iter(void *ctx)
{
	return 0;
}
SEC("iter/bpf_map_elem") int sp_iter_map(void *ctx)
{
	return 0;
}

SEC("netfilter") int sp_netfilter(struct bpf_nf_ctx *ctx)
{
	return 1;
}

SEC("xdp/cpumap") int sp_cpumap(struct xdp_md *ctx)
{
	return XDP_PASS;
}

SEC("xdp/devmap") int sp_devmap(struct xdp_md *ctx)
{
	return XDP_PASS;
}

/* What others replace or look at. */
__noinline int replaced(struct __sk_buff *packet)
{
	volatile int result = 0;

	return result + (packet ? 1 : 0);
}
SEC("socket") int sp_target(struct __sk_buff *packet)
{
	return replaced(packet);
}
SEC("freplace/replaced") int sp_freplace(struct __sk_buff *packet)
{
	return 1;
}
SEC("fentry/sp_target") int sp_of_program(void *ctx)
{
	return 0;
}

SEC("socket") int sp_tail(struct __sk_buff *packet)
{
	bpf_tail_call(packet, &jumps, 3);
	return 0;
}
SEC("socket") int sp_socket(struct __sk_buff *packet)
{
	return 0;
}
SEC("socket") int sp_held(struct __sk_buff *packet)
{
	return count(2);
}
SEC("socket") int sp_pinned(struct __sk_buff *packet)
{
	return 0;
}

SEC("struct_ops/sp_ssthresh") __u32 BPF_PROG(sp_ssthresh, struct sock *sk)
{
	return 2;
}
SEC("struct_ops/sp_undo_cwnd") __u32 BPF_PROG(sp_undo_cwnd, struct sock *sk)
{
	return 2;
}
SEC("struct_ops/sp_cong_avoid")
void BPF_PROG(sp_cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
}

/* In force without a link, the only way before Linux 6.4. */
SEC(".struct_ops")
struct tcp_congestion_ops sp_plain = {
	.ssthresh = (void *)sp_ssthresh,
	.undo_cwnd = (void *)sp_undo_cwnd,
	.cong_avoid = (void *)sp_cong_avoid,
	.name = "sp_plain",
};
SEC(".struct_ops.link")
struct tcp_congestion_ops sp_linked = {
	.ssthresh = (void *)sp_ssthresh,
	.undo_cwnd = (void *)sp_undo_cwnd,
	.cong_avoid = (void *)sp_cong_avoid,
	.name = "sp_linked",
};
/* Made, and not in force. */
SEC(".struct_ops")
struct tcp_congestion_ops sp_idle = {
	.ssthresh = (void *)sp_ssthresh,
	.undo_cwnd = (void *)sp_undo_cwnd,
	.cong_avoid = (void *)sp_cong_avoid,
	.name = "sp_idle",
};
