// SPDX-License-Identifier: Apache-2.0
#include "load/kernel_facts.h"

#include <bpf/libbpf.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <charconv>

#include "load/libbpf_log.h"
#include "load/pseudo_fs.h"

namespace gancho {
namespace {

// Linux 6.8; younger than the headers of some systems that we are built on.
constexpr long k_sys_lsm_list_modules = 461;

std::optional<int> read_number(const char* path) {
  const auto text = read_small_file(AT_FDCWD, path);
  if (!text) return std::nullopt;
  int value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc{}) return std::nullopt;
  return value;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const auto end = text.find(separator);
    if (end != 0) words.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return words;
}

// Without securityfs: by the system call, which needs neither a mount nor privilege.
std::optional<std::vector<std::string>> ask_security_modules() {
  // LSM_ID_* of <linux/lsm.h>, from 100 on.
  constexpr std::array<std::string_view, 14> k_names{
      "capability", "selinux",  "smack", "tomoyo",   "apparmor", "yama", "loadpin",
      "safesetid",  "lockdown", "bpf",   "landlock", "ima",      "evm",  "ipe"};
  std::array<std::uint64_t, 64> ids{};
  auto size = static_cast<std::uint32_t>(sizeof ids);
  const long count = syscall(k_sys_lsm_list_modules, ids.data(), &size, 0);
  if (count < 0) return std::nullopt;
  std::vector<std::string> names;
  for (long i = 0; i < count; ++i) {
    const std::uint64_t id = ids[static_cast<std::size_t>(i)];
    if (id >= 100 && id - 100 < k_names.size()) {
      names.emplace_back(k_names[id - 100]);
    } else {
      names.push_back(std::string("#").append(std::to_string(id)));
    }
  }
  return names;
}

void read_security(KernelFacts& facts) {
  if (const auto security = open_file_system("securityfs")) {
    if (const auto list = read_small_file(security->get(), "lsm")) {
      facts.security_modules = split(*list, ',');
    }
    if (const auto state = read_small_file(security->get(), "lockdown")) {
      facts.lockdown = marked_word(*state);
    }
  }
  if (!facts.security_modules) facts.security_modules = ask_security_modules();
}

void read_cgroup(KernelFacts& facts) {
  facts.cgroup2_at = mounted_at("cgroup2");
  const bool v1 = !mounted_at("cgroup").empty();
  const bool v2 = !facts.cgroup2_at.empty();
  if (v1 && v2) {
    facts.cgroup = CgroupVersion::hybrid;
  } else if (v1) {
    facts.cgroup = CgroupVersion::v1;
  } else if (v2) {
    facts.cgroup = CgroupVersion::v2;
  }
}

void read_privilege(KernelFacts& facts) {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, 2> data{};
  if (syscall(SYS_capget, &header, data.data()) == 0) {
    facts.capabilities = data[0].effective | static_cast<std::uint64_t>(data[1].effective) << 32;
  }
  // PROC_USER_INIT_INO of <linux/proc_ns.h>
  constexpr ino_t k_initial = 0xEFFFFFFDU;
  struct stat ns{};
  facts.initial_user_namespace = stat("/proc/self/ns/user", &ns) != 0 || ns.st_ino == k_initial;
  rlimit limit{};
  if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0) facts.memlock = limit.rlim_cur;
}

std::string read_preemption(const KernelFacts& facts) {
  // With PREEMPT_DYNAMIC the build says only that it can be chosen; debugfs says what was. Under
  // lockdown the kernel refuses that, and writes a line to its log each time.
  if (facts.lockdown.value_or("none") == "none") {
    const auto debug = open_file_system("debugfs");
    const auto state = debug ? read_small_file(debug->get(), "sched/preempt") : std::nullopt;
    if (state) return std::string(marked_word(*state));
  }
  if (facts.build.contains("PREEMPT_DYNAMIC")) return "";
  if (facts.build.contains("PREEMPT")) return "full";
  return "";
}

}  // namespace

KernelFacts read_kernel_facts() {
  capture_libbpf_log();
  KernelFacts facts;
  utsname name{};
  if (uname(&name) == 0) {
    facts.release = name.release;
    facts.build = name.version;
    facts.architecture = name.machine;
  }
  struct stat btf{};
  if (stat("/sys/kernel/btf/vmlinux", &btf) == 0) {
    facts.btf_bytes = static_cast<std::uint64_t>(btf.st_size);
  }
  read_security(facts);
  read_cgroup(facts);
  read_privilege(facts);
  facts.unprivileged_bpf_disabled = read_number("/proc/sys/kernel/unprivileged_bpf_disabled");
  facts.jit_enable = read_number("/proc/sys/net/core/bpf_jit_enable");
  facts.jit_harden = read_number("/proc/sys/net/core/bpf_jit_harden");
  facts.perf_event_paranoid = read_number("/proc/sys/kernel/perf_event_paranoid");
  facts.tracefs_at = mounted_at("tracefs");
  facts.bpffs_at = mounted_at("bpf");
  facts.securityfs_at = mounted_at("securityfs");
  facts.preemption = read_preemption(facts);
  const int cpus = libbpf_num_possible_cpus();
  facts.possible_cpus = cpus > 0 ? static_cast<std::uint32_t>(cpus) : 0;
  return facts;
}

bool has_capability(const KernelFacts& facts, unsigned capability) {
  return (facts.capabilities >> capability & 1) != 0;
}

std::string missing_privilege(const KernelFacts& facts) {
  if (!facts.initial_user_namespace) return "not in the initial user namespace";
  const bool admin = has_capability(facts, CAP_SYS_ADMIN);
  const bool bpf = admin || has_capability(facts, CAP_BPF);
  const bool perfmon = admin || has_capability(facts, CAP_PERFMON);
  if (bpf && perfmon) return "";
  if (!bpf && !perfmon) return "neither CAP_BPF nor CAP_PERFMON";
  return bpf ? "no CAP_PERFMON" : "no CAP_BPF";
}

std::string_view marked_word(std::string_view text) {
  const auto begin = text.find_first_of("([");
  if (begin == std::string_view::npos) return "";
  const auto end = text.find_first_of(")]", begin);
  if (end == std::string_view::npos) return "";
  return text.substr(begin + 1, end - begin - 1);
}

}  // namespace gancho
