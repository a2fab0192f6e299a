// SPDX-License-Identifier: Apache-2.0
//
// Flags of system calls on files, as this architecture numbers them.
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>

#include <array>

#include "event/flags.h"

namespace gancho {
namespace {

// Every open of a 64-bit process has it: no news. (glibc calls it 0 there.)
constexpr std::uint32_t k_largefile = 0100000;

constexpr auto k_access = std::to_array<NamedNumber>({
    {O_RDONLY, "O_RDONLY"},
    {O_WRONLY, "O_WRONLY"},
    {O_RDWR, "O_RDWR"},
    {O_ACCMODE, "O_ACCMODE"},
});

constexpr auto k_open = std::to_array<NamedNumber>({
    {O_CREAT, "O_CREAT"},
    {O_EXCL, "O_EXCL"},
    {O_NOCTTY, "O_NOCTTY"},
    {O_TRUNC, "O_TRUNC"},
    {O_APPEND, "O_APPEND"},
    {O_NONBLOCK, "O_NONBLOCK"},
    {O_SYNC, "O_SYNC"},
    {O_DSYNC, "O_DSYNC"},
    {O_ASYNC, "O_ASYNC"},
    {O_DIRECT, "O_DIRECT"},
    {O_TMPFILE, "O_TMPFILE"},
    {O_DIRECTORY, "O_DIRECTORY"},
    {O_NOFOLLOW, "O_NOFOLLOW"},
    {O_NOATIME, "O_NOATIME"},
    {O_CLOEXEC, "O_CLOEXEC"},
    {O_PATH, "O_PATH"},
});

constexpr auto k_resolve = std::to_array<NamedNumber>({
    {RESOLVE_NO_XDEV, "RESOLVE_NO_XDEV"},
    {RESOLVE_NO_MAGICLINKS, "RESOLVE_NO_MAGICLINKS"},
    {RESOLVE_NO_SYMLINKS, "RESOLVE_NO_SYMLINKS"},
    {RESOLVE_BENEATH, "RESOLVE_BENEATH"},
    {RESOLVE_IN_ROOT, "RESOLVE_IN_ROOT"},
    {RESOLVE_CACHED, "RESOLVE_CACHED"},
});

constexpr auto k_at = std::to_array<NamedNumber>({
    {AT_SYMLINK_NOFOLLOW, "AT_SYMLINK_NOFOLLOW"},
    {AT_SYMLINK_FOLLOW, "AT_SYMLINK_FOLLOW"},
    {AT_NO_AUTOMOUNT, "AT_NO_AUTOMOUNT"},
    {AT_EMPTY_PATH, "AT_EMPTY_PATH"},
});

constexpr auto k_rename = std::to_array<NamedNumber>({
    {RENAME_NOREPLACE, "RENAME_NOREPLACE"},
    {RENAME_EXCHANGE, "RENAME_EXCHANGE"},
    {RENAME_WHITEOUT, "RENAME_WHITEOUT"},
});

constexpr std::size_t k_access_max = sizeof("O_ACCMODE|");
static_assert(k_access_max + longest(k_open) <= k_flags_max);
static_assert(longest(k_resolve) <= k_flags_max && longest(k_at) <= k_flags_max &&
              longest(k_rename) <= k_flags_max);

}  // namespace

constinit const NameTable k_open_access = k_access;
constinit const NameTable k_open_flags = k_open;
constinit const NameTable k_resolve_flags = k_resolve;
constinit const NameTable k_at_flags = k_at;
constinit const NameTable k_rename_flags = k_rename;

char* write_open_flags(char* out, std::uint32_t flags) {
  const std::string_view first = k_access[flags & O_ACCMODE].name;
  out += first.copy(out, first.size());
  flags &= ~static_cast<std::uint32_t>(O_ACCMODE);
  flags &= ~k_largefile;
  if (flags == 0) return out;
  *out++ = '|';
  return write_named_flags(out, k_open, flags, k_flag_digits);
}

}  // namespace gancho
