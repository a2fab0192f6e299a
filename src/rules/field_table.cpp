// SPDX-License-Identifier: Apache-2.0
#include "rules/field_table.h"

#include <algorithm>
#include <array>
#include <map>

#include "event/projection.h"
#include "event/room.h"

namespace gancho::rules {
namespace {

using enum Reading;
using fact = ProgramFact;

constexpr auto k_number = ValueKind::number;
constexpr auto k_truth = ValueKind::truth;
constexpr auto k_address = ValueKind::address;
constexpr auto k_index = FieldArgument::optional_index;

constexpr auto k_derived = std::to_array<Derived>({
    // --- events ---
    {.name = "evt.type",
     .meaning = "the event's name, and those of the system calls that it comes by",
     .reading = event_names,
     .several = true,
     .first = "evt.syscall"},
    {.name = "syscall.type", .meaning = "the system call that it came by", .first = "evt.syscall"},
    {.name = "evt.dir",
     .meaning = "always <: a record is made when the call returns",
     .reading = constant},
    {.name = "evt.source", .meaning = "always syscall", .reading = constant},
    {.name = "evt.verdict",
     .meaning = "what Gancho has decided about the operation: always allow, as nothing refuses yet",
     .reading = constant},
    {.name = "evt.count", .meaning = "always 1", .reading = constant, .kind = k_number},
    {.name = "evt.count.error",
     .meaning = "1 of a call that failed, else 0",
     .reading = failed,
     .kind = k_number,
     .first = "evt.res"},
    {.name = "evt.failed",
     .meaning = "the call failed",
     .reading = failed,
     .kind = k_truth,
     .first = "evt.res"},
    {.name = "evt.rawres",
     .meaning = "what the call returned: a negative error, a descriptor, or 0",
     .reading = result,
     .kind = k_number,
     .first = "evt.rawres",
     .second = "evt.res"},
    {.name = "evt.arg.res",
     .meaning = "the same as evt.rawres",
     .reading = result,
     .kind = k_number,
     .first = "evt.rawres",
     .second = "evt.res"},
    {.name = "evt.args",
     .meaning = "all arguments of the event: name=value name=value",
     .reading = every_own},
    {.name = "evt.info", .meaning = "the same as evt.args", .reading = every_own},
    {.name = "evt.time",
     .meaning = "time of day, UTC, as a text; evt.rawtime can be ordered",
     .reading = wall_text,
     .first = "evt.time"},
    {.name = "evt.time.iso8601",
     .meaning = "the same as evt.time",
     .reading = wall_text,
     .first = "evt.boottime"},
    {.name = "evt.datetime",
     .meaning = "UTC, as in 2026-01-02 15:04:05.000000001",
     .reading = date_time_text,
     .first = "evt.boottime"},
    {.name = "evt.rawtime",
     .meaning = "nanoseconds since 1970",
     .reading = wall_ns,
     .kind = k_number,
     .first = "evt.boottime"},
    {.name = "evt.rawtime.s",
     .meaning = "seconds since 1970",
     .reading = wall_seconds,
     .kind = k_number,
     .first = "evt.boottime"},
    {.name = "evt.rawtime.ns",
     .meaning = "nanoseconds of the second",
     .reading = wall_rest,
     .kind = k_number,
     .first = "evt.boottime"},
    {.name = "evt.time.s",
     .meaning = "UTC, as in 15:04:05",
     .reading = time_text,
     .first = "evt.boottime"},
    {.name = "evt.datetime.s",
     .meaning = "UTC, as in 2026-01-02 15:04:05",
     .reading = date_second_text,
     .first = "evt.boottime"},
    {.name = "evt.is_io",
     .meaning = "the event is a read or a write",
     .reading = of_event,
     .kind = k_truth,
     .events = "read write"},
    {.name = "evt.is_io_read",
     .meaning = "the event is a read",
     .reading = of_event,
     .kind = k_truth,
     .events = "read"},
    {.name = "evt.is_io_write",
     .meaning = "the event is a write",
     .reading = of_event,
     .kind = k_truth,
     .events = "write"},
    {.name = "evt.is_open_read",
     .meaning = "opens to read",
     .reading = opens_to_read,
     .kind = k_truth,
     .first = "evt.arg.flags",
     .events = "open"},
    {.name = "evt.is_open_write",
     .meaning = "opens to write",
     .reading = opens_to_write,
     .kind = k_truth,
     .first = "evt.arg.flags",
     .events = "open"},
    {.name = "evt.is_open_create",
     .meaning = "created what it opened",
     .reading = opens_to_create,
     .kind = k_truth,
     .first = "evt.is_created",
     .events = "open"},
    {.name = "evt.is_open_exec",
     .meaning = "created what it opened, and somebody may execute it",
     .reading = opens_to_execute,
     .kind = k_truth,
     .first = "evt.is_created",
     .second = "evt.arg.mode",
     .events = "open"},

    // --- files and sockets ---
    {.name = "fd.type",
     .meaning = "our word for the type, and Falco's: regular, file",
     .reading = file_words,
     .several = true,
     .first = "fd.type"},
    {.name = "fd.typechar",
     .meaning = "Falco's letter for the type: f, d, 4, 6, u",
     .reading = file_letter,
     .first = "fd.typechar",
     .second = "fd.type"},
    {.name = "fd.directory",
     .meaning = "directory of the path in fd.name",
     .reading = directory,
     .first = "fd.name"},
    {.name = "fd.filename",
     .meaning = "last part of the path in fd.name",
     .reading = filename,
     .first = "fd.name"},
    {.name = "fd.dev.major",
     .meaning = "major number of fd.dev",
     .reading = device_major,
     .kind = k_number,
     .first = "fd.dev"},
    {.name = "fd.dev.minor",
     .meaning = "minor number of fd.dev",
     .reading = device_minor,
     .kind = k_number,
     .first = "fd.dev"},
    {.name = "fd.ip",
     .meaning = "address of either end",
     .reading = both_ends,
     .kind = k_address,
     .several = true,
     .first = "fd.lip",
     .second = "fd.rip"},
    {.name = "fd.net",
     .meaning = "the same as fd.ip",
     .reading = both_ends,
     .kind = k_address,
     .several = true,
     .first = "fd.lip",
     .second = "fd.rip"},
    {.name = "fd.port",
     .meaning = "port of either end",
     .reading = both_ends,
     .kind = k_number,
     .several = true,
     .first = "fd.lport",
     .second = "fd.rport"},
    {.name = "fd.cnet", .meaning = "the same as fd.cip", .kind = k_address, .first = "fd.cip"},
    {.name = "fd.snet", .meaning = "the same as fd.sip", .kind = k_address, .first = "fd.sip"},
    {.name = "fd.lnet", .meaning = "the same as fd.lip", .kind = k_address, .first = "fd.lip"},
    {.name = "fd.rnet", .meaning = "the same as fd.rip", .kind = k_address, .first = "fd.rip"},
    {.name = "fd.cip.name",
     .meaning = "name of the client, of those that rules compare it with; takes =, != and in",
     .reading = host_name,
     .first = "fd.cip"},
    {.name = "fd.sip.name",
     .meaning = "name of the server, of those that rules compare it with; takes =, != and in",
     .reading = host_name,
     .first = "fd.sip"},
    {.name = "fd.lip.name",
     .meaning = "name of the end here, of those that rules compare it with; takes =, != and in",
     .reading = host_name,
     .first = "fd.lip"},
    {.name = "fd.rip.name",
     .meaning = "name of the other end, of those that rules compare it with; takes =, != and in",
     .reading = host_name,
     .first = "fd.rip"},
    {.name = "fd.connected",
     .meaning = "the socket has another end now",
     .reading = is_connected,
     .kind = k_truth,
     .first = "evt.res",
     .events = "socket bind listen connect accept"},
    {.name = "fd.name_changed",
     .meaning = "the call gave the socket its other end, or began to (connect)",
     .reading = is_renamed,
     .kind = k_truth,
     .first = "evt.res",
     .events = "socket listen connect accept"},

    // --- the container ---
    {.name = "container.privileged",
     .meaning = "it was given everything: --privileged, securityContext.privileged",
     .reading = is_privileged,
     .kind = k_truth,
     .several = true,
     .first = "container.id"},

    // --- the process ---
    {.name = "proc.args",
     .meaning = "arguments without the program's name, as one text; proc.args[0] is the first",
     .reading = arguments,
     .first = "proc.args",
     .of_process = true,
     .argument = k_index,
     .indexed = argument},
    {.name = "proc.exe",
     .meaning = "the program's name as it was called",
     .reading = program_name,
     .first = "proc.args",
     .of_process = true},
    {.name = "proc.exeline",
     .meaning = "the program's name as it was called, and its arguments",
     .reading = every_argument,
     .first = "proc.args",
     .of_process = true},
    {.name = "proc.cmdline",
     .meaning = "proc.name and proc.args",
     .reading = command_line,
     .first = "proc.args",
     .of_process = true},
    {.name = "proc.cmdnargs",
     .meaning = "number of arguments",
     .reading = argument_count,
     .kind = k_number,
     .first = "proc.args",
     .of_process = true},
    {.name = "proc.cmdlenargs",
     .meaning = "bytes of all arguments",
     .reading = argument_bytes,
     .kind = k_number,
     .first = "proc.args",
     .of_process = true},
    {.name = "proc.env",
     .meaning =
         "environment that the program began with, as one text; proc.env[HOME] is a variable",
     .reading = environment,
     .first = "proc.env",
     .second = "proc.env_truncated",
     .of_process = true,
     .argument = FieldArgument::optional_key,
     .keyed = variable},
    {.name = "proc.exepath",
     .meaning = "resolved path of the program, seen from its root",
     .reading = program_fact,
     .first = "proc.exepath",
     .of_process = true,
     .fact = fact::exepath},
    {.name = "proc.exehostpath",
     .meaning = "the same path as far up as the mount tree goes",
     .reading = program_fact,
     .first = "proc.exehostpath",
     .of_process = true,
     .fact = fact::exehostpath},
    {.name = "proc.cwd",
     .meaning = "working directory in which the program was executed",
     .reading = program_fact,
     .first = "proc.cwd",
     .of_process = true,
     .fact = fact::cwd},
    {.name = "proc.exe_ino",
     .meaning = "inode number of the program's file",
     .reading = program_fact,
     .kind = k_number,
     .first = "proc.exe_ino",
     .of_process = true,
     .fact = fact::exe_ino},
    {.name = "proc.is_exe_from_memfd",
     .meaning = "the program lives in memory only",
     .reading = program_fact,
     .kind = k_truth,
     .first = "proc.is_exe_from_memfd",
     .of_process = true,
     .fact = fact::is_from_memfd},
    {.name = "proc.is_exe_upper_layer",
     .meaning = "the program's file came after the image: it lies in an overlay's upper layer",
     .reading = program_fact,
     .kind = k_truth,
     .first = "proc.is_exe_upper_layer",
     .of_process = true,
     .fact = fact::is_upper_layer},
    {.name = "proc.tty",
     .meaning = "number of the controlling terminal, 0 for none; of a program's beginning",
     .reading = terminal,
     .kind = k_number,
     .first = "proc.tty",
     .of_process = true},
    {.name = "proc.tty_name",
     .meaning = "name of the controlling terminal; of a program's beginning",
     .reading = program_fact,
     .first = "proc.tty_name",
     .of_process = true,
     .fact = fact::tty_name},
    {.name = "proc.sid",
     .meaning = "session; of a program's beginning",
     .reading = program_fact,
     .kind = k_number,
     .first = "proc.sid",
     .of_process = true,
     .fact = fact::sid},
    {.name = "proc.is_sid_leader",
     .meaning = "it leads its session",
     .reading = is_session_leader,
     .kind = k_truth,
     .first = "proc.sid",
     .of_process = true,
     .fact = fact::sid},
    {.name = "proc.sname",
     .meaning = "name of the session's leader, when that is an ancestor",
     .reading = session_name,
     .first = "proc.sid",
     .second = "proc.lineage",
     .of_process = true,
     .fact = fact::sid},
    {.name = "proc.sid.exe",
     .meaning = "the leader's program as it was called",
     .reading = session_program,
     .first = "proc.sid",
     .second = "proc.lineage",
     .of_process = true,
     .fact = fact::sid},
    {.name = "proc.sid.exepath",
     .meaning = "resolved path of the leader's program",
     .reading = session_path,
     .first = "proc.sid",
     .second = "proc.lineage",
     .of_process = true,
     .fact = fact::sid},
    {.name = "proc.vpid",
     .meaning = "process id as the process itself sees it",
     .reading = program_fact,
     .kind = k_number,
     .first = "proc.vpid",
     .of_process = true,
     .fact = fact::vpid},
    {.name = "proc.pvpid",
     .meaning = "process id of the parent as the parent itself sees it",
     .reading = parent_vpid,
     .kind = k_number,
     .of_process = true},
    {.name = "proc.duration",
     .meaning = "nanoseconds since the process was forked",
     .reading = age,
     .kind = k_number,
     .first = "evt.boottime",
     .second = "proc.start_time"},
    {.name = "proc.pid.ts",
     .meaning = "when the process was forked, nanoseconds since 1970",
     .reading = wall_ns,
     .kind = k_number,
     .first = "proc.start_time"},
    {.name = "proc.ppid.ts",
     .meaning = "when the parent was forked, nanoseconds since 1970",
     .reading = parent_start,
     .kind = k_number,
     .of_process = true},
    {.name = "proc.ppid.duration",
     .meaning = "nanoseconds since the parent was forked",
     .reading = parent_age,
     .kind = k_number,
     .of_process = true},
    {.name = "proc.ppid",
     .meaning = "process id of the parent",
     .reading = parent_pid,
     .kind = k_number,
     .first = "proc.ppid",
     .of_process = true},
    {.name = "proc.pname",
     .meaning = "name of the parent",
     .reading = ancestor_name,
     .several = true,
     .first = "proc.lineage",
     .of_process = true},
    {.name = "proc.pexe",
     .meaning = "the parent's program as it was called",
     .reading = parent_program,
     .of_process = true},
    {.name = "proc.pexepath",
     .meaning = "resolved path of the parent's program",
     .reading = parent_path,
     .of_process = true},
    {.name = "proc.pcmdline",
     .meaning = "name and arguments of the parent",
     .reading = parent_command_line,
     .of_process = true},
    {.name = "proc.aname",
     .meaning = "names of ancestors; [1] of the parent",
     .reading = ancestor_names,
     .several = true,
     .first = "proc.lineage",
     .of_process = true,
     .argument = k_index,
     .indexed = ancestor_name},
    {.name = "proc.apid",
     .meaning = "process ids of ancestors; [1] of the parent",
     .reading = ancestor_pids,
     .kind = k_number,
     .several = true,
     .first = "proc.lineage",
     .of_process = true,
     .argument = k_index,
     .indexed = ancestor_pid},
    {.name = "proc.aexe",
     .meaning = "ancestors' programs as they were called",
     .reading = ancestor_programs,
     .several = true,
     .first = "proc.lineage",
     .of_process = true,
     .argument = k_index,
     .indexed = ancestor_program},
    {.name = "proc.aexepath",
     .meaning = "resolved paths of ancestors' programs",
     .reading = ancestor_paths,
     .several = true,
     .first = "proc.lineage",
     .of_process = true,
     .argument = k_index,
     .indexed = ancestor_path},
    {.name = "proc.acmdline",
     .meaning = "names and arguments of ancestors",
     .reading = ancestor_command_lines,
     .several = true,
     .first = "proc.lineage",
     .of_process = true,
     .argument = k_index,
     .indexed = ancestor_command_line},
    {.name = "proc.aargs",
     .meaning = "arguments of ancestors",
     .reading = ancestor_arguments,
     .several = true,
     .first = "proc.lineage",
     .of_process = true,
     .argument = k_index,
     .indexed = ancestor_argument},
    {.name = "proc.aenv",
     .meaning = "environments of ancestors; [1] of the parent, [HOME] a variable of the nearest "
                "that has it",
     .reading = ancestor_environments,
     .several = true,
     .first = "proc.lineage",
     .second = "proc.env",
     .of_process = true,
     .argument = FieldArgument::optional_key,
     .indexed = ancestor_environment,
     .keyed = ancestor_variable},
    {.name = "thread.ismain",
     .meaning = "the thread is the process's first",
     .reading = is_main_thread,
     .kind = k_truth,
     .first = "thread.tid",
     .second = "proc.pid"},
    {.name = "thread.cap_effective",
     .meaning = "effective capabilities; where no record has them, those the program began with",
     .reading = program_fact,
     .first = "thread.cap_effective",
     .second = "user.uid",
     .of_process = true,
     .fact = fact::cap_effective},
    {.name = "thread.cap_permitted",
     .meaning = "permitted capabilities; where no record has them, those the program began with",
     .reading = program_fact,
     .first = "thread.cap_permitted",
     .second = "user.uid",
     .of_process = true,
     .fact = fact::cap_permitted},
    {.name = "user.loginuid",
     .meaning = "user id of the login that the process stems from, or -1",
     .reading = program_fact,
     .kind = k_number,
     .first = "user.loginuid",
     .of_process = true,
     .fact = fact::loginuid},
    // --- Falco's arguments of execve ---
    {.name = "evt.arg.exe",
     .meaning = "of exec: proc.exe",
     .reading = program_name,
     .first = "proc.args",
     .events = "exec"},
    {.name = "evt.arg.args",
     .meaning = "of exec: proc.args",
     .reading = arguments,
     .first = "proc.args",
     .events = "exec"},
    {.name = "evt.arg.env",
     .meaning = "of exec: proc.env",
     .reading = environment,
     .first = "proc.env",
     .events = "exec"},
    {.name = "evt.arg.comm",
     .meaning = "of exec: proc.name",
     .first = "proc.name",
     .events = "exec"},
    {.name = "evt.arg.tty",
     .meaning = "of exec: proc.tty",
     .reading = terminal,
     .kind = k_number,
     .first = "proc.tty",
     .events = "exec"},
    {.name = "user.loginname",
     .meaning = "name that belongs to user.loginuid",
     .reading = program_fact,
     .first = "user.loginname",
     .of_process = true,
     .fact = fact::loginname},
});

// Falco's names of arguments, and other names of ours; a name that the schema itself has for an
// event comes first.
constexpr auto k_other_names = std::to_array<OtherName>({
    {"evt.abspath", "open", "fd.name"},
    {"evt.abspath", "unlink rmdir mkdir mknod chmod chown truncate mount umount", "fs.path.name"},
    {"evt.abspath.src", "rename link", "fs.path.source"},
    {"evt.abspath.dst", "rename link symlink", "fs.path.target"},
    {"fd.path", "open read write", "fd.name"},
    {"fd.path",
     "unlink rmdir mkdir mknod chmod chown truncate setxattr removexattr chdir chroot mount umount",
     "fs.path.name"},
    {"evt.arg.fd", "open socket bind listen connect dup memfd_create io_uring_setup userfaultfd",
     "fd.num"},
    {"evt.arg.newfd", "dup", "fd.num"},
    {"evt.arg.name", "open", "fd.nameraw"},
    {"evt.arg.name", "unlink rmdir umount mkdir", "fs.path.nameraw"},
    {"evt.arg.path", "unlink rmdir mkdir mknod chown chdir chroot truncate setxattr removexattr",
     "fs.path.nameraw"},
    {"evt.arg.pathname", "chown", "fs.path.nameraw"},
    {"evt.arg.filename", "chmod", "fs.path.nameraw"},
    {"evt.arg.dir", "mount", "fs.path.nameraw"},
    {"evt.arg.oldpath", "rename link", "fs.path.sourceraw"},
    {"evt.arg.newpath", "rename link", "fs.path.targetraw"},
    {"evt.arg.target", "symlink", "fs.path.source"},
    {"evt.arg.linkpath", "symlink", "fs.path.targetraw"},
    {"evt.arg.ino", "open", "fd.ino"},
    {"evt.arg.dev", "open", "fd.dev"},
    {"evt.arg.tuple", "connect accept", "fd.name"},
    {"evt.arg.cwd", "exec", "proc.cwd"},
    {"evt.arg.exe_ino", "exec", "proc.exe_ino"},
    {"evt.arg.trusted_exepath", "exec", "proc.exepath"},
    {"evt.arg.ptid", "exec fork", "proc.ppid"},
    {"evt.arg.vpid", "exec", "proc.vpid"},
    {"evt.arg.loginuid", "exec", "user.loginuid"},
    {"evt.arg.ret", "exit", "proc.exit_status"},
    {"evt.arg.core", "exit", "proc.core_dumped"},
    // The only ones that public rules ask for by their place.
    {"evt.arg[0]", "socket socketpair", "evt.arg.domain"},
    {"evt.arg[1]", "socket socketpair", "evt.arg.type"},
    {"evt.arg[2]", "socket socketpair", "evt.arg.proto"},
    {"evt.arg.uargs", "module_load", "module.params"},
    {"evt.arg.length", "module_load", "evt.arg.size"},
    {"evt.arg.uid", "credentials", "evt.arg.id", "setuid setfsuid"},
    {"evt.arg.gid", "credentials", "evt.arg.id", "setgid setfsgid"},
    {"evt.arg.ruid", "credentials", "evt.arg.id", "setreuid setresuid"},
    {"evt.arg.euid", "credentials", "evt.arg.id2", "setreuid setresuid"},
    {"evt.arg.suid", "credentials", "evt.arg.id3", "setresuid"},
    {"evt.arg.rgid", "credentials", "evt.arg.id", "setregid setresgid"},
    {"evt.arg.egid", "credentials", "evt.arg.id2", "setregid setresgid"},
    {"evt.arg.sgid", "credentials", "evt.arg.id3", "setresgid"},
    {"evt.arg.cap_inheritable", "credentials", "thread.cap_inheritable", "capset"},
    {"evt.arg.cap_permitted", "credentials", "thread.cap_permitted", "capset"},
    {"evt.arg.cap_effective", "credentials", "thread.cap_effective", "capset"},
    // Who acts is the effective user: uid beside ruid and suid. Others write it with an e.
    {"user.euid", "", "user.uid"},
    {"user.ename", "", "user.name"},
    {"user.before.euid", "", "user.before.uid"},
    {"user.before.ename", "", "user.before.name"},
    {"group.egid", "", "group.gid"},
    {"group.ename", "", "group.name"},
    {"group.before.egid", "", "group.before.gid"},
    {"group.before.ename", "", "group.before.name"},
});

constexpr std::string_view k_argument = "evt.arg";
constexpr std::string_view k_raw_argument = "evt.rawarg";

template <class Visit>
void for_each_word(std::string_view words, const Visit& visit) {
  while (!words.empty()) {
    const std::string_view word = words.substr(0, words.find(' '));
    visit(word);
    words.remove_prefix(std::min(word.size() + 1, words.size()));
  }
}

// What the schema says of a field: that of the first event that has it.
std::map<std::string_view, std::string_view> meanings() {
  std::map<std::string_view, std::string_view> found;
  const auto take = [&](std::span<const FieldDesc> fields) {
    for (const FieldDesc& field : fields) {
      found.try_emplace(field.name, field.meaning);
      if (!field.joined.empty()) found.try_emplace(field.joined, "the name that belongs to the id");
    }
  };
  take(common_fields());
  for (const Room* room : rooms())
    for (const EventDesc& event : room->events) take(event.fields);
  return found;
}

// "of rename, link: fs.path.sourceraw"
std::string of_events(const OtherName& other) {
  if (other.events.empty()) return std::string("the same as ").append(other.field);
  std::string text = "of ";
  for_each_word(other.calls.empty() ? other.events : other.calls, [&](std::string_view word) {
    if (text.size() > 3) text += ", ";
    text += word;
  });
  return text.append(": ").append(other.field);
}

std::vector<FieldName> make_table() {
  std::map<std::string_view, FieldName> table;
  for (const auto& [name, meaning] : meanings())
    table[name] = {.name = name, .origin = FieldOrigin::schema, .meaning = std::string(meaning)};
  for (const OtherName& other : k_other_names) {
    FieldName& field = table[other.name];
    const bool first = field.name.empty();
    if (first) field = {.name = other.name, .origin = FieldOrigin::derived};
    if (!first) field.meaning += "; ";
    field.meaning += of_events(other);
  }
  for (const Derived& row : k_derived) {
    FieldName& field = table[row.name];
    const bool own = field.origin == FieldOrigin::schema;
    field = {.name = row.name,
             .argument = row.argument,
             .origin = own ? FieldOrigin::schema : FieldOrigin::derived,
             .meaning = std::string(row.meaning)};
  }
  for (const std::string_view name : {k_argument, k_raw_argument})
    table[name] = {.name = name,
                   .argument = FieldArgument::key,
                   .origin = FieldOrigin::derived,
                   .meaning = "evt.arg[NAME] is evt.arg.NAME"};
  for (const auto& group : detail::missing_fields())
    for_each_word(group.names, [&](std::string_view name) {
      FieldName& field = table[name];
      if (!field.name.empty()) return;  // supplied: field_table_test.cpp sees that there is none
      field = {.name = name, .argument = group.argument, .missing = group.reason};
    });
  std::vector<FieldName> rows;
  for (auto& [name, field] : table) rows.push_back(field);
  return rows;
}

const FieldName* find_exactly(std::string_view name) {
  const auto table = fields();
  const auto found = std::ranges::lower_bound(table, name, {}, &FieldName::name);
  return found != table.end() && found->name == name ? &*found : nullptr;
}

bool is_below(std::string_view name, std::string_view above) {
  return name.size() > above.size() && name.starts_with(above) && name[above.size()] == '.';
}

}  // namespace

std::span<const Derived> derived_fields() {
  return k_derived;
}

std::span<const OtherName> other_names() {
  return k_other_names;
}

// The schema does not change while the program runs.
std::span<const FieldName> fields() {
  static const std::vector<FieldName> made = make_table();
  return made;
}

WrittenField written_field(std::string_view name, const std::string* argument) {
  for (const std::string_view class_name : {k_argument, k_raw_argument}) {
    if (name == class_name && argument != nullptr) {
      const bool place = !argument->empty() && std::ranges::all_of(*argument, [](char c) {
        return c >= '0' && c <= '9';
      });
      if (!place) return {.name = std::string(k_argument) + "." + *argument};
      std::string by_place = std::string(k_argument) + "[" + *argument + "]";
      return {.name = find_exactly(by_place) != nullptr ? std::move(by_place) : "evt.arg[N]"};
    }
    if (is_below(name, class_name))
      return {.name = std::string(k_argument) + std::string(name.substr(class_name.size())),
              .has_argument = argument != nullptr};
  }
  return {.name = std::string(name), .has_argument = argument != nullptr};
}

const FieldName* find_field(std::string_view name) {
  const std::string written = written_field(name, nullptr).name;
  if (const FieldName* field = find_exactly(written)) return field;
  if (is_below(written, k_argument)) return nullptr;
  for (std::size_t dot = name.rfind('.'); dot != std::string_view::npos && dot != 0;
       dot = name.rfind('.', dot - 1)) {
    const FieldName* field = find_exactly(name.substr(0, dot));
    if (field != nullptr && field->argument == FieldArgument::key) return field;
  }
  return nullptr;
}

bool is_supplied(std::string_view name, const std::optional<std::string>& argument) {
  const FieldName* field = find_field(written_field(name, argument ? &*argument : nullptr).name);
  return field != nullptr && field->origin != FieldOrigin::none;
}

std::vector<std::string_view> field_names() {
  std::vector<std::string_view> names;
  for (const FieldName& field : fields()) names.push_back(field.name);
  return names;
}

std::vector<std::string_view> supplied_names() {
  std::vector<std::string_view> names;
  for (const FieldName& field : fields())
    if (field.origin != FieldOrigin::none) names.push_back(field.name);
  return names;
}

bool is_field_class(std::string_view name) {
  return std::ranges::any_of(fields(),
                             [name](const FieldName& field) { return is_below(field.name, name); });
}

bool is_one_of(std::string_view words, std::string_view word) {
  bool found = false;
  for_each_word(words, [&](std::string_view one) { found = found || one == word; });
  return found;
}

}  // namespace gancho::rules
