// SPDX-License-Identifier: Apache-2.0
#include "attached/tracepoint_names.h"

#include "load/pseudo_fs.h"
#include "map/symbols.h"

namespace gancho {
namespace {

std::string read_events() {
  const auto tracing = open_file_system("tracefs");
  if (!tracing) return {};
  auto events = read_long_file(tracing->get(), "available_events");
  return events ? std::move(*events) : std::string();
}

}  // namespace

std::vector<std::string> TracepointNames::find(std::string_view event) {
  if (!events_) events_ = read_events();
  const std::string_view all = *events_;
  const std::string wanted = ":" + std::string(event);
  std::vector<std::string> found;
  for (std::size_t at = all.find(wanted); at != std::string_view::npos;
       at = all.find(wanted, at + 1)) {
    const std::size_t end = at + wanted.size();
    if (end < all.size() && all[end] != '\n') continue;
    const std::size_t newline = all.rfind('\n', at);
    const std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
    found.emplace_back(all.substr(begin, end - begin));
  }
  return found;
}

}  // namespace gancho
