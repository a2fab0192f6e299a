// SPDX-License-Identifier: Apache-2.0
#include "map/tracing_files.h"

#include <dirent.h>

#include <algorithm>

#include "load/pseudo_fs.h"
#include "map/symbols.h"

namespace gancho {
namespace {

std::optional<std::string> read_of(const Result<Fd>& root, const char* path) {
  if (!root) return std::nullopt;
  auto text = read_long_file(root->get(), path);
  if (!text) return std::nullopt;
  return std::move(*text);
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  if (DIR* open = opendir(folder.c_str())) {
    while (const dirent* entry = readdir(open))
      if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
    closedir(open);
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace

TracingFiles read_tracing_files() {
  TracingFiles files;
  const Result<Fd> tracing = open_file_system("tracefs");
  files.events = read_of(tracing, "available_events");
  files.functions = read_of(tracing, "available_filter_functions");
  files.blacklist = read_of(open_file_system("debugfs"), "kprobes/blacklist");
  return files;
}

Result<std::string> read_tracepoint_format(const std::string& system, const std::string& event) {
  const Fd tracing = TRY(open_file_system("tracefs"));
  return read_long_file(tracing.get(), ("events/" + system + "/" + event + "/format").c_str());
}

std::vector<std::string> read_perf_events() {
  const std::string folder = "/sys/bus/event_source/devices";
  std::vector<std::string> events;
  for (const std::string& unit : names_in(folder)) {
    events.push_back(unit);
    for (const std::string& event : names_in(folder + "/" + unit + "/events"))
      // "mem-loads.scale" and the like say how to show a count.
      if (event.find('.') == std::string::npos) events.push_back(unit + ":" + event);
  }
  return events;
}

}  // namespace gancho
