// SPDX-License-Identifier: Apache-2.0
#include "attached/specimens.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/netfilter.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "base/fd.h"

#include "specimens.skel.h"

extern "C" {
[[gnu::noinline, gnu::used]] void specimen_probed_one() {
  asm volatile("nop");
}
[[gnu::noinline, gnu::used]] void specimen_probed_two() {
  asm volatile("nop");
}
}

namespace gancho::test {

const std::string Specimens::k_container =
    "3f4ea2b1c0d95867a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718";
const std::string Specimens::k_pins = "/tmp/specimen pins";
const std::string Specimens::k_program = std::filesystem::canonical("/proc/self/exe");

namespace {

const std::string k_cgroup = "/sys/fs/cgroup/docker-" + Specimens::k_container + ".scope";

void must(bool happened, const std::string& what) {
  if (!happened) throw std::runtime_error(what + ": " + std::strerror(errno));
}

// Keeps what a call made for as long as the process lives.
bpf_link* keep(bpf_link* link, const std::string& what) {
  must(link != nullptr, "attaching " + what);
  return link;
}

int counter() {
  perf_event_attr attributes{};
  attributes.size = sizeof(attributes);
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.config = PERF_COUNT_SW_CONTEXT_SWITCHES;
  attributes.sample_period = 1000000000;
  const int fd =
      static_cast<int>(syscall(SYS_perf_event_open, &attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC));
  must(fd >= 0, "perf_event_open");
  return fd;
}

// In its own object, because it has to know the other's program.
void attach_to_program(int target) {
  specimens_bpf* skeleton = specimens_bpf__open();
  must(skeleton != nullptr, "opening specimens");
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, skeleton->obj) bpf_program__set_autoload(program, false);
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, skeleton->obj) bpf_map__set_autocreate(map, false);
  bpf_program__set_autoload(skeleton->progs.sp_freplace, true);
  bpf_program__set_autoload(skeleton->progs.sp_of_program, true);
  must(bpf_program__set_attach_target(skeleton->progs.sp_freplace, target, "replaced") == 0,
       "target of freplace");
  must(bpf_program__set_attach_target(skeleton->progs.sp_of_program, target, "sp_target") == 0,
       "target of fentry");
  must(specimens_bpf__load(skeleton) == 0, "loading what is for a program");
  keep(bpf_program__attach_trace(skeleton->progs.sp_of_program), "sp_of_program");
  keep(bpf_program__attach_freplace(skeleton->progs.sp_freplace, 0, nullptr), "sp_freplace");
}

void attach_kprobes(specimens_bpf* skeleton) {
  keep(bpf_program__attach_kprobe(skeleton->progs.sp_kprobe, false, "bpf_fentry_test3"),
       "sp_kprobe");
  keep(bpf_program__attach_kprobe(skeleton->progs.sp_kretprobe, true, "bpf_fentry_test4"),
       "sp_kretprobe");
  for (const auto& [mode, function, program] :
       {std::tuple{PROBE_ATTACH_MODE_PERF, "bpf_fentry_test5", skeleton->progs.sp_kprobe_ioctl},
        std::tuple{PROBE_ATTACH_MODE_PERF, "bpf_fentry_test6", skeleton->progs.sp_kprobe_ioctl},
        std::tuple{PROBE_ATTACH_MODE_LEGACY, "bpf_fentry_test7",
                   skeleton->progs.sp_kprobe_legacy}}) {
    LIBBPF_OPTS(bpf_kprobe_opts, options);
    options.attach_mode = mode;
    keep(bpf_program__attach_kprobe_opts(program, function, &options), function);
  }
  for (const char* function : {"bpf_fentry_test6", "bpf_fentry_test5", "bpf_fentry_test8"})
    keep(bpf_program__attach_kprobe(skeleton->progs.sp_kprobe_many, false, function), function);
  if (!has_kprobe_multi()) return;
  LIBBPF_OPTS(bpf_kprobe_multi_opts, options);
  std::array functions{"bpf_fentry_test1", "bpf_fentry_test2", "ovl_statfs"};
  options.syms = functions.data();
  options.cnt = functions.size();
  keep(bpf_program__attach_kprobe_multi_opts(skeleton->progs.sp_multi, nullptr, &options),
       "sp_multi");
  options.cnt = 1;
  options.retprobe = true;
  keep(bpf_program__attach_kprobe_multi_opts(skeleton->progs.sp_ret_multi, nullptr, &options),
       "sp_ret_multi");
}

