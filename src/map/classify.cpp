// SPDX-License-Identifier: Apache-2.0
#include "map/classify.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "map/rules.h"

namespace gancho {
namespace {

// A table, sorted by what names may begin with: 70 000 functions are asked for.
class Index {
 public:
  explicit Index(std::span<const Rule> rules) {
    for (const Rule& rule : rules) {
      std::string_view rest = rule.patterns;
      while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(' '), rest.size());
        add(rest.substr(0, end), rule.subsystem);
        rest.remove_prefix(std::min(end + 1, rest.size()));
      }
    }
  }

  [[nodiscard]] Subsystem find(std::string_view name) const {
    if (name.empty()) return Subsystem::unknown;
    for (const Entry& entry : by_first_[static_cast<unsigned char>(name.front())])
      if (fits(entry.pattern, name)) return entry.subsystem;
    return Subsystem::unknown;
  }

 private:
  struct Entry {
    std::string_view pattern;
    Subsystem subsystem;
  };

  void add(std::string_view pattern, Subsystem subsystem) {
    if (pattern.empty()) return;
    if (pattern.front() != '*') {
      by_first_[static_cast<unsigned char>(pattern.front())].push_back({pattern, subsystem});
      return;
    }
    for (auto& entries : by_first_) entries.push_back({pattern, subsystem});
  }

  std::array<std::vector<Entry>, 256> by_first_;
};

}  // namespace

bool fits(std::string_view pattern, std::string_view name) {
  const bool open_left = pattern.starts_with('*');
  const bool open_right = pattern.size() > 1 && pattern.ends_with('*');
  if (open_left) pattern.remove_prefix(1);
  if (open_right) pattern.remove_suffix(1);
  if (open_left && open_right) return name.find(pattern) != std::string_view::npos;
  if (open_left) return name.ends_with(pattern);
  if (open_right) return name.starts_with(pattern);
  return name == pattern;
}

Subsystem subsystem_of_tracepoint(std::string_view system, std::string_view event) {
  static const Index index(tracepoint_rules());
  std::string whole(system);
  whole += ':';
  whole += event;
  return index.find(whole);
}

Subsystem subsystem_of_lsm_hook(std::string_view hook) {
  static const Index index(lsm_rules());
  return index.find(hook);
}

Subsystem subsystem_of_syscall(std::string_view call) {
  static const Index index(syscall_rules());
  return index.find(call);
}

Subsystem subsystem_of_module(std::string_view module) {
  static const Index index(module_rules());
  return index.find(module);
}

Subsystem subsystem_of_function(std::string_view function) {
  static const Index index(function_rules());
  // "__do_page_fault", "_raw_spin_lock": leading underscores mark a function's inner half. Rules
  // that mean them are asked first.
  const Subsystem found = index.find(function);
  const std::size_t bare = function.find_first_not_of('_');
  if (found != Subsystem::unknown || bare == 0 || bare == std::string_view::npos) return found;
  return index.find(function.substr(bare));
}

Subsystem subsystem_of_kfunc(std::string_view function) {
  static const Index index(kfunc_rules());
  return index.find(function);
}

Subsystem subsystem_of_iterator(std::string_view target) {
  static const Index index(iterator_rules());
  return index.find(target);
}

Subsystem subsystem_of_struct_ops(std::string_view structure) {
  static const Index index(struct_ops_rules());
  return index.find(structure);
}

Subsystem subsystem_of_cgroup_type(std::string_view type) {
  static const Index index(cgroup_rules());
  return index.find(type);
}

Subsystem subsystem_of_perf_event(std::string_view event) {
  static const Index index(perf_rules());
  return index.find(event);
}

void fill_from_neighbours(std::span<Subsystem> known, std::size_t reach) {
  std::size_t begin = 0;  // of the silent ones
  Subsystem before = Subsystem::unknown;
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (known[i] == Subsystem::unknown) continue;
    if (known[i] == before && i - begin <= reach)
      std::ranges::fill(known.subspan(begin, i - begin), before);
    before = known[i];
    begin = i + 1;
  }
}

}  // namespace gancho
