// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include <array>

#include "event/values.h"

namespace gancho {
namespace {

// Every open of a 64-bit process has it: no news. (glibc calls it 0 there.)
constexpr std::uint32_t k_largefile = 0100000;

struct FlagName {
  std::uint32_t bits;
  std::string_view name;
};
// Of two that share bits the larger one first.
constexpr auto k_open_flags = std::to_array<FlagName>({
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

constexpr std::size_t longest_flags() {
  std::size_t length = std::string_view("O_WRONLY|0x00000000").size();
  for (const FlagName& flag : k_open_flags) length += 1 + flag.name.size();
  return length;
}
static_assert(longest_flags() + 1 <= k_open_flags_max);

}  // namespace

char* write_open_flags(char* out, std::uint32_t flags) {
  constexpr std::array<std::string_view, 4> access{"O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"};
  const std::string_view first = access[flags & O_ACCMODE];
  out += first.copy(out, first.size());
  flags &= ~static_cast<std::uint32_t>(O_ACCMODE);
  flags &= ~k_largefile;
  for (const auto& [bits, name] : k_open_flags) {
    if ((flags & bits) != bits) continue;
    flags &= ~bits;
    *out++ = '|';
    out += name.copy(out, name.size());
  }
  if (flags == 0) return out;
  constexpr std::string_view digits = "0123456789abcdef";
  *out++ = '|';
  *out++ = '0';
  *out++ = 'x';
  for (int shift = 28; shift >= 0; shift -= 4) *out++ = digits[flags >> shift & 15];
  return out;
}

}  // namespace gancho
