// SPDX-License-Identifier: Apache-2.0
#include "rules/field_names.h"

#include <algorithm>
#include <array>

#include "event/projection.h"

namespace gancho::rules {
namespace {

// Names that have all but their names in common; blanks between them.
struct Group {
  FieldArgument argument;
  FieldOrigin origin;
  std::string_view missing;
  std::string_view names;
};

constexpr auto k_plain = FieldArgument::none;
constexpr auto k_index = FieldArgument::optional_index;
constexpr auto k_key = FieldArgument::key;
constexpr auto k_maybe_key = FieldArgument::optional_key;
constexpr auto k_derived = FieldOrigin::derived;
constexpr auto k_nowhere = FieldOrigin::none;

// Falco's fields; those that the schema has by the same name are taken from there.
constexpr auto k_groups = std::to_array<Group>({
    {k_plain, k_derived, "",
     "evt.time evt.time.s evt.time.iso8601 evt.datetime evt.datetime.s evt.rawtime evt.rawtime.s "
     "evt.rawtime.ns evt.source evt.is_async evt.hostname evt.type syscall.type evt.category "
     "evt.cpu evt.num evt.args evt.info evt.res evt.rawres evt.failed evt.dir evt.count "
     "evt.count.error evt.latency evt.is_io evt.is_io_read evt.is_io_write evt.io_dir "
     "evt.is_open_read evt.is_open_write evt.is_open_exec evt.is_open_create"},
    {k_key, k_derived, "", "evt.arg evt.rawarg evt.type.is evt.abspath"},
    {k_index, k_derived, "",
     "proc.aname proc.aexe proc.aexepath proc.acmdline proc.apid proc.args proc.aargs"},
    {k_maybe_key, k_derived, "", "proc.env"},
    {k_plain, k_derived, "",
     "proc.exe proc.pexe proc.exepath proc.pexepath proc.name proc.pname proc.cmdline "
     "proc.pcmdline "
     "proc.cmdnargs proc.cmdlenargs proc.exeline proc.cwd proc.loginshellid proc.tty proc.pid "
     "proc.ppid proc.vpid proc.pvpid proc.sid proc.sname proc.sid.exe proc.sid.exepath proc.vpgid "
     "proc.vpgid.name proc.vpgid.exe proc.vpgid.exepath proc.pgid proc.pgid.name proc.pgid.exe "
     "proc.pgid.exepath proc.duration proc.ppid.duration proc.pid.ts proc.ppid.ts "
     "proc.is_exe_writable proc.is_exe_upper_layer proc.is_exe_lower_layer proc.is_exe_from_memfd "
     "proc.is_sid_leader proc.is_vpgid_leader proc.is_pgid_leader proc.exe_ino proc.exe_ino.ctime "
     "proc.exe_ino.mtime proc.exe_ino.ctime_duration_proc_start "
     "proc.exe_ino.ctime_duration_pidns_start proc.pidns_init_start_ts thread.tid thread.vtid "
     "thread.ismain thread.cap_permitted thread.cap_inheritable thread.cap_effective "
     "thread.cgroups"},
    {k_plain, k_derived, "",
     "fd.num fd.type fd.typechar fd.name fd.nameraw fd.directory fd.filename fd.ip fd.cip fd.sip "
     "fd.lip fd.rip fd.port fd.cport fd.sport fd.lport fd.rport fd.l4proto fd.sockfamily "
     "fd.is_server fd.uid fd.containername fd.containerdirectory fd.net fd.cnet fd.snet fd.lnet "
     "fd.rnet fd.connected fd.name_changed fd.cip.name fd.sip.name fd.lip.name fd.rip.name "
     "fd.proto fd.cproto fd.sproto fd.lproto fd.rproto fd.dev fd.dev.major fd.dev.minor fd.ino "
     "fd.is_upper_layer fd.is_lower_layer fs.path.name fs.path.nameraw fs.path.source "
     "fs.path.sourceraw fs.path.target fs.path.targetraw"},
    {k_plain, k_derived, "",
     "user.uid user.name user.homedir user.shell user.loginuid user.loginname group.gid "
     "group.name"},
    {k_plain, k_derived, "",
     "container.id container.full_id container.name container.image container.image.id "
     "container.image.repository container.image.tag container.image.digest container.type "
     "container.privileged container.start_ts container.duration container.info container.ip "
     "container.host_pid container.host_network container.host_ipc k8s.pod.name k8s.pod.id "
     "k8s.pod.uid k8s.ns.name"},

    {k_plain, k_nowhere, "what is read, written, sent and received is not recorded",
     "evt.buffer evt.buflen evt.buflen.in evt.buflen.out evt.buflen.file evt.buflen.file.in "
     "evt.buflen.file.out evt.buflen.net evt.buflen.net.in evt.buflen.net.out evt.is_syslog"},
    {k_plain, k_nowhere, "there is no capture whose beginning it could be counted from",
     "evt.reltime evt.reltime.s evt.reltime.ns evt.deltatime evt.deltatime.s evt.deltatime.ns "
     "evt.outputtime thread.exectime thread.totexectime util.cnt"},
    {k_key, k_nowhere, "there is no capture whose events it could be compared with", "evt.around"},
    {k_plain, k_nowhere, "there are no plugins", "evt.pluginname evt.plugininfo evt.asynctype"},
    {k_plain, k_nowhere, "it is a column of Sysdig's tables",
     "evt.latency.s evt.latency.ns evt.latency.quantized evt.latency.human evt.count.error.file "
     "evt.count.error.net evt.count.error.memory evt.count.error.other evt.count.exit "
     "evt.count.procinfo evt.count.threadinfo evt.infra.docker.name "
     "evt.infra.docker.container.id evt.infra.docker.container.name "
     "evt.infra.docker.container.image thread.nametid thread.vmsize.b thread.vmrss.b"},
    {k_plain, k_nowhere, "calls that only wait are not recorded",
     "evt.is_wait evt.wait_latency fdlist.nums fdlist.names fdlist.cips fdlist.sips fdlist.cports "
     "fdlist.sports"},
    {k_plain, k_nowhere, "what a process uses is not part of an event",
     "proc.fdopencount proc.fdlimit proc.fdusage proc.vmsize proc.vmrss proc.vmswap "
     "proc.nthreads proc.nchilds thread.pfmajor thread.pfminor thread.cpu thread.cpu.user "
     "thread.cpu.system thread.vmsize thread.vmrss"},
    {k_plain, k_nowhere, "there is no table of all open files",
     "proc.stdin.type proc.stdout.type proc.stderr.type proc.stdin.name proc.stdout.name "
     "proc.stderr.name"},
    {k_index, k_nowhere, "there is no table of all open files", "fd.types"},
    {k_maybe_key, k_nowhere, "the environment of ancestors is not kept", "proc.aenv"},
    {k_key, k_nowhere, "control groups are known by their path alone: cgroup.path",
     "thread.cgroup"},
    {k_plain, k_nowhere, "it is not in the state that container engines leave on disk",
     "container.healthcheck container.liveness_probe container.readiness_probe container.mounts "
     "container.cni.json container.labels container.image.labels proc.is_container_healthcheck "
     "proc.is_container_liveness_probe proc.is_container_readiness_probe k8s.pod.sandbox_id "
     "k8s.pod.full_sandbox_id k8s.pod.ip k8s.pod.cni.json k8s.pod.labels"},
    {k_key, k_nowhere, "it is not in the state that container engines leave on disk",
     "container.mount container.mount.source container.mount.dest container.mount.mode "
     "container.mount.rdwr container.mount.propagation container.label k8s.pod.label"},
    {k_plain, k_nowhere, "the Kubernetes API is not asked",
     "k8s.rc.name k8s.rc.id k8s.rc.labels k8s.svc.name k8s.svc.id k8s.svc.labels k8s.ns.id "
     "k8s.ns.labels k8s.rs.name k8s.rs.id k8s.rs.labels k8s.deployment.name k8s.deployment.id "
     "k8s.deployment.labels"},
    {k_key, k_nowhere, "the Kubernetes API is not asked",
     "k8s.rc.label k8s.svc.label k8s.ns.label k8s.rs.label k8s.deployment.label"},
});

std::vector<FieldName> make_table() {
  std::vector<FieldName> table;
  for (const Group& group : k_groups) {
    std::string_view names = group.names;
    while (!names.empty()) {
      const std::string_view name = names.substr(0, names.find(' '));
      table.push_back({name, group.argument, group.origin, group.missing});
      names.remove_prefix(std::min(name.size() + 1, names.size()));
    }
  }
  std::ranges::sort(table, {}, &FieldName::name);
  const std::size_t of_falco = table.size();
  for (const std::string_view name : gancho::field_names()) {
    const auto end = table.begin() + static_cast<std::ptrdiff_t>(of_falco);
    const auto known = std::ranges::lower_bound(table.begin(), end, name, {}, &FieldName::name);
    if (known != end && known->name == name) {
      known->origin = FieldOrigin::schema;
      known->missing = {};
    } else {
      table.push_back({name, FieldArgument::none, FieldOrigin::schema, {}});
    }
  }
  std::ranges::sort(table, {}, &FieldName::name);
  return table;
}

// The schema does not change while the program runs.
const std::vector<FieldName>& table() {
  static const std::vector<FieldName> made = make_table();
  return made;
}

const FieldName* find_exactly(std::string_view name) {
  const auto found = std::ranges::lower_bound(table(), name, {}, &FieldName::name);
  return found != table().end() && found->name == name ? &*found : nullptr;
}

}  // namespace

const FieldName* find_field(std::string_view name) {
  if (const FieldName* field = find_exactly(name)) return field;
  for (std::size_t dot = name.rfind('.'); dot != std::string_view::npos && dot != 0;
       dot = name.rfind('.', dot - 1)) {
    const FieldName* field = find_exactly(name.substr(0, dot));
    if (field != nullptr && field->argument == FieldArgument::key) return field;
  }
  return nullptr;
}

std::vector<std::string_view> field_names() {
  std::vector<std::string_view> names;
  for (const FieldName& field : table()) names.push_back(field.name);
  return names;
}

bool is_field_class(std::string_view name) {
  return std::ranges::any_of(table(), [name](const FieldName& field) {
    return field.name.size() > name.size() && field.name.starts_with(name) &&
           field.name[name.size()] == '.';
  });
}

}  // namespace gancho::rules
