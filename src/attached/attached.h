// SPDX-License-Identifier: Apache-2.0
//
// What of BPF is loaded into the running kernel and what hangs where, by anybody: a snapshot. Needs
// root (CAP_SYS_ADMIN: objects are found by their ids). Nothing is attached or changed for it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "map/interfaces.h"
#include "map/place.h"

namespace gancho {

// A process with a descriptor of the object.
struct Owner {
  int pid = 0;
  std::string name{};       // as the kernel has it: 15 bytes
  std::string container{};  // its id; "" on the host
};

// Who keeps an object in the kernel, beside what it is attached to.
struct Holders {
  std::vector<Owner> owners{};      // by pid
  std::vector<std::string> pins{};  // paths in file systems of BPF that we see
};

struct ProgramFacts {
  std::uint32_t id = 0;
  std::uint32_t type = 0;             // enum bpf_prog_type
  std::string name{};                 // in full where its BTF has it, else the kernel's 15 bytes
  std::string tag{};                  // 16 hex digits; of its instructions
  std::uint64_t loaded_at = 0;        // CLOCK_BOOTTIME, ns
  std::uint32_t uid = 0;              // who loaded it
  std::uint32_t jited_size = 0;       // bytes; 0 when it is interpreted
  std::uint32_t translated_size = 0;  // bytes, as the verifier left it
  std::uint64_t memory = 0;           // bytes, as the kernel accounts it; 0 unknown
  std::uint32_t btf = 0;              // id; 0 none
  std::vector<std::uint32_t> maps{};  // ids
  // Since loaded, but only while statistics were on (kernel.bpf_stats_enabled).
  std::uint64_t run_time_ns = 0;
  std::uint64_t runs = 0;
  std::uint64_t missed = 0;  // runs that the kernel skipped, because one was running already
  Holders holders{};
};

struct MapFacts {
  std::uint32_t id = 0;
  std::uint32_t type = 0;  // enum bpf_map_type
  std::string name{};
  std::uint32_t key_size = 0, value_size = 0, max_entries = 0;
  std::uint64_t memory = 0;  // bytes, as the kernel accounts it
  Holders holders{};
};

struct LinkFacts {
  std::uint32_t id = 0;
  std::uint32_t type = 0;  // enum bpf_link_type
  std::uint32_t program = 0;
  Holders holders{};
};

// One program at one place.
struct Attachment {
  std::uint32_t program = 0;  // id
  std::uint32_t link = 0;     // id; 0: attached without one
  // "fentry", "kretprobe", "tracepoint", "lsm", "xdp", "tc", "cgroup", "netfilter", "perf event",
  // "lsm_cgroup" (an LSM hook, for a cgroup's processes),
  // "uprobe", "freplace", "iterator", "struct_ops", "sk_lookup", "tail call", "tc action", "tcx",
  // "netkit", "flow_dissector", "sk_skb stream parser", "sk_skb stream verdict", "sk_skb verdict",
  // "sk_msg verdict": stable, in JSON.
  std::string how{};
  // The place in the inventory that it is at; nullopt for what has none there (uprobes, other
  // programs, sockets).
  std::optional<PlaceKind> kind{};
  // As the inventory names it ("vfs_read", "sched:sched_switch", "xdp eth0",
  // "cgroup_inet_ingress"); of the others what a person needs: "/bin/bash+0x1234", "program 12",
  // "map 7[3]".
  // "" when the kernel does not tell: then the detail says since when it would.
  std::string place{};
  // What the name does not say: "generic", "prio 1 handle 0x1", "/system.slice" of a cgroup,
  // "multi, 12 functions", "prio -100".
  std::string detail{};
  // Of a cgroup's: whether cgroups below may have programs too, "multi" (all run) or "override"
  // (the nearest does); "" for neither.
  std::string sharing{};
  // Network namespace by its inode; 0: ours, or what belongs to none.
  std::uint64_t network = 0;
};

// A network namespace other than ours.
struct NetworkNamespace {
  std::uint64_t inode = 0;
  std::string name{};  // in /run/netns, else ""
  int pid = 0;         // a process that is in it; 0 none
  std::vector<Interface> interfaces{};
};

// What could not be looked at: in words, once each ("no descriptors: /proc hides them").
using Blanks = std::vector<std::string>;

struct Attached {
  std::map<std::uint32_t, ProgramFacts> programs;  // by id
  std::map<std::uint32_t, MapFacts> maps;
  std::map<std::uint32_t, LinkFacts> links;
  std::vector<Attachment> attachments;  // of programs that are above; by program, then place
  std::vector<NetworkNamespace> networks;
  Blanks blanks;
};

}  // namespace gancho
