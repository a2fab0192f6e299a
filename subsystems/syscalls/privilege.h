// SPDX-License-Identifier: Apache-2.0
//
// Operations on other processes and on the kernel: events, fields, and where they come from. For
// syscalls.cpp only.
#pragma once

#include <array>
#include <cstdint>

#include "event/room.h"
#include "event/view.h"
#include "syscalls/call_fields.h"
#include "syscalls/privilege_names.h"
#include "syscalls/privilege_text.h"
#include "syscalls/room_parts.h"
#include "syscalls/socket_fields.h"

namespace gancho::syscalls::privilege {

using enum FieldType;

// Field groups of ev_header::present, as bit numbers.
constexpr std::uint8_t k_pid = 0;
constexpr std::uint8_t k_tid = 1;
constexpr std::uint8_t k_given_fd = 2;
constexpr std::uint8_t k_target = 3;
constexpr std::uint8_t k_copy = 4;
constexpr std::uint8_t k_file = 5;
constexpr std::uint8_t k_new_fd = 6;
constexpr std::uint8_t k_result = 7;
constexpr std::uint8_t k_socket = 8;
constexpr std::uint8_t k_count = 9;
constexpr std::uint8_t k_map = 10;
constexpr std::uint8_t k_program = 11;
constexpr std::uint8_t k_before = 12;
static_assert(EV_PRIVILEGE_HAS_PID == 1ULL << k_pid && EV_PRIVILEGE_HAS_TID == 1ULL << k_tid &&
              EV_PRIVILEGE_HAS_FD == 1ULL << k_given_fd &&
              EV_PRIVILEGE_HAS_TARGET == 1ULL << k_target &&
              EV_PRIVILEGE_HAS_COPY == 1ULL << k_copy && EV_PRIVILEGE_HAS_FILE == 1ULL << k_file &&
              EV_PRIVILEGE_HAS_NEW_FD == 1ULL << k_new_fd &&
              EV_PRIVILEGE_HAS_RESULT == 1ULL << k_result &&
              EV_PRIVILEGE_HAS_SOCKET == 1ULL << k_socket &&
              EV_PRIVILEGE_HAS_COUNT == 1ULL << k_count && EV_PRIVILEGE_HAS_MAP == 1ULL << k_map &&
              EV_PRIVILEGE_HAS_PROGRAM == 1ULL << k_program &&
              EV_PRIVILEGE_HAS_BEFORE == 1ULL << k_before);

#define AT(member) offsetof(ev_privilege_call, member)

constexpr auto k_target_fields = std::to_array<FieldDesc>({
    {.name = "target.pid",
     .type = u32,
     .offset = AT(target.pid),
     .present = k_target,
     .meaning = "process that it is about, initial pid namespace"},
    {.name = "target.tid",
     .type = u32,
     .offset = AT(target.tid),
     .present = k_target,
     .meaning = "thread that it is about"},
    {.name = "target.name",
     .type = comm,
     .offset = AT(target.comm),
     .present = k_target,
     .meaning = "name of that thread, 16 bytes at most"},
    {.name = "target.start_time",
     .type = boot_time,
     .offset = AT(target.start_time),
     .present = k_target,
     .unit = "ns",
     .meaning = "when that process was forked, boot clock"},
    {.name = "target.uid",
     .type = uid,
     .offset = AT(target.euid),
     .present = k_target,
     .meaning = "its effective user id",
     .joined = "target.user"},
    {.name = "target.ruid",
     .type = uid,
     .offset = AT(target.uid),
     .present = k_target,
     .meaning = "its real user id",
     .joined = "target.ruser"},
});

constexpr auto k_kill_own_fields = std::to_array<FieldDesc>({
    {.name = "evt.arg.sig",
     .type = named,
     .offset = AT(number),
     .cost = Cost::free,
     .meaning = "signal; 0 only asks whether it could be sent",
     .names = k_signal_names},
    {.name = "evt.arg.pid",
     .type = i32,
     .offset = AT(pid),
     .present = k_pid,
     .cost = Cost::free,
     .meaning = "process id as it was given, in the caller's pid namespace"},
    {.name = "evt.arg.tid",
     .type = i32,
     .offset = AT(tid),
     .present = k_tid,
     .cost = Cost::free,
     .meaning = "thread id as it was given"},
    {.name = "evt.arg.pidfd",
     .type = i32,
     .offset = AT(fd),
     .present = k_given_fd,
     .cost = Cost::free,
     .meaning = "descriptor of the process, instead of its id"},
    {.name = "evt.arg.targets",
     .type = u32,
     .offset = AT(count),
     .present = k_count,
     .cost = Cost::free,
     .meaning =
         "processes that it was meant for; by tracepoints those that it came to, absent when "
         "there are none; the fields target.* tell of the first"},
});

constexpr auto k_ptrace_own_fields = std::to_array<FieldDesc>({
    {.name = "evt.arg.request",
     .type = named,
     .offset = AT(number),
     .cost = Cost::free,
     .meaning = "what is asked for",
     .names = k_ptrace_names},
    {.name = "evt.arg.pid",
     .type = i32,
     .offset = AT(pid),
     .present = k_pid,
     .cost = Cost::free,
     .meaning = "process id as it was given, in the caller's pid namespace"},
    {.name = "evt.arg.addr",
     .type = u64,
     .offset = AT(address),
     .cost = Cost::free,
     .meaning = "third argument: often an address in the target"},
    {.name = "evt.arg.data",
     .type = u64,
     .offset = AT(data),
     .cost = Cost::free,
     .meaning = "fourth argument"},
    {.name = "evt.rawres",
     .type = i64,
     .offset = AT(call.result),
     .present = k_result,
     .phase = Phase::after,
     .cost = Cost::free,
     .meaning = "what the call gave"},
});

constexpr auto k_process_vm_own_fields = std::to_array<FieldDesc>({
    {.name = "evt.arg.pid",
     .type = i32,
     .offset = AT(pid),
     .present = k_pid,
     .cost = Cost::free,
     .meaning = "process id as it was given, in the caller's pid namespace"},
    {.name = "evt.arg.pidfd",
     .type = i32,
     .offset = AT(fd),
     .present = k_given_fd,
     .cost = Cost::free,
     .meaning = "descriptor of the process, instead of its id"},
    {.name = "evt.arg.ranges",
     .type = u64,
     .offset = AT(length),
     .cost = Cost::free,
     .meaning = "pieces of the target's memory that are asked for"},
    {.name = "evt.arg.advice",
     .type = u32,
     .offset = AT(number),
     .cost = Cost::free,
     .meaning = "process_madvise: MADV_* of madvise(2)"},
    {.name = "evt.rawres",
     .type = i64,
     .offset = AT(call.result),
     .present = k_result,
     .phase = Phase::after,
     .cost = Cost::free,
     .unit = "bytes",
     .meaning = "bytes that were copied, or advised about"},
});

constexpr auto k_ns_fields = std::to_array<FieldDesc>({
    {.name = "ns.cgroup",
     .type = u32,
     .offset = AT(ns.cgroup),
     .phase = Phase::after,
     .meaning = "cgroup namespace afterwards, inode number"},
    {.name = "ns.ipc",
     .type = u32,
     .offset = AT(ns.ipc),
     .phase = Phase::after,
     .meaning = "IPC namespace afterwards, inode number"},
    {.name = "ns.mnt",
     .type = u32,
     .offset = AT(ns.mnt),
     .phase = Phase::after,
     .meaning = "mount namespace afterwards, inode number"},
    {.name = "ns.net",
     .type = u32,
     .offset = AT(ns.net),
     .phase = Phase::after,
     .meaning = "network namespace afterwards, inode number"},
    {.name = "ns.pid",
     .type = u32,
     .offset = AT(ns.pid),
     .phase = Phase::after,
     .meaning = "process id namespace of its children afterwards, inode number"},
    {.name = "ns.time",
     .type = u32,
     .offset = AT(ns.time),
     .phase = Phase::after,
     .meaning = "time namespace of its children afterwards, inode number"},
    {.name = "ns.user",
     .type = u32,
     .offset = AT(ns.user),
     .phase = Phase::after,
     .meaning = "user namespace afterwards, inode number"},
    {.name = "ns.uts",
     .type = u32,
     .offset = AT(ns.uts),
     .phase = Phase::after,
     .meaning = "host name namespace afterwards, inode number"},
    {.name = "ns.before.cgroup",
     .type = u32,
     .offset = AT(ns_before.cgroup),
     .meaning = "cgroup namespace before, inode number"},
    {.name = "ns.before.ipc",
     .type = u32,
     .offset = AT(ns_before.ipc),
     .meaning = "IPC namespace before, inode number"},
    {.name = "ns.before.mnt",
     .type = u32,
     .offset = AT(ns_before.mnt),
     .meaning = "mount namespace before, inode number"},
    {.name = "ns.before.net",
     .type = u32,
     .offset = AT(ns_before.net),
     .meaning = "network namespace before, inode number"},
    {.name = "ns.before.pid",
     .type = u32,
     .offset = AT(ns_before.pid),
     .meaning = "process id namespace of its children before, inode number"},
    {.name = "ns.before.time",
     .type = u32,
     .offset = AT(ns_before.time),
     .meaning = "time namespace of its children before, inode number"},
    {.name = "ns.before.user",
     .type = u32,
     .offset = AT(ns_before.user),
     .meaning = "user namespace before, inode number"},
    {.name = "ns.before.uts",
     .type = u32,
     .offset = AT(ns_before.uts),
     .meaning = "host name namespace before, inode number"},
});

constexpr auto k_setns_own_fields = std::to_array<FieldDesc>({
    {.name = "evt.arg.fd",
     .type = i32,
     .offset = AT(fd),
     .present = k_given_fd,
     .cost = Cost::free,
     .meaning = "descriptor of a namespace, or of a process"},
    {.name = "evt.arg.nstype",
     .type = named_flags,
     .offset = AT(flags),
     .cost = Cost::free,
     .meaning = "namespaces asked for; 0: whichever the descriptor is of",
     .names = k_clone_names},
});

constexpr auto k_unshare_own_fields = std::to_array<FieldDesc>({
    {.name = "evt.arg.flags",
     .type = named_flags,
     .offset = AT(flags),
     .cost = Cost::free,
     .meaning = "what shall no longer be shared",
     .names = k_clone_names},
});

constexpr auto k_clone_own_fields = std::to_array<FieldDesc>({
    {.name = "evt.arg.flags",
     .type = named_flags,
     .offset = AT(flags),
     .cost = Cost::free,
     .meaning = "what is shared, and which namespaces are new",
     .names = k_clone_names},
    {.name = "evt.rawres",
     .type = i64,
     .offset = AT(call.result),
     .present = k_result,
     .phase = Phase::after,
     .cost = Cost::free,
     .meaning = "process id of the child, in the caller's pid namespace"},
});

constexpr auto k_bpf_own_fields = std::to_array<FieldDesc>({
    {.name = "evt.arg.cmd",
     .type = named,
     .offset = AT(number),
     .cost = Cost::free,
     .meaning = "what is asked for",
     .names = k_bpf_command_names},
    {.name = "bpf.prog.type",
     .type = named,
     .offset = AT(kind),
     .present = k_program,
     .meaning = "type of a program that is loaded",
     .names = k_bpf_program_names},
    {.name = "bpf.prog.name",
     .type = string,
     .offset = AT(name),
     .present = k_program,
     .meaning = "its name, 15 bytes at most"},
    {.name = "bpf.map.type",
     .type = named,
     .offset = AT(kind),
     .present = k_map,
     .meaning = "type of a map that is created",
     .names = k_bpf_map_names},
    {.name = "bpf.map.name",
     .type = string,
     .offset = AT(name),
     .present = k_map,
     .meaning = "its name, 15 bytes at most"},
    {.name = "evt.rawres",
     .type = i64,
     .offset = AT(call.result),
     .present = k_result,
     .phase = Phase::after,
     .cost = Cost::free,
     .meaning = "what the call gave: a descriptor for what makes one"},
});

constexpr auto k_perf_own_fields = std::to_array<FieldDesc>({
    {.name = "evt.arg.type",
     .type = named,
     .offset = AT(kind),
     .present = k_copy,
     .meaning = "type of the event",
     .names = k_perf_type_names},
    {.name = "evt.arg.config",
     .type = u64,
     .offset = AT(data),
     .present = k_copy,
     .meaning = "which event of the type"},
    {.name = "evt.arg.pid",
     .type = i32,
     .offset = AT(pid),
     .cost = Cost::free,
     .meaning = "process as it was given; -1: all, 0: the caller"},
    {.name = "evt.arg.cpu",
     .type = i32,
     .offset = AT(fd),
     .cost = Cost::free,
     .meaning = "processor; -1: all"},
    {.name = "evt.arg.flags",
     .type = named_flags,
     .offset = AT(flags),
     .cost = Cost::free,
     .meaning = "flags asked for",
     .names = k_perf_flag_names},
    {.name = "fd.num",
     .type = i64,
     .offset = AT(call.result),
     .present = k_new_fd,
     .phase = Phase::after,
     .cost = Cost::free,
     .meaning = "descriptor that the process got"},
});

constexpr auto k_file_fields = std::to_array<FieldDesc>({
    {.name = "fs.path.name",
     .type = path,
     .offset = AT(path),
     .cost = Cost::high,
     .meaning = "path of the file, seen from the process's root"},
    {.name = "fs.path.hostpath",
     .type = host_path,
     .offset = AT(path),
     .cost = Cost::high,
     .meaning = "the same path as far up as the mount tree goes"},
    {.name = "fd.ino",
     .type = u64,
     .offset = AT(inode),
     .present = k_file,
     .meaning = "inode number of the file"},
    {.name = "fd.dev",
     .type = device,
     .offset = AT(dev),
     .present = k_file,
     .meaning = "device of its file system"},
});

constexpr auto k_module_load_own_fields = std::to_array<FieldDesc>({
    {.name = "module.name",
     .type = string,
     .offset = AT(name),
     .meaning = "name of the module, as far as the kernel came to read it"},
    {.name = "module.params",
     .type = string,
     .offset = AT(more),
     .meaning = "its parameters, when it is about to run"},
    {.name = "evt.arg.flags",
     .type = named_flags,
     .offset = AT(flags),
     .cost = Cost::free,
     .meaning = "finit_module(2): flags asked for",
     .names = k_module_flag_names},
    {.name = "evt.arg.size",
     .type = u64,
     .offset = AT(length),
     .cost = Cost::free,
     .unit = "bytes",
     .meaning = "init_module(2): size of the module that was given"},
    {.name = "evt.arg.fd",
     .type = i32,
     .offset = AT(fd),
     .present = k_given_fd,
     .cost = Cost::free,
     .meaning = "finit_module(2): descriptor of the file"},
});

constexpr auto k_module_delete_own_fields = std::to_array<FieldDesc>({
    {.name = "module.name", .type = string, .offset = AT(name), .meaning = "name of the module"},
    {.name = "evt.arg.flags",
     .type = named_flags,
     .offset = AT(flags),
     .cost = Cost::free,
     .meaning = "O_NONBLOCK: do not wait; O_TRUNC: by force",
     .names = k_module_delete_names},
});

constexpr auto k_kexec_own_fields = std::to_array<FieldDesc>({
    {.name = "evt.arg.flags",
     .type = named_flags,
     .offset = AT(flags),
     .cost = Cost::free,
     .meaning = "flags asked for, as kexec_load(2) calls them; of kexec_file_load(2) 0x1 unloads, "
                "0x2 is for a crash",
     .names = k_kexec_names},
    {.name = "evt.arg.entry",
     .type = u64,
     .offset = AT(address),
     .cost = Cost::free,
     .meaning = "kexec_load(2): where the new kernel begins"},
    {.name = "evt.arg.segments",
     .type = u64,
     .offset = AT(length),
     .cost = Cost::free,
     .meaning = "kexec_load(2): pieces that it is made of"},
    {.name = "evt.arg.fd",
     .type = i32,
     .offset = AT(fd),
     .present = k_given_fd,
     .cost = Cost::free,
     .meaning = "kexec_file_load(2): descriptor of the new kernel"},
});

constexpr auto k_keyctl_own_fields = std::to_array<FieldDesc>({
    {.name = "evt.arg.option",
     .type = named,
     .offset = AT(number),
     .cost = Cost::free,
     .meaning = "what is asked for",
     .names = k_keyctl_names},
    {.name = "evt.arg.key",
     .type = u64,
     .offset = AT(address),
     .cost = Cost::free,
     .meaning = "second argument: mostly the id of a key"},
    {.name = "evt.arg.arg3",
     .type = u64,
     .offset = AT(data),
     .cost = Cost::free,
     .meaning = "third argument"},
    {.name = "evt.rawres",
     .type = i64,
     .offset = AT(call.result),
     .present = k_result,
     .phase = Phase::after,
     .cost = Cost::free,
     .meaning = "what the call gave"},
});

constexpr auto k_key_own_fields = std::to_array<FieldDesc>({
    {.name = "key.type", .type = string, .offset = AT(more), .meaning = "type of the key"},
    {.name = "key.description", .type = string, .offset = AT(name), .meaning = "its description"},
    {.name = "evt.arg.keyring",
     .type = i32,
     .offset = AT(fd),
     .cost = Cost::free,
     .meaning = "where it goes: a keyring's id, or below 0 one of the caller's own"},
    {.name = "evt.rawres",
     .type = i64,
     .offset = AT(call.result),
     .present = k_result,
     .phase = Phase::after,
     .cost = Cost::free,
     .meaning = "id of the key"},
});

constexpr auto k_add_key_own_fields = std::to_array<FieldDesc>({
    {.name = "evt.arg.size",
     .type = u64,
     .offset = AT(length),
     .cost = Cost::free,
     .unit = "bytes",
     .meaning = "size of what it holds"},
});

constexpr auto k_memfd_own_fields = std::to_array<FieldDesc>({
    {.name = "evt.arg.name",
     .type = string,
     .offset = AT(name),
     .meaning = "name that it was given, which need not be the only one"},
    {.name = "evt.arg.flags",
     .type = named_flags,
     .offset = AT(flags),
     .cost = Cost::free,
     .meaning = "flags asked for",
     .names = k_memfd_names},
    {.name = "fd.num",
     .type = i64,
     .offset = AT(call.result),
     .present = k_new_fd,
     .phase = Phase::after,
     .cost = Cost::free,
     .meaning = "descriptor that the process got"},
});

constexpr auto k_io_uring_own_fields = std::to_array<FieldDesc>({
    {.name = "evt.arg.entries",
     .type = u64,
     .offset = AT(length),
     .cost = Cost::free,
     .meaning = "entries asked for"},
    {.name = "evt.arg.flags",
     .type = named_flags,
     .offset = AT(flags),
     .present = k_copy,
     .phase = Phase::after,
     .meaning = "flags of the ring that was made",
     .names = k_io_uring_names},
    {.name = "fd.num",
     .type = i64,
     .offset = AT(call.result),
     .present = k_new_fd,
     .phase = Phase::after,
     .cost = Cost::free,
     .meaning = "descriptor that the process got"},
});

constexpr auto k_userfaultfd_own_fields = std::to_array<FieldDesc>({
    {.name = "evt.arg.flags",
     .type = named_flags,
     .offset = AT(flags),
     .cost = Cost::free,
     .meaning = "flags asked for",
     .names = k_userfaultfd_names},
    {.name = "fd.num",
     .type = i64,
     .offset = AT(call.result),
     .present = k_new_fd,
     .phase = Phase::after,
     .cost = Cost::free,
     .meaning = "descriptor that the process got"},
});

constexpr auto k_memory_exec_own_fields = std::to_array<FieldDesc>({
    {.name = "evt.arg.addr",
     .type = u64,
     .offset = AT(address),
     .cost = Cost::free,
     .meaning = "where the memory begins"},
    {.name = "evt.arg.size",
     .type = u64,
     .offset = AT(length),
     .cost = Cost::free,
     .unit = "bytes",
     .meaning = "its size"},
    {.name = "evt.arg.prot",
     .type = named_flags,
     .offset = AT(data),
     .cost = Cost::free,
     .meaning = "what may be done with it afterwards",
     .names = k_prot_names},
    {.name = "evt.arg.flags",
     .type = named_flags,
     .offset = AT(flags),
     .cost = Cost::free,
     .meaning = "a new mapping: flags asked for",
     .names = k_map_names},
    {.name = "mem.before",
     .type = named_flags,
     .offset = AT(before),
     .present = k_before,
     .meaning = "what could be done with it before, when it was mapped already",
     .names = k_prot_names},
    {.name = "mem.is_written",
     .type = flag,
     .offset = AT(call.flags),
     .mask = EV_CALL_MAPPING_WRITTEN,
     .meaning = "it is private and has pages that were written"},
});

// Falco's words: of a socket what is behind it.
inline std::string_view privilege_file_type(const std::byte* at) {
  const std::byte* const socket = at + AT(socket) - AT(mode);
  if (load_wire<ev_socket>(socket).kind.family != 0) return socket_type_word(socket);
  const auto mode = load_wire<std::uint32_t>(at);
  for (const auto& [type, name] : k_file_type_names)
    if (type == mode) return name;
  return {};
}

constexpr auto k_dup_own_fields = std::to_array<FieldDesc>({
    {.name = "fd.num",
     .type = u32,
     .offset = AT(number),
     .cost = Cost::free,
     .meaning = "descriptor that it stands for afterwards: 0, 1 or 2"},
    {.name = "evt.arg.oldfd",
     .type = i32,
     .offset = AT(fd),
     .present = k_given_fd,
     .cost = Cost::free,
     .meaning = "descriptor that it stands for already"},
    {.name = "evt.arg.flags",
     .type = named_flags,
     .offset = AT(flags),
     .cost = Cost::free,
     .meaning = "O_CLOEXEC, or nothing",
     .names = k_dup_names},
    {.name = "fd.type",
     .type = word,
     .offset = AT(mode),
     .present = k_file,
     .meaning = "what it is: file, pipe, directory and so on; a socket: ipv4, ipv6, unix and so on",
     .word = privilege_file_type},
});

constexpr SocketAt k_socket_at{.offset = AT(socket), .present = k_socket};

#undef AT

constexpr auto k_kill_fields = join(k_call_fields, k_kill_own_fields, k_target_fields);
constexpr auto k_ptrace_fields = join(k_call_fields, k_ptrace_own_fields, k_target_fields);
constexpr auto k_process_vm_fields = join(k_call_fields, k_process_vm_own_fields, k_target_fields);
constexpr auto k_setns_fields = join(k_call_fields, k_setns_own_fields, k_ns_fields);
constexpr auto k_unshare_fields = join(k_call_fields, k_unshare_own_fields, k_ns_fields);
constexpr auto k_clone_fields = join(k_call_fields, k_clone_own_fields);
constexpr auto k_bpf_fields = join(k_call_fields, k_bpf_own_fields);
constexpr auto k_perf_event_open_fields = join(k_call_fields, k_perf_own_fields, k_target_fields);
constexpr auto k_module_load_fields = join(k_call_fields, k_module_load_own_fields, k_file_fields);
constexpr auto k_module_delete_fields = join(k_call_fields, k_module_delete_own_fields);
constexpr auto k_kexec_fields = join(k_call_fields, k_kexec_own_fields, k_file_fields);
constexpr auto k_keyctl_fields = join(k_call_fields, k_keyctl_own_fields);
constexpr auto k_add_key_fields = join(k_call_fields, k_key_own_fields, k_add_key_own_fields);
constexpr auto k_request_key_fields = join(k_call_fields, k_key_own_fields);
constexpr auto k_memfd_create_fields = join(k_call_fields, k_memfd_own_fields);
constexpr auto k_io_uring_setup_fields = join(k_call_fields, k_io_uring_own_fields);
constexpr auto k_userfaultfd_fields = join(k_call_fields, k_userfaultfd_own_fields);
constexpr auto k_memory_exec_fields = join(k_call_fields, k_memory_exec_own_fields, k_file_fields);
constexpr auto k_dup_fields =
    join(k_call_fields, k_dup_own_fields, k_file_fields, socket_kind_fields(k_socket_at),
         socket_local_fields(k_socket_at), socket_remote_fields(k_socket_at));

constexpr EventDesc event(ev_type type, std::string_view name, std::string_view meaning,
                          std::span<const FieldDesc> fields) {
  return call_event<ev_privilege_call>(type, name, "privilege", meaning, fields, privilege_text);
}

constexpr auto k_events = std::to_array<EventDesc>({
    event(EV_KILL, "kill", "a signal was sent by a process", k_kill_fields),
    event(EV_PTRACE, "ptrace", "a process was traced, or steered by its tracer", k_ptrace_fields),
    event(EV_PROCESS_VM, "process_vm",
          "memory of another process was read, written or advised about", k_process_vm_fields),
    event(EV_SETNS, "setns", "a process entered a namespace", k_setns_fields),
    event(EV_UNSHARE, "unshare",
          "a process left what it shared, for namespaces of its own among other things",
          k_unshare_fields),
    event(EV_CLONE, "clone", "a process was created in new namespaces", k_clone_fields),
    event(EV_BPF, "bpf", "bpf(2) was called", k_bpf_fields),
    event(EV_PERF_EVENT_OPEN, "perf_event_open", "a performance counter or probe was opened",
          k_perf_event_open_fields),
    event(EV_MODULE_LOAD, "module_load", "a kernel module was loaded", k_module_load_fields),
    event(EV_MODULE_DELETE, "module_delete", "a kernel module was unloaded",
          k_module_delete_fields),
    event(EV_KEXEC, "kexec", "a kernel was loaded to be started from this one", k_kexec_fields),
    event(EV_KEYCTL, "keyctl", "a key was handled", k_keyctl_fields),
    event(EV_ADD_KEY, "add_key", "a key was added or updated", k_add_key_fields),
    event(EV_REQUEST_KEY, "request_key", "a key was looked for", k_request_key_fields),
    event(EV_MEMFD_CREATE, "memfd_create", "a file was made that lives in memory only",
          k_memfd_create_fields),
    event(EV_IO_URING_SETUP, "io_uring_setup", "an io_uring was made", k_io_uring_setup_fields),
    event(EV_USERFAULTFD, "userfaultfd", "a descriptor was made that page faults are handed to",
          k_userfaultfd_fields),
    event(EV_MEMORY_EXEC, "memory_exec", "memory that can be written, or was, became executable",
          k_memory_exec_fields),
    event(EV_DUP, "dup", "a descriptor became standard input, output or error", k_dup_fields),
});

// The call itself, then the functions that have the kernel's copy of what it was given.
constexpr Programs<7> k_kill_hooks{"syscall__kill",
                                   "syscall__tkill",
                                   "syscall__tgkill",
                                   "syscall__rt_sigqueueinfo",
                                   "syscall__rt_tgsigqueueinfo",
                                   "syscall__pidfd_send_signal",
                                   "probe__check_kill_permission"};
constexpr Programs<4> k_ptrace_hooks{"syscall__ptrace", "probe__ptrace_attach",
                                     "probe__ptrace_check_attach",
                                     "probe__security_ptrace_traceme"};
constexpr Programs<4> k_process_vm_hooks{"syscall__process_vm_readv", "syscall__process_vm_writev",
                                         "syscall__process_madvise", "probe__mm_access"};
constexpr Programs<1> k_setns_hooks{"syscall__setns"};
constexpr Programs<1> k_unshare_hooks{"syscall__unshare"};
constexpr Programs<1> k_clone_hooks{"fexit__kernel_clone"};
constexpr Programs<2> k_bpf_hooks{"syscall__bpf", "probe__security_bpf"};
constexpr Programs<2> k_perf_event_open_hooks{"syscall__perf_event_open",
                                              "probe__perf_event_alloc"};
constexpr Programs<5> k_module_load_hooks{"syscall__init_module", "syscall__finit_module",
                                          "probe__security_kernel_read_file",
                                          "probe__find_module_all", "probe__parse_args"};
constexpr Programs<2> k_module_delete_hooks{"syscall__delete_module", "probe__find_module_all"};
constexpr Programs<3> k_kexec_hooks{"retsyscall__kexec_load", "syscall__kexec_file_load",
                                    "probe__security_kernel_read_file"};
constexpr Programs<1> k_keyctl_hooks{"retsyscall__keyctl"};
constexpr Programs<2> k_add_key_hooks{"syscall__add_key", "probe__key_create_or_update"};
constexpr Programs<2> k_request_key_hooks{"syscall__request_key", "probe__request_key_and_link"};
constexpr Programs<3> k_memfd_create_hooks{"syscall__memfd_create", "probe__shmem_file_setup",
                                           "probe__hugetlb_file_setup"};
constexpr Programs<1> k_io_uring_setup_hooks{"retsyscall__io_uring_setup"};
constexpr Programs<1> k_userfaultfd_hooks{"retsyscall__userfaultfd"};
constexpr Programs<3> k_memory_exec_hooks{"fexit__vm_mmap_pgoff", "fentry__security_file_mprotect",
                                          "fexit__do_mprotect_pkey"};
constexpr Programs<5> k_dup_hooks{"retsyscall__dup", "syscall__dup2", "syscall__dup3",
                                  "probe__do_dup2", "fexit__f_dupfd"};

// By tracepoints.
constexpr std::string_view k_bare_target =
    "which task the kernel found is not known; every system call of the machine takes longer";
constexpr std::string_view k_bare_structure =
    "what was given by pointer, and the task that the kernel found, are not known; every system "
    "call of the machine takes longer";
constexpr std::string_view k_bare_words =
    "names are read from memory that the caller can change; every system call of the machine takes "
    "longer";
constexpr std::string_view k_bare_module =
    "a module's name is not known, and its parameters are read from memory that the caller can "
    "change; every system call of the machine takes longer";

constexpr std::string_view k_bare_kill =
    "the targets are those that the signal came to: of signal 0, and of an attempt that fails, "
    "none "
    "is known; every system call of the machine takes longer";
constexpr std::string_view k_bare_clone =
    "flags of clone3 are read from memory that the caller can change; every system call of the "
    "machine takes longer";
constexpr std::string_view k_bare_memory =
    "what mprotect changes is known of the first eight mappings of its range, and not at all while "
    "another thread changes mappings or before Linux 5.17: then any memory that becomes executable "
    "is told; what an exec maps is not seen, and the arguments of the old mmap of the 32-bit table "
    "are read from memory that the caller can change; every system "
    "call of the machine takes longer";
constexpr std::string_view k_bare_dup =
    "the file is the one that the descriptor stands for when the call is over; every system call "
    "of "
    "the machine takes longer";

// The tracepoint of signals besides.
constexpr Programs<3> k_bare_kill_programs{"tp_btf__sys_enter", "tp_btf__sys_exit",
                                           "tp_btf__signal_generate"};

constexpr auto k_signals = std::to_array<SignalDesc>({
    probe_signal<k_kill_hooks, k_none, k_bare_kill, k_bare_kill_programs>(
        "kill", "signals that processes send", EV_KILL),
    probe_signal<k_ptrace_hooks, k_none, k_bare_target>("ptrace", "tracing of processes",
                                                        EV_PTRACE),
    probe_signal<k_process_vm_hooks, k_none, k_bare_target>(
        "process_vm", "access to the memory of other processes", EV_PROCESS_VM),
    probe_signal<k_setns_hooks, k_none, k_bare_cost>("setns", "namespaces that are entered",
                                                     EV_SETNS),
    probe_signal<k_unshare_hooks, k_none, k_bare_cost>("unshare", "namespaces that are left",
                                                       EV_UNSHARE),
    trampoline_signal<k_clone_hooks, k_none, k_bare_clone>(
        "clone", "processes that are created in new namespaces", EV_CLONE),
    probe_signal<k_bpf_hooks, k_none, k_bare_structure>("bpf", "calls of bpf(2)", EV_BPF),
    probe_signal<k_perf_event_open_hooks, k_none, k_bare_structure>(
        "perf_event_open", "performance counters that are opened", EV_PERF_EVENT_OPEN),
    probe_signal<k_module_load_hooks, k_none, k_bare_module>(
        "module_load", "kernel modules that are loaded", EV_MODULE_LOAD),
    probe_signal<k_module_delete_hooks, k_none, k_bare_words>(
        "module_delete", "kernel modules that are unloaded", EV_MODULE_DELETE),
    probe_signal<k_kexec_hooks, k_none, k_bare_cost>("kexec", "kernels that are loaded by kexec",
                                                     EV_KEXEC),
    probe_signal<k_keyctl_hooks, k_none, k_bare_cost>("keyctl", "keys that are handled", EV_KEYCTL),
    probe_signal<k_add_key_hooks, k_none, k_bare_words>("add_key", "keys that are added",
                                                        EV_ADD_KEY),
    probe_signal<k_request_key_hooks, k_none, k_bare_words>(
        "request_key", "keys that are looked for", EV_REQUEST_KEY),
    probe_signal<k_memfd_create_hooks, k_none, k_bare_words>(
        "memfd_create", "files that live in memory", EV_MEMFD_CREATE),
    probe_signal<k_io_uring_setup_hooks, k_none, k_bare_cost>(
        "io_uring_setup", "io_urings that are made", EV_IO_URING_SETUP),
    probe_signal<k_userfaultfd_hooks, k_none, k_bare_cost>(
        "userfaultfd", "descriptors of page faults", EV_USERFAULTFD),
    trampoline_signal<k_memory_exec_hooks, k_none, k_bare_memory>(
        "memory_exec", "writable memory that becomes executable", EV_MEMORY_EXEC),
    probe_signal<k_dup_hooks, k_none, k_bare_dup>("dup", "descriptors that become standard ones",
                                                  EV_DUP),
});

constexpr std::string_view k_target_source =
    "numbers: the caller's registers; the target: the task that the kernel found";
constexpr std::string_view k_register_source = "numbers: the caller's registers";
constexpr std::string_view k_copy_source =
    "numbers: the caller's registers; what is behind a pointer: the kernel's copy, absent when the "
    "call failed before";

constexpr auto k_operations = std::to_array<OperationDesc>({
    {.event = EV_KILL,
     .entries = entry::calls,
     .calls = "kill, tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo, pidfd_send_signal",
     .source = k_target_source,
     .missed = "signals of the kernel's own making (terminals, timers, faults); of a group all "
               "targets but the first, which are counted"},
    {.event = EV_PTRACE,
     .entries = entry::calls,
     .calls = "ptrace",
     .refusable = "security_ptrace_traceme",
     .refusable_of = "PTRACE_TRACEME, where the target is the tracer",
     .source = k_target_source},
    {.event = EV_PROCESS_VM,
     .entries = entry::calls,
     .calls = "process_vm_readv, process_vm_writev, process_madvise",
     .source = k_target_source,
     .missed = "`/proc/PID/mem`, which is an `open`"},
    {.event = EV_SETNS,
     .entries = entry::calls,
     .calls = "setns",
     .source = "numbers: the caller's registers; the namespaces: the kernel's own objects, "
               "before and afterwards"},
    {.event = EV_UNSHARE,
     .entries = entry::calls,
     .calls = "unshare",
     .source = "numbers: the caller's registers; the namespaces: the kernel's own objects, "
               "before and afterwards"},
    {.event = EV_CLONE,
     .entries = entry::calls,
     .calls = "clone, clone3, with a `CLONE_NEW*`",
     .source = "the kernel's copy",
     .missed = "clone3 whose arguments the kernel refuses to read"},
    {.event = EV_BPF,
     .entries = entry::calls,
     .calls = "bpf",
     .refusable = "security_bpf",
     .source = k_copy_source},
    {.event = EV_PERF_EVENT_OPEN,
     .entries = entry::calls,
     .calls = "perf_event_open",
     .source = k_copy_source},
    {.event = EV_MODULE_LOAD,
     .entries = entry::calls,
     .calls = "init_module, finit_module",
     .refusable = "security_kernel_read_file",
     .refusable_of = "finit_module",
     .source = k_copy_source,
     .missed = "the name and the parameters when the kernel gives up before it has read them"},
    {.event = EV_MODULE_DELETE,
     .entries = entry::calls,
     .calls = "delete_module",
     .source = k_copy_source},
    {.event = EV_KEXEC,
     .entries = entry::calls,
     .calls = "kexec_load, kexec_file_load",
     .refusable = "security_kernel_read_file",
     .refusable_of = "kexec_file_load",
     .source = k_copy_source},
    {.event = EV_KEYCTL, .entries = entry::calls, .calls = "keyctl", .source = k_register_source},
    {.event = EV_ADD_KEY, .entries = entry::calls, .calls = "add_key", .source = k_copy_source},
    {.event = EV_REQUEST_KEY,
     .entries = entry::calls,
     .calls = "request_key",
     .source = k_copy_source},
    {.event = EV_MEMFD_CREATE,
     .entries = entry::calls,
     .calls = "memfd_create",
     .source = k_copy_source},
    {.event = EV_IO_URING_SETUP,
     .entries = entry::calls,
     .calls = "io_uring_setup",
     .source = "numbers: the caller's registers; the flags: the ring itself"},
    {.event = EV_USERFAULTFD,
     .entries = entry::calls,
     .calls = "userfaultfd",
     .source = k_register_source,
     .missed = "those made by `/dev/userfaultfd`, which is an `open`"},
    {.event = EV_MEMORY_EXEC,
     .entries = entry::calls | entry::kernel,
     .calls = "mmap, mprotect, pkey_mprotect, and whatever else maps",
     .refusable = "security_file_mprotect",
     .refusable_of = "mprotect, pkey_mprotect",
     .source = "numbers: what the kernel's functions were given; the memory and its file: the "
               "kernel's own objects",
     .missed = "memory that can be written and executed already, which is told once"},
    {.event = EV_DUP,
     .entries = entry::calls,
     .calls = "dup, dup2, dup3, fcntl, onto 0, 1 or 2",
     .source = "numbers: the caller's registers; the file: the kernel's own object, by dup2 and "
               "dup3 under the lock of the descriptors, by dup read from their table when it is "
               "over, so that a thread which replaces the descriptor in between is believed",
     .missed = "descriptors that land on 0, 1, 2 by open, accept or "
               "`IORING_OP_FIXED_FD_INSTALL`; dup and F_DUPFD that fail"},
});

}  // namespace gancho::syscalls::privilege
