// SPDX-License-Identifier: Apache-2.0
//
// All tables but the functions'. In brackets, where it is not plain, the source folder.
#include <array>

#include "map/rules.h"

namespace gancho {
namespace {

using enum Subsystem;

constexpr auto k_tracepoints = std::to_array<Rule>({
    // Xen's own page tables, descriptor tables and hypercalls, in one system (arch/x86/xen).
    {memory, "xen:xen_mmu_*"},
    {process, "xen:xen_cpu_*"},
    {drivers, "xen:*"},

    {syscalls, "syscalls:* raw_syscalls:* vsyscall:* io_uring:* avc:*"},

    {process,
     "sched:* sched_ext:* task:* signal:* cgroup:* capability:* rseq:* x86_fpu:* "
     "context_tracking:*"},
    // Time and what is put off: kernel/time, kernel/workqueue.c.
    {process, "timer:* timer_migration:* alarmtimer:* workqueue:*"},
    // Processors that call on one another, come and go: kernel/smp.c, kernel/cpu.c.
    {process, "ipi:* csd:* cpuhp:*"},

    {memory,
     "kmem:* vmscan:* compaction:* huge_memory:* thp:* mmap:* mmap_lock:* migrate:* oom:* "
     "pagemap:* page_isolation:* percpu:* vmalloc:* ksm:* damon:* tlb:* exceptions:* memcg:* cma:* "
     "filemap:* readahead:* page_ref:* zswap:* zsmalloc:*"},

    {vfs,
     "writeback:* filelock:* iomap:* fs_dax:* timestamp:* netfs:* fscache:* cachefiles:* 9p:* "
     "fuse:* ext4:* jbd2:* xfs:* btrfs:* erofs:* f2fs:* gfs2:* ocfs2:* nilfs2:* hugetlbfs:* nfs:* "
     "nfs4:* nfsd:* cifs:* smb3:* afs:* ceph:* dlm:* zonefs:* bcachefs:* lockd:* notify:*"},

    {block, "block:* iocost:* wbt:* kyber:* bcache:* bfq:* dm:*"},

    {network,
     "net:* napi:* sock:* tcp:* udp:* icmp:* fib:* fib6:* neigh:* bridge:* qdisc:* skb:* "
     "netlink:* devlink:* mptcp:* xdp:* vsock:* handshake:* page_pool:* sctp:* dccp:* tipc:* "
     "rxrpc:* sunrpc:* rpcrdma:* rpcgss:* tcp_bbr:* openvswitch:* l2tp:* mctp:* nfnetlink:* "
     "mac80211:* mac80211_msg:* cfg80211:* mac802154:* cfg802154:* batadv:* qrtr:* smc:* "
     "wireguard:* "
     "br_*:*"},

    // Interrupts are how devices ask for attention: kernel/irq, arch/x86/kernel/apic.
    {drivers, "irq:* irq_matrix:* irq_vectors:* nmi:*"},
    // Their power and clocks, and the buses behind which they are.
    {drivers,
     "power:* rpm:* clk:* regulator:* regmap:* gpio:* i2c:* smbus:* spi:* pwm:* hwmon:* thermal:* "
     "thermal_power_allocator:* thermal_pressure:* hw_pressure:* rtc:* devfreq:* dev:* "
     "interconnect:* "
     "opp:* scmi:* usb:* ucsi:* typec:* xhci-hcd:* xhci_hcd:* cdns3:* dwc3:* mdio:* phy:*"},
    // Their memory, their faults: drivers/iommu, kernel/dma, drivers/ras.
    {drivers, "iommu:* intel_iommu:* dma:* dma_fence:* swiotlb:* ras:* mce:* msr:* cxl:* edac:*"},
    {drivers, "nvme:* nvmet:* scsi:* libata:* ufs:* mmc:* nbd:* target:* mpt3sas:* qla2xxx:*"},
    {drivers,
     "drm:* gpu_scheduler:* i915:* xe:* amdgpu:* amdgpu_dm:* amd_cpu:* nouveau:* radeon:* v4l2:* "
     "vb2:* cec:* snd_pcm:* asoc:* hda:* hda_controller:* hda_intel:* watchdog:* mei:* cros_ec:* "
     "resctrl:* intel_ish:* iwlwifi*:* ath*:* mlx5:* ib_*:* rdma_*:* habanalabs:* firmware:* "
     "gpu_mem:*"},
    // Modules, most of which are drivers, and machines within the machine.
    {drivers, "module:* hyperv:* kvm:* kvmmmu:* vfio:* binder:* intel-sst:* vmbus:* hyperv_*:*"},

    {core,
     "rcu:* lock:* printk:* notifier:* initcall:* error_report:* maple_tree:* bpf_trace:* "
     "bpf_test_run:* ftrace:* rpmh:* preemptirq:* osnoise:* rv:* kcsan:* test_*:* sample-trace:*"},
});

constexpr auto k_lsm = std::to_array<Rule>({
    // What a program asks of the kernel as a whole, and who writes it down.
    {syscalls, "bpf bpf_* perf_event_* audit_* uring_* locked_down syslog"},
    {memory, "task_movememory vm_enough_memory mmap_* file_mprotect"},
    {block, "bdev_*"},
    // Modules, firmware and what else is loaded into the kernel; the phones' way of calling.
    {drivers,
     "kernel_module_request kernel_read_file kernel_post_read_file kernel_load_data "
     "kernel_post_load_data binder_*"},
    {process,
     "task_* cred_* bprm_* ptrace_* capable capget capset current_* userns_create kernel_act_as "
     "kernel_create_files_as getprocattr setprocattr getselfattr setselfattr settime key_*"},
    // System V's ways of talking between processes (ipc/).
    {process, "ipc_* msg_* sem_* shm_*"},
    {vfs,
     "inode_* file_* path_* sb_* fs_context_* dentry_* d_instantiate move_mount kernfs_* quota_on "
     "quotactl backing_file_* initramfs_populated watch_key post_notification ismaclabel"},
    {network,
     "socket_* sock_* sk_* unix_* inet_* sctp_* mptcp_* tun_* xfrm_* netlink_* secmark_* "
     "req_classify_flow ib_*"},
    // Labels as numbers and as text, for all of them.
    {core, "secid_to_secctx secctx_to_secid release_secctx lsmprop_to_secctx"},
});

constexpr auto k_syscalls = std::to_array<Rule>({
    // The gate itself: calls in batches, who may call what, programs for the kernel.
    {syscalls,
     "io_uring_* seccomp landlock_* lsm_* bpf perf_event_open restart_syscall uretprobe uprobe "
     "syscall"},
    {core, "reboot kexec_* syslog sysinfo lookup_dcookie"},

    {memory,
     "mmap* ia32_mmap old_mmap munmap mremap mprotect madvise process_madvise process_mrelease "
     "mlock* "
     "munlock* mincore msync brk pkey_* mbind *_mempolicy* migrate_pages move_pages "
     "remap_file_pages swapon swapoff cachestat mseal map_shadow_stack process_vm_* fadvise64* "
     "ia32_fadvise64* readahead ia32_readahead "
     "memfd_* userfaultfd"},
    {block, "ioprio_*"},
    {drivers,
     "ioperm iopl init_module finit_module delete_module create_module query_module pciconfig_*"},

    {vfs, "sendfile*"},
    {network,
     "socket* bind listen accept* connect send sendto sendmsg sendmmsg* recv* getsockname "
     "getpeername getsockopt setsockopt shutdown"},

    // Who one is, and what one may: kernel/sys.c, kernel/cred.c, kernel/capability.c.
    {process,
     "getuid* geteuid* getgid* getegid* getresuid* getresgid* getgroups* setuid* setgid* setreuid* "
     "setregid* setresuid* setresgid* setgroups* setfsuid* setfsgid* capget capset add_key "
     "request_key keyctl personality prctl arch_prctl"},
    {process,
     "getpid getppid gettid getpgid getpgrp getsid setpgid setsid set_tid_address getcpu "
     "getpriority setpriority nice getrlimit old_getrlimit ugetrlimit setrlimit prlimit64 "
     "getrusage "
     "times acct clone* ia32_clone fork vfork execve* exit* wait4 waitid waitpid kcmp ptrace "
     "unshare "
     "setns pidfd_* sched_* membarrier rseq *_robust_list futex* get_thread_area set_thread_area "
     "modify_ldt vm86* uname newuname olduname oldolduname sethostname gethostname setdomainname"},
    {process,
     "kill tkill tgkill rt_sig* rt_tgsig* sig* ssetmask sgetmask pause signal x32_rt_sigreturn "
     "alarm"},
    // kernel/time
    {process,
     "time time32 gettimeofday settimeofday stime* adjtimex* clock_* nanosleep* timer_* getitimer "
     "setitimer"},
    {process, "ipc msg* sem* shm* mq_* old_msgctl old_semctl old_shmctl"},
    {process, "getrandom"},  // drivers/char/random.c, but no device that one opens

    {vfs,
     "read* write* pread* pwrite* preadv* pwritev* ia32_p* open* creat close* dup* lseek llseek "
     "_llseek fcntl* flock ioctl fsync fdatasync sync* ia32_sync* truncate* ftruncate* "
     "ia32_truncate* ia32_ftruncate* fallocate ia32_fallocate copy_file_range splice tee vmsplice "
     "pipe* poll ppoll* select _newselect old_select pselect6* epoll_* eventfd* signalfd* "
     "timerfd_* "
     "inotify_* fanotify_* io_*"},
    {vfs,
     "stat* newstat lstat* newlstat fstat* newfstat* oldstat oldfstat oldlstat ia32_*stat* statx "
     "statfs* fstatfs* ustat access faccessat* chmod fchmod* chown* fchown* lchown* umask utime* "
     "futimesat* mkdir* rmdir mknod* link linkat unlink* symlink* readlink* rename* getdents* "
     "readdir old_readdir getcwd chdir fchdir chroot *xattr* file_getattr file_setattr "
     "name_to_handle_at"},
    {vfs,
     "mount mount_setattr umount* oldumount pivot_root move_mount fs* statmount listmount listns "
     "quotactl* uselib sysfs vhangup nfsservctl bdflush"},
    // Of other processors, or no longer there: a stub that says so.
    {core, "ni_syscall rtas s390_* spu_* subpage_prot _sysctl sysctl"},
});

// By what a module is called. Most modules are drivers, but a name that says nothing says nothing.
constexpr auto k_modules = std::to_array<Rule>({
    {network,
     "nf_* nft_* xt_* ip_* ip6* ipt_* iptable_* ip6table_* ebt* arp* x_tables nfnetlink* bridge "
     "br_netfilter veth dummy tun tap vxlan geneve macvlan ipvlan bonding sch_* act_* cls_* em_* "
     "tcp_* udp_* sctp* dccp* tipc tls af_* xfrm* esp4* esp6* ah4 ah6 wireguard openvswitch "
     "vsock *vsock* llc stp mrp garp 8021q mac80211 cfg80211 rfkill bluetooth rfcomm bnep can "
     "can_* "
     "inet_diag unix_diag netlink_diag packet_diag rds rxrpc sunrpc rpcsec* l2tp* gre ppp* slhc "
     "mptcp* team* netkit ifb 9pnet* mpls* ila atm* smc* mctp batman_adv"},
    {drivers,
     "virtio_net e1000* igb* ixgbe* ice i40e* mlx* tg3 bnx* r8169 vmxnet3 ena xen_netfront iwl* "
     "ath* rtw* brcm* mt76* usbnet cdc_* phylink libphy mii realtek"},
    {vfs,
     "9p overlay netfs fscache cachefiles ext2 ext3 ext4 jbd2 mbcache xfs btrfs f2fs fuse cuse "
     "virtiofs vfat fat exfat ntfs* isofs udf squashfs erofs nfs nfs_* nfsv* nfsd lockd grace "
     "cifs* "
     "smb* ceph libceph afs autofs4 autofs efivarfs configfs ecryptfs minix hfs* jfs reiserfs ufs "
     "gfs2 ocfs2* nilfs2 bcachefs zfs binfmt_misc nls_* quota_* romfs cramfs zonefs ksmbd"},
    {block,
     "dm_* raid* md_mod multipath linear loop nbd zram brd null_blk bfq kyber* mq_* bcache drbd "
     "rnbd* virtio_blk xen_blkfront floppy t10_pi"},
    {drivers,
     "virtio* nvme* ahci libahci* libata ata_* pata_* sata_* sd_mod sr_mod sg scsi_* libiscsi* "
     "iscsi_* libsas mpt* megaraid* aacraid hpsa qla* lpfc ufs* mmc_* sdhci* usb* *hci* *_hcd uas "
     "hid* input* evdev psmouse serio* i8042 atkbd mousedev drm* i915 xe amdgpu radeon nouveau "
     "nvidia* vmwgfx bochs cirrus qxl ttm video backlight fb* snd* soundcore i2c* spi* gpio* pwm* "
     "pinctrl* regmap* rtc_* watchdog iTCO* w83* it87 coretemp k10temp hwmon* thermal* *_thermal "
     "intel_* amd_* acpi* processor button battery ac fan wmi* dell* thinkpad* ideapad* hp_wmi "
     "mei* "
     "thunderbolt typec* ucsi* edac_* *_edac ipmi* tpm* rng_core *_rng pcspkr parport* lp ppdev "
     "serial* 8250* kvm* irqbypass vfio* vhost* xen_* hv_* vmw_* vboxguest cxl* nd_* nfit "
     "libnvdimm "
     "dax* pmem ib_* rdma* iw_* joydev uinput tty* firewire* media* video* uvc* v4l2* vb2*"},
    {core,
     "crc* *_generic aes* sha* ghash* crypto* cryptd *_ssse3 gf128mul polyval* zstd* lz4* xor "
     "configs"},
});

constexpr auto k_kfuncs = std::to_array<Rule>({
    {network,
     "bpf_skb_* bpf_xdp_* bpf_sk_* bpf_sock_* bpf_ct_* bpf_dynptr_from_skb bpf_dynptr_from_xdp "
     "tcp_* "
     "bpf_fou_* bpf_dev_* bpf_kfunc_call_* bpf_modify_return_test* bpf_fentry_test* bpf_qdisc_* "
     "bpf_flow_* "
     "cubictcp_* "
     "dctcp_* bbr_* bpf_tcp_*"},
    {process,
     "bpf_task_* css_* bpf_iter_task* bpf_iter_css* bpf_cgroup_* bpf_cpumask_* bpf_get_task_* "
     "bpf_send_signal_* scx_* cgroup_* bpf_current_*"},
    {memory, "bpf_iter_kmem_* bpf_get_kmem_* bpf_mem_*"},
    {vfs,
     "bpf_path_d_path bpf_get_file_* bpf_put_file bpf_get_dentry_* bpf_set_dentry_* "
     "bpf_remove_dentry_* bpf_fs_* "
     "bpf_get_fsverity_*"},
    {drivers, "hid_* bpf_hid_* bpf_iter_dmabuf*"},
    {core,
     "bpf_obj_* bpf_percpu_obj_* bpf_refcount_* bpf_list_* bpf_rbtree_* bpf_rcu_* bpf_cast_* "
     "bpf_rdonly_cast bpf_dynptr_* bpf_iter_* bpf_preempt_* bpf_map_* bpf_wq_* bpf_key_* "
     "bpf_verify_* bpf_crypto_* crash_kexec bpf_session_* bpf_str* bpf_copy_* "
     "bpf_local_irq_* bpf_res_spin_* bpf_stream_* bpf_throw bpf_arena_* bpf_prog_* bpf_task_work_* "
     "bpf_probe_* bpf_lookup_* bpf_timer_* bpf_kthread_* bpf_testmod_* bpf_cpu_* bpf_get_cpu_* "
     "__bpf_trap"},
});

constexpr auto k_iterators = std::to_array<Rule>({
    {process, "task task_file cgroup"},
    {memory, "task_vma kmem_cache"},
    {network, "tcp udp unix netlink ipv6_route sockmap bpf_sk_storage_map"},
    {drivers, "dmabuf"},
    {core, "bpf_map bpf_map_elem bpf_prog bpf_link ksym"},
});

constexpr auto k_struct_ops = std::to_array<Rule>({
    {network, "tcp_* Qdisc_ops *qdisc* mptcp_* smc_*"},
    {process, "sched_ext_ops"},
    {memory, "*oom* *memcg*"},
    {drivers, "hid_bpf_ops"},
    {vfs, "fuse_*"},
    {block, "ublk_* *blk*"},
    {core, "bpf_dummy_ops bpf_testmod*"},
});

constexpr auto k_cgroup = std::to_array<Rule>({
    {drivers, "BPF_CGROUP_DEVICE"},
    {vfs, "BPF_CGROUP_SYSCTL"},  // written through /proc/sys
    {syscalls, "BPF_LSM_CGROUP"},
    {network, "BPF_CGROUP_*"},
});

constexpr auto k_perf = std::to_array<Rule>({
    {memory,
     "software:page-faults* software:minor-faults software:major-faults cpu*:mem-* cpu*:*cache*"},
    {memory, "breakpoint:* uncore_imc*"},
    {syscalls, "tracepoint:* kprobe:* uprobe:*"},
    {process, "software:* cpu* cs_etm* intel_pt* intel_bts*"},
    {drivers, "msr:* power:* uncore* amd_iommu* cstate* i915* dmar* ibs_* amd_* *"},
});

}  // namespace

std::span<const Rule> tracepoint_rules() {
  return k_tracepoints;
}
std::span<const Rule> lsm_rules() {
  return k_lsm;
}
std::span<const Rule> syscall_rules() {
  return k_syscalls;
}
std::span<const Rule> module_rules() {
  return k_modules;
}
std::span<const Rule> kfunc_rules() {
  return k_kfuncs;
}
std::span<const Rule> iterator_rules() {
  return k_iterators;
}
std::span<const Rule> struct_ops_rules() {
  return k_struct_ops;
}
std::span<const Rule> cgroup_rules() {
  return k_cgroup;
}
std::span<const Rule> perf_rules() {
  return k_perf;
}

}  // namespace gancho
