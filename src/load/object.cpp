// SPDX-License-Identifier: Apache-2.0
#include "load/object.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <iterator>
#include <map>
#include <optional>
#include <string>

#include "gancho.skel.h"
#include "load/kernel_btf.h"
#include "load/libbpf_log.h"
#include "load/pseudo_fs.h"
#include "probe_points.h"

namespace gancho {
namespace {

struct DestroySkeleton {
  void operator()(gancho_bpf* skeleton) const { gancho_bpf__destroy(skeleton); }
};
struct DestroyLink {
  void operator()(bpf_link* link) const { bpf_link__destroy(link); }
};
using Skeleton = std::unique_ptr<gancho_bpf, DestroySkeleton>;
using Link = std::unique_ptr<bpf_link, DestroyLink>;

struct Iterator {
  Link link;
  Fd fd;
};

// libbpf reads a tracepoint's id from a mounted tracefs; ours is found without.
Result<Link> attach_tracepoint(const bpf_program* program) {
  const std::string_view section = bpf_program__section_name(program);  // "tp/CATEGORY/NAME"
  const std::size_t first = section.find('/');
  const std::size_t second = section.find('/', first + 1);
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_TRACEPOINT;
  attributes.size = sizeof(attributes);
  attributes.config =
      TRY(tracepoint_id(section.substr(first + 1, second - first - 1), section.substr(second + 1)));
  // One CPU's event stands for the tracepoint: the program runs wherever it is hit.
  Fd event(static_cast<int>(
      ::syscall(SYS_perf_event_open, &attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC)));
  if (!event.valid()) return fail_libbpf(fmt::format("cannot open {}", section), errno);
  Link link(bpf_program__attach_perf_event(program, event.get()));
  if (!link) return fail_libbpf(fmt::format("cannot attach {}", section), errno);
  (void)event.release();  // the link's now
  return link;
}

Result<Link> attach_program(const bpf_program* program) {
  if (bpf_program__type(program) == BPF_PROG_TYPE_TRACEPOINT) return attach_tracepoint(program);
  Link link(bpf_program__attach(program));
  if (!link)
    return fail_libbpf(fmt::format("cannot attach {}", bpf_program__section_name(program)), errno);
  return link;
}

// Whether a name of hooks.list stands for this program in the object, or for it and others.
bool stands_for(std::string_view name, std::string_view program) {
  return name == program || std::ranges::any_of(k_probe_points, [&](const ProbePoint& point) {
           return point.name == name && point.program == program;
         });
}

bool at_return(const ProbePoint& point) {
  return point.program.starts_with("ret");
}

Result<Link> attach_multi(const bpf_program* program, const bpf_kprobe_multi_opts& options,
                          std::string_view first) {
  Link link(bpf_program__attach_kprobe_multi_opts(program, nullptr, &options));
  if (!link)
    return fail_libbpf(
        fmt::format("cannot attach {} to {} and others", bpf_program__name(program), first), errno);
  return link;
}

// One program on many functions: one link, and one wait for the kernel to take it away again.
Result<Link> attach_at_once(const bpf_program* program, std::span<const ProbePoint* const> points) {
  std::vector<const char*> functions;
  std::vector<__u64> cookies;
  for (const ProbePoint* point : points) {
    functions.push_back(point->function);
    cookies.push_back(point->cookie);
  }
  bpf_kprobe_multi_opts options{};
  options.sz = sizeof(options);
  options.syms = functions.data();
  options.cookies = cookies.data();
  options.cnt = functions.size();
  options.retprobe = at_return(*points[0]);
  return attach_multi(program, options, functions[0]);
}

Result<Link> attach_probe(const bpf_program* program, const ProbePoint& point) {
  bpf_kprobe_opts options{};
  options.sz = sizeof(options);
  options.bpf_cookie = point.cookie;
  options.retprobe = at_return(point);
  Link link(bpf_program__attach_kprobe_opts(program, point.function, &options));
  if (!link)
    return fail_libbpf(fmt::format("cannot attach {} to {}", point.program, point.function), errno);
  return link;
}

// A link, and the functions that it is on.
struct ProbeLink {
  Link link;
  std::vector<const ProbePoint*> points;
};

// The same, of functions of system calls.
struct CallLink {
  const ProbePoint* side;
  Link link;
  std::vector<std::uint64_t> addresses;
};

Result<std::vector<CallLink>> attach_calls(const bpf_program* program, const ProbePoint& side,
                                           std::span<const CallFunction* const> functions,
                                           bool at_once) {
  std::vector<CallLink> links;
  if (at_once) {
    std::vector<std::uint64_t> addresses;
    std::vector<unsigned long> where;  // as libbpf wants them
    for (const CallFunction* function : functions) {
      addresses.push_back(function->address);
      where.push_back(function->address);
    }
    bpf_kprobe_multi_opts options{};
    options.sz = sizeof(options);
    options.addrs = where.data();
    options.cnt = where.size();
    options.retprobe = at_return(side);
    Link link = TRY(attach_multi(program, options, functions[0]->name));
    links.push_back({.side = &side, .link = std::move(link), .addresses = std::move(addresses)});
    return links;
  }
  for (const CallFunction* function : functions) {
    const ProbePoint point{.name = side.name,
                           .program = side.program,
                           .function = function->name.c_str(),
                           .cookie = 0,
                           .where_present = false};
    Link link = TRY(attach_probe(program, point));
    links.push_back({.side = &side, .link = std::move(link), .addresses = {function->address}});
  }
  return links;
}

// `what` it goes over: "task".
Result<Iterator> open_iterator(const bpf_program* program, const bpf_iter_attach_opts* options,
                               std::string_view what) {
  Iterator iterator{.link = Link(bpf_program__attach_iter(program, options)), .fd = Fd()};
  if (!iterator.link) return fail_libbpf(fmt::format("cannot attach the {} iterator", what), errno);
  iterator.fd.reset(bpf_iter_create(bpf_link__fd(iterator.link.get())));
  if (!iterator.fd.valid())
    return fail_libbpf(fmt::format("cannot create the {} iterator", what), errno);
  return iterator;
}

}  // namespace

// Order matters: links go before the programs that they hold.
struct BpfObject::State {
  Skeleton skeleton;
  std::vector<bpf_program*> programs;
  std::vector<Fd> bulk_rings;
  std::uint32_t cpus = 0;
  std::map<std::string_view, Link> links;  // by program
  std::vector<ProbeLink> probes;
  std::vector<CallLink> calls;
  bool probes_at_once = false;
  std::map<std::string_view, bool> present;  // functions that some kernels lack
  std::optional<KernelBtf> btf;              // open while probes are attached

