// SPDX-License-Identifier: Apache-2.0
//
// What a function's name says. Only names that a folder of the kernel has to itself: the silent
// ones are given to their neighbours (fill_from_neighbours), so a wrong line costs more than a
// missing one.
#include <array>

#include "map/rules.h"

namespace gancho {
namespace {

using enum Subsystem;

constexpr auto k_functions = std::to_array<Rule>({
    // Exceptions to what stands below.
    {drivers, "__proc_set_tty proc_clear_tty find_module*"},
    {network,
     "__sys_socket* __sys_bind* __sys_connect* __sys_listen* __sys_accept* __sys_send* __sys_recv* "
     "__sys_shutdown* __sys_getsock* __sys_setsockopt __sys_getpeername"},
    {process,
     "__sys_set* __sys_get* ksys_setsid ksys_unshare ksys_msg* ksys_sem* ksys_shm* pelt_*"},
    {memory, "ksys_mmap* do_mprotect_pkey"},
    {vfs,
     "ksys_* chmod_common chown_common do_file_open_root do_handle_open f_dupfd set_fs_pwd "
     "set_fs_root"},
    {syscalls,
     "io_openat* io_setxattr* io_fsetxattr* io_getxattr* io_fgetxattr* io_submit_sqe* io_req_* "
     "io_issue_* io_queue_*"},
    {process, "select_fallback_rq select_nohz_* rt_mutex_* rt_se_* rt_rq_* rt_period_* rt_task_*"},
    {memory, "exit_mmap"},
    {vfs, "exit_aio exit_files exit_fs"},
    // net/core/filter.c, net/bpf.
    {network,
     "bpf_skb_* bpf_xdp_* bpf_sk_* bpf_sock_* bpf_tcp_* bpf_msg_* bpf_lwt_* bpf_fib_* "
     "bpf_redirect* "
     "bpf_clone_redirect bpf_prog_test_run_* bpf_get_socket_* bpf_flow_*"},
    // net/core/dev*.c; what other functions begin so are of the driver core.
    {network,
     "dev_addr_* dev_uc_* dev_mc_* dev_ioctl dev_ifconf dev_seq_* dev_xdp_* dev_forward_skb* "
     "dev_gro_* dev_ingress_* dev_loopback_* dev_activate dev_deactivate* dev_graft_* dev_qdisc_* "
     "dev_watchdog* dev_trans_start dev_fill_* dev_getby* dev_getfirst* dev_map_* dev_valid_name "
     "dev_alloc_name* dev_add_pack dev_remove_pack __dev_remove_pack dev_kfree_skb_* dev_nit_* "
     "dev_disable_lro dev_validate_mtu dev_pick_tx_* dev_add_offload dev_remove_offload"},
    // lib/scatterlist.c, lib/sg_pool.c; the rest that begins so is drivers/scsi/sg.c.
    {core,
     "sg_pool_* sg_alloc_* sg_free_* __sg_* sg_init_* sg_next sg_last sg_miter_* sg_copy_* "
     "sg_pcopy_* sg_nents* sg_zero_buffer"},
    // arch/x86: what the processor does by itself.
    {core, "native_* paravirt_* __paravirt_* pv_* _paravirt_* alternatives_* apply_alternatives"},

    // The gate: arch/x86/entry, kernel/seccomp.c, kernel/audit*.c, io_uring/, security/security.c.
    {syscalls,
     "__x64_sys_* __ia32_sys_* __ia32_compat_sys_* __se_sys_* __se_compat_sys_* __do_sys_* "
     "__do_compat_sys_* do_syscall_* syscall_* do_int80* do_fast_syscall* seccomp_* audit_* "
     "io_uring_* io_wq_* io_sqe_* security_* landlock_* lockdown_* selinux_* apparmor_* smack_* "
     "tomoyo_* yama_* ima_* evm_* integrity_* bpf_lsm_* avc_* aa_* hook_*"},

    // Tracing, BPF, locks, lists: kernel/trace, kernel/bpf, kernel/locking, kernel/rcu, lib.
    {core,
     "bpf_* __bpf_* btf_* trace_event_raw_* perf_trace_* trace_raw_output_* __traceiter_* "
     "__probestub_* trace_* tracing_* ftrace_* trace_event* ring_buffer_* kprobe* uprobe* perf_* "
     "mutex_* rwsem_* down_read* down_write* up_read* up_write* _raw_spin_* _raw_read_* "
     "_raw_write_* "
     "queued_* rcu_* srcu_* call_rcu* synchronize_rcu* lockdep_* printk* vprintk* kallsyms_* "
     "stack_trace_* jump_label_* static_key_* static_call_* kdb_* kgdb_* crash_* kexec_* "
     "panic* notifier_* atomic_notifier_* blocking_notifier_* raw_notifier_* srcu_notifier_*"},
    {core,
     "xa_* xas_* radix_tree_* idr_* ida_* mas_* mt_* rb_* llist_* klist_* sbitmap_* bitmap_* "
     "find_next_* string_* vsnprintf kobject_* kset_* refcount_* percpu_ref_* "
     "percpu_counter_* crc* sha1_* sha256_* crypto_* aes_* chacha* zstd* ZSTD_* HUF_* FSE_* LZ4_* "
     "lzo* zlib_* "
     "xz_* asn1_* x509_* pkcs7_* public_key_* skcipher_* shash_* ahash_* aead_* akcipher_* "
     "scatterwalk_*"},

    // kernel/sched, kernel/{fork,exit,signal,cred,pid}.c, kernel/cgroup, ipc/, security/keys.
    {process,
     "sched_* task_* dl_* rt_mutex_* enqueue_task* dequeue_task* pick_next_* pick_task_* "
     "update_rq_* update_curr* update_load_* "
     "try_to_wake_up wake_up_* ttwu_* load_balance newidle_balance set_next_* put_prev_* "
     "select_task_rq* "
     "select_idle_* schedule* __schedule resched_* cpuset_* cgroup_* cgroup1_* css_* psi_* "
     "cpuacct_* copy_process kernel_clone kernel_thread* fork_* do_exit do_group_exit exit_* "
     "release_task wait_task_* do_wait* signal_* send_sig* send_signal* do_send_* dequeue_signal "
     "get_signal* force_sig* kill_pid* kill_pgrp* sig_* sigaction* sigprocmask "
     "ptrace_* cred_* commit_creds prepare_creds override_creds revert_creds ns_capable* capable* "
     "cap_* pid_* alloc_pid free_pid find_vpid find_get_pid* find_task_by_* "
     "user_ns* utsns_* uts_* copy_namespaces* create_new_namespaces switch_task_namespaces "
     "futex_* membarrier_* rseq_* kthread_* workqueue_* wq_* flush_work* queue_work* "
     "queue_delayed_work* process_one_work worker_* "
     "stop_machine* smp_call_* cpu_stop* cpuhp_* cpu_up* cpu_down* proc_sched_* smpboot_*"},
    {process,
     "hrtimer_* timer_* tick_* posix_timer_* posix_cpu_* clockevents_* clocksource_* ktime_* "
     "timekeeping_* timespec* jiffies* alarm_* alarmtimer_* itimer_* do_nanosleep "
     "add_timer* mod_timer* del_timer* run_timer_* tmigr_* ntp_* "
     "ipc_* msg_* sem_* shm_* do_msg* do_sem* do_shm* mqueue_* "
     "key_* keyring_* keyctl_* user_preparse user_revoke "
     "acct_* taskstats_* delayacct_* fpu_* fpregs_* xstate_* switch_to* __switch_to*"},

    {memory,
     "alloc_pages* __alloc_pages* __alloc_frozen_pages* free_pages* __free_pages* "
     "get_page_from_freelist "
     "free_unref_* free_pcp* rmqueue* steal_suitable* build_zonelists* "
     "page_* folio_* filemap_* __filemap_* generic_file_* shmem_* do_swap_page swap_* swapin_* "
     "__swap_* add_to_swap* delete_from_swap* get_swap_* zswap_* zpool_* zs_* z3fold_* zbud_* "
     "kmem_* kmalloc* kfree* krealloc* slab_* slub_* kvmalloc* kvfree* vmalloc* vfree* vmap_* "
     "vunmap_* "
     "alloc_vmap_* free_vmap_* mm_* mmap_* do_mmap* do_munmap* "
     "unmap_* vma_* vm_area_* vm_mmap* vm_munmap* vm_insert_* find_vma* insert_vm_* "
     "mprotect_* change_protection* mremap_* move_page_* move_vma* mlock_* munlock_* madvise_* "
     "oom_* mem_cgroup_* memcg_* obj_cgroup_* shrink_* kswapd* balance_pgdat reclaim_* "
     "isolate_* putback_* compact_* kcompactd* migrate_* migration_* "
     "handle_mm_fault* do_anonymous_page do_fault* do_wp_page wp_page_* do_read_fault do_cow_fault "
     "do_shared_fault do_user_addr_fault exc_page_fault do_page_fault "
     "copy_page_range copy_pte_* zap_* unmap_page_range free_pgtables free_pgd_* pte_* pmd_* pud_* "
     "pgd_* get_user_pages* pin_user_pages* gup_* follow_page* "
     "huge_* hugetlb_* hugepage_* khugepaged* collapse_* split_huge_* thp_* ksm_* "
     "rmap_* anon_vma_* try_to_unmap* try_to_migrate* percpu_alloc* pcpu_* free_percpu "
     "memblock_* sparse_* mempool_* mempolicy* mpol_* numa_* "
     "lru_* lruvec_* workingset_* page_counter_* vmpressure_* vmstat_* zone_* "
     "damon_* damos_* cma_* userfaultfd_* mfill_* tlb_* flush_tlb_* "
     "memory_failure* soft_offline_* early_ioremap* readahead_* page_cache_* ra_* "
     "set_memory_* change_page_attr* balance_dirty_pages* wb_domain_* write_cache_pages "
     "truncate_inode_pages* "
     "invalidate_mapping_* invalidate_inode_pages2* memfd_* secretmem_*"},

    // The page cache's inner side stands above; fs/ from here.
    {vfs,
     "vfs_* do_sys_open* do_filp_open path_* link_path_walk walk_component lookup_* d_* dget* "
     "dput* "
     "dentry_* shrink_dcache* inode_* iget* iput* igrab ilookup* evict_inodes new_inode* "
     "may_open may_delete may_create do_unlinkat do_renameat* do_mkdirat do_rmdir do_symlinkat "
     "do_linkat do_mknodat filename_* getname* putname file_* filp_* fput* fget* fdget* "
     "alloc_file* alloc_empty_* close_fd* do_dup2 dup_fd receive_fd* fd_install get_unused_fd* "
     "mnt_* mntput* mntget* do_mount* path_mount do_umount do_move_mount do_loopback do_remount "
     "do_new_mount* "
     "attach_recursive_mnt propagate_* fs_context_* fs_* get_tree_* sget* super_* "
     "generic_shutdown_super kill_*_super deactivate_* "
     "setattr_* notify_change simple_* libfs_* seq_* pipe_* splice_* do_splice* iter_file_splice* "
     "select_* core_sys_select do_select do_sys_poll poll_* ep_* eventpoll_* eventfd_* signalfd_* "
     "timerfd_* aio_* locks_* posix_lock_* flock_* lease_* fcntl_* do_fcntl "
     "fsnotify_* inotify_* fanotify_* dnotify_* "
     "writeback_* wb_* bdi_* sync_* generic_write_* buffer_* __bread* bh_* submit_bh* "
     "mark_buffer_* block_read_* block_write_* __block_write_* mpage_* iomap_* dax_* direct_IO "
     "proc_* procfs_* sysfs_* kernfs_* configfs_* debugfs_* tracefs_* eventfs_* ramfs_* devpts_* "
     "ext2_* ext3_* ext4_* jbd2_* xfs_* xlog_* xfarray_* xchk_* xrep_* btrfs_* btree_* erofs_* "
     "z_erofs_* f2fs_* fuse_* "
     "isofs_* udf_* fat_* vfat_* exfat_* ntfs_* nfs_* nfs3_* nfs4_* nfsd_* nfsd4_* cifs_* smb2_* "
     "ceph_* "
     "ovl_* squashfs_* hugetlbfs_* autofs_* fscache_* netfs_* cachefiles_* v9fs_* quota_* dquot_* "
     "posix_acl_* xattr_* fscrypt_* fsverity_* coredump_* elf_core_* do_coredump "
     "load_elf_* elf_* load_script load_misc_* do_execve* bprm_* begin_new_exec alloc_bprm "
     "search_binary_handler "
     "binfmt_* unicode_* utf8* nls_* char2uni uni2char efivar_* efivarfs_* pstore_* user_statfs "
     "user_path_* chrdev_* cdev_* register_chrdev* mb_cache_*"},

    // block/, and the drivers that stand for others: dm, md, loop.
    {block,
     "blk_* blkdev_* blkcg_* blkg_* blkif_* bio_* submit_bio* bdev_* __blk_* __blkdev_* "
     "disk_* device_add_disk del_gendisk add_disk* genhd_* part_* elv_* elevator_* dd_* bfq_* "
     "kyber_* wbt_* rq_qos_* iocg_* ioc_* iolatency_* throtl_* blk_throtl_* sed_* opal_* "
     "badblocks_* dm_* md_* raid* loop_* lo_* zram_* nbd_* null_* bsg_*"},

    // net/, and the drivers of network devices.
    {network,
     "tcp_* tcpv6_* udp_* udpv6_* udplite* udp4_* udp6_* ip_* ip4_* ip6_* ipv4_* ipv6_* inet_* "
     "inet6_* "
     "raw_* rawv6_* ping_* icmp_* icmpv6_* igmp_* igmp6_* mld_* ndisc_* arp_* neigh_* fib_* fib4_* "
     "fib6_* "
     "fib_table_* rt_dst_* rt_cache_* rt_fill_* rt_set_* rt_del_* rt_add_* rt_flush_* rt_genid_* "
     "rt6_* route_* dst_* sock_* sk_* skb_* __skb_* pskb_* __pskb_* kfree_skb* "
     "consume_skb "
     "alloc_skb* build_skb* napi_* __napi_* netif_* __netif_* dev_queue_* "
     "dev_hard_* dev_get_by_* dev_set_* dev_change_* dev_open dev_close* "
     "netdev_* register_netdev* unregister_netdev* netlink_* genl_* "
     "nla_* rtnl_* rtnetlink_* rtm_* net_* netns_* ethtool_* ethnl_* eth_* ether_* nf_* nft_* "
     "nfnl* nfnetlink_* xt_* "
     "ipt_* ebt_* "
     "xfrm_* xfrm4_* xfrm6_* esp_* esp6_* ah_* ipcomp_* unix_* packet_* af_packet* tpacket_* "
     "vlan_* br_* bridge_* "
     "qdisc_* __qdisc_* sch_* tc_* tcf_* tcx_* cls_* mqprio_* fq_* codel_* "
     "htb_* tbf_* pfifo_* noop_en* xdp_* xsk_* xp_* bq_xmit* mptcp_* subflow_* sctp_* dccp_* "
     "tipc_* vsock_* "
     "virtio_transport_* mpls_* lwtunnel_* tun_* tap_* veth_* macvlan_* vxlan_* geneve_* gre_* "
     "bond_* "
     "ipip* sit_* tunnel_* ip6_tnl_* devlink_* "
     "page_pool_* flow_dissector_* flow_* gro_* gso_* dql_* sunrpc_* rpc_* xprt_* svc_* svcauth_* "
     "cfg80211_* ieee80211_* nl80211_* rfkill_* bt_* hci_* l2cap_* can_* wireless_* dcb* "
     "seg6_* ipv6_flowlabel* addrconf_* calipso_* cipso_* netlbl_* llc_* "
     "ptp_* phy_* phylink_* mdio* sfp_* tls_* handshake_* psample_* switchdev_* l3mdev_* ncsi_* "
     "virtnet_* e1000_* igb_* ixgbe_* mlx4_* mlx5_* bnxt_* tg3_* r8169_* ena_* vmxnet3_* xennet_*"},

    // drivers/, kernel/irq, kernel/dma, kernel/power, kernel/module, sound/, virt/.
    {drivers,
     "device_* devm_* dev_* devres_* driver_* bus_* class_* platform_* pci_* pcie_* pcim_* "
     "pcibios_* msi_* acpi_* "
     "of_* fwnode_* usb_* usbdev_* usbhid_* hcd_* xhci_* ehci_* ohci_* uhci_* hid_* hidinput_* "
     "input_* "
     "evdev_* serio_* i8042_* atkbd_* psmouse_* synaptics_* tty_* ldsem_* n_tty_* pty_* vt_* con_* "
     "vc_* "
     "fbcon_* fb_* console_* serial_* serial8250_* uart_* univ8250_* "
     "ata_* ahci_* sata_* scsi_* sd_* sr_* sg_* spi_* nvme_* nvmet_* virtio_* vring_* virtqueue_* "
     "vp_* "
     "virtblk_* vhost_* mmc_* sdhci_* ufshcd_* i2c_* i2cdev_* smbus_* gpio_* gpiod_* gpiochip_* "
     "gpiolib_* pwm_* pinctrl_* pinmux_* regmap_* regcache_* "
     "regulator_* clk_* rtc_* hwmon_* thermal_* cpufreq_* cpuidle_* cppc_* devfreq_* pm_* dpm_* "
     "genpd_* "
     "rpm_* wakeup_* suspend_* hibernate_* hib_* snapshot_* swsusp_* "
     "opp_* power_supply_* watchdog_* led_* leds_* backlight_* drm_* drmm_* intel_* i915_* "
     "amdgpu_* amd_* radeon_* "
     "nouveau_* ttm_* dma_* dmaengine_* swiotlb_* iommu_* iova_* iopf_* amd_iommu_* dmar_* qi_* "
     "irq_* request_irq request_threaded_irq free_irq handle_irq* handle_edge_* handle_level_* "
     "handle_fasteoi_* generic_handle_* "
     "enable_irq* disable_irq* tasklet_* softirq_* raise_softirq* __raise_softirq* handle_softirqs "
     "do_softirq* "
     "apic_* x2apic_* ioapic_* mp_* lapic_* hpet_* "
     "common_interrupt* sysvec_* nmi_* mce_* edac_* ghes_* apei_* cper_* einj_* aer_* "
     "firmware_* fw_* _request_firmware request_firmware* "
     "module_* load_module* do_init_module free_module layout_* dma_buf_* dma_fence_* sync_file_* "
     "snd_* soc_* hda_* azx_* media_* v4l2_* vb2_* video_* dvb_* cec_* rc_* "
     "kvm_* vmx_* svm_* nested_* vcpu_* kvmppc_* x86_emulate_* em_* vfio_* xen_* hv_* vmbus_* "
     "hyperv_* "
     "efi_* tpm_* tpm1_* tpm2_* ipmi_* parport_* ppdev_* random_* add_hwgenerator_* hwrng_* "
     "nvdimm_* nd_* nvram_* cxl_* ib_* rdma_* iw_* uverbs_* bnxt_re_* mei_* thunderbolt_* tb_* "
     "typec_* ucsi_* extcon_* iio_* mfd_* mtd_* nand_* ubi_* rproc_* rpmsg_* reset_* "
     "mbox_* nvmem_* powercap_* rapl_* dca_* fpga_* coresight_* binder_* hwspin_* icc_* "
     "interconnect_* component_* pnp_* isapnp_* eisa_* agp_* vga_* vgacon_* dummycon_* "
     "mousedev_* joydev_* uinput_* ps2_* azx_* mipi_* lpss_* dw_* designware_*"},
});

}  // namespace

std::span<const Rule> function_rules() {
  return k_functions;
}

}  // namespace gancho
