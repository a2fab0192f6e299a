// SPDX-License-Identifier: Apache-2.0
//
// A record that has been checked. Bytes come from a ring or from a file, and neither is believed:
// create() proves once that the sizes agree, and every later access is bounded by what it proved.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

#include "base/result.h"
#include "event/address.h"
#include "event/schema.h"
#include "wire/task.h"

namespace gancho {

// A field's value: which member counts follows from the field's type.
struct Value {
  FieldType type = FieldType::u32;
  // Every scalar; i32, i64 and error are signed. endpoint, connection: 1 when `bytes` is a Unix
  // socket's name, 0 when it is the wire struct. sock_proto: its family << 32 | the number.
  std::uint64_t number = 0;
  std::string_view bytes = {};  // every string, path, list; any byte may occur
  NameTable names = {};         // of named, named_flags
  [[nodiscard]] std::int64_t signed_number() const { return static_cast<std::int64_t>(number); }
};

// Unaligned and from bytes that are not believed: a copy.
template <class T>
[[nodiscard]] T load_wire(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

template <class Wire>
[[nodiscard]] std::string_view wire_bytes(const std::byte* at) {
  return {reinterpret_cast<const char*>(at), sizeof(Wire)};
}

// What a process sees when it is at its own root.
inline constexpr std::string_view k_root_path = "/";

class EventView {
 public:
  // `record` must stay alive and unchanged as long as the view is used.
  // Any alignment. Refuses a record that is shorter than its event's fixed struct, whose size field
  // disagrees with the bytes given, or whose type or class nobody describes.
  [[nodiscard]] static Result<EventView> create(std::span<const std::byte> record);

  // A copy of the fixed struct, which must be the event's own or ev_header.
  template <class Wire>
  [[nodiscard]] Wire fixed() const {
    static_assert(std::is_trivially_copyable_v<Wire>);
    Wire wire{};
    std::memcpy(&wire, record_.data(), sizeof(wire) < desc_->size ? sizeof(wire) : desc_->size);
    return wire;
  }
  [[nodiscard]] ev_header header() const { return fixed<ev_header>(); }
  [[nodiscard]] const EventDesc& desc() const { return *desc_; }
  [[nodiscard]] std::span<const std::byte> record() const { return record_; }

  // False when the field was not read, or when it points outside of the record.
  [[nodiscard]] bool get(const FieldDesc& field, Value& value) const;

  // The same for hot paths: calls visit.operator()<type>(value) with the type as a constant, so
  // that what is done with the value needs no second switch. False, and no call, when there is
  // none.
  template <class Visit>
  bool visit(const FieldDesc& field, Visit&& visit) const;

  // The same by the wire's own references; empty when absent or outside of the record's tail.
  [[nodiscard]] std::string_view string(ev_string reference) const;
  [[nodiscard]] std::string_view path(ev_path reference) const;  // as the process sees it

  // Zeros when the event has none, or when it is not known whether there is one.
  [[nodiscard]] ev_container container() const;

 private:
  EventView(std::span<const std::byte> record, const EventDesc& desc)
      : record_(record), desc_(&desc) {}
  [[nodiscard]] bool tail(std::uint32_t offset, std::uint32_t length,
                          std::string_view& bytes) const;
  [[nodiscard]] bool seen_path(ev_path reference, std::string_view& bytes) const;

  std::span<const std::byte> record_;
  const EventDesc* desc_;
};

inline bool EventView::tail(std::uint32_t offset, std::uint32_t length,
                            std::string_view& bytes) const {
  if (offset < desc_->size || offset + length > record_.size()) return false;
  bytes = {reinterpret_cast<const char*>(record_.data()) + offset, length};
  return true;
}

template <class Visit>
[[gnu::always_inline]] inline bool EventView::visit(const FieldDesc& field, Visit&& visit) const {
  using enum FieldType;
  if (field.present != k_always &&
      (load_wire<std::uint64_t>(record_.data() + offsetof(ev_header, present)) >>
           (field.present & 63) &
       1) == 0)
    return false;

  const std::byte* const at = record_.data() + field.offset;
  const auto number = [&]<FieldType type>(std::uint64_t value) {
    visit.template operator()<type>(Value{.type = type, .number = value, .names = field.names});
    return true;
  };
  const auto bytes = [&]<FieldType type>(std::string_view value) {
    visit.template operator()<type>(Value{.type = type, .bytes = value});
    return true;
  };
  const auto number32 = [&]<FieldType type> {
    return number.template operator()<type>(load_wire<std::uint32_t>(at));
  };
  const auto number64 = [&]<FieldType type> {
    return number.template operator()<type>(load_wire<std::uint64_t>(at));
  };
  const auto signed32 = [&]<FieldType type> {
    const std::int64_t value = load_wire<std::int32_t>(at);
    return number.template operator()<type>(static_cast<std::uint64_t>(value));
  };
  const auto in_tail = [&]<FieldType type> {
    const auto reference = load_wire<ev_string>(at);
    std::string_view value;
    return tail(reference.offset, reference.length, value) &&
           bytes.template operator()<type>(value);
  };

  const auto unix_end = [&]<FieldType type>(ev_string name) {
    std::string_view value;
    if (!tail(name.offset, name.length, value)) return false;
    visit.template operator()<type>(Value{.type = type, .number = 1, .bytes = value});
    return true;
  };

  switch (field.type) {
    case u32:
      return number32.template operator()<u32>();
    case uid:
      return number32.template operator()<uid>();
    case gid:
      return number32.template operator()<gid>();
    case device:
      return number32.template operator()<device>();
    case mode:
      return number32.template operator()<mode>();
    case u64:
      return number64.template operator()<u64>();
    case boot_time:
      return number64.template operator()<boot_time>();
    case wall_time:
      return number64.template operator()<wall_time>();
    case duration:
      return number64.template operator()<duration>();
    case capabilities:
      return number64.template operator()<capabilities>();
    case i64:
      return number64.template operator()<i64>();
    case file_type:
      return number32.template operator()<file_type>();
    case open_flags:
      return number32.template operator()<open_flags>();
    case resolve_flags:
      return number32.template operator()<resolve_flags>();
    case at_flags:
      return number32.template operator()<at_flags>();
    case rename_flags:
      return number32.template operator()<rename_flags>();
    case named:
      return number32.template operator()<named>();
    case named_flags:
      return number64.template operator()<named_flags>();
    case syscall: {
      const auto id = load_wire<std::uint64_t>(at);
      return id >> 32 <= k_syscall_table_32 && number.template operator()<syscall>(id);
    }
    case i32:
      return signed32.template operator()<i32>();
    case error:
      return signed32.template operator()<error>();
    case flag:
      return number.template operator()<flag>((load_wire<std::uint32_t>(at) & field.mask) != 0 ? 1
                                                                                               : 0);
    case path_flag: {
      const auto reference = load_wire<ev_path>(at);
      return reference.offset != 0 &&
             number.template operator()<path_flag>((reference.flags & field.mask) != 0 ? 1 : 0);
    }
    case sock_type:
      return number32.template operator()<sock_type>();
    case sock_proto: {
      const auto kind = load_wire<ev_socket_kind>(at);
      return number.template operator()<sock_proto>(std::uint64_t{kind.family} << 32 |
                                                    kind.protocol);
    }
    case ip_address:
      return is_ip(load_wire<ev_address>(at)) &&
             bytes.template operator()<ip_address>(wire_bytes<ev_address>(at));
    case port: {
      const auto address = load_wire<ev_address>(at);
      return is_ip(address) && number.template operator()<port>(address.port);
    }
    case endpoint: {
      const auto address = load_wire<ev_address>(at);
      if (address.family == AF_UNIX) return unix_end.template operator()<endpoint>(address.name);
      return bytes.template operator()<endpoint>(wire_bytes<ev_address>(at));
    }
    case connection: {
      const auto socket = load_wire<ev_socket>(at);
      if (socket.kind.family == AF_UNIX)
        return unix_end.template operator()<connection>(unix_name(socket));
      return (socket.local.family != AF_UNSPEC || socket.remote.family != AF_UNSPEC) &&
             bytes.template operator()<connection>(wire_bytes<ev_socket>(at));
    }
    case word: {
      const std::string_view found = field.word != nullptr ? field.word(at) : std::string_view{};
      return !found.empty() && bytes.template operator()<word>(found);
    }
    case comm: {
      const auto* chars = reinterpret_cast<const char*>(at);
      return bytes.template operator()<comm>({chars, ::strnlen(chars, EV_COMM_LEN)});
    }
    case string:
      return in_tail.template operator()<string>();
    case args:
      return in_tail.template operator()<args>();
    case upward_path:
      return in_tail.template operator()<upward_path>();
    case lineage:
      return in_tail.template operator()<lineage>();
    case host_path:
      return in_tail.template operator()<host_path>();  // ev_path begins as ev_string does
    case path: {
      std::string_view value;
      return seen_path(load_wire<ev_path>(at), value) && bytes.template operator()<path>(value);
    }
    case event_name:
      return bytes.template operator()<event_name>(desc_->name);
    case event_class:
      return bytes.template operator()<event_class>(
          class_name(static_cast<ev_class>(load_wire<std::uint8_t>(at))));
    case container:
    case container_flag: {
      // The id; what it is worth is said by container_text() and the facts.
      const auto found = load_wire<ev_container>(at);
      if ((found.flags & EV_CONTAINER_KNOWN) == 0) return false;
      const bool host = found.cgroup_id == 0;
      if (host && field.fact != ContainerFact::id) return false;
      const std::string_view id = host ? std::string_view{} : this->string(found.id);
      if (field.type == container) return bytes.template operator()<container>(id);
      return bytes.template operator()<container_flag>(id);
    }
  }
  return false;
}

// The ancestors of a lineage value, nearest first. Bytes that make no whole entry are left out.
template <class Visit>
void for_each_ancestor(std::string_view bytes, Visit&& visit) {
  for (; bytes.size() >= sizeof(ev_ancestor); bytes.remove_prefix(sizeof(ev_ancestor))) {
    ev_ancestor ancestor;
    std::memcpy(&ancestor, bytes.data(), sizeof(ancestor));
    visit(ancestor);
  }
}

// A comm without the zeros behind it.
[[nodiscard]] inline std::string_view comm_bytes(const __u8 (&comm)[EV_COMM_LEN]) {
  const auto* chars = reinterpret_cast<const char*>(comm);
  return {chars, ::strnlen(chars, EV_COMM_LEN)};
}

// The elements of an args value, and of an upward_path value.
template <class Visit>
void for_each_element(std::string_view bytes, Visit&& visit) {
  while (!bytes.empty()) {
    const auto end = bytes.find('\0');
    visit(bytes.substr(0, end));
    bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
  }
}

}  // namespace gancho
