// SPDX-License-Identifier: Apache-2.0
//
// A snapshot in the making: what its chapters hand on to each other. Of one thread.
#pragma once

#include <linux/bpf.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "attached/address_names.h"
#include "attached/attached.h"
#include "attached/btf_objects.h"
#include "attached/tracepoint_names.h"

namespace gancho {

// Beside its facts: what tells where a program is attached.
struct ProgramTarget {
  bool told = false;      // the kernel says whose types they are (Linux 6.0)
  std::uint32_t btf = 0;  // id of the BTF object that the target is in; 0 none
};

struct MapTypes {
  std::uint32_t value = 0;   // of a struct_ops: the structure around it, in the kernel's types
  std::uint32_t module = 0;  // id of the BTF object that it is in; 0: the kernel's own
};

struct LinkWords {
  bpf_link_info info{};  // pointers in it are not valid
  // Tracepoint, iterator's target, probed function or file; "" when the kernel does not tell.
  std::string name;
  std::vector<std::uint64_t> places;  // addresses of functions, or offsets in the file
};

struct HeldLink {
  int task = 0;  // whose descriptor it is: a process, or a thread of it
  int fd = -1;
  std::uint32_t link = 0;
};

struct HeldPerfEvent {
  int process = 0;
  int task = 0;  // as above
  int fd = -1;
};

struct Reading {
  Attached attached;
  std::map<std::uint32_t, ProgramTarget> targets;  // by id of the program
  std::map<std::uint32_t, MapTypes> map_types;     // by id of the map
  std::map<std::uint32_t, LinkWords> links;        // by id
  std::vector<HeldLink> held_links;                // by task and descriptor
  std::vector<HeldPerfEvent> perf_events;          // the same
  // Looked up when somebody asks.
  BtfObjects types;
  AddressNames symbols;
  TracepointNames tracepoints;

  // Once each.
  void blank(std::string sentence);
  void add(Attachment attachment) { attached.attachments.push_back(std::move(attachment)); }
  [[nodiscard]] std::uint32_t type_of_program(std::uint32_t id) const;
};

// Of which place nothing is known yet; `link` 0: without one.
[[nodiscard]] inline Attachment attachment_of(std::uint32_t program, std::uint32_t link) {
  Attachment attachment;
  attachment.program = program;
  attachment.link = link;
  return attachment;
}

// The chapters, in this order.
[[nodiscard]] Status read_objects(Reading& reading);  // Errc::permission
void read_holders(Reading& reading);                  // descriptors of processes
void read_pins(Reading& reading);
void add_link_places(Reading& reading);  // of links that say themselves where they are
void add_perf_places(Reading& reading);  // perf events, with a link and without
void add_map_places(Reading& reading);   // programs in maps
void add_struct_ops_places(Reading& reading);

}  // namespace gancho
