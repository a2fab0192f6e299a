// SPDX-License-Identifier: Apache-2.0
//
// Falco's fields that nobody here can supply, each with what is true about it.
#include <array>

#include "rules/field_table.h"

namespace gancho::rules::detail {
namespace {

constexpr auto k_plain = FieldArgument::none;
constexpr auto k_index = FieldArgument::optional_index;
constexpr auto k_key = FieldArgument::key;

constexpr auto k_groups = std::to_array<MissingGroup>({
    {k_plain, "what is read, written, sent and received is not recorded",
     "evt.buffer evt.buflen evt.buflen.in evt.buflen.out evt.buflen.file evt.buflen.file.in "
     "evt.buflen.file.out evt.buflen.net evt.buflen.net.in evt.buflen.net.out evt.is_syslog "
     "evt.arg.buf evt.arg.bytes_transferred evt.arg.val"},
    {k_plain, "there is no capture whose beginning it could be counted from",
     "evt.reltime evt.reltime.s evt.reltime.ns evt.deltatime evt.deltatime.s evt.deltatime.ns "
     "evt.outputtime thread.exectime thread.totexectime util.cnt"},
    {k_key, "there is no capture whose events it could be compared with", "evt.around"},
    {k_plain, "there are no plugins", "evt.pluginname evt.plugininfo evt.asynctype"},
    {k_plain, "it is a column of Sysdig's tables",
     "evt.latency.s evt.latency.ns evt.latency.quantized evt.latency.human evt.count.error.file "
     "evt.count.error.net evt.count.error.memory evt.count.error.other evt.count.exit "
     "evt.count.procinfo evt.count.threadinfo evt.infra.docker.name "
     "evt.infra.docker.container.id evt.infra.docker.container.name "
     "evt.infra.docker.container.image thread.nametid thread.vmsize.b thread.vmrss.b"},
    {k_plain, "events have subsystems and groups here: name what is meant with evt.type",
     "evt.category"},
    {k_key, "name the events with evt.type", "evt.type.is"},
    {k_plain, "which calls wait is not told: name them with evt.type",
     "evt.is_wait evt.wait_latency evt.io_dir"},
    {k_plain, "the sets of descriptors that are waited for are not recorded",
     "fdlist.nums fdlist.names fdlist.cips fdlist.sips fdlist.cports fdlist.sports"},
    {k_plain, "rules are told of events, not of the machine; in an output it is there all the same",
     "evt.hostname"},

    {k_plain, "arguments have names here and no places: evt.arg.flags", "evt.arg[N]"},
    {k_plain, "the descriptor that a path begins at is not recorded; the resolved paths are",
     "evt.arg.dirfd evt.arg.olddirfd evt.arg.newdirfd evt.arg.linkdirfd evt.arg.olddir "
     "evt.arg.newdir evt.arg.linkdir"},
    {k_plain, "what is known of a program is in proc.*, thread.*, user.* and group.*",
     "evt.arg.fdlimit evt.arg.pgft_maj evt.arg.pgft_min evt.arg.vm_size evt.arg.vm_rss "
     "evt.arg.vm_swap evt.arg.cgroups evt.arg.vpgid evt.arg.exe_ino_ctime "
     "evt.arg.exe_ino_mtime evt.arg.vtid evt.arg.pidns_init_start_ts evt.arg.reaper_tid"},
    {k_plain, "of how a process ended there are proc.exit_status and proc.exit_signal",
     "evt.arg.status"},
    {k_plain,
     "no event records this argument; evt.arg.0 to evt.arg.5 are the registers of a call that is "
     "no event of its own",
     "evt.arg.queuepct evt.arg.queuelen evt.arg.queuemax evt.arg.pos evt.arg.resource evt.arg.cur "
     "evt.arg.max evt.arg.arg2_str evt.arg.arg2_int evt.arg.level evt.arg.optname "
     "evt.arg.optlen evt.arg.whence evt.arg.initval evt.arg.maxevents evt.arg.in_fd "
     "evt.arg.out_fd evt.arg.dqb_bhardlimit evt.arg.dqb_bsoftlimit evt.arg.dqb_curspace "
     "evt.arg.dqb_ihardlimit evt.arg.dqb_isoftlimit evt.arg.dqb_btime evt.arg.dqb_itime "
     "evt.arg.dqi_bgrace evt.arg.dqi_igrace evt.arg.dqi_flags evt.arg.quota_fmt "
     "evt.arg.quota_fmt_out evt.arg.quotafilepath evt.arg.pgoff evt.arg.special evt.arg.ngid "
     "evt.arg.op evt.arg.fds evt.arg.timeout evt.arg.sigmask evt.arg.interval evt.arg.old_size "
     "evt.arg.new_size evt.arg.nativeID evt.arg.how evt.arg.source evt.arg.fd1 evt.arg.first "
     "evt.arg.last evt.arg.msgcontrol evt.arg.img evt.arg.in_offset evt.arg.out_offset "
     "evt.arg.tgid evt.arg.hpid evt.arg.pagesize evt.arg.argument evt.arg.to_submit "
     "evt.arg.min_complete evt.arg.sq_entries evt.arg.cq_entries evt.arg.features "
     "evt.arg.opcode evt.arg.nr_args evt.arg.arg evt.arg.operation evt.arg.new_root "
     "evt.arg.put_old "
     "evt.arg.local_iov_cnt evt.arg.remote_iov_cnt evt.arg.clockid evt.arg.fd_in evt.arg.fd_out "
     "evt.arg.fdin evt.arg.fdout evt.arg.offin evt.arg.offout evt.arg.len evt.arg.mask "
     "evt.arg.newcur evt.arg.newmax evt.arg.oldcur evt.arg.oldmax evt.arg.next evt.arg.nsems "
     "evt.arg.nsops evt.arg.peer evt.arg.pgoffset evt.arg.ratio evt.arg.res_or_fd "
     "evt.arg.sem_flg_0 evt.arg.sem_flg_1 evt.arg.sem_num_0 evt.arg.sem_num_1 evt.arg.sem_op_0 "
     "evt.arg.sem_op_1 evt.arg.semflg evt.arg.semid evt.arg.semnum evt.arg.dpid evt.arg.spid "
     "evt.arg.cpu_sys evt.arg.cpu_usr"},
    {k_plain, "it is of an event of Falco's own",
     "evt.arg.ID evt.arg.action evt.arg.desc evt.arg.description evt.arg.error "
     "evt.arg.event_data evt.arg.event_type evt.arg.image evt.arg.ip evt.arg.json evt.arg.scope "
     "evt.arg.tags"},

    {k_plain, "what a process uses is not part of an event",
     "proc.fdopencount proc.fdlimit proc.fdusage proc.vmsize proc.vmrss proc.vmswap "
     "proc.nthreads proc.nchilds thread.pfmajor thread.pfminor thread.cpu thread.cpu.user "
     "thread.cpu.system thread.vmsize thread.vmrss"},
    {k_plain, "there is no table of all open files",
     "proc.stdin.type proc.stdout.type proc.stderr.type proc.stdin.name proc.stdout.name "
     "proc.stderr.name"},
    {k_index, "there is no table of all open files", "fd.types"},
    {k_plain, "the owner of a program's file is not recorded", "proc.is_exe_writable"},
    {k_plain, "of an overlay only what lies in its upper layer is known: proc.is_exe_upper_layer",
     "proc.is_exe_lower_layer fd.is_upper_layer fd.is_lower_layer"},
    {k_plain, "the times of a program's file are not recorded",
     "proc.exe_ino.ctime proc.exe_ino.mtime proc.exe_ino.ctime_duration_proc_start "
     "proc.exe_ino.ctime_duration_pidns_start"},
    {k_plain, "when the first process of a container started is not recorded: container.created",
     "proc.pidns_init_start_ts container.start_ts container.duration"},
    {k_plain,
     "a process group is recorded when it changes only, by setsid, setpgid and terminal: proc.pgid",
     "proc.pgid.name proc.pgid.exe proc.pgid.exepath proc.is_pgid_leader"},
    {k_plain, "process groups as the process itself sees them are not recorded: proc.pgid",
     "proc.vpgid proc.vpgid.name proc.vpgid.exe proc.vpgid.exepath proc.is_vpgid_leader"},
    {k_plain, "which programs are shells is for a rule to say: proc.aname in (bash, sh)",
     "proc.loginshellid"},
    {k_plain, "thread ids as the process itself sees them are not recorded: thread.tid",
     "thread.vtid"},
    {k_key, "control groups are known by their path alone: cgroup.path", "thread.cgroup"},
    {k_plain, "control groups are known by their path alone: cgroup.path", "thread.cgroups"},

    {k_plain, "no name of a service is looked up for a port: compare the port",
     "fd.proto fd.cproto fd.sproto fd.lproto fd.rproto"},
    {k_plain, "write container.id beside it", "fd.containername fd.containerdirectory"},
    {k_plain, "of a user only name and number are looked up", "user.homedir user.shell"},

    {k_plain, "it is not in the state that container engines leave on disk",
     "container.healthcheck container.liveness_probe container.readiness_probe container.mounts "
     "container.cni.json container.labels container.image.labels container.ip container.host_pid "
     "container.host_network container.host_ipc proc.is_container_healthcheck "
     "proc.is_container_liveness_probe proc.is_container_readiness_probe k8s.pod.sandbox_id "
     "k8s.pod.full_sandbox_id k8s.pod.ip k8s.pod.cni.json k8s.pod.labels k8s.pod.id k8s.pod.uid"},
    {k_plain, "it stands for nothing: name container.id, container.name and container.image",
     "container.info"},
    {k_key, "it is not in the state that container engines leave on disk",
     "container.mount container.mount.source container.mount.dest container.mount.mode "
     "container.mount.rdwr container.mount.propagation container.label k8s.pod.label"},
    {k_plain, "the Kubernetes API is not asked",
     "k8s.rc.name k8s.rc.id k8s.rc.labels k8s.svc.name k8s.svc.id k8s.svc.labels k8s.ns.id "
     "k8s.ns.labels k8s.rs.name k8s.rs.id k8s.rs.labels k8s.deployment.name k8s.deployment.id "
     "k8s.deployment.labels"},
    {k_key, "the Kubernetes API is not asked",
     "k8s.rc.label k8s.svc.label k8s.ns.label k8s.rs.label k8s.deployment.label"},
});

}  // namespace

std::span<const MissingGroup> missing_fields() {
  return k_groups;
}

}  // namespace gancho::rules::detail
