// SPDX-License-Identifier: Apache-2.0
//
// Programs at perf events: probes, tracepoints, counters; those with a link, and those that a
// process has put on an event of its own (PERF_EVENT_IOC_SET_BPF). From Linux 6.6 on a link says
// where it is. Before, and without one, only the event's descriptor does, in whichever process
// holds it; whose of a program's links it is, the order of the descriptors says.
#include <bpf/bpf.h>
#include <fmt/format.h>
#include <limits.h>
#include <linux/kcmp.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>

#include "attached/perf_names.h"
#include "attached/reading.h"

namespace gancho {
namespace {

constexpr std::string_view k_untold = "the kernel tells where from Linux 6.6 on";

struct Probe {
  std::uint32_t kind = BPF_PERF_EVENT_UNSPEC;  // enum bpf_perf_event_type
  std::string name;                            // function, file, tracepoint
  std::uint64_t offset = 0;
  std::uint64_t address = 0;  // of a function; 0 unknown
};

// A perf event that carries a program.
struct Event {
  HeldPerfEvent held;
  Attachment attachment;  // without a link
};

std::uint32_t kind_of(std::uint32_t descriptor_type) {
  switch (descriptor_type) {
    case BPF_FD_TYPE_TRACEPOINT:
      return BPF_PERF_EVENT_TRACEPOINT;
    case BPF_FD_TYPE_KPROBE:
      return BPF_PERF_EVENT_KPROBE;
    case BPF_FD_TYPE_KRETPROBE:
      return BPF_PERF_EVENT_KRETPROBE;
    case BPF_FD_TYPE_UPROBE:
      return BPF_PERF_EVENT_UPROBE;
    case BPF_FD_TYPE_URETPROBE:
      return BPF_PERF_EVENT_URETPROBE;
    default:
      return BPF_PERF_EVENT_UNSPEC;
  }
}

void put_function(Reading& reading, const Probe& probe, Attachment& to) {
  to.kind = PlaceKind::function;
  to.place = probe.name;
  std::uint64_t offset = probe.offset;
  if (to.place.empty()) {
    const auto function = reading.symbols.find(probe.address);
    if (probe.address == 0 || !function) {
      to.kind.reset();
      if (probe.address != 0) to.place = fmt::format("0x{:x}", probe.address);
      return;
    }
    to.place = function->name;
    offset = function->offset;
  }
  // "overlay:ovl_open": whoever set it has said in which module.
  if (const std::size_t colon = to.place.find(':'); colon != std::string::npos)
    to.place.erase(0, colon + 1);
  if (offset != 0) to.detail = fmt::format("+0x{:x}", offset);
}

void put_tracepoint(Reading& reading, const std::string& event, Attachment& to) {
  to.how = "tracepoint";
  to.kind = PlaceKind::tracepoint;
  const auto names = reading.tracepoints.find(event);
  to.place = names.size() == 1 ? names.front() : event;
  // The kernel tells the name only.
  if (names.size() > 1) to.detail = fmt::format("{}", fmt::join(names, " or "));
}

void put_probe(Reading& reading, const Probe& probe, Attachment& to) {
  switch (probe.kind) {
    case BPF_PERF_EVENT_TRACEPOINT:
      return put_tracepoint(reading, probe.name, to);
    case BPF_PERF_EVENT_KPROBE:
    case BPF_PERF_EVENT_KRETPROBE:
      to.how = probe.kind == BPF_PERF_EVENT_KPROBE ? "kprobe" : "kretprobe";
      return put_function(reading, probe, to);
    case BPF_PERF_EVENT_UPROBE:
    case BPF_PERF_EVENT_URETPROBE:
      to.how = probe.kind == BPF_PERF_EVENT_UPROBE ? "uprobe" : "uretprobe";
      to.place = fmt::format("{}+0x{:x}", probe.name, probe.offset);
      return;
    default:
      to.how = "perf event";
  }
}

void put_counter(std::uint32_t type, std::uint64_t config, Attachment& to) {
  to.how = "perf event";
  PerfName name = perf_name(type, config, perf_unit(type));
  to.place = std::move(name.text);
  if (name.in_map) to.kind = PlaceKind::perf_event;
}

// What the link says; false when the kernel is too old for that.
bool put_link(Reading& reading, const LinkWords& link, Attachment& to) {
  const auto& event = link.info.perf_event;
  switch (event.type) {
    case BPF_PERF_EVENT_UPROBE:
    case BPF_PERF_EVENT_URETPROBE:
      put_probe(reading, {event.type, link.name, event.uprobe.offset, 0}, to);
      return true;
    case BPF_PERF_EVENT_KPROBE:
    case BPF_PERF_EVENT_KRETPROBE:
      put_probe(reading, {event.type, link.name, event.kprobe.offset, event.kprobe.addr}, to);
      return true;
    case BPF_PERF_EVENT_TRACEPOINT:
      put_probe(reading, {event.type, link.name, 0, 0}, to);
      return true;
    case BPF_PERF_EVENT_EVENT:
      put_counter(event.event.type, event.event.config, to);
      return true;
    default:
      return false;
  }
}

// Two descriptors of one event, of two processes or of one. Where the kernel does not compare them,
// they are taken for one rather than told twice.
bool is_same(const HeldPerfEvent& a, const HeldPerfEvent& b) {
  return syscall(SYS_kcmp, a.task, b.task, KCMP_FILE, a.fd, b.fd) <= 0;
}

// At the same place in the same way: such links and events cannot be told apart.
auto key_of(const Attachment& one) {
  return std::tuple(one.program, one.how, one.place, one.detail);
}
using Key = decltype(key_of(Attachment{}));

class PerfWalk {
 public:
  explicit PerfWalk(Reading& reading) : reading_(reading) {}

