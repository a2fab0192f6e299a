// SPDX-License-Identifier: Apache-2.0
#include "attached/cost.h"

#include <bpf/bpf.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>

#include "base/fd.h"

namespace gancho {
namespace {

using Counters = std::map<std::uint32_t, ProgramCost>;

Counters read_counters() {
  Counters counters;
  for (std::uint32_t id = 0; bpf_prog_get_next_id(id, &id) == 0;) {
    const Fd program(bpf_prog_get_fd_by_id(id));
    if (!program.valid()) continue;  // gone meanwhile
    bpf_prog_info info{};
    std::uint32_t size = sizeof info;
    if (bpf_prog_get_info_by_fd(program.get(), &info, &size) != 0) continue;
    counters[id] = {.runs = info.run_cnt, .time_ns = info.run_time_ns};
  }
  return counters;
}

Fd load_nothing() {
  const std::array<bpf_insn, 2> code{{
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
      {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
  }};
  return Fd(bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "gancho_nothing", "GPL", code.data(),
                          code.size(), nullptr));
}

// Nanoseconds of a run of a program that does nothing: the best of a few, since others only ever
// make it longer. 0 when the kernel does not run it.
double run_of(const Fd& program) {
  constexpr int k_repeat = 100'000;
  constexpr int k_tries = 5;
  std::array<unsigned char, 64> packet{};
  double best = 0;
  for (int i = 0; i < k_tries; ++i) {
    bpf_test_run_opts options{};
    options.sz = sizeof options;
    options.data_in = packet.data();
    options.data_size_in = packet.size();
    options.repeat = k_repeat;
    if (bpf_prog_test_run_opts(program.get(), &options) != 0) return 0;
    const double took = options.duration;
    best = i == 0 ? took : std::min(best, took);
  }
  return best;
}

std::unexpected<Error> no_statistics(int error) {
  if (error == EPERM || error == EACCES)
    return fail(Errc::permission, "--cost needs root: sudo gancho map --cost 5s");
  if (error == EINVAL)
    return fail(Errc::unsupported, "this kernel does not count on request (before Linux 5.8)");
  return fail_errno("cannot ask the kernel to count", error);
}

}  // namespace

double Costs::own_share() const {
  double runs = 0;
  for (const auto& [id, cost] : programs) runs += runs_a_second(cost);
  constexpr double k_second = 1e9;
  return runs * own_ns / k_second;
}

Result<Costs> measure_costs(std::chrono::nanoseconds how_long) {
  const Fd nothing = load_nothing();
  const double plain = nothing.valid() ? run_of(nothing) : 0;
  const Fd counting(bpf_enable_stats(BPF_STATS_RUN_TIME));
  if (!counting.valid()) return no_statistics(errno);
  Costs costs;
  if (nothing.valid()) costs.own_ns = std::max(0.0, run_of(nothing) - plain);

  const Counters before = read_counters();
  const auto begin = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(how_long);
  const Counters after = read_counters();
  costs.elapsed = std::chrono::steady_clock::now() - begin;
  for (const auto& [id, now] : after) {
    ProgramCost cost = now;
    // One that was loaded meanwhile has counted from nothing.
    if (const auto found = before.find(id); found != before.end()) {
      cost.runs -= found->second.runs;
      cost.time_ns -= found->second.time_ns;
    }
    if (cost.runs != 0) costs.programs[id] = cost;
  }
  return costs;
}

}  // namespace gancho