  [[nodiscard]] bpf_program* program(std::string_view name) const;
  [[nodiscard]] bool probed(const ProbePoint& point) const;
  [[nodiscard]] Result<bool> is_present(const ProbePoint& point);
  [[nodiscard]] Status attach_probes(std::span<const std::string_view> names);
  [[nodiscard]] Status attach_calls_of(const ProbePoint& side,
                                       std::span<const CallFunction> functions);
};

bpf_program* BpfObject::State::program(std::string_view name) const {
  const auto at = std::ranges::find(programs, name, bpf_program__name);
  return at == programs.end() ? nullptr : *at;
}

bool BpfObject::State::probed(const ProbePoint& point) const {
  return std::ranges::any_of(probes, [&](const ProbeLink& link) {
    return std::ranges::find(link.points, &point) != link.points.end();
  });
}

Result<bool> BpfObject::State::is_present(const ProbePoint& point) {
  if (!point.where_present) return true;
  const auto [known, is_new] = present.try_emplace(point.function, false);
  if (is_new) {
    if (!btf) btf = TRY(KernelBtf::create());
    known->second = btf->function(point.function) != 0;
  }
  return known->second;
}

Status BpfObject::State::attach_probes(std::span<const std::string_view> names) {
  std::map<std::string_view, std::vector<const ProbePoint*>> missing;  // by program
  for (const ProbePoint& point : k_probe_points)
    if (point.function != nullptr && std::ranges::find(names, point.name) != names.end() &&
        !probed(point) && TRY(is_present(point)))
      missing[point.program].push_back(&point);
  for (const auto& [name, points] : missing) {
    const bpf_program* one = program(name);
    if (one == nullptr)
      return fail(Errc::internal, fmt::format("the program {} was not loaded", name));
    if (probes_at_once) {
      probes.push_back({TRY(attach_at_once(one, points)), points});
      continue;
    }
    for (const ProbePoint* point : points)
      probes.push_back({TRY(attach_probe(one, *point)), {point}});
  }
  return {};
}

Status BpfObject::State::attach_calls_of(const ProbePoint& side,
                                         std::span<const CallFunction> functions) {
  const auto attached = [&](std::uint64_t address) {
    return std::ranges::any_of(calls, [&](const CallLink& link) {
      return link.side == &side &&
             std::ranges::find(link.addresses, address) != link.addresses.end();
    });
  };
  std::vector<const CallFunction*> missing;
  for (const CallFunction& function : functions)
    if ((function.returns || !at_return(side)) && !attached(function.address))
      missing.push_back(&function);
  if (missing.empty()) return {};
  const bpf_program* one = program(side.program);
  if (one == nullptr)
    return fail(Errc::internal, fmt::format("the program {} was not loaded", side.program));
  std::ranges::move(TRY(attach_calls(one, side, missing, probes_at_once)),
                    std::back_inserter(calls));
  return {};
}

BpfObject::BpfObject(std::unique_ptr<State> state) : state_(std::move(state)) {}
BpfObject::BpfObject(BpfObject&&) noexcept = default;
BpfObject& BpfObject::operator=(BpfObject&&) noexcept = default;
BpfObject::~BpfObject() = default;

Result<BpfObject> BpfObject::load(const ObjectOptions& options) {
  capture_libbpf_log();
  auto state = std::make_unique<State>();
  state->skeleton.reset(gancho_bpf__open());
  if (!state->skeleton) return fail_libbpf("cannot open the BPF object", errno);
  gancho_bpf& skeleton = *state->skeleton;

  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, skeleton.obj) {
    const std::string_view name = bpf_program__name(program);
    const bool wanted = std::ranges::any_of(
        options.programs, [&](std::string_view asked) { return stands_for(asked, name); });
    bpf_program__set_autoload(program, wanted);
    if (!wanted) continue;
    state->programs.push_back(program);
    // Made for kprobe.multi; the kernel takes it for single functions when nothing is said.
    if (!options.probes_at_once &&
        bpf_program__expected_attach_type(program) == BPF_TRACE_KPROBE_MULTI)
      bpf_program__set_expected_attach_type(program, bpf_attach_type{});
  }
  state->probes_at_once = options.probes_at_once;

