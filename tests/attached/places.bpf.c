// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Programs that do nothing, one for each place that the test attaches to: each has its own id. */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char _license[] SEC("license") = "Dual BSD/GPL";

#define PASSES(name, section, context, verdict)    \
	SEC(section) int name(struct context *ctx) \
	{                                          \
		return verdict;                    \
	}

PASSES(xdp_native, "xdp", xdp_md, XDP_PASS)
PASSES(xdp_generic, "xdp", xdp_md, XDP_PASS)
PASSES(xdp_native_link, "xdp", xdp_md, XDP_PASS)
PASSES(xdp_generic_link, "xdp", xdp_md, XDP_PASS)
PASSES(xdp_unnamed, "xdp", xdp_md, XDP_PASS)
PASSES(xdp_mounted, "xdp", xdp_md, XDP_PASS)
PASSES(xdp_ours, "xdp", xdp_md, XDP_PASS)
PASSES(xdp_hidden, "xdp", xdp_md, XDP_PASS)

/* TC_ACT_UNSPEC: the next one decides. */
PASSES(tc_in, "tc", __sk_buff, -1)
PASSES(tc_out, "tc", __sk_buff, -1)
PASSES(tc_old_ingress, "tc", __sk_buff, -1)
PASSES(tc_root, "tc", __sk_buff, -1)
PASSES(tc_class, "tc", __sk_buff, -1)
PASSES(tc_shared, "tc", __sk_buff, -1)
PASSES(tc_own_action, "tc", __sk_buff, -1)
PASSES(act_of_bpf, "action", __sk_buff, -1)
PASSES(act_of_matchall, "action", __sk_buff, -1)
PASSES(act_idle, "action", __sk_buff, -1)

PASSES(tcx_in_link, "tcx/ingress", __sk_buff, -1)
PASSES(tcx_in_bare, "tcx/ingress", __sk_buff, -1)
PASSES(tcx_out_link, "tcx/egress", __sk_buff, -1)
PASSES(tcx_hidden, "tcx/egress", __sk_buff, -1)
PASSES(netkit_primary, "netkit/primary", __sk_buff, -1)
PASSES(netkit_peer, "netkit/peer", __sk_buff, -1)

PASSES(lookup_one, "sk_lookup", bpf_sk_lookup, SK_PASS)
PASSES(lookup_two, "sk_lookup", bpf_sk_lookup, SK_PASS)
PASSES(lookup_hidden, "sk_lookup", bpf_sk_lookup, SK_PASS)
PASSES(dissector, "flow_dissector", __sk_buff, 0)

PASSES(cg_ingress, "cgroup_skb/ingress", __sk_buff, 1)
PASSES(cg_ingress_link, "cgroup_skb/ingress", __sk_buff, 1)
PASSES(cg_egress, "cgroup_skb/egress", __sk_buff, 1)
PASSES(cg_sock, "cgroup/sock_create", bpf_sock, 1)
PASSES(cg_device, "cgroup/dev", bpf_cgroup_dev_ctx, 1)
PASSES(cg_connect, "cgroup/connect4", bpf_sock_addr, 1)
PASSES(cg_sysctl, "cgroup/sysctl", bpf_sysctl, 1)
PASSES(cg_getsockopt, "cgroup/getsockopt", bpf_sockopt, 1)
PASSES(cg_sock_ops, "sockops", bpf_sock_ops, 1)

SEC("lsm_cgroup/socket_create")
int BPF_PROG(cg_lsm_create)
{
	return 1;
}

SEC("lsm_cgroup/socket_bind")
int BPF_PROG(cg_lsm_bind)
{
	return 1;
}

struct {
	__uint(type, BPF_MAP_TYPE_SOCKMAP);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} socks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} sock_hash SEC(".maps");

PASSES(skb_parser, "sk_skb/stream_parser", __sk_buff, ctx->len)
PASSES(skb_stream_verdict, "sk_skb/stream_verdict", __sk_buff, SK_PASS)
PASSES(skb_verdict, "sk_skb", __sk_buff, SK_PASS)
PASSES(msg_verdict, "sk_msg", sk_msg_md, SK_PASS)