void attach_uprobes(specimens_bpf* skeleton) {
  const char* file = Specimens::k_program.c_str();
  for (const bool returns : {false, true}) {
    LIBBPF_OPTS(bpf_uprobe_opts, options);
    options.func_name = Specimens::k_probed[returns ? 1 : 0];
    options.retprobe = returns;
    keep(bpf_program__attach_uprobe_opts(
             returns ? skeleton->progs.sp_uretprobe : skeleton->progs.sp_uprobe, -1, file, 0,
             &options),
         "a uprobe");
  }
  if (!is_at_least(6, 8)) return;
  LIBBPF_OPTS(bpf_uprobe_multi_opts, options);
  std::array functions{Specimens::k_probed[0], Specimens::k_probed[1]};
  options.syms = functions.data();
  options.cnt = functions.size();
  keep(bpf_program__attach_uprobe_multi(skeleton->progs.sp_uprobe_multi, -1, file, nullptr,
                                        &options),
       "sp_uprobe_multi");
}

void attach_samples(specimens_bpf* skeleton) {
  keep(bpf_program__attach_perf_event(skeleton->progs.sp_sample, counter()), "sp_sample");
  LIBBPF_OPTS(bpf_perf_event_opts, options);
  options.force_ioctl_attach = true;
  keep(bpf_program__attach_perf_event_opts(skeleton->progs.sp_sample_ioctl, counter(), &options),
       "sp_sample_ioctl");
}

void attach_iterators(specimens_bpf* skeleton) {
  keep(bpf_program__attach_iter(skeleton->progs.sp_iter, nullptr), "sp_iter");
  bpf_iter_link_info info{};
  info.map.map_fd = static_cast<__u32>(bpf_map__fd(skeleton->maps.counts));
  LIBBPF_OPTS(bpf_iter_attach_opts, options);
  options.link_info = &info;
  options.link_info_len = sizeof(info);
  keep(bpf_program__attach_iter(skeleton->progs.sp_iter_map, &options), "sp_iter_map");
}

void fill_maps(specimens_bpf* skeleton) {
  const std::uint32_t third = 3;
  const int tail = bpf_program__fd(skeleton->progs.sp_tail);
  must(bpf_map_update_elem(bpf_map__fd(skeleton->maps.jumps), &third, &tail, BPF_ANY) == 0,
       "a tail call");
  const std::uint32_t first = 0;
  bpf_cpumap_val value{};
  value.qsize = 16;
  value.bpf_prog.fd = bpf_program__fd(skeleton->progs.sp_cpumap);
  must(bpf_map_update_elem(bpf_map__fd(skeleton->maps.processors), &first, &value, BPF_ANY) == 0,
       "a processor");
  const std::uint32_t key = 70;
  bpf_devmap_val device{};
  device.ifindex = 1;  // lo
  device.bpf_prog.fd = bpf_program__fd(skeleton->progs.sp_devmap);
  must(bpf_map_update_elem(bpf_map__fd(skeleton->maps.devices), &key, &device, BPF_ANY) == 0,
       "a device");
}

