// SPDX-License-Identifier: Apache-2.0
//
// The names of what operations on files and mounts are given. Some are newer than Debian's headers.
#pragma once

#include <linux/mount.h>
#include <linux/xattr.h>

#include <array>

#include "event/names.h"

namespace gancho::syscalls {

inline constexpr auto k_xattr_names = std::to_array<NamedNumber>({
    {XATTR_CREATE, "XATTR_CREATE"},
    {XATTR_REPLACE, "XATTR_REPLACE"},
});

inline constexpr auto k_mount_names = std::to_array<NamedNumber>({
    {MS_RDONLY, "MS_RDONLY"},
    {MS_NOSUID, "MS_NOSUID"},
    {MS_NODEV, "MS_NODEV"},
    {MS_NOEXEC, "MS_NOEXEC"},
    {MS_SYNCHRONOUS, "MS_SYNCHRONOUS"},
    {MS_REMOUNT, "MS_REMOUNT"},
    {MS_MANDLOCK, "MS_MANDLOCK"},
    {MS_DIRSYNC, "MS_DIRSYNC"},
    {1U << 8, "MS_NOSYMFOLLOW"},
    {MS_NOATIME, "MS_NOATIME"},
    {MS_NODIRATIME, "MS_NODIRATIME"},
    {MS_BIND, "MS_BIND"},
    {MS_MOVE, "MS_MOVE"},
    {MS_REC, "MS_REC"},
    {MS_SILENT, "MS_SILENT"},
    {MS_UNBINDABLE, "MS_UNBINDABLE"},
    {MS_PRIVATE, "MS_PRIVATE"},
    {MS_SLAVE, "MS_SLAVE"},
    {MS_SHARED, "MS_SHARED"},
    {MS_RELATIME, "MS_RELATIME"},
    {MS_STRICTATIME, "MS_STRICTATIME"},
    {MS_LAZYTIME, "MS_LAZYTIME"},
});

inline constexpr auto k_umount_names = std::to_array<NamedNumber>({
    {1, "MNT_FORCE"},
    {2, "MNT_DETACH"},
    {4, "MNT_EXPIRE"},
    {8, "UMOUNT_NOFOLLOW"},
});

inline constexpr auto k_move_mount_names = std::to_array<NamedNumber>({
    {0x001, "MOVE_MOUNT_F_SYMLINKS"},
    {0x002, "MOVE_MOUNT_F_AUTOMOUNTS"},
    {0x004, "MOVE_MOUNT_F_EMPTY_PATH"},
    {0x010, "MOVE_MOUNT_T_SYMLINKS"},
    {0x020, "MOVE_MOUNT_T_AUTOMOUNTS"},
    {0x040, "MOVE_MOUNT_T_EMPTY_PATH"},
    {0x100, "MOVE_MOUNT_SET_GROUP"},
    {0x200, "MOVE_MOUNT_BENEATH"},
});

static_assert(fits(k_xattr_names) && fits(k_mount_names) && fits(k_umount_names) &&
              fits(k_move_mount_names));

}  // namespace gancho::syscalls
