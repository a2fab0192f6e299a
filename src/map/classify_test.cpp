// SPDX-License-Identifier: Apache-2.0
#include "map/classify.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace gancho {
namespace {

using enum Subsystem;

TEST(Pattern, FitsWhereItIsOpen) {
  EXPECT_TRUE(fits("vfs_read", "vfs_read"));
  EXPECT_FALSE(fits("vfs_read", "vfs_readv"));
  EXPECT_TRUE(fits("vfs_*", "vfs_read"));
  EXPECT_FALSE(fits("vfs_*", "xvfs_read"));
  EXPECT_TRUE(fits("*_iter", "read_iter"));
  EXPECT_FALSE(fits("*_iter", "read_iterate"));
  EXPECT_TRUE(fits("*dev*", "netdev_open"));
  EXPECT_FALSE(fits("*dev*", "open"));
  EXPECT_TRUE(fits("*", "anything"));
}

TEST(Classify, TracepointsBySystemAndByNameWhereOneSystemSpans) {
  EXPECT_EQ(subsystem_of_tracepoint("sched", "sched_switch"), process);
  EXPECT_EQ(subsystem_of_tracepoint("syscalls", "sys_enter_mmap"), syscalls);
  EXPECT_EQ(subsystem_of_tracepoint("ext4", "ext4_sync_file_enter"), vfs);
  EXPECT_EQ(subsystem_of_tracepoint("block", "block_rq_issue"), block);
  EXPECT_EQ(subsystem_of_tracepoint("vmscan", "mm_vmscan_kswapd_wake"), memory);
  EXPECT_EQ(subsystem_of_tracepoint("skb", "kfree_skb"), network);
  EXPECT_EQ(subsystem_of_tracepoint("irq", "irq_handler_entry"), drivers);
  EXPECT_EQ(subsystem_of_tracepoint("xen", "xen_mmu_set_pte"), memory);
  EXPECT_EQ(subsystem_of_tracepoint("xen", "xen_mc_batch"), drivers);
  EXPECT_EQ(subsystem_of_tracepoint("rcu", "rcu_utilization"), core);
  EXPECT_EQ(subsystem_of_tracepoint("no_such_system", "event"), unknown);
}

TEST(Classify, LsmHooks) {
  EXPECT_EQ(subsystem_of_lsm_hook("file_open"), vfs);
  EXPECT_EQ(subsystem_of_lsm_hook("file_mprotect"), memory);
  EXPECT_EQ(subsystem_of_lsm_hook("task_kill"), process);
  EXPECT_EQ(subsystem_of_lsm_hook("socket_connect"), network);
  EXPECT_EQ(subsystem_of_lsm_hook("kernel_module_request"), drivers);
  EXPECT_EQ(subsystem_of_lsm_hook("bpf_map"), syscalls);
  EXPECT_EQ(subsystem_of_lsm_hook("bdev_setintegrity"), block);
  EXPECT_EQ(subsystem_of_lsm_hook("secid_to_secctx"), core);
}

TEST(Classify, SystemCallsByWhoServesThem) {
  EXPECT_EQ(subsystem_of_syscall("getpid"), process);
  EXPECT_EQ(subsystem_of_syscall("mmap"), memory);
  EXPECT_EQ(subsystem_of_syscall("openat2"), vfs);
  EXPECT_EQ(subsystem_of_syscall("sendfile64"), vfs);
  EXPECT_EQ(subsystem_of_syscall("sendmmsg"), network);
  EXPECT_EQ(subsystem_of_syscall("ioprio_set"), block);
  EXPECT_EQ(subsystem_of_syscall("finit_module"), drivers);
  EXPECT_EQ(subsystem_of_syscall("io_uring_setup"), syscalls);
  EXPECT_EQ(subsystem_of_syscall("reboot"), core);
  EXPECT_EQ(subsystem_of_syscall("of_the_future"), unknown);
}

TEST(Classify, FunctionsByNameAlsoByWhatFollowsUnderscores) {
  EXPECT_EQ(subsystem_of_function("vfs_read"), vfs);
  EXPECT_EQ(subsystem_of_function("tcp_sendmsg"), network);
  EXPECT_EQ(subsystem_of_function("__blk_mq_alloc_requests"), block);
  EXPECT_EQ(subsystem_of_function("__sched_fork"), process);
  EXPECT_EQ(subsystem_of_function("__x64_sys_read"), syscalls);
  EXPECT_EQ(subsystem_of_function("handle_mm_fault"), memory);
  EXPECT_EQ(subsystem_of_function("nvme_queue_rq"), drivers);
  EXPECT_EQ(subsystem_of_function("mutex_lock"), core);
  EXPECT_EQ(subsystem_of_function("success_show"), unknown);
  EXPECT_EQ(subsystem_of_function("___"), unknown);
  EXPECT_EQ(subsystem_of_function(""), unknown);
}

TEST(Classify, Modules) {
  EXPECT_EQ(subsystem_of_module("overlay"), vfs);
  EXPECT_EQ(subsystem_of_module("9pnet_virtio"), network);
  EXPECT_EQ(subsystem_of_module("virtio_ring"), drivers);
  EXPECT_EQ(subsystem_of_module("dm_mod"), block);
  EXPECT_EQ(subsystem_of_module("nf_tables"), network);
}

TEST(Neighbours, SpeakForTheSilentOnesBetweenThem) {
  std::vector<Subsystem> known{unknown, vfs, unknown, unknown, vfs, unknown, network, unknown};
  fill_from_neighbours(known, 2);
  EXPECT_EQ(known,
            (std::vector<Subsystem>{unknown, vfs, vfs, vfs, vfs, unknown, network, unknown}));
}

TEST(Neighbours, DoNotReachOverALongSilence) {
  std::vector<Subsystem> known{vfs, unknown, unknown, unknown, vfs};
  const std::vector<Subsystem> before = known;
  fill_from_neighbours(known, 2);
  EXPECT_EQ(known, before);
}

TEST(Subsystems, HaveNamesThatAreFoundAgain) {
  for (std::size_t i = 0; i < k_subsystems; ++i) {
    const auto subsystem = static_cast<Subsystem>(i);
    EXPECT_EQ(find_subsystem(subsystem_name(subsystem)), subsystem);
  }
  EXPECT_EQ(find_subsystem("kernel"), std::nullopt);
}

}  // namespace
}  // namespace gancho
