// SPDX-License-Identifier: Apache-2.0
#include "load/syscall_stat.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <span>
#include <tuple>
#include <vector>

#include "base/clock.h"
#include "base/fd.h"
#include "load/kernel_btf.h"
#include "load/libbpf_log.h"
#include "syscall_stat.skel.h"

namespace gancho {
namespace {

struct DestroySkeleton {
  void operator()(syscall_stat_bpf* skeleton) const { syscall_stat_bpf__destroy(skeleton); }
};
struct DestroyLink {
  void operator()(bpf_link* link) const { bpf_link__destroy(link); }
};
using Skeleton = std::unique_ptr<syscall_stat_bpf, DestroySkeleton>;
using Link = std::unique_ptr<bpf_link, DestroyLink>;

// bpf_ktime_get_ns()
std::uint64_t monotonic_now_ns() {
  timespec at{};
  ::clock_gettime(CLOCK_MONOTONIC, &at);
  return static_cast<std::uint64_t>(at.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(at.tv_nsec);
}

struct InOrder {
  bool operator()(const stat_key& a, const stat_key& b) const {
    const auto words = [](const stat_key& key) {
      return std::tie(key.start_time, key.pid, key.table, key.number, key.error);
    };
    return words(a) < words(b);
  }
};
using Rows = std::map<stat_key, SyscallRow, InOrder>;

constexpr stat_key k_rest{
    .start_time = 0, .pid = STAT_REST_PID, .number = 0, .table = 0, .error = 0};

void add(stat_value& sum, const stat_value& part) {
  sum.calls += part.calls;
  sum.errors += part.errors;
  sum.interrupted += part.interrupted;
  sum.timed += part.timed;
  sum.total += part.total;
  sum.longest = std::max(sum.longest, part.longest);
  for (std::size_t i = 0; i < LATENCY_SLOTS; ++i) sum.slots[i] += part.slots[i];
  if (part.last >= sum.last) {
    sum.last = part.last;
    std::memcpy(sum.comm, part.comm, sizeof(sum.comm));
  }
}

// Programs have been swapped away from it: nobody writes it any more.
Status read_rows(int map, std::size_t cpus, Rows& rows) {
  std::vector<stat_value> values(cpus);
  stat_key key{};
  for (const stat_key* last = nullptr; bpf_map_get_next_key(map, last, &key) == 0; last = &key) {
    if (bpf_map_lookup_elem(map, &key, values.data()) != 0)
      return fail_errno("cannot read what was counted", errno);
    SyscallRow& row = rows[key];
    row.key = key;
    for (const stat_value& value : values) add(row.value, value);
  }
  if (errno != ENOENT) return fail_errno("cannot go through what was counted", errno);
  return {};
}

void add_under_way(Rows& rows, const stat_under_way& found, std::uint64_t now,
                   std::uint64_t view_ns) {
  SyscallRow& row = rows[found.key];
  row.key = found.key;
  const bool older = found.since == 0;
  const std::uint64_t age = older ? view_ns : now - std::min<std::uint64_t>(now, found.since);
  ++row.under_way;
  row.older |= older;
  row.under_way_ns = std::max(row.under_way_ns, age);
  if (row.value.calls == 0) std::memcpy(row.value.comm, found.comm, sizeof(row.value.comm));
}

Status expect_tracepoints() {
  if (::access("/sys/kernel/btf/vmlinux", R_OK) != 0)
    return fail(Errc::unsupported,
                "this kernel has no type information (/sys/kernel/btf/vmlinux), which counting "
                "needs; it is built with CONFIG_DEBUG_INFO_BTF");
  const KernelBtf btf = TRY(KernelBtf::create());
  for (const char* name : {"sys_enter", "sys_exit"})
    if (btf.type_definition(std::string("btf_trace_") + name) == 0)
      return fail(Errc::unsupported, fmt::format("this kernel has no tracepoint {}, which counting "
                                                 "needs; it is built with CONFIG_FTRACE_SYSCALLS",
                                                 name));
  return {};
}

}  // namespace

// Order matters: links go before the programs that they hold.
struct SyscallStat::State {
  SyscallStatOptions options;
  std::size_t cpus = 0;
  std::uint64_t start_ns = 0;  // boot clock
  std::uint64_t begin_ns = 0;  // of the table that is being filled, boot clock
  Skeleton skeleton;
  std::vector<Link> links;
  Fd table;

