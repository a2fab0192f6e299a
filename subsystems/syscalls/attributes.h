// SPDX-License-Identifier: Apache-2.0
//
// Operations that change what a file is: events, fields, and where they come from. For syscalls.cpp
// only.
#pragma once

#include "syscalls/file_names.h"
#include "syscalls/files.h"

namespace gancho::syscalls::attributes {

using enum FieldType;
using files::k_bare_attributes;
using files::k_bare_attributes_and_rings;
using files::k_object;
using files::k_object_fields;
using files::k_one_path_fields;

#define AT(member) offsetof(ev_file_call, member)

constexpr auto k_at_flags_field = std::to_array<FieldDesc>({
    {.name = "evt.arg.flags",
     .type = at_flags,
     .offset = AT(arg_flags),
     .cost = Cost::free,
     .meaning = "flags of fchmodat2(2), fchownat(2)"},
});

constexpr auto k_owner_fields = std::to_array<FieldDesc>({
    {.name = "fd.uid",
     .type = uid,
     .offset = AT(file_uid),
     .present = k_object,
     .meaning = "owner of the file, before the operation",
     .joined = "fd.user"},
    {.name = "fd.gid",
     .type = gid,
     .offset = AT(file_gid),
     .present = k_object,
     .meaning = "group of the file, before the operation",
     .joined = "fd.group"},
});

constexpr auto k_chmod_own_fields = std::to_array<FieldDesc>({
    {.name = "evt.arg.mode",
     .type = mode,
     .offset = AT(arg_mode),
     .cost = Cost::free,
     .meaning = "permissions asked for; fd.mode has those before"},
});

constexpr auto k_chown_own_fields = std::to_array<FieldDesc>({
    {.name = "evt.arg.uid",
     .type = uid,
     .offset = AT(arg_uid),
     .cost = Cost::free,
     .meaning = "owner asked for, as the caller's user namespace sees it; -1 leaves it"},
    {.name = "evt.arg.gid",
     .type = gid,
     .offset = AT(arg_gid),
     .cost = Cost::free,
     .meaning = "group asked for, as the caller's user namespace sees it; -1 leaves it"},
});

constexpr auto k_truncate_own_fields = std::to_array<FieldDesc>({
    {.name = "evt.arg.length",
     .type = i64,
     .offset = AT(length),
     .cost = Cost::free,
     .unit = "bytes",
     .meaning = "length asked for"},
});

constexpr auto k_attribute_field = std::to_array<FieldDesc>({
    {.name = "evt.arg.name",
     .type = string,
     .offset = AT(attribute),
     .meaning = "name of the extended attribute"},
});

constexpr auto k_value_fields = std::to_array<FieldDesc>({
    {.name = "evt.arg.size",
     .type = u64,
     .offset = AT(length),
     .cost = Cost::free,
     .unit = "bytes",
     .meaning = "size of the attribute's value"},
    {.name = "evt.arg.flags",
     .type = named_flags,
     .offset = AT(flags),
     .cost = Cost::free,
     .meaning = "flags of setxattr(2)",
     .names = k_xattr_names},
});
#undef AT

constexpr auto k_chmod_fields = join(k_call_fields, k_one_path_fields, k_chmod_own_fields,
                                     k_at_flags_field, k_object_fields, k_owner_fields);
constexpr auto k_chown_fields = join(k_call_fields, k_one_path_fields, k_chown_own_fields,
                                     k_at_flags_field, k_object_fields, k_owner_fields);
constexpr auto k_truncate_fields =
    join(k_call_fields, k_one_path_fields, k_truncate_own_fields, k_object_fields, k_owner_fields);
constexpr auto k_setxattr_fields = join(k_call_fields, k_one_path_fields, k_attribute_field,
                                        k_value_fields, k_object_fields, k_owner_fields);
constexpr auto k_removexattr_fields =
    join(k_call_fields, k_one_path_fields, k_attribute_field, k_object_fields, k_owner_fields);

constexpr auto k_events = std::to_array<EventDesc>({
    files::event(EV_CHMOD, "chmod", "permissions of a file were changed", k_chmod_fields),
    files::event(EV_CHOWN, "chown", "a file got another owner or group", k_chown_fields),
    files::event(EV_TRUNCATE, "truncate", "a file was cut or lengthened by truncate(2)",
                 k_truncate_fields),
    files::event(EV_SETXATTR, "setxattr", "an extended attribute of a file was set",
                 k_setxattr_fields),
    files::event(EV_REMOVEXATTR, "removexattr", "an extended attribute of a file was removed",
                 k_removexattr_fields),
});

// Needed: what every kernel has. Helpful: 32-bit only, io_uring, and what came later or went.
constexpr Programs<4> k_chmod{"probe__chmod_common", "retsyscall__chmod", "retsyscall__fchmod",
                              "retsyscall__fchmodat"};
constexpr Programs<1> k_chmod_helpful{"retsyscall__fchmodat2"};
constexpr Programs<3> k_chown{"probe__chown_common", "retprobe__do_fchownat",
                              "retprobe__ksys_fchown"};
constexpr Programs<3> k_truncate{"probe__vfs_truncate", "retsyscall__truncate",
                                 "retprobe__do_sys_ftruncate"};
constexpr Programs<4> k_truncate_helpful{"probe__do_ftruncate", "probe__security_path_truncate",
                                         "retprobe__do_ftruncate", "retsyscall__ia32_truncate64"};
constexpr Programs<6> k_setxattr{"probe__path_setxattr",       "probe__mnt_want_write",
                                 "probe__mnt_want_write_file", "probe__do_setxattr",
                                 "retprobe__path_setxattr",    "retsyscall__fsetxattr"};
constexpr Programs<4> k_setxattr_helpful{"probe__io_setxattr", "probe__io_fsetxattr",
                                         "fexit__io_setxattr", "fexit__io_fsetxattr"};
constexpr Programs<6> k_removexattr{"probe__path_removexattr",    "probe__mnt_want_write",
                                    "probe__mnt_want_write_file", "probe__vfs_removexattr",
                                    "retprobe__path_removexattr", "retsyscall__fremovexattr"};
constexpr Programs<1> k_removexattr_helpful{"probe__vfs_remove_acl"};

constexpr auto k_signals = std::to_array<SignalDesc>({
    probe_signal<k_chmod, k_chmod_helpful, k_bare_attributes>(
        "chmod", "permissions that are changed", EV_CHMOD),
    probe_signal<k_chown, k_none, k_bare_attributes>("chown", "owners that are changed", EV_CHOWN),
    probe_signal<k_truncate, k_truncate_helpful, k_bare_attributes_and_rings, k_bare_programs,
                 k_bare_rings>("truncate", "files that are cut by truncate(2)", EV_TRUNCATE),
    probe_signal<k_setxattr, k_setxattr_helpful, k_bare_attributes_and_rings, k_bare_programs,
                 k_bare_rings>("setxattr", "extended attributes that are set", EV_SETXATTR),
    probe_signal<k_removexattr, k_removexattr_helpful, k_bare_attributes>(
        "removexattr", "extended attributes that are removed", EV_REMOVEXATTR),
});

constexpr std::string_view k_xattr_source =
    "the attribute's name, and of an io_uring the path as given: the kernel's copy; other paths as "
    "given: the caller's memory, when it is over (`evt.arg.user_memory`); what was found: the "
    "kernel's own objects, before the act";
constexpr std::string_view k_xattr_missed =
    "all from Linux 6.13 on, which has other functions; what was found, when the kernel gives up "
    "before it has the file, or because its file system is read-only";

constexpr auto k_operations = std::to_array<OperationDesc>({
    {.event = EV_CHMOD,
     .entries = entry::calls,
     .calls = "chmod, fchmod, fchmodat, fchmodat2",
     .source = files::k_late_name_source,
     .missed = "what was found, when the kernel gives up before it has the file"},
    {.event = EV_CHOWN,
     .entries = entry::calls,
     .calls = "chown, lchown, fchown, fchownat",
     .source = files::k_late_name_source,
     .missed = "what was found, when the kernel gives up before it has the file, or because its "
               "file system is read-only"},
    {.event = EV_TRUNCATE,
     .entries = files::k_and_ring,
     .calls = "truncate, ftruncate",
     .refusable = "security_path_truncate",
     .refusable_of = "truncate, before Linux 6.2 of ftruncate too",
     .source = files::k_late_name_source,
     .missed = "an io_uring's ftruncate that has no file; open with O_TRUNC, which is an `open`"},
    {.event = EV_SETXATTR,
     .entries = files::k_and_ring,
     .calls = "setxattr, lsetxattr, fsetxattr",
     .source = k_xattr_source,
     .missed = k_xattr_missed},
    {.event = EV_REMOVEXATTR,
     .entries = entry::calls,
     .calls = "removexattr, lremovexattr, fremovexattr",
     .source = k_xattr_source,
     .missed = k_xattr_missed},
});

constexpr auto k_absent = std::to_array<AbsentProgram>({
    {"retsyscall__fchmodat2", TestedKernel::debian_6_1},  // Linux 6.6
    {"probe__do_ftruncate", TestedKernel::debian_6_1},    // Linux 6.9
    {"retprobe__do_ftruncate", TestedKernel::debian_6_1},
    {"probe__vfs_remove_acl", TestedKernel::debian_6_1},  // Linux 6.2
});

}  // namespace gancho::syscalls::attributes
