// SPDX-License-Identifier: Apache-2.0
//
// Operations that change where a process or a file system is: events, fields, and where they come
// from. For syscalls.cpp only.
#pragma once

#include "syscalls/file_names.h"
#include "syscalls/files.h"

namespace gancho::syscalls::mounts {

using enum FieldType;
using files::k_object_fields;
using files::k_one_path_fields;
using files::k_two_path_fields;

#define AT(member) offsetof(ev_file_call, member)

constexpr auto k_mount_own_fields = std::to_array<FieldDesc>({
    {.name = "evt.arg.dev",
     .type = string,
     .offset = AT(to_name),
     .meaning = "what is mounted, as it was given: a device, a directory, any word"},
    {.name = "evt.arg.type",
     .type = string,
     .offset = AT(attribute),
     .meaning = "type of the file system, as it was given"},
    {.name = "evt.arg.flags",
     .type = named_flags,
     .offset = AT(flags),
     .cost = Cost::free,
     .meaning = "flags of mount(2)",
     .names = k_mount_names},
    {.name = "evt.arg.data",
     .type = string,
     .offset = AT(data),
     .meaning = "options of the file system, up to the first NUL"},
});

constexpr auto k_mounted_fields = std::to_array<FieldDesc>({
    {.name = "fs.type",
     .type = string,
     .offset = AT(attribute),
     .meaning = "type of the mounted file system"},
    {.name = "fs.dev",
     .type = string,
     .offset = AT(data),
     .meaning = "what was mounted, by the name that /proc/mounts shows"},
});

constexpr auto k_umount_own_fields = std::to_array<FieldDesc>({
    {.name = "evt.arg.flags",
     .type = named_flags,
     .offset = AT(flags),
     .cost = Cost::free,
     .meaning = "flags of umount2(2)",
     .names = k_umount_names},
});

constexpr auto k_move_mount_own_fields = std::to_array<FieldDesc>({
    {.name = "evt.arg.flags",
     .type = named_flags,
     .offset = AT(flags),
     .cost = Cost::free,
     .meaning = "flags of move_mount(2)",
     .names = k_move_mount_names},
    {.name = "fs.path.is_source_detached",
     .type = path_flag,
     .offset = AT(path),
     .mask = EV_PATH_DETACHED,
     .cost = Cost::high,
     .meaning = "the source was mounted nowhere: it comes from fsmount(2) or open_tree(2)"},
});
#undef AT

constexpr auto k_place_fields = join(k_call_fields, k_one_path_fields, k_object_fields);
constexpr auto k_mount_fields = join(k_call_fields, k_one_path_fields, k_mount_own_fields);
constexpr auto k_umount_fields =
    join(k_call_fields, k_one_path_fields, k_umount_own_fields, k_mounted_fields);
constexpr auto k_move_mount_fields =
    join(k_call_fields, k_two_path_fields, k_move_mount_own_fields, k_mounted_fields);
constexpr auto k_pivot_root_fields = join(k_call_fields, k_two_path_fields, k_mounted_fields);

constexpr auto k_events = std::to_array<EventDesc>({
    files::event(EV_CHDIR, "chdir", "a process changed its working directory", k_place_fields),
    files::event(EV_CHROOT, "chroot", "a process changed its root directory", k_place_fields),
    files::event(EV_MOUNT, "mount", "a file system was mounted, or a mount changed, by mount(2)",
                 k_mount_fields),
    files::event(EV_UMOUNT, "umount", "a file system was unmounted", k_umount_fields),
    files::event(EV_MOVE_MOUNT, "move_mount",
                 "a mount was moved, or one from fsmount(2) or open_tree(2) attached",
                 k_move_mount_fields),
    files::event(EV_PIVOT_ROOT, "pivot_root",
                 "the root of a mount namespace changed: to the source, the old one to the target",
                 k_pivot_root_fields),
});

// What was found, and each system call's end.
constexpr Programs<3> k_chdir{"probe__set_fs_pwd", "retsyscall__chdir", "retsyscall__fchdir"};
constexpr Programs<2> k_chroot{"probe__security_path_chroot", "retsyscall__chroot"};
constexpr Programs<2> k_mount{"probe__path_mount", "retsyscall__mount"};
constexpr Programs<2> k_umount{"probe__path_umount", "retsyscall__umount"};
constexpr Programs<1> k_umount_old{"retsyscall__oldumount"};  // 32-bit only
constexpr Programs<2> k_move_mount{"probe__security_move_mount", "retsyscall__move_mount"};
constexpr Programs<2> k_pivot_root{"probe__security_sb_pivotroot", "retsyscall__pivot_root"};

constexpr auto k_signals = std::to_array<SignalDesc>({
    probe_signal<k_chdir, k_none, files::k_bare_attributes>(
        "chdir", "changes of working directories", EV_CHDIR),
    probe_signal<k_chroot, k_none, files::k_bare_attributes>(
        "chroot", "changes of root directories", EV_CHROOT),
    probe_signal<k_mount, k_none, files::k_bare_attributes>(
        "mount", "file systems that are mounted by mount(2)", EV_MOUNT),
    probe_signal<k_umount, k_umount_old, files::k_bare_attributes>(
        "umount", "file systems that are unmounted", EV_UMOUNT),
    probe_signal<k_move_mount, k_none, files::k_bare_attributes>(
        "move_mount", "mounts that are moved or attached", EV_MOVE_MOUNT),
    probe_signal<k_pivot_root, k_none, files::k_bare_attributes>(
        "pivot_root", "changes of a namespace's root", EV_PIVOT_ROOT),
});

constexpr auto k_operations = std::to_array<OperationDesc>({
    {.event = EV_CHDIR,
     .entries = entry::calls,
     .calls = "chdir, fchdir",
     .source = files::k_late_name_source,
     .missed = "a directory that changes with the mount namespace (setns, unshare, pivot_root)"},
    {.event = EV_CHROOT,
     .entries = entry::calls,
     .calls = "chroot",
     .refusable = "security_path_chroot",
     .source = files::k_late_name_source,
     .missed = "what was found, when the kernel gives up before it asks its security modules"},
    {.event = EV_MOUNT,
     .entries = entry::calls,
     .calls = "mount",
     .source = "device, type and options: the kernel's copy; the path as given: the caller's "
               "memory, when it is over (`evt.arg.user_memory`); what was found: the kernel's own "
               "objects, before the act",
     .missed =
         "mount_setattr, and fspick with fsconfig, which change a mount or a file system that "
         "is there; what fsopen, fsmount or open_tree make, until `move_mount` attaches it"},
    {.event = EV_UMOUNT,
     .entries = entry::calls,
     .calls = "umount, umount2",
     .source = files::k_late_name_source,
     .missed = "mounts that go with their namespace"},
    {.event = EV_MOVE_MOUNT,
     .entries = entry::calls,
     .calls = "move_mount",
     .refusable = "security_move_mount",
     .source = files::k_late_name_source},
    {.event = EV_PIVOT_ROOT,
     .entries = entry::calls,
     .calls = "pivot_root",
     .refusable = "security_sb_pivotroot",
     .source = files::k_late_name_source},
});

}  // namespace gancho::syscalls::mounts
