// SPDX-License-Identifier: Apache-2.0
#include "map/find.h"

#include <algorithm>
#include <array>

#include "base/nearest.h"
#include "base/quote.h"

namespace gancho {
namespace {

// In which order they are shown; and so how dear they are, roughly.
constexpr auto k_order = std::to_array<PlaceKind>(
    {PlaceKind::syscall, PlaceKind::lsm, PlaceKind::tracepoint, PlaceKind::btf_tracepoint,
     PlaceKind::raw_tracepoint, PlaceKind::function, PlaceKind::iterator, PlaceKind::struct_ops,
     PlaceKind::kfunc, PlaceKind::cgroup, PlaceKind::xdp, PlaceKind::netkit, PlaceKind::tcx,
     PlaceKind::tc, PlaceKind::netfilter, PlaceKind::perf_event});

std::string_view behind(std::string_view name, char mark) {
  const std::size_t at = name.find(mark);
  return at == std::string_view::npos ? std::string_view{} : name.substr(at + 1);
}

// Does one of the words of "tcx eth0 ingress" begin the name so that it goes on with the others?
bool has_words(std::string_view place, std::string_view name) {
  for (std::string_view rest = place; !rest.empty(); rest = behind(rest, ' '))
    if (rest.starts_with(name) && (rest.size() == name.size() || rest[name.size()] == ' '))
      return true;
  return false;
}

bool bears(const Place& place, std::string_view name) {
  if (name.empty()) return false;
  if (place.name == name) return true;
  switch (place.kind) {
    case PlaceKind::tracepoint:
    case PlaceKind::perf_event:
      return behind(place.name, ':') == name;
    case PlaceKind::lsm:
      return name.starts_with("bpf_lsm_") && name.substr(8) == place.name;
    case PlaceKind::syscall:
      return place.detail == name;
    case PlaceKind::xdp:
    case PlaceKind::tc:
    case PlaceKind::tcx:
    case PlaceKind::netkit:
    case PlaceKind::netfilter:
      return has_words(place.name, name);
    default:
      return false;
  }
}

// A slip of the finger changes the length by little and mostly leaves the first letter: comparing
// a word with 60 000 is dear.
bool may_be_meant(std::string_view event, std::string_view name) {
  constexpr std::size_t k_slip = 2;
  if (event.size() < 2 || name.size() < 2) return false;
  if (event.size() + k_slip < name.size() || name.size() + k_slip < event.size()) return false;
  return event[0] == name[0] || event[1] == name[0] || event[0] == name[1];
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// "char prev_comm[16]", "const char * filename", "__data_loc char[] name".
Argument parse_field(std::string_view declaration) {
  std::string tail;
  if (declaration.ends_with(']')) {
    const std::size_t open = declaration.rfind('[');
    tail = " " + std::string(declaration.substr(open));
    declaration = declaration.substr(0, open);
  }
  std::size_t begin = declaration.size();
  while (begin > 0 && declaration[begin - 1] != ' ' && declaration[begin - 1] != '*') --begin;
  std::string_view type = trimmed(declaration.substr(0, begin));
  if (type.starts_with("__data_loc ")) type.remove_prefix(11);
  return {std::string(declaration.substr(begin)), std::string(type) + tail};
}

std::optional<Prototype> format_of(std::string_view system, std::string_view event) {
  const auto format = read_tracepoint_format(std::string(system), std::string(event));
  if (!format) return std::nullopt;
  return parse_format(*format);
}

}  // namespace

std::vector<const Place*> find_places(const Inventory& inventory, std::string_view name) {
  std::vector<const Place*> found;
  for (const PlaceKind kind : k_order)
    for (const Place& place : inventory.of_kind(kind))
      if (bears(place, name)) found.push_back(&place);
  // A system call can be hooked by its function and by its two tracepoints.
  const std::vector<const Place*> named = found;
  for (const Place* call : named) {
    if (call->kind != PlaceKind::syscall) continue;
    const std::string tail(call->detail.substr(call->detail.find("sys_") + 4));
    for (const Place& place : inventory.of_kind(PlaceKind::tracepoint))
      if (place.name == "syscalls:sys_enter_" + tail || place.name == "syscalls:sys_exit_" + tail)
        found.push_back(&place);
    if (call->detail == name) continue;  // its function is there already
    for (const Place& place : inventory.of_kind(PlaceKind::function))
      if (place.name == call->detail) found.push_back(&place);
  }
  return found;
}

std::string similar_places(const Inventory& inventory, std::string_view name) {
  constexpr std::size_t k_some = 3;
  if (name.empty()) return "";
  std::vector<std::string_view> names;
  names.reserve(inventory.places.size());
  std::vector<std::string_view> inside;
  for (const Place& place : inventory.places) {
    if (place.name.empty()) continue;
    const std::string_view event =
        place.kind == PlaceKind::tracepoint ? behind(place.name, ':') : place.name;
    if (may_be_meant(event, name)) names.push_back(event);
    if (name.size() > 2 && inside.size() < k_some && event.find(name) != std::string_view::npos &&
        std::ranges::find(inside, event) == inside.end())
      inside.push_back(event);
  }
  std::string hint = did_you_mean(name, names);
  if (!hint.empty()) return hint;
  for (const std::string_view one : inside)
    hint.append(hint.empty() ? "; there are " : ", ").append(in_quotes(one));
  return hint;
}

std::vector<std::string_view> program_kinds(const Place& place) {
  switch (place.kind) {
    case PlaceKind::syscall:
      return {};
    case PlaceKind::tracepoint:
      return {"tracepoint"};
    case PlaceKind::raw_tracepoint:
      return {"raw_tracepoint"};
    case PlaceKind::btf_tracepoint:
      return {"tp_btf"};
    case PlaceKind::lsm:
      return {"lsm", "lsm_cgroup"};
    case PlaceKind::function: {
      std::vector<std::string_view> kinds;
      if (takes_fentry(place)) kinds = {"fentry", "fexit"};
      // Functions through which the kernel asks, and those that may be made to fail.
      if (takes_fentry(place) && place.name.starts_with("security_"))
        kinds.emplace_back("fmod_ret");
      if (takes_kprobe(place)) kinds.insert(kinds.end(), {"kprobe", "kretprobe"});
      // By ftrace, which knows of nothing that is forbidden to kprobes alone.
      if ((place.ways & way::traceable) != 0 && (place.ways & way::fprobes) != 0)
        kinds.insert(kinds.end(), {"kprobe.multi", "kretprobe.multi"});
      return kinds;
    }
    case PlaceKind::iterator:
      return {"iter"};
    case PlaceKind::kfunc:
      return {};
    case PlaceKind::struct_ops:
      return {"struct_ops"};
    case PlaceKind::cgroup:
      return {place.name};
    case PlaceKind::xdp:
      return {"xdp"};
    case PlaceKind::tc:
      return {"tc"};
    case PlaceKind::tcx:
      return {"tcx"};
    case PlaceKind::netkit:
      return {"netkit"};
    case PlaceKind::netfilter:
      return place.detail == "bpf link" ? std::vector<std::string_view>{"netfilter"}
                                        : std::vector<std::string_view>{};
    case PlaceKind::perf_event:
      return {"perf_event"};
  }
  return {};
}

Prototype parse_format(std::string_view format) {
  constexpr std::string_view k_field = "field:";
  Prototype fields;
  while (!format.empty()) {
    std::string_view line = format.substr(0, format.find('\n'));
    format.remove_prefix(std::min(line.size() + 1, format.size()));
    const std::size_t begin = line.find(k_field);
    const std::size_t end = line.find(';');
    if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) continue;
    Argument field = parse_field(line.substr(begin + k_field.size(), end - begin - k_field.size()));
    if (!field.name.starts_with("common_") && field.name != "__syscall_nr")
      fields.arguments.push_back(std::move(field));
  }
  return fields;
}

std::optional<Prototype> arguments_of(const Inventory& inventory, const Place& place) {
  if (place.kind == PlaceKind::tracepoint) {
    const std::size_t colon = place.name.find(':');
    return format_of(place.name.substr(0, colon), place.name.substr(colon + 1));
  }
  if (place.kind == PlaceKind::syscall) {
    const std::size_t begin = place.detail.find("sys_");
    auto fields = format_of("syscalls", "sys_enter_" + std::string(place.detail.substr(begin + 4)));
    if (fields) fields->returns = "long";
    return fields;
  }
  if (!inventory.types) return std::nullopt;
  switch (place.kind) {
    case PlaceKind::raw_tracepoint:
    case PlaceKind::btf_tracepoint:
      return inventory.types->tracepoint(place.name);
    case PlaceKind::lsm:
      return inventory.types->function("bpf_lsm_" + std::string(place.name));
    case PlaceKind::function:
    case PlaceKind::kfunc:
      return inventory.types->function(place.name);
    case PlaceKind::iterator:
      return inventory.types->iterator(place.name);
    case PlaceKind::struct_ops:
      return inventory.types->structure(place.name);
    default:
      return std::nullopt;
  }
}

}  // namespace gancho
