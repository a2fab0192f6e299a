// SPDX-License-Identifier: Apache-2.0
#include "attached/perf_names.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/perf_event.h>

#include <array>
#include <memory>

#include "load/pseudo_fs.h"

namespace gancho {
namespace {

// enum perf_hw_id; sysfs calls the first "cpu-cycles" too.
constexpr std::array<std::string_view, 10> k_hardware{"cpu-cycles",
                                                      "instructions",
                                                      "cache-references",
                                                      "cache-misses",
                                                      "branch-instructions",
                                                      "branch-misses",
                                                      "bus-cycles",
                                                      "stalled-cycles-frontend",
                                                      "stalled-cycles-backend",
                                                      "ref-cycles"};
// enum perf_sw_ids, as the map writes its names.
constexpr std::array<std::string_view, 12> k_software{
    "cpu-clock",        "task-clock",      "page-faults",     "context-switches",
    "cpu-migrations",   "page-faults-min", "page-faults-maj", "alignment-faults",
    "emulation-faults", "dummy",           "bpf-output",      "cgroup-switches"};

}  // namespace

PerfName perf_name(std::uint32_t type, std::uint64_t config, std::string_view unit) {
  switch (type) {
    case PERF_TYPE_HARDWARE:
      // Where there are two kinds of processors, the upper half says which.
      if (const std::uint64_t event = config & 0xffffffff; event < k_hardware.size())
        return {.text = fmt::format("cpu:{}", k_hardware[event]), .in_map = true};
      break;
    case PERF_TYPE_SOFTWARE:
      if (config < k_software.size())
        return {.text = fmt::format("software:{}", k_software[config]), .in_map = true};
      break;
    case PERF_TYPE_HW_CACHE:
      return {.text = fmt::format("cpu:cache 0x{:x}", config)};
    case PERF_TYPE_RAW:
      return {.text = fmt::format("cpu:raw 0x{:x}", config)};
    case PERF_TYPE_BREAKPOINT:
      return {.text = "breakpoint", .in_map = true};
    default:
      break;
  }
  if (!unit.empty()) return {.text = fmt::format("{}:0x{:x}", unit, config)};
  return {.text = fmt::format("type {}:0x{:x}", type, config)};
}

std::string perf_unit(std::uint32_t type) {
  if (type < PERF_TYPE_MAX) return {};
  const std::string folder = "/sys/bus/event_source/devices";
  const std::unique_ptr<DIR, int (*)(DIR*)> units(opendir(folder.c_str()), closedir);
  if (!units) return {};
  const std::string wanted = std::to_string(type);
  while (const dirent* entry = readdir(units.get())) {
    if (entry->d_name[0] == '.') continue;
    const std::string name = entry->d_name;
    if (read_small_file(AT_FDCWD, (folder + "/" + name + "/type").c_str()) == wanted) return name;
  }
  return {};
}

}  // namespace gancho