  void run() {
    add_links();
    ask_descriptors();
    add_events();
    add_counters();
  }

 private:
  void add_links() {
    for (const auto& [id, link] : reading_.links) {
      const bool perf = link.info.type == BPF_LINK_TYPE_PERF_EVENT;
      if (!perf && link.info.type != BPF_LINK_TYPE_UNSPEC) continue;
      const std::uint32_t program = reading_.attached.links.at(id).program;
      Attachment attachment = attachment_of(program, id);
      if (perf && put_link(reading_, link, attachment)) {
        ++told_[key_of(attachment)];
        reading_.add(std::move(attachment));
      } else {
        untold_[program].push_back(id);
      }
    }
  }

  void ask_descriptors() {
    for (const HeldPerfEvent& held : reading_.perf_events) {
      std::array<char, PATH_MAX> name{};
      std::uint32_t length = name.size();
      std::uint32_t program = 0;
      std::uint32_t type = 0;
      Probe probe;
      const int error = bpf_task_fd_query(held.task, held.fd, 0, name.data(), &length, &program,
                                          &type, reinterpret_cast<__u64*>(&probe.offset),
                                          reinterpret_cast<__u64*>(&probe.address));
      if (error == -EOPNOTSUPP) add_counter(held);
      if (error != 0) continue;  // it carries none, or is gone
      probe.kind = kind_of(type);
      probe.name.assign(name.data(), strnlen(name.data(), name.size()));
      Event event{.held = held, .attachment = attachment_of(program, 0)};
      put_probe(reading_, probe, event.attachment);
      std::vector<Event>& alike = events_[key_of(event.attachment)];
      const auto is_this = [&](const Event& other) { return is_same(held, other.held); };
      if (std::ranges::none_of(alike, is_this)) alike.push_back(std::move(event));
    }
  }

  void add_counter(const HeldPerfEvent& held) {
    const auto is_this = [&](const HeldPerfEvent& other) { return is_same(held, other); };
    for (const auto& [process, events] : counters_)
      if (std::ranges::any_of(events, is_this)) return;
    counters_[held.process].push_back(held);
  }

