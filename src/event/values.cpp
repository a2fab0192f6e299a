// SPDX-License-Identifier: Apache-2.0
#include "event/values.h"

#include <sys/stat.h>

#include <array>
#include <cstring>

#include "base/bytes.h"

namespace gancho {
namespace {

constexpr int k_errors_max = 4095;  // linux/err.h
constexpr std::string_view k_no_error = "SUCCESS";

constexpr auto k_file_types = std::to_array<NamedNumber>({
    {S_IFREG, "regular"},
    {S_IFDIR, "directory"},
    {S_IFCHR, "character"},
    {S_IFBLK, "block"},
    {S_IFIFO, "fifo"},
    {S_IFSOCK, "socket"},
    {S_IFLNK, "symlink"},
});

}  // namespace

char* write_error_name(char* out, std::int64_t error) {
  const auto put = [out](std::string_view name) {
    std::memcpy(out, name.data(), name.size());
    return out + name.size();
  };
  if (error == 0) return put(k_no_error);
  if (error < 0 && error >= -k_errors_max) {
    const char* name = ::strerrorname_np(static_cast<int>(-error));
    if (name != nullptr) return put(std::string_view(name).substr(0, k_error_name_max));
  }
  return write_decimal(out, error);
}

std::vector<std::string_view> error_names() {
  std::vector<std::string_view> names{k_no_error};
  for (int error = 1; error <= k_errors_max; ++error)
    if (const char* name = ::strerrorname_np(error); name != nullptr) names.emplace_back(name);
  return names;
}

char* write_device(char* out, std::uint32_t device) {
  out = write_decimal(out, std::uint64_t{device >> 20});
  *out++ = ':';
  return write_decimal(out, std::uint64_t{device & 0xfffff});
}

char* write_mode(char* out, std::uint32_t mode) {
  for (int shift = 9; shift >= 0; shift -= 3) *out++ = static_cast<char>('0' + (mode >> shift & 7));
  return out;
}

char* write_file_type(char* out, std::uint32_t mode) {
  for (const auto& [type, name] : k_file_types)
    if (type == (mode & S_IFMT)) return out + name.copy(out, name.size());
  for (int shift = 15; shift >= 12; shift -= 3)
    *out++ = static_cast<char>('0' + (mode >> shift & 7));
  return out;
}

NameTable file_type_names() {
  return k_file_types;
}

char* write_capabilities(char* out, std::uint64_t mask) {
  *out++ = '0';
  *out++ = 'x';
  return write_hex(out, mask);
}

char* write_downward(char* out, std::string_view upward) {
  char* const begin = out;
  // From the last component to the first; `end` is behind the next one.
  const char* const front = upward.data();
  std::size_t end = upward.size();
  while (end > 0) {
    if (front[end - 1] == '\0') --end;
    const auto* nul = static_cast<const char*>(::memrchr(front, '\0', end));
    const std::size_t start = nul == nullptr ? 0 : static_cast<std::size_t>(nul - front) + 1;
    if (start < end) {  // the root has an empty name
      *out++ = '/';
      std::memcpy(out, front + start, end - start);
      out += end - start;
    }
    end = start;
  }
  if (out == begin) *out++ = '/';
  return out;
}

}  // namespace gancho
