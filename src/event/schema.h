// SPDX-License-Identifier: Apache-2.0
//
// The schema is the spine: each event and each field is described once, as plain constant data, by
// the room that owns it. JSON, text, the reference page and completion are read off these tables.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "event/names.h"
#include "wire/event.h"

namespace gancho {

// How a field lies in the record, which is also how it is read.
enum class FieldType : std::uint8_t {
  u32,            // __u32
  u64,            // __u64
  i32,            // __s32
  i64,            // __s64
  flag,           // one bit of a __u32: FieldDesc::mask
  error,          // __s32, 0 or a negative errno; written as the errno's name
  boot_time,      // __u64, ns of the boot clock
  wall_time,      // __u64, ns of the boot clock; written as time of day, UTC
  duration,       // __u64, ns
  uid,            // __u32; 0xffffffff means unset
  gid,            // __u32
  device,         // __u32, major << 20 | minor; written "major:minor"
  mode,           // __u32; written as four octal digits
  capabilities,   // __u64 bit mask
  file_type,      // __u32, mode_t; written as the type's name: "regular"
  open_flags,     // __u32, O_* of open(2); written by name: "O_WRONLY|O_CREAT"
  resolve_flags,  // __u32, RESOLVE_* of openat2(2)
  at_flags,       // __u32, AT_* of linkat(2) and others
  rename_flags,   // __u32, RENAME_* of renameat2(2)
  named,          // __u32; written by its name in FieldDesc::names: "SIGKILL"
  named_flags,    // __u64 of the bits in FieldDesc::names: "CLONE_NEWNS|CLONE_NEWPID"
  ip_address,     // ev_address; absent when it has no IP address
  port,           // ev_address, likewise
  endpoint,       // ev_address: "192.0.2.1:80", the name of a Unix socket
  connection,     // ev_socket: both ends, "127.0.0.1:34567->192.0.2.1:80"; a Unix socket's name
  sock_type,      // __u32, SOCK_* with its flags
  sock_proto,     // ev_socket_kind
  word,           // what FieldDesc::word finds for the bytes at the offset
  syscall,        // __u32 number, __u32 table (event/names.h); written by name; absent when no call
  comm,           // __u8[EV_COMM_LEN]
  string,         // ev_string
  args,           // ev_string, each element ends with NUL
  upward_path,    // ev_string, path components from the leaf up, each ends with NUL
  path,           // ev_path, as the process sees it
  host_path,      // ev_path, as far up as the mount tree goes
  path_flag,      // one EV_PATH_* bit of an ev_path: FieldDesc::mask
  lineage,        // ev_string that holds ev_ancestor[]
  event_name,     // of the EventDesc, not of the record's bytes
  event_class,    // __u8, enum ev_class; written as its name
  container,      // struct ev_container: FieldDesc::fact, as text
  container_flag,  // struct ev_container: FieldDesc::fact, as true or false
};

// What is shown of a container (event/container.h).
enum class ContainerFact : std::uint8_t {
  id,
  full_id,
  type,
  name,
  image,
  image_repository,
  image_tag,
  image_digest,
  image_id,
  created,
  pod_name,
  pod_namespace,
  unknown,  // container_flag
};

// "u32", "path" ...: how the reference page calls the type.
[[nodiscard]] std::string_view type_name(FieldType type);
[[nodiscard]] std::string_view class_name(ev_class class_id);

// When the field is there to be used: a rule that denies may use only what exists before the act.
enum class Phase : std::uint8_t { before, after };

// What collecting the field costs the program that is being watched, in guest instructions on 6.12.
enum class Cost : std::uint8_t { free, low, high };  // none measurable; below 300; above

inline constexpr std::uint8_t k_always = 0xff;

struct FieldDesc {
  std::string_view name;  // Falco's name where it has one
  FieldType type;
  std::uint16_t offset;             // in the event's fixed struct
  std::uint32_t mask = 0;           // flag, path_flag: the bit
  std::uint8_t present = k_always;  // bit of ev_header::present that says the field was read
  Phase phase = Phase::before;
  Cost cost = Cost::low;
  std::string_view unit = {};     // "" when it has none
  std::string_view meaning = {};  // one line, no trailing dot
  // uid, gid: the field that carries the name which belongs to the number (Facts); "" for none.
  std::string_view joined = {};
  NameTable names = {};  // named, named_flags
  // uid, gid: of the machine's own files, also when the process is in a container.
  bool of_machine = false;
  // Of the environment of a program, which is read when somebody asks only (event/on_demand.h).
  bool of_environment = false;
  ContainerFact fact = {};  // container, container_flag
  // word: which one it is, out of a constant table, for the bytes at the offset, of any alignment;
  // empty: absent.
  std::string_view (*word)(const std::byte* at) = nullptr;
};

// No field's name is longer; renderers lay out their keys by it.
inline constexpr std::size_t k_field_name_max = 40;

class EventView;
class TextLine;
struct Lifecycle;

struct EventDesc {
  std::uint16_t type;           // enum ev_type
  std::string_view name;        // "exec": what `gancho watch` is given
  std::string_view group = {};  // "files": stands for all events of this group; "" for none
  std::string_view meaning;
  ev_class class_id;                  // of the event's ordinary form
  std::uint32_t size;                 // of the fixed struct, bytes
  std::span<const FieldDesc> fields;  // own fields; those of every event are in k_common_fields
  // How a person sees it, after time, name and pid (src/event/text.h); nullptr: "name=value ..."
  void (*text)(const EventView&, TextLine&) = nullptr;
  // What it says about the coming, changing and going of its process (src/event/lifecycle.h); false
  // when this record says nothing. nullptr when none does.
  bool (*lifecycle)(const EventView&, Lifecycle&) = nullptr;
  // Leaves what is to be said about its process to the process table, which must then be kept.
  bool needs_process = false;
  // Watched with the name of a system call only: "syscall:mount".
  bool by_call = false;
  std::uint16_t container = 0;  // offset of its struct ev_container; 0: it has none
};

// Fields of ev_header, the same for all events: evt.time, evt.type, proc.pid ...
[[nodiscard]] std::span<const FieldDesc> common_fields();

}  // namespace gancho
