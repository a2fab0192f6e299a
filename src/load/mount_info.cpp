// SPDX-License-Identifier: Apache-2.0
#include "load/mount_info.h"

#include <algorithm>
#include <utility>

namespace gancho {
namespace {

std::string_view next_word(std::string_view& line) {
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(word.size() + 1, line.size()));
  return word;
}

// "a\040b": blanks, tabs, newlines and backslashes are written so.
std::string unescaped(std::string_view text) {
  const auto is_octal = [](char digit) { return digit >= '0' && digit <= '7'; };
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size() &&
        std::ranges::all_of(text.substr(i + 1, 3), is_octal)) {
      plain +=
          static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + text[i + 3] - '0');
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

}  // namespace

std::vector<MountInfo> parse_mountinfo(std::string_view text) {
  // proc_pid_mountinfo(5): ID PARENT DEV ROOT MOUNT_POINT OPTIONS [TAG...] - TYPE SOURCE OPTIONS
  std::vector<MountInfo> mounts;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t separator = line.find(" - ");
    if (separator == std::string_view::npos) continue;
    std::string_view behind = line.substr(separator + 3);
    (void)next_word(line);
    (void)next_word(line);
    MountInfo mount;
    mount.device = next_word(line);
    mount.root = unescaped(next_word(line));
    mount.point = unescaped(next_word(line));
    mount.type = next_word(behind);
    mounts.push_back(std::move(mount));
  }
  return mounts;
}

}  // namespace gancho