  // Those that are not the events behind links that have spoken for themselves.
  void add_events() {
    std::map<std::uint32_t, std::vector<Event>> by_program;
    for (auto& [key, alike] : events_) {
      const auto told = told_.find(key);
      const std::size_t known = told == told_.end() ? 0 : std::min(told->second, alike.size());
      for (Event& event : std::span(alike).subspan(known))
        by_program[event.attachment.program].push_back(std::move(event));
    }
    for (auto& [program, events] : by_program) {
      std::ranges::sort(
          events, {}, [](const Event& event) { return std::pair(event.held.task, event.held.fd); });
      const std::vector<std::uint32_t> links = untold_in_order(program);
      for (std::size_t i = 0; i < events.size(); ++i) {
        if (i < links.size()) {
          events[i].attachment.link = links[i];
          std::erase(untold_[program], links[i]);
        }
        reading_.add(std::move(events[i].attachment));
      }
    }
    for (const auto& [program, links] : untold_)
      for (const std::uint32_t link : links) {
        Attachment attachment = attachment_of(program, link);
        attachment.how = how_of(program);
        attachment.detail = k_untold;
        reading_.add(std::move(attachment));
      }
  }

  // In the order of their descriptors; then those that nobody holds.
  std::vector<std::uint32_t> untold_in_order(std::uint32_t program) {
    std::vector<std::uint32_t> rest = untold_[program];
    std::vector<std::uint32_t> links;
    for (const HeldLink& held : reading_.held_links)
      if (std::erase(rest, held.link) != 0) links.push_back(held.link);
    links.insert(links.end(), rest.begin(), rest.end());
    return links;
  }

  [[nodiscard]] std::string how_of(std::uint32_t program) const {
    return reading_.type_of_program(program) == BPF_PROG_TYPE_TRACEPOINT ? "tracepoint"
           : reading_.type_of_program(program) == BPF_PROG_TYPE_KPROBE   ? "kprobe"
                                                                         : "perf event";
  }

  // Of a counter's descriptor the kernel does not tell which program it carries: the programs for
  // counters that the process holds do.
  void add_counters() {
    for (const auto& [process, events] : counters_) {
      std::size_t linked = 0;
      std::set<std::uint32_t> candidates;
      const auto holds = [&](const Holders& holders) {
        return std::ranges::find(holders.owners, process, &Owner::pid) != holders.owners.end();
      };
      const auto samples = [&](std::uint32_t program) {
        return reading_.type_of_program(program) == BPF_PROG_TYPE_PERF_EVENT;
      };
      std::set<std::uint32_t> with_link;
      for (const auto& [id, link] : reading_.attached.links) {
        if (!samples(link.program)) continue;
        with_link.insert(link.program);
        if (holds(link.holders)) ++linked;
      }
      if (events.size() <= linked) continue;
      for (const auto& [id, program] : reading_.attached.programs)
        if (samples(id) && holds(program.holders) && !with_link.contains(id)) candidates.insert(id);
      if (candidates.size() == 1) {
        Attachment attachment = attachment_of(*candidates.begin(), 0);
        attachment.how = "perf event";
        attachment.detail = fmt::format("{} of process {}; the kernel does not tell which",
                                        events.size() - linked, process);
        reading_.add(std::move(attachment));
      } else {
        reading_.blank(fmt::format(
            "perf events of process {} carry programs; the kernel does not tell which", process));
      }
    }
  }

  Reading& reading_;
  std::map<Key, std::size_t> told_;                             // links
  std::map<std::uint32_t, std::vector<std::uint32_t>> untold_;  // links, by program
  std::map<Key, std::vector<Event>> events_;
  std::map<int, std::vector<HeldPerfEvent>> counters_;  // by process
};

}  // namespace

void add_perf_places(Reading& reading) {
  PerfWalk(reading).run();
}

}  // namespace gancho
