// SPDX-License-Identifier: Apache-2.0
//
// Operations on files by name: events, fields, and where they come from. For syscalls.cpp only.
#pragma once

#include <array>
#include <cstdint>

#include "event/room.h"
#include "syscalls/call_fields.h"
#include "syscalls/files_text.h"
#include "syscalls/room_parts.h"

namespace gancho::syscalls::files {

using enum FieldType;

// Field groups of ev_header::present, as bit numbers.
constexpr std::uint8_t k_object = 0;
constexpr std::uint8_t k_fd = 1;
static_assert(EV_FILE_HAS_OBJECT == 1ULL << k_object && EV_FILE_HAS_FD == 1ULL << k_fd);

#define AT(member) offsetof(ev_file_call, member)

constexpr auto k_object_fields = std::to_array<FieldDesc>({
    {.name = "fd.ino",
     .type = u64,
     .offset = AT(inode),
     .present = k_object,
     .meaning = "inode number of the file"},
    {.name = "fd.dev",
     .type = device,
     .offset = AT(dev),
     .present = k_object,
     .meaning = "device of its file system"},
    {.name = "fd.type",
     .type = file_type,
     .offset = AT(mode),
     .present = k_object,
     .meaning = "type of the file"},
    {.name = "fd.mode",
     .type = mode,
     .offset = AT(mode),
     .present = k_object,
     .meaning = "permissions of the file"},
});

constexpr auto k_one_path_fields = std::to_array<FieldDesc>({
    {.name = "fs.path.nameraw",
     .type = string,
     .offset = AT(name),
     .meaning = "path as it was given to the kernel"},
    {.name = "fs.path.name",
     .type = path,
     .offset = AT(path),
     .cost = Cost::high,
     .meaning = "path as the kernel found it, seen from the process's root"},
    {.name = "fs.path.hostpath",
     .type = host_path,
     .offset = AT(path),
     .cost = Cost::high,
     .meaning = "the same path as far up as the mount tree goes"},
});

constexpr auto k_two_path_fields = std::to_array<FieldDesc>({
    {.name = "fs.path.sourceraw",
     .type = string,
     .offset = AT(name),
     .meaning = "first path as it was given to the kernel"},
    {.name = "fs.path.source",
     .type = path,
     .offset = AT(path),
     .cost = Cost::high,
     .meaning = "first path as the kernel found it, seen from the process's root"},
    {.name = "fs.path.targetraw",
     .type = string,
     .offset = AT(to_name),
     .meaning = "second path as it was given to the kernel"},
    {.name = "fs.path.target",
     .type = path,
     .offset = AT(to_path),
     .cost = Cost::high,
     .meaning = "second path as the kernel found it, seen from the process's root"},
});

constexpr auto k_mode_fields = std::to_array<FieldDesc>({
    {.name = "evt.arg.mode",
     .type = mode,
     .offset = AT(arg_mode),
     .cost = Cost::free,
     .meaning = "permissions asked for, before the umask"},
});

constexpr auto k_open_own_fields = std::to_array<FieldDesc>({
    {.name = "fd.num",
     .type = i64,
     .offset = AT(call.result),
     .present = k_fd,
     .phase = Phase::after,
     .cost = Cost::free,
     .meaning = "descriptor that the process got"},
    {.name = "fd.nameraw",
     .type = string,
     .offset = AT(name),
     .meaning = "path as it was given to the kernel"},
    {.name = "fd.name",
     .type = path,
     .offset = AT(path),
     .phase = Phase::after,
     .cost = Cost::high,
     .meaning = "path of the file that was opened, seen from the process's root"},
    {.name = "fd.hostpath",
     .type = host_path,
     .offset = AT(path),
     .phase = Phase::after,
     .cost = Cost::high,
     .meaning = "the same path as far up as the mount tree goes"},
    {.name = "fd.is_deleted",
     .type = path_flag,
     .offset = AT(path),
     .mask = EV_PATH_DELETED,
     .phase = Phase::after,
     .cost = Cost::high,
     .meaning = "no name leads to the file any more, or none ever did (O_TMPFILE)"},
    {.name = "fd.is_unreachable",
     .type = path_flag,
     .offset = AT(path),
     .mask = EV_PATH_UNREACHABLE,
     .phase = Phase::after,
     .cost = Cost::high,
     .meaning = "the file lies outside of the process's root"},
    {.name = "evt.arg.flags",
     .type = open_flags,
     .offset = AT(arg_flags),
     .cost = Cost::free,
     .meaning = "flags asked for"},
    {.name = "evt.arg.mode",
     .type = mode,
     .offset = AT(arg_mode),
     .cost = Cost::free,
     .meaning = "permissions asked for, before the umask"},
    {.name = "evt.arg.resolve",
     .type = resolve_flags,
     .offset = AT(arg_resolve),
     .cost = Cost::free,
     .meaning = "how openat2(2) was asked to go along the path: RESOLVE_*"},
    {.name = "evt.is_created",
     .type = flag,
     .offset = AT(call.flags),
     .mask = EV_CALL_CREATED,
     .phase = Phase::after,
     .cost = Cost::free,
     .meaning = "the file was not there before"},
});

constexpr auto k_rename_own_fields = std::to_array<FieldDesc>({
    {.name = "evt.arg.flags",
     .type = rename_flags,
     .offset = AT(arg_flags),
     .cost = Cost::free,
     .meaning = "flags of renameat2(2)"},
});

constexpr auto k_link_own_fields = std::to_array<FieldDesc>({
    {.name = "evt.arg.flags",
     .type = at_flags,
     .offset = AT(arg_flags),
     .cost = Cost::free,
     .meaning = "flags of linkat(2)"},
});

constexpr auto k_symlink_own_fields = std::to_array<FieldDesc>({
    {.name = "fs.path.source",
     .type = string,
     .offset = AT(name),
     .meaning = "what the link says: any bytes, no path need be there"},
    {.name = "fs.path.targetraw",
     .type = string,
     .offset = AT(to_name),
     .meaning = "path of the link as it was given to the kernel"},
    {.name = "fs.path.target",
     .type = path,
     .offset = AT(to_path),
     .cost = Cost::high,
     .meaning = "path of the link as the kernel found it, seen from the process's root"},
});

constexpr auto k_mknod_own_fields = std::to_array<FieldDesc>({
    {.name = "evt.arg.type",
     .type = file_type,
     .offset = AT(arg_mode),
     .cost = Cost::free,
     .meaning = "type asked for; 00 means regular"},
    {.name = "evt.arg.dev",
     .type = device,
     .offset = AT(rdev),
     .cost = Cost::free,
     .meaning = "device asked for"},
});
#undef AT

constexpr auto k_open_fields = join(k_call_fields, k_open_own_fields, k_object_fields);
constexpr auto k_remove_fields = join(k_call_fields, k_one_path_fields, k_object_fields);
constexpr auto k_rename_fields =
    join(k_call_fields, k_two_path_fields, k_rename_own_fields, k_object_fields);
constexpr auto k_link_fields =
    join(k_call_fields, k_two_path_fields, k_link_own_fields, k_object_fields);
constexpr auto k_symlink_fields = join(k_call_fields, k_symlink_own_fields);
constexpr auto k_mkdir_fields = join(k_call_fields, k_one_path_fields, k_mode_fields);
constexpr auto k_mknod_fields =
    join(k_call_fields, k_one_path_fields, k_mode_fields, k_mknod_own_fields);

constexpr EventDesc event(ev_type type, std::string_view name, std::string_view meaning,
                          std::span<const FieldDesc> fields) {
  return call_event<ev_file_call>(type, name, "files", meaning, fields, file_text);
}

constexpr auto k_events = std::to_array<EventDesc>({
    event(EV_OPEN, "open", "a file was opened or created, or an attempt failed", k_open_fields),
    event(EV_UNLINK, "unlink", "a name of a file was removed", k_remove_fields),
    event(EV_RMDIR, "rmdir", "a directory was removed", k_remove_fields),
    event(EV_RENAME, "rename", "a file got another name", k_rename_fields),
    event(EV_LINK, "link", "a file got one more name", k_link_fields),
    event(EV_SYMLINK, "symlink", "a symbolic link was made", k_symlink_fields),
    event(EV_MKDIR, "mkdir", "a directory was made", k_mkdir_fields),
    event(EV_MKNOD, "mknod", "a file, device, pipe or socket was made by mknod(2)", k_mknod_fields),
});

// Names as given, paths as found, the result.
constexpr Programs<3> k_unlink{"probe__do_unlinkat", "probe__security_path_unlink",
                               "retprobe__do_unlinkat"};
constexpr Programs<3> k_rmdir{"probe__do_rmdir", "probe__security_path_rmdir",
                              "retprobe__do_rmdir"};
constexpr Programs<3> k_rename{"probe__do_renameat2", "probe__security_path_rename",
                               "retprobe__do_renameat2"};
constexpr Programs<3> k_link{"probe__do_linkat", "probe__security_path_link",
                             "retprobe__do_linkat"};
constexpr Programs<3> k_symlink{"probe__do_symlinkat", "probe__security_path_symlink",
                                "retprobe__do_symlinkat"};
constexpr Programs<3> k_mkdir{"probe__do_mkdirat", "probe__security_path_mkdir",
                              "retprobe__do_mkdirat"};
constexpr Programs<3> k_mknod{"probe__do_mknodat", "probe__security_path_mknod",
                              "retprobe__do_mknodat"};
constexpr Programs<2> k_open{"fexit__do_filp_open", "fexit__do_sys_openat2"};
// What a kernel without io_uring or without file handles lacks.
constexpr Programs<4> k_open_rare{"probe__io_openat2", "fexit__io_openat2",
                                  "fexit__do_file_open_root", "fexit__do_handle_open"};

// By tracepoints; and, of all, that it costs every system call something.
constexpr std::string_view k_bare_open =
    "a name as given is read from memory that the caller can change; of an io_uring it is not seen "
    "what is to say nothing of its success; every system call of the machine "
    "takes longer";
constexpr std::string_view k_bare_names =
    "a name as given is read from memory that the caller can change, what it led to is not known; "
    "of an io_uring it is not seen what is to say nothing of its success; "
    "every system call of the machine takes longer";
constexpr std::string_view k_bare_mknod =
    "a name as given is read from memory that the caller can change, and what it led to is not "
    "known; every system call of the machine takes longer";

constexpr std::string_view k_bare_attributes_and_rings =
    "names as given are read from memory that the caller can change, what they led to is not known "
    "(only the file of a descriptor); of an io_uring it is not seen what is to say nothing of its "
    "success; every system call of the machine takes longer";
constexpr std::string_view k_bare_attributes =
    "names as given are read from memory that the caller can change, what they led to is not known "
    "(only the file of a descriptor); every system call of the machine takes longer";

constexpr auto k_signals = std::to_array<SignalDesc>({
    trampoline_signal<k_open, k_open_rare, k_bare_open, k_bare_programs, k_bare_rings>(
        "open", "files that are opened", EV_OPEN),
    probe_signal<k_unlink, k_none, k_bare_names, k_bare_programs, k_bare_rings>(
        "unlink", "names that are removed", EV_UNLINK),
    probe_signal<k_rmdir, k_none, k_bare_names, k_bare_programs, k_bare_rings>(
        "rmdir", "directories that are removed", EV_RMDIR),
    probe_signal<k_rename, k_none, k_bare_names, k_bare_programs, k_bare_rings>(
        "rename", "files that are renamed", EV_RENAME),
    probe_signal<k_link, k_none, k_bare_names, k_bare_programs, k_bare_rings>(
        "link", "hard links that are made", EV_LINK),
    probe_signal<k_symlink, k_none, k_bare_names, k_bare_programs, k_bare_rings>(
        "symlink", "symbolic links that are made", EV_SYMLINK),
    probe_signal<k_mkdir, k_none, k_bare_names, k_bare_programs, k_bare_rings>(
        "mkdir", "directories that are made", EV_MKDIR),
    probe_signal<k_mknod, k_none, k_bare_mknod>("mknod", "files and devices made by mknod(2)",
                                                EV_MKNOD),
});

// Of what is given and what is found by name.
constexpr std::string_view k_name_sources =
    "names as given: the kernel's copy; what was found: the kernel's own objects, before the act";

// Of calls that are known when they are over.
constexpr std::string_view k_late_name_source =
    "names as given: the caller's memory, when it is over (`evt.arg.user_memory`); numbers: its "
    "registers; what was found: the kernel's own objects, before the act";

constexpr OperationDesc name_operation(ev_type type, std::uint8_t entries, std::string_view calls,
                                       std::string_view refusable, std::string_view missed = {}) {
  return {.event = static_cast<std::uint16_t>(type),
          .entries = entries,
          .calls = calls,
          .refusable = refusable,
          .source = k_name_sources,
          .missed = missed};
}

constexpr std::uint8_t k_and_ring = entry::calls | entry::io_uring;

constexpr auto k_operations = std::to_array<OperationDesc>({
    {.event = EV_OPEN,
     .entries = k_and_ring | entry::kernel,
     .calls = "open, creat, openat, openat2, open_by_handle_at; files that the kernel opens for "
              "itself meanwhile",
     .source = "path as given: the kernel's copy, or the caller's memory where there is none "
               "(`evt.arg.user_memory`), none by handle; what was found: the file itself",
     .missed = "openat2 whose `how` cannot be read or has another size; what exec opens, which is "
               "an exec; files that the kernel fails to open below a root of its own choice"},
    name_operation(EV_UNLINK, k_and_ring, "unlink, unlinkat", "security_path_unlink",
                   "unlinkat with flags that the kernel does not know"),
    name_operation(EV_RMDIR, k_and_ring, "rmdir, unlinkat with AT_REMOVEDIR",
                   "security_path_rmdir"),
    name_operation(EV_RENAME, k_and_ring, "rename, renameat, renameat2", "security_path_rename"),
    name_operation(EV_LINK, k_and_ring, "link, linkat", "security_path_link"),
    name_operation(EV_SYMLINK, k_and_ring, "symlink, symlinkat", "security_path_symlink"),
    name_operation(EV_MKDIR, k_and_ring, "mkdir, mkdirat", "security_path_mkdir"),
    name_operation(EV_MKNOD, entry::calls, "mknod, mknodat", "security_path_mknod",
                   "the file that bind(2) makes for a Unix socket"),
});

constexpr auto k_absent = std::to_array<AbsentProgram>({
    {"tp_btf__io_uring_submit_req", TestedKernel::debian_6_1},  // Linux 6.3
    {"tp_btf__io_uring_submit_sqe", TestedKernel::debian_6_12},
    {"tp_btf__io_uring_submit_sqe", TestedKernel::bare},
});

}  // namespace gancho::syscalls::files
