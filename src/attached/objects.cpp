// SPDX-License-Identifier: Apache-2.0
//
// Programs, maps and links by their ids. What goes between its id and its descriptor was never
// there.
#include <bpf/bpf.h>
#include <fmt/format.h>
#include <limits.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <utility>

#include "attached/fdinfo.h"
#include "attached/reading.h"
#include "base/fd.h"

namespace gancho {
namespace {

std::uint64_t pointer(const void* to) {
  return reinterpret_cast<std::uintptr_t>(to);
}

std::string name_in(const char (&name)[BPF_OBJ_NAME_LEN]) {
  return {name, strnlen(name, sizeof(name))};
}

class Walk {
 public:
  explicit Walk(Reading& reading) : reading_(reading) {}

  Status run() {
    TRY(each("programs", bpf_prog_get_next_id, bpf_prog_get_fd_by_id,
             [&](const Fd& fd, std::uint32_t id) { return add_program(fd, id); }));
    TRY(each("maps", bpf_map_get_next_id, bpf_map_get_fd_by_id,
             [&](const Fd& fd, std::uint32_t id) { return add_map(fd, id); }));
    TRY(each("links", bpf_link_get_next_id, bpf_link_get_fd_by_id,
             [&](const Fd& fd, std::uint32_t id) { return add_link(fd, id); }));
    return {};
  }

 private:
  // `add` gives 0 or an errno.
  template <class Add>
  Status each(std::string_view what, int (*next)(__u32, __u32*), int (*open)(__u32), Add add) {
    std::size_t refused = 0;
    int error = 0;
    std::uint32_t id = 0;
    while (next(id, &id) == 0) {
      const Fd fd(open(id));
      const int failed = fd.valid() ? add(fd, id) : errno;
      // Gone, or (EAGAIN) a link that is not there yet.
      if (failed == 0 || failed == ENOENT || failed == EAGAIN) continue;
      ++refused;
      error = failed;
    }
    if (errno == EPERM)
      return fail(Errc::permission,
                  fmt::format("listing the BPF {} of this machine needs root", what));
    if (errno != ENOENT) return fail_errno(fmt::format("listing the BPF {}", what), errno);
    if (refused != 0)
      reading_.blank(
          fmt::format("{} {} could not be looked at: {}", refused, what, std::strerror(error)));
    return {};
  }

  int add_program(const Fd& fd, std::uint32_t id) {
    // Most programs have no more maps: one call, not two.
    std::vector<std::uint32_t> maps(64);
    bpf_prog_info info{};
    bpf_func_info function{};
    std::uint32_t size = 0;
    for (int i = 0; i < 2; ++i) {
      info = {};
      info.nr_map_ids = static_cast<std::uint32_t>(maps.size());
      info.map_ids = pointer(maps.data());
      info.nr_func_info = 1;
      info.func_info_rec_size = sizeof(function);
      info.func_info = pointer(&function);
      size = sizeof(info);
      if (bpf_prog_get_info_by_fd(fd.get(), &info, &size) != 0) return errno;
      const bool all = info.nr_map_ids <= maps.size();
      maps.resize(info.nr_map_ids);
      if (all) break;
    }
    ProgramFacts facts;
    facts.id = id;
    facts.type = info.type;
    facts.name = name_in(info.name);
    facts.maps = std::move(maps);
    // A name of 15 bytes may have been cut.
    if (facts.name.size() == BPF_OBJ_NAME_LEN - 1 && info.nr_func_info != 0)
      if (std::string whole = reading_.types.name(info.btf_id, function.type_id); !whole.empty())
        facts.name = std::move(whole);
    for (const std::uint8_t byte : info.tag) facts.tag += fmt::format("{:02x}", byte);
    facts.loaded_at = info.load_time;
    facts.uid = info.created_by_uid;
    facts.jited_size = info.jited_prog_len;
    facts.translated_size = info.xlated_prog_len;
    facts.memory = describe(fd.get()).value_or(DescribedObject{}).memory;
    facts.btf = info.btf_id;
    facts.run_time_ns = info.run_time_ns;
    facts.runs = info.run_cnt;
    facts.missed = info.recursion_misses;
    reading_.targets[id] = {
        .told = size >= offsetof(bpf_prog_info, attach_btf_id) + sizeof(info.attach_btf_id),
        .btf = info.attach_btf_obj_id,
    };
    reading_.attached.programs.emplace(id, std::move(facts));
    return 0;
  }