  const int cpus = libbpf_num_possible_cpus();
  if (cpus < 0) return fail_libbpf("cannot count the CPUs", cpus);
  state->cpus = static_cast<std::uint32_t>(cpus);
  skeleton.rodata->settings.args_max = options.args_max;
  skeleton.rodata->settings.bulk_ring_mask = options.bulk_rings - 1;
  skeleton.rodata->settings.vital_ring_bytes = options.vital_ring_bytes;
  skeleton.rodata->settings.bulk_ring_bytes = options.bulk_ring_bytes;
  skeleton.rodata->settings.containers = options.containers;
  skeleton.rodata->settings.container_tasks = options.container_tasks ? 1 : 0;
  skeleton.rodata->settings.machine_mnt_ns = options.machine_mnt_ns;
  options.bare.copy_to(skeleton.rodata->settings.bare);
  skeleton.rodata->settings.cpu_mask = std::bit_ceil(state->cpus) - 1;
  if (const int error = bpf_map__set_value_size(skeleton.maps.bss_account,
                                                std::bit_ceil(state->cpus) * sizeof(account_cpu));
      error != 0)
    return fail_libbpf("cannot size the account", error);
  bpf_map__set_max_entries(skeleton.maps.vital_ring, options.vital_ring_bytes);
  bpf_map__set_max_entries(skeleton.maps.bulk_rings, options.bulk_rings);
  bpf_map__set_max_entries(skeleton.maps.containers, options.containers_max);

  if (!options.handed_over) {
    bpf_map__set_max_entries(skeleton.maps.handed_files, 1);
    bpf_map__set_max_entries(skeleton.maps.handed_to, 1);
  }

  if (const int error = gancho_bpf__load(&skeleton); error != 0)
    return fail_libbpf("cannot load the BPF programs", error);