void attach_the_rest(specimens_bpf* skeleton) {
  for (bpf_program* program :
       {skeleton->progs.sp_raw, skeleton->progs.sp_tp_btf, skeleton->progs.sp_tp,
        skeleton->progs.sp_tp_call, skeleton->progs.sp_fentry_whose_name_is_long,
        skeleton->progs.sp_module, skeleton->progs.sp_fmod_ret, skeleton->progs.sp_lsm})
    keep(bpf_program__attach(program), bpf_program__name(program));
  perf_event_attr attributes{};
  attributes.size = sizeof(attributes);
  attributes.type = PERF_TYPE_TRACEPOINT;
  std::ifstream("/sys/kernel/tracing/events/oom/mark_victim/id") >> attributes.config;
  const int event =
      static_cast<int>(syscall(SYS_perf_event_open, &attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC));
  must(event >= 0, "perf event of a tracepoint");
  LIBBPF_OPTS(bpf_perf_event_opts, options);
  options.force_ioctl_attach = true;
  keep(bpf_program__attach_perf_event_opts(skeleton->progs.sp_tp_ioctl, event, &options),
       "sp_tp_ioctl");

  keep(bpf_map__attach_struct_ops(skeleton->maps.sp_plain), "sp_plain");
  if (is_at_least(6, 4)) {
    keep(bpf_map__attach_struct_ops(skeleton->maps.sp_linked), "sp_linked");
    LIBBPF_OPTS(bpf_netfilter_opts, netfilter);
    netfilter.pf = NFPROTO_IPV4;
    netfilter.hooknum = NF_INET_LOCAL_IN;
    netfilter.priority = -128;
    keep(bpf_program__attach_netfilter(skeleton->progs.sp_netfilter, &netfilter), "sp_netfilter");
  }
}

void attach_elsewhere(specimens_bpf* skeleton) {
  must(::unshare(CLONE_NEWNET) == 0, "a network namespace");
  if (!is_at_least(6, 4)) return;
  LIBBPF_OPTS(bpf_netfilter_opts, netfilter);
  netfilter.pf = NFPROTO_IPV6;
  netfilter.hooknum = NF_INET_LOCAL_OUT;
  netfilter.priority = 5;
  keep(bpf_program__attach_netfilter(skeleton->progs.sp_netfilter, &netfilter), "sp_netfilter");
}

void pin(specimens_bpf* skeleton) {
  const std::string in = Specimens::k_pins + "/deep";
  must(::mkdir(Specimens::k_pins.c_str(), 0700) == 0 || errno == EEXIST, "a folder for pins");
  must(::mount("bpf", Specimens::k_pins.c_str(), "bpf", 0, nullptr) == 0, "a place for pins");
  must(::mkdir(in.c_str(), 0700) == 0, in);
  must(bpf_obj_pin(bpf_program__fd(skeleton->progs.sp_pinned), (in + "/prog").c_str()) == 0,
       "pinning a program");
  must(bpf_obj_pin(bpf_map__fd(skeleton->maps.counts), (in + "/map").c_str()) == 0,
       "pinning a map");
  const bpf_link* link = keep(bpf_program__attach(skeleton->progs.sp_fexit), "sp_fexit");
  must(bpf_obj_pin(bpf_link__fd(link), (in + "/link").c_str()) == 0, "pinning a link");
  bpf_link* alone =
      keep(bpf_program__attach_kprobe(skeleton->progs.sp_kprobe_pinned, false, "bpf_fentry_test1"),
           "sp_kprobe_pinned");
  must(bpf_link__pin(alone, (in + "/alone").c_str()) == 0, "pinning a link");
  bpf_link__destroy(alone);
  bpf_program__unload(skeleton->progs.sp_kprobe_pinned);
}

// A program that a socket keeps, and nobody else.
void give_to_socket(specimens_bpf* skeleton) {
  const int program = bpf_program__fd(skeleton->progs.sp_socket);
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  must(socket >= 0 &&
           ::setsockopt(socket, SOL_SOCKET, SO_ATTACH_BPF, &program, sizeof(program)) == 0,
       "a socket's filter");
  bpf_program__unload(skeleton->progs.sp_socket);
}