  [[nodiscard]] Status attach(bpf_program* program);
  [[nodiscard]] Result<Fd> make_table() const;
  [[nodiscard]] Status install(Fd fresh);
  // Runs a program for each task; the bytes that it wrote.
  [[nodiscard]] static Result<std::vector<std::byte>> go_over_tasks(const bpf_program* program);
  [[nodiscard]] Status find_under_way(Rows& rows) const;
  [[nodiscard]] std::uint64_t skipped() const;
};

Status SyscallStat::State::attach(bpf_program* program) {
  Link link(bpf_program__attach(program));
  if (!link)
    return fail_libbpf(fmt::format("cannot attach {}", bpf_program__section_name(program)), errno);
  links.push_back(std::move(link));
  return {};
}

Result<Fd> SyscallStat::State::make_table() const {
  Fd fresh(bpf_map_create(BPF_MAP_TYPE_PERCPU_HASH, "syscall_rows", sizeof(stat_key),
                          sizeof(stat_value), options.rows + 1, nullptr));
  if (!fresh.valid())
    return fail_libbpf(fmt::format("cannot make a table of {} rows", options.rows), errno);
  const std::vector<stat_value> nothing(cpus);
  if (bpf_map_update_elem(fresh.get(), &k_rest, nothing.data(), BPF_ANY) != 0)
    return fail_libbpf("cannot write into the table", errno);
  return fresh;
}

// The kernel returns from this when no program has the old table any more.
Status SyscallStat::State::install(Fd fresh) {
  const std::uint32_t first = 0;
  const int fd = fresh.get();
  if (bpf_map_update_elem(bpf_map__fd(skeleton->maps.tables), &first, &fd, BPF_ANY) != 0)
    return fail_libbpf("cannot install the table", errno);
  table = std::move(fresh);
  return {};
}

Result<std::vector<std::byte>> SyscallStat::State::go_over_tasks(const bpf_program* program) {
  const Link link(bpf_program__attach_iter(program, nullptr));
  if (!link) return fail_libbpf("cannot attach the task iterator", errno);
  const Fd iterator(bpf_iter_create(bpf_link__fd(link.get())));
  if (!iterator.valid()) return fail_libbpf("cannot create the task iterator", errno);
  std::vector<std::byte> all;
  std::array<std::byte, 8192> part{};
  for (;;) {
    const ssize_t n = ::read(iterator.get(), part.data(), part.size());
    if (n == 0) return all;
    if (n < 0 && errno != EINTR && errno != EAGAIN)
      return fail_errno("cannot read the task iterator", errno);
    if (n > 0) all.insert(all.end(), part.begin(), part.begin() + n);
  }
}

Status SyscallStat::State::find_under_way(Rows& rows) const {
  const std::vector<std::byte> found = TRY(go_over_tasks(skeleton->progs.under_way));
  const std::uint64_t now = monotonic_now_ns();
  const std::uint64_t view = boot_now_ns() - start_ns;
  for (std::size_t at = 0; at + sizeof(stat_under_way) <= found.size();
       at += sizeof(stat_under_way)) {
    stat_under_way one{};
    std::memcpy(&one, found.data() + at, sizeof(one));
    add_under_way(rows, one, now, view);
  }
  return {};
}

std::uint64_t SyscallStat::State::skipped() const {
  std::uint64_t sum = 0;
  for (const bpf_program* program : {skeleton->progs.call_begins, skeleton->progs.call_returns}) {
    bpf_prog_info info{};
    std::uint32_t bytes = sizeof(info);
    if (bpf_prog_get_info_by_fd(bpf_program__fd(program), &info, &bytes) == 0)
      sum += info.recursion_misses;
  }
  return sum;
}

SyscallStat::SyscallStat(std::unique_ptr<State> state) : state_(std::move(state)) {}
SyscallStat::SyscallStat(SyscallStat&&) noexcept = default;
SyscallStat& SyscallStat::operator=(SyscallStat&&) noexcept = default;
SyscallStat::~SyscallStat() = default;

Result<SyscallStat> SyscallStat::start(const SyscallStatOptions& options) {
  if (::geteuid() != 0)
    return fail(Errc::permission, "counting system calls needs root: it loads BPF programs");
  TRY(expect_tracepoints());
  capture_libbpf_log();
  auto state = std::make_unique<State>();
  state->options = options;
  const int cpus = libbpf_num_possible_cpus();
  if (cpus < 0) return fail_libbpf("cannot count the CPUs", cpus);
  state->cpus = static_cast<std::size_t>(cpus);

  state->skeleton.reset(syscall_stat_bpf__open());
  if (!state->skeleton) return fail_libbpf("cannot open the BPF object", errno);
  syscall_stat_bpf& skeleton = *state->skeleton;
  skeleton.rodata->settings = {.by = options.by,
                               .self = static_cast<std::uint32_t>(::getpid()),
                               .pid = options.pid,
                               .children = options.children ? 1U : 0U,
                               .cgroup_id = options.cgroup.id,
                               .cgroup_level = options.cgroup.level,
                               .pad = 0};
  bpf_program__set_autoload(skeleton.progs.process_forks, options.children);
  bpf_program__set_autoload(skeleton.progs.visit, options.children);
  if (const int error = syscall_stat_bpf__load(&skeleton); error != 0)
    return fail_libbpf("cannot load the BPF programs that count system calls", error);
  Fd table = TRY(state->make_table());
  TRY(state->install(std::move(table)));

  if (options.children) {
    TRY(state->attach(skeleton.progs.process_forks));
    TRY(State::go_over_tasks(skeleton.progs.visit));
  }
  state->start_ns = state->begin_ns = boot_now_ns();
  skeleton.bss->view_begin = state->start_ns;
  // The return first: what begins between the two is counted, without a duration. The other way
  // round it would seem to be under way for ever.
  TRY(state->attach(skeleton.progs.call_returns));
  TRY(state->attach(skeleton.progs.call_begins));
  return SyscallStat(std::move(state));
}

Result<SyscallTable> SyscallStat::take() {
  SyscallTable table;
  table.begin_ns = state_->begin_ns;
  Fd fresh = TRY(state_->make_table());
  const Fd full = std::exchange(state_->table, Fd());
  TRY(state_->install(std::move(fresh)));
  table.end_ns = state_->begin_ns = boot_now_ns();

  Rows rows;
  TRY(read_rows(full.get(), state_->cpus, rows));
  table.rest = rows[k_rest].value;
  rows.erase(k_rest);
  TRY(state_->find_under_way(rows));
  for (const auto& [key, row] : rows) table.rows.push_back(row);
  table.rest_rows = state_->options.rows;
  table.skipped = state_->skipped();
  return table;
}

}  // namespace gancho
