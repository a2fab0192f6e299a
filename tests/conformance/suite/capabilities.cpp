// SPDX-License-Identifier: Apache-2.0
#include "conformance/suite/capabilities.h"

#include <array>
#include <cctype>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "conformance/suite/words.h"

namespace gancho::test {
namespace {

constexpr auto k_names = std::to_array<std::string_view>({"chown",
                                                          "dac_override",
                                                          "dac_read_search",
                                                          "fowner",
                                                          "fsetid",
                                                          "kill",
                                                          "setgid",
                                                          "setuid",
                                                          "setpcap",
                                                          "linux_immutable",
                                                          "net_bind_service",
                                                          "net_broadcast",
                                                          "net_admin",
                                                          "net_raw",
                                                          "ipc_lock",
                                                          "ipc_owner",
                                                          "sys_module",
                                                          "sys_rawio",
                                                          "sys_chroot",
                                                          "sys_ptrace",
                                                          "sys_pacct",
                                                          "sys_admin",
                                                          "sys_boot",
                                                          "sys_nice",
                                                          "sys_resource",
                                                          "sys_time",
                                                          "sys_tty_config",
                                                          "mknod",
                                                          "lease",
                                                          "audit_write",
                                                          "audit_control",
                                                          "setfcap",
                                                          "mac_override",
                                                          "mac_admin",
                                                          "syslog",
                                                          "wake_alarm",
                                                          "block_suspend",
                                                          "audit_read",
                                                          "perfmon",
                                                          "bpf",
                                                          "checkpoint_restore"});
constexpr std::uint64_t k_all = (1ULL << k_names.size()) - 1;

std::uint64_t mask_of(std::string_view names) {
  if (names.empty()) return k_all;
  std::uint64_t mask = 0;
  while (!names.empty()) {
    std::string name(names.substr(0, names.find(',')));
    names.remove_prefix(std::min(names.size(), name.size() + 1));
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (name == "all") {
      mask |= k_all;
      continue;
    }
    std::size_t bit = 0;
    while (bit < k_names.size() && name != "cap_" + std::string(k_names[bit])) ++bit;
    if (bit == k_names.size()) throw std::runtime_error("no capability: " + name);
    mask |= 1ULL << bit;
  }
  return mask;
}

}  // namespace

vfs_cap_data read_capabilities(std::string_view text) {
  std::uint64_t effective = 0;
  std::uint64_t permitted = 0;
  std::uint64_t inheritable = 0;
  for (const std::string& clause : split_words(text)) {
    const std::size_t names_end = clause.find_first_of("=+-");
    if (names_end == std::string::npos)
      throw std::runtime_error("no capabilities: " + std::string(text));
    const std::uint64_t mask = mask_of(clause.substr(0, names_end));
    char operation = '=';
    for (const char c : clause.substr(names_end)) {
      const auto apply = [&](std::uint64_t& set) {
        set = operation == '-' ? set & ~mask : set | mask;
      };
      switch (c) {
        case '=':
          effective &= ~mask;
          permitted &= ~mask;
          inheritable &= ~mask;
          [[fallthrough]];
        case '+':
        case '-':
          operation = c;
          break;
        case 'e':
          apply(effective);
          break;
        case 'p':
          apply(permitted);
          break;
        case 'i':
          apply(inheritable);
          break;
        default:
          throw std::runtime_error("no capabilities: " + std::string(text));
      }
    }
  }
  vfs_cap_data data{};
  data.magic_etc = VFS_CAP_REVISION_2 | (effective != 0 ? VFS_CAP_FLAGS_EFFECTIVE : 0);
  data.data[0].permitted = static_cast<std::uint32_t>(permitted);
  data.data[0].inheritable = static_cast<std::uint32_t>(inheritable);
  data.data[1].permitted = static_cast<std::uint32_t>(permitted >> 32);
  data.data[1].inheritable = static_cast<std::uint32_t>(inheritable >> 32);
  return data;
}

}  // namespace gancho::test
