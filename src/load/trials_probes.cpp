// SPDX-License-Identifier: Apache-2.0
//
// Probes that are put into code: kprobes, uprobes; and programs that sample.
#include <bpf/bpf.h>
#include <fcntl.h>
#include <link.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <utility>

#include "load/perf.h"
#include "load/pseudo_fs.h"
#include "load/trials.h"

namespace gancho {
namespace {

// What the uprobe sits on. Never called.
[[gnu::noinline, gnu::used]] void probed_function() {
  asm volatile("nop");
}

// Where in our own file a function lies: what a uprobe is placed by.
std::optional<std::uint64_t> file_offset(void (*function)()) {
  struct Search {
    std::uintptr_t address;
    std::optional<std::uint64_t> offset;
  } search{reinterpret_cast<std::uintptr_t>(function), {}};
  dl_iterate_phdr(
      [](dl_phdr_info* object, std::size_t, void* data) {
        auto& wanted = *static_cast<Search*>(data);
        for (int i = 0; i < object->dlpi_phnum; ++i) {
          const auto& segment = object->dlpi_phdr[i];
          const std::uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
          if (segment.p_type == PT_LOAD && wanted.address >= begin &&
              wanted.address < begin + segment.p_filesz) {
            wanted.offset = wanted.address - begin + segment.p_offset;
          }
        }
        return 1;  // the first object is our own binary
      },
      &search);
  return search.offset;
}

// The numbers by which perf_event_open(2) knows dynamic probes; absent where the kernel has none.
struct ProbePmu {
  std::uint32_t type = 0;
  std::uint64_t return_bit = 0;
};

std::optional<ProbePmu> find_pmu(const std::string& name) {
  const std::string base = "/sys/bus/event_source/devices/" + name;
  const auto type = read_small_file(AT_FDCWD, (base + "/type").c_str());
  const auto bit = read_small_file(AT_FDCWD, (base + "/format/retprobe").c_str());
  if (!type || !bit || !bit->starts_with("config:")) return std::nullopt;
  ProbePmu pmu;
  unsigned shift = 0;
  std::from_chars(type->data(), type->data() + type->size(), pmu.type);
  std::from_chars(bit->data() + std::strlen("config:"), bit->data() + bit->size(), shift);
  pmu.return_bit = 1ULL << shift;
  return pmu;
}

HookResult try_probe(TrialRoom& room, const std::string& pmu_name, bool at_return,
                     std::uint64_t where, std::uint64_t offset, Depth depth, std::string tried) {
  const Attempt program = load_program({.type = BPF_PROG_TYPE_KPROBE});
  if (!program.works()) return refused("", program);
  const auto pmu = find_pmu(pmu_name);
  if (!pmu) {
    return refused("loaded",
                   {.fd = {}, .error = ENOENT, .reason = "this kernel has no " + pmu_name + "s"});
  }
  if (depth == Depth::load) return works("loaded");
  perf_event_attr attributes{};
  attributes.type = pmu->type;
  attributes.config = at_return ? pmu->return_bit : 0;
  attributes.config1 = where;
  attributes.config2 = offset;
  Attempt event = attach_perf_event(attributes, program.fd.get());
  if (!event.works()) return refused("loaded; attaching it", event);
  room.let_go(std::move(event.fd));
  return works(std::move(tried));
}

HookResult try_kernel_probe(TrialRoom& room, bool at_return, Depth depth) {
  return try_probe(room, "kprobe", at_return, reinterpret_cast<std::uintptr_t>(k_idle_function), 0,
                   depth,
                   std::string("attached to ") + k_idle_function + ", which only BPF's tests call");
}

HookResult try_uretprobe_on_ourselves(TrialRoom& room, Depth depth) {
  const auto offset = file_offset(probed_function);
  if (!offset) return not_tried("our own function was not found in our own file");
  static constexpr const char* k_self = "/proc/self/exe";
  return try_probe(room, "uprobe", true, reinterpret_cast<std::uintptr_t>(k_self), *offset, depth,
                   "uretprobe attached to a function of our own, in our own process");
}

HookResult try_user_probe(TrialRoom& room, Depth depth) {
  return depth == Depth::attach ? room.user_probe() : try_uretprobe_on_ourselves(room, depth);
}

}  // namespace

const HookResult& TrialRoom::user_probe() {
  if (!user_probe_) user_probe_ = try_uretprobe_on_ourselves(*this, Depth::attach);
  return *user_probe_;
}

Attempt attach_perf_event(perf_event_attr attributes, int program) {
  attributes.size = sizeof attributes;
  attributes.disabled = 1;
  attributes.sample_period = 1;
  const int fd =
      static_cast<int>(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC));
  if (fd < 0) return attempt_of(-errno);
  Attempt event = attempt_of(fd);
  if (ioctl(fd, PERF_EVENT_IOC_SET_BPF, program) != 0) return attempt_of(-errno);
  return event;
}

HookResult try_kprobe(TrialRoom& room, Depth depth) {
  return try_kernel_probe(room, false, depth);
}

HookResult try_kretprobe(TrialRoom& room, Depth depth) {
  return try_kernel_probe(room, true, depth);
}

HookResult try_kprobe_multi(TrialRoom& room, Depth depth) {
  const Attempt program =
      load_program({.type = BPF_PROG_TYPE_KPROBE, .attach_type = BPF_TRACE_KPROBE_MULTI});
  if (!program.works()) return refused("", program);
  // Loading proves nothing: the kernel looks at the attach type only when it is linked.
  std::array<const char*, 1> symbols{k_idle_function};
  bpf_link_create_opts options{};
  options.sz = sizeof options;
  options.kprobe_multi.syms = symbols.data();
  options.kprobe_multi.cnt = symbols.size();
  if (depth == Depth::load && !find_pmu("kprobe")) {
    return refused("loaded", {.fd = {}, .error = ENOENT, .reason = "this kernel has no kprobes"});
  }
  if (depth == Depth::load) return works("loaded");
  Attempt link = attempt_of(bpf_link_create(program.fd.get(), 0, BPF_TRACE_KPROBE_MULTI, &options));
  if (!link.works()) return refused("loaded; attaching it", link);
  room.let_go(std::move(link.fd));
  return works(std::string("attached to ") + k_idle_function + ", which only BPF's tests call");
}

HookResult try_uprobe(TrialRoom& room, Depth depth) {
  return try_user_probe(room, depth);
}

HookResult try_uretprobe(TrialRoom& room, Depth depth) {
  return try_user_probe(room, depth);
}

HookResult try_perf_event(TrialRoom& /*room*/, Depth depth) {
  const Attempt program = load_program({.type = BPF_PROG_TYPE_PERF_EVENT});
  if (!program.works()) return refused("", program);
  if (depth == Depth::load) return works("loaded");
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.config = PERF_COUNT_SW_CPU_CLOCK;
  const Attempt event = attach_perf_event(attributes, program.fd.get());
  if (!event.works()) return refused("loaded; attaching it", event);
  return works("attached to the CPU clock of our own process, not started");
}

}  // namespace gancho
