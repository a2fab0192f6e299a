// SPDX-License-Identifier: Apache-2.0
//
// Programs that other programs, or the kernel, find in a map: tail calls, XDP behind a redirect.
// (What hangs on maps of sockets is asked for where the network's places are.)
#include <bpf/bpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <vector>

#include "attached/reading.h"
#include "base/fd.h"

namespace gancho {
namespace {

// Each look is a system call. Cilium has a map of 64 K entries for each kind of program.
constexpr std::uint32_t k_most_looks = 1U << 19;

class MapWalk {
 public:
  explicit MapWalk(Reading& reading) : reading_(reading) {}

  void run() {
    for (const auto& [id, map] : reading_.attached.maps) {
      switch (map.type) {
        case BPF_MAP_TYPE_PROG_ARRAY:
          each_entry(map, "tail call", 0);
          break;
        case BPF_MAP_TYPE_DEVMAP:
        case BPF_MAP_TYPE_DEVMAP_HASH:
          each_entry(map, "devmap", offsetof(bpf_devmap_val, bpf_prog));
          break;
        case BPF_MAP_TYPE_CPUMAP:
          each_entry(map, "cpumap", offsetof(bpf_cpumap_val, bpf_prog));
          break;
        default:
          break;
      }
    }
  }

 private:
  // `at`: where in a value the program's id is.
  void each_entry(const MapFacts& map, const char* how, std::size_t at) {
    if (map.key_size != sizeof(std::uint32_t) || map.value_size < at + sizeof(std::uint32_t))
      return;
    const Fd fd(bpf_map_get_fd_by_id(map.id));
    if (!fd.valid()) return;
    const auto look = [&](std::uint32_t key) {
      std::vector<std::byte> value(std::max<std::size_t>(map.value_size, 64));
      if (bpf_map_lookup_elem(fd.get(), &key, value.data()) != 0) return errno;
      std::uint32_t program = 0;
      std::memcpy(&program, value.data() + at, sizeof(program));
      if (program != 0 && reading_.attached.programs.contains(program))
        reading_.add({.program = program,
                      .link = 0,
                      .how = how,
                      .kind = {},
                      .place = fmt::format("map {}[{}]", map.id, key),
                      .detail = map.name});
      return 0;
    };
    if (map.type == BPF_MAP_TYPE_DEVMAP_HASH) {
      std::uint32_t key = 0;
      const void* before = nullptr;
      while (bpf_map_get_next_key(fd.get(), before, &key) == 0 && may_look(map)) {
        (void)look(key);
        before = &key;
      }
      return;
    }
    for (std::uint32_t key = 0; key < map.max_entries && may_look(map); ++key)
      if (look(key) == EPERM) {  // a map that programs alone may read
        reading_.blank(fmt::format("map {} does not let us read what is in it", map.id));
        return;
      }
  }

  bool may_look(const MapFacts& map) {
    if (looks_++ < k_most_looks) return true;
    reading_.blank(fmt::format("map {} was not read to its end: there are too many", map.id));
    return false;
  }

  Reading& reading_;
  std::uint32_t looks_ = 0;
};

}  // namespace

void add_map_places(Reading& reading) {
  MapWalk(reading).run();
}

}  // namespace gancho