  int add_map(const Fd& fd, std::uint32_t id) {
    bpf_map_info info{};
    std::uint32_t size = sizeof(info);
    if (bpf_map_get_info_by_fd(fd.get(), &info, &size) != 0) return errno;
    reading_.map_types[id] = {.value = info.btf_vmlinux_value_type_id,
                              .module = info.btf_vmlinux_id};
    reading_.attached.maps.emplace(
        id, MapFacts{.id = id,
                     .type = info.type,
                     .name = name_in(info.name),
                     .key_size = info.key_size,
                     .value_size = info.value_size,
                     .max_entries = info.max_entries,
                     .memory = describe(fd.get()).value_or(DescribedObject{}).memory,
                     .holders = {}});
    return 0;
  }

  int add_link(const Fd& fd, std::uint32_t id) {
    LinkWords words;
    bpf_link_info& info = words.info;
    std::uint32_t size = sizeof(info);
    LinkFacts facts;
    facts.id = id;
    if (bpf_link_get_info_by_fd(fd.get(), &info, &size) == 0) {
      facts.type = info.type;
      facts.program = info.prog_id;
      read_words(fd, words);
    } else if (errno == ENOENT) {
      return ENOENT;
    } else {
      // Of some perf events the kernel says nothing but whose they are.
      info = {};
      facts.program = describe(fd.get()).value_or(DescribedObject{}).program;
    }
    reading_.links.emplace(id, std::move(words));
    reading_.attached.links.emplace(id, std::move(facts));
    return 0;
  }

  // Where the name goes, if a link of this kind has one that the kernel tells.
  struct NameAt {
    __aligned_u64* text = nullptr;
    __u32* size = nullptr;
  };
  static NameAt name_of(bpf_link_info& info) {
    switch (info.type) {
      case BPF_LINK_TYPE_RAW_TRACEPOINT:
        return {&info.raw_tracepoint.tp_name, &info.raw_tracepoint.tp_name_len};
      case BPF_LINK_TYPE_ITER:
        return {&info.iter.target_name, &info.iter.target_name_len};
      case BPF_LINK_TYPE_UPROBE_MULTI:
        if (info.uprobe_multi.count == 0) return {};
        return {&info.uprobe_multi.path, &info.uprobe_multi.path_size};
      case BPF_LINK_TYPE_PERF_EVENT:
        switch (info.perf_event.type) {
          case BPF_PERF_EVENT_UPROBE:
          case BPF_PERF_EVENT_URETPROBE:
            return {&info.perf_event.uprobe.file_name, &info.perf_event.uprobe.name_len};
          case BPF_PERF_EVENT_KPROBE:
          case BPF_PERF_EVENT_KRETPROBE:
            return {&info.perf_event.kprobe.func_name, &info.perf_event.kprobe.name_len};
          case BPF_PERF_EVENT_TRACEPOINT:
            return {&info.perf_event.tracepoint.tp_name, &info.perf_event.tracepoint.name_len};
          default:
            return {};
        }
      default:
        return {};
    }
  }

  // The second question: with room for what the first has said that there is.
  static void read_words(const Fd& fd, LinkWords& words) {
    bpf_link_info& info = words.info;
    std::array<char, PATH_MAX> name{};
    const NameAt at = name_of(info);
    if (at.text != nullptr) {
      *at.text = pointer(name.data());
      *at.size = name.size();
    }
    if (info.type == BPF_LINK_TYPE_KPROBE_MULTI && info.kprobe_multi.count != 0) {
      words.places.resize(info.kprobe_multi.count);
      info.kprobe_multi.addrs = pointer(words.places.data());
    }
    if (info.type == BPF_LINK_TYPE_UPROBE_MULTI && info.uprobe_multi.count != 0) {
      words.places.resize(info.uprobe_multi.count);
      info.uprobe_multi.offsets = pointer(words.places.data());
    }
    if (at.text == nullptr && words.places.empty()) return;
    bpf_link_info asked = info;
    std::uint32_t size = sizeof(asked);
    if (bpf_link_get_info_by_fd(fd.get(), &asked, &size) != 0) {
      words.places.clear();
      return;
    }
    info = asked;
    words.name.assign(name.data(), strnlen(name.data(), name.size()));
  }

  Reading& reading_;
};

}  // namespace

Status read_objects(Reading& reading) {
  return Walk(reading).run();
}

}  // namespace gancho
