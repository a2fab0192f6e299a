// SPDX-License-Identifier: Apache-2.0
//
// Flags of the system calls that mount.
#include <linux/mount.h>

#include "event/flags.h"

namespace gancho {
namespace {

// "This is the new mount call": it was in front of the flags before Linux 2.4, and some still say
// it.
constexpr std::uint32_t k_magic = 0xc0ed0000;
constexpr std::uint32_t k_magic_mask = 0xffff0000;

constexpr auto k_mount = std::to_array<FlagName>({
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

constexpr auto k_umount = std::to_array<FlagName>({
    {1, "MNT_FORCE"},
    {2, "MNT_DETACH"},
    {4, "MNT_EXPIRE"},
    {8, "UMOUNT_NOFOLLOW"},
});

constexpr auto k_move_mount = std::to_array<FlagName>({
    {0x001, "MOVE_MOUNT_F_SYMLINKS"},
    {0x002, "MOVE_MOUNT_F_AUTOMOUNTS"},
    {0x004, "MOVE_MOUNT_F_EMPTY_PATH"},
    {0x010, "MOVE_MOUNT_T_SYMLINKS"},
    {0x020, "MOVE_MOUNT_T_AUTOMOUNTS"},
    {0x040, "MOVE_MOUNT_T_EMPTY_PATH"},
    {0x100, "MOVE_MOUNT_SET_GROUP"},
    {0x200, "MOVE_MOUNT_BENEATH"},
});

static_assert(fits(k_mount) && fits(k_umount) && fits(k_move_mount));

}  // namespace

constinit const FlagNames k_umount_flags = k_umount;
constinit const FlagNames k_move_mount_flags = k_move_mount;

char* write_mount_flags(char* out, std::uint32_t flags) {
  if ((flags & k_magic_mask) == k_magic) flags &= ~k_magic_mask;
  return write_flags(out, k_mount, flags);
}

}  // namespace gancho