  for (std::uint32_t i = 0; i < options.bulk_rings; ++i) {
    const int ring =
        bpf_map_create(BPF_MAP_TYPE_RINGBUF, "bulk_ring", 0, 0, options.bulk_ring_bytes, nullptr);
    if (ring < 0) return fail_libbpf("cannot create a bulk ring", ring);
    state->bulk_rings.emplace_back(ring);
    const int error =
        bpf_map_update_elem(bpf_map__fd(skeleton.maps.bulk_rings), &i, &ring, BPF_ANY);
    if (error != 0) return fail_libbpf("cannot install a bulk ring", error);
  }
  return BpfObject(std::move(state));
}

Status BpfObject::attach(std::span<const std::string_view> programs,
                         std::span<const CallFunction> calls) {
  for (bpf_program* program : state_->programs) {
    const std::string_view name = bpf_program__name(program);
    // An iterator runs when it is read, see visit_tasks(). Probes go by the functions' names.
    if (std::ranges::find(programs, name) == programs.end() || state_->links.contains(name) ||
        bpf_program__expected_attach_type(program) == BPF_TRACE_ITER)
      continue;
    state_->links.emplace(name, TRY(attach_program(program)));
  }
  const Status attached = state_->attach_probes(programs);
  state_->btf.reset();
  if (!attached) return attached;
  // Returns first: a call that was entered unseen is none that was lost.
  for (const bool returns : {true, false})
    for (const ProbePoint& side : k_probe_points)
      if (side.function == nullptr && at_return(side) == returns &&
          std::ranges::find(programs, side.name) != programs.end())
        TRY(state_->attach_calls_of(side, calls));
  return {};
}

void BpfObject::detach_all_but(std::span<const std::string_view> programs,
                               std::span<const CallFunction> calls) {
  const auto wanted = [&](std::string_view name) {
    return std::ranges::find(programs, name) != programs.end();
  };
  std::erase_if(state_->links, [&](const auto& link) { return !wanted(link.first); });
  std::erase_if(state_->probes, [&](const ProbeLink& probe) {
    return std::ranges::none_of(probe.points,
                                [&](const ProbePoint* point) { return wanted(point->name); });
  });
  std::erase_if(state_->calls, [&](const CallLink& link) {
    return !wanted(link.side->name) || std::ranges::none_of(calls, [&](const CallFunction& call) {
      return std::ranges::find(link.addresses, call.address) != link.addresses.end();
    });
  });
}

Status BpfObject::wait_for_programs() const {
  // The kernel waits for all programs whenever a map in a map is replaced
  // (maybe_wait_bpf_programs()), also when by itself; there is no call that does just this.
  const std::uint32_t first = 0;
  const int ring = state_->bulk_rings[0].get();
  const int error =
      bpf_map_update_elem(bpf_map__fd(state_->skeleton->maps.bulk_rings), &first, &ring, BPF_ANY);
  if (error != 0) return fail_libbpf("cannot wait for the BPF programs", error);
  return {};
}

Result<TaskVisit> BpfObject::visit_tasks(VisitDepth depth) {
  const auto loaded = [](const bpf_program* program) { return bpf_program__fd(program) >= 0; };
  const RingGauge gauge = TRY(RingGauge::create(vital_ring_fd()));
  const RingRoom room{.gauge = &gauge,
                      .ring_bytes = bpf_map__max_entries(state_->skeleton->maps.vital_ring)};

  TaskVisit visit;
  if (const bpf_program* program = state_->skeleton->progs.iter_s__task;
      depth == VisitDepth::memory && loaded(program)) {
    const Iterator iterator = TRY(open_iterator(program, nullptr, "task"));
    visit.held_up = !TRY(visit_apart(iterator.fd.get(), room));
    if (!visit.held_up) return visit;
  }
  // This kernel has no iterators: said by `check`.
  if (const bpf_program* program = state_->skeleton->progs.iter__task; loaded(program)) {
    const Iterator iterator = TRY(open_iterator(program, nullptr, "task"));
    TRY(visit_here(iterator.fd.get(), room));
  }
  return visit;
}

