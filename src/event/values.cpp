// SPDX-License-Identifier: Apache-2.0
#include "event/values.h"

#include <sys/stat.h>

#include <cstring>

#include "base/bytes.h"

namespace gancho {

char* write_error_name(char* out, std::int64_t error) {
  const auto put = [out](std::string_view name) {
    std::memcpy(out, name.data(), name.size());
    return out + name.size();
  };
  if (error == 0) return put("SUCCESS");
  if (error < 0 && error >= -4095) {
    const char* name = ::strerrorname_np(static_cast<int>(-error));
    if (name != nullptr) return put(std::string_view(name).substr(0, k_error_name_max));
  }
  return write_decimal(out, error);
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
  const auto put = [out](std::string_view name) { return out + name.copy(out, name.size()); };
  switch (mode & S_IFMT) {
    case S_IFREG:
      return put("regular");
    case S_IFDIR:
      return put("directory");
    case S_IFCHR:
      return put("character");
    case S_IFBLK:
      return put("block");
    case S_IFIFO:
      return put("fifo");
    case S_IFSOCK:
      return put("socket");
    case S_IFLNK:
      return put("symlink");
    default:
      for (int shift = 15; shift >= 12; shift -= 3)
        *out++ = static_cast<char>('0' + (mode >> shift & 7));
      return out;
  }
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