specimens_bpf* become_owner() {
  must(::prctl(PR_SET_NAME, Specimens::k_name) == 0, "its name");
  must(::mkdir(k_cgroup.c_str(), 0755) == 0 || errno == EEXIST, k_cgroup);
  std::ofstream(k_cgroup + "/cgroup.procs") << ::getpid() << std::flush;

  specimens_bpf* skeleton = specimens_bpf__open();
  must(skeleton != nullptr, "opening specimens");
  bpf_program__set_autoload(skeleton->progs.sp_freplace, false);
  bpf_program__set_autoload(skeleton->progs.sp_of_program, false);
  bpf_map__set_autocreate(skeleton->maps.sp_linked, is_at_least(6, 4));
  bpf_program__set_autoload(skeleton->progs.sp_netfilter, is_at_least(6, 4));
  bpf_program__set_autoload(skeleton->progs.sp_multi, has_kprobe_multi());
  bpf_program__set_autoload(skeleton->progs.sp_ret_multi, has_kprobe_multi());
  bpf_program__set_autoload(skeleton->progs.sp_uprobe_multi, is_at_least(6, 8));
  must(specimens_bpf__load(skeleton) == 0, "loading specimens");
  attach_kprobes(skeleton);
  attach_uprobes(skeleton);
  attach_samples(skeleton);
  attach_iterators(skeleton);
  attach_the_rest(skeleton);
  fill_maps(skeleton);
  attach_to_program(bpf_program__fd(skeleton->progs.sp_target));
  pin(skeleton);
  give_to_socket(skeleton);
  bpf_program__unload(skeleton->progs.sp_pinned);
  return skeleton;
}

void wait_for_end_of(int pipe) {
  char end = 0;
  (void)!::read(pipe, &end, 1);
}

// Writes what went wrong, or nothing; does not return.
[[noreturn]] void be_second(specimens_bpf* skeleton, int order, int answer) {
  try {
    attach_elsewhere(skeleton);
  } catch (const std::exception& error) {
    const std::string_view word = error.what();
    (void)!::write(answer, word.data(), word.size());
  }
  const pid_t first = ::gettid();
  std::thread([=] {
    // Until the first has ended: a zombie, as long as there are others.
    std::string state;
    while (state != "Z") {
      std::ifstream status("/proc/self/task/" + std::to_string(first) + "/status");
      for (std::string word; status >> word && word != "State:";) {
      }
      status >> state;
    }
    ::close(answer);
    wait_for_end_of(order);
    ::_exit(0);
  }).detach();
  ::syscall(SYS_exit, 0);
  std::abort();
}

}  // namespace

bool is_at_least(int major, int minor) {
  utsname name{};
  ::uname(&name);
  int has_major = 0;
  int has_minor = 0;
  if (std::sscanf(name.release, "%d.%d", &has_major, &has_minor) != 2) return false;
  return std::pair(has_major, has_minor) >= std::pair(major, minor);
}

// Debian's 6.1 has none.
bool has_kprobe_multi() {
  return is_at_least(6, 6);
}

Specimens::Specimens() {
  int order[2];
  int answer[2];
  must(::pipe2(order, O_CLOEXEC) == 0 && ::pipe2(answer, O_CLOEXEC) == 0, "pipes");
  const pid_t child = ::fork();
  must(child >= 0, "fork");
  pid_ = child;
  if (child == 0) {
    ::close(order[1]);
    ::close(answer[0]);
    std::string word = "ready ";
    pid_t second = -1;
    try {
      specimens_bpf* skeleton = become_owner();
      second = ::fork();
      if (second == 0) be_second(skeleton, order[0], answer[1]);
    } catch (const std::exception& error) {
      word = error.what();
    }
    word = std::to_string(second) + " " + word;
    (void)!::write(answer[1], word.data(), word.size());
    ::close(answer[1]);
    wait_for_end_of(order[0]);
    if (second > 0) ::waitpid(second, nullptr, 0);
    ::_exit(0);
  }
  ::close(order[0]);
  ::close(answer[1]);
  order_ = order[1];
  std::string word;
  char letter = 0;
  while (::read(answer[0], &letter, 1) == 1) word += letter;
  ::close(answer[0]);
  // Either may be the first to write.
  const auto at = word.find_first_of("0123456789");
  if (at != std::string::npos) second_ = std::atoi(word.c_str() + at);
  if (word != std::to_string(second_) + " ready ") throw std::runtime_error("specimens: " + word);
}

Specimens::~Specimens() {
  ::close(order_);
  ::waitpid(pid_, nullptr, 0);
  ::umount2(k_pins.c_str(), MNT_DETACH);
  ::rmdir(k_pins.c_str());
  ::rmdir(k_cgroup.c_str());
}

}  // namespace gancho::test