Status BpfObject::visit_cgroups(int cgroup_root) {
  const bpf_program* program = state_->skeleton->progs.iter__cgroup;
  if (bpf_program__fd(program) < 0) return {};  // this kernel has none: said by `check`
  bpf_iter_link_info where{};
  where.cgroup.order = BPF_CGROUP_ITER_DESCENDANTS_PRE;
  where.cgroup.cgroup_fd = static_cast<std::uint32_t>(cgroup_root);
  bpf_iter_attach_opts options{};
  options.sz = sizeof(options);
  options.link_info = &where;
  options.link_info_len = sizeof(where);
  const Iterator iterator = TRY(open_iterator(program, &options, "cgroup"));
  std::array<char, 4096> nothing;  // the program prints nothing; reading makes it run
  for (;;) {
    const ssize_t n = ::read(iterator.fd.get(), nothing.data(), nothing.size());
    if (n == 0) return {};
    if (n < 0 && errno != EINTR && errno != EAGAIN)
      return fail_errno("cannot read the cgroup iterator", errno);
  }
}

Result<WatchSet> BpfObject::find_files(std::span<const std::string> paths) const {
  const bpf_program* program = state_->skeleton->progs.iter__task_file;
  if (bpf_program__fd(program) < 0) return WatchSet{};
  return find_watched_files(paths, [&]() -> Result<std::vector<descriptor_file>> {
    bpf_iter_link_info where{};
    where.task.tid = static_cast<std::uint32_t>(::gettid());
    bpf_iter_attach_opts options{};
    options.sz = sizeof(options);
    options.link_info = &where;
    options.link_info_len = sizeof(where);
    Result<Iterator> iterator = open_iterator(program, &options, "descriptor");
    // Before 6.1 it goes over everybody's; the program tells of ours only.
    if (!iterator) iterator = open_iterator(program, nullptr, "descriptor");
    if (!iterator) return std::unexpected(iterator.error());
    std::vector<descriptor_file> all;
    std::array<descriptor_file, 64> some{};
    std::size_t got = 0;  // bytes of them
    for (;;) {
      const ssize_t n = ::read(iterator->fd.get(), reinterpret_cast<char*>(some.data()) + got,
                               sizeof(some) - got);
      if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (n < 0) return fail_errno("cannot read the descriptor iterator", errno);
      if (n == 0) return all;
      got += static_cast<std::size_t>(n);
      const std::size_t whole = got / sizeof(descriptor_file);
      all.insert(all.end(), some.begin(), some.begin() + static_cast<std::ptrdiff_t>(whole));
      got -= whole * sizeof(descriptor_file);
      if (got != 0) some[0] = some[whole];
    }
  });
}

Status BpfObject::write_files(const WatchSet& files, bool second) const {
  return write_watch_set(bpf_map__fd(state_->skeleton->maps.watched_files),
                         bpf_map__fd(state_->skeleton->maps.watched_names), files, second);
}

Status BpfObject::count_skipped(Doorbell& bell) const {
  for (std::size_t i = 0; i < state_->programs.size() && i < DOORBELL_MAX_HOOKS; ++i) {
    bpf_prog_info info{};
    std::uint32_t bytes = sizeof(info);
    const int error = bpf_prog_get_info_by_fd(bpf_program__fd(state_->programs[i]), &info, &bytes);
    if (error != 0) return fail_libbpf("cannot read a program's count of skipped runs", error);
    bell.shared().skipped[i] = info.recursion_misses;
  }
  return {};
}

std::vector<std::string_view> BpfObject::program_names() const {
  std::vector<std::string_view> names;
  for (const bpf_program* program : state_->programs)
    names.emplace_back(bpf_program__name(program));
  return names;
}

int BpfObject::vital_ring_fd() const {
  return bpf_map__fd(state_->skeleton->maps.vital_ring);
}
int BpfObject::bulk_ring_fd(std::size_t index) const {
  return state_->bulk_rings[index].get();
}
std::size_t BpfObject::bulk_rings() const {
  return state_->bulk_rings.size();
}
int BpfObject::account_fd() const {
  return bpf_map__fd(state_->skeleton->maps.bss_account);
}
int BpfObject::doorbell_fd() const {
  return bpf_map__fd(state_->skeleton->maps.data_doorbell);
}
int BpfObject::policy_fd() const {
  return bpf_map__fd(state_->skeleton->maps.data_policy);
}
std::uint32_t BpfObject::cpus() const {
  return state_->cpus;
}

}  // namespace gancho
