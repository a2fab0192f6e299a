// SPDX-License-Identifier: Apache-2.0
#include "event/json.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/utf8.h"
#include "event/address.h"
#include "event/flags.h"
#include "event/socket_names.h"
#include "event/values.h"

namespace gancho {
namespace {

// What a byte asks for: nothing, a short escape (the letter), \u00XX, or a look at the bytes behind
// it.
constexpr char k_plain = 0;
constexpr char k_unicode = 'u';
constexpr char k_multibyte = 'm';
constexpr auto k_byte_class = [] {
  std::array<char, 256> classes{};
  for (std::size_t byte = 0; byte < 0x20; ++byte) classes[byte] = k_unicode;
  for (std::size_t byte = 0x80; byte < 0x100; ++byte) classes[byte] = k_multibyte;
  classes[0x7f] = k_unicode;
  classes['"'] = '"';
  classes['\\'] = '\\';
  classes['\b'] = 'b';
  classes['\f'] = 'f';
  classes['\n'] = 'n';
  classes['\r'] = 'r';
  classes['\t'] = 't';
  return classes;
}();

// Zero when none of the eight bytes needs a closer look.
[[gnu::always_inline]] inline std::uint64_t special_bytes(std::uint64_t word) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t high = ones * 0x80;
  // The high bit of each byte says: not below ' ', not '"', not a backslash; and: neither DEL nor
  // above.
  const std::uint64_t plain = ((word | high) - ones * 0x20) & ((word ^ ones * '"') + ones * 0x7f) &
                              ((word ^ ones * '\\') + ones * 0x7f);
  return (~plain | word | (word + ones)) & high;
}

char* write_u(char* out, std::uint16_t unit) {
  constexpr std::string_view digits = "0123456789abcdef";
  *out++ = '\\';
  *out++ = 'u';
  for (int shift = 12; shift >= 0; shift -= 4)
    *out++ = digits[static_cast<std::size_t>(unit >> shift & 15)];
  return out;
}

// What stands in front of `text` and is not plain: writes it, and returns how many bytes it was.
std::size_t write_special(char*& out, std::string_view text, bool& exact) {
  const auto byte = static_cast<unsigned char>(text.front());
  const char kind = k_byte_class[byte];
  if (kind == k_unicode) {
    out = write_u(out, byte);
    return 1;
  }
  if (kind != k_multibyte) {
    *out++ = '\\';
    *out++ = kind;
    return 1;
  }
  const Utf8 decoded = decode_utf8(text);
  if (decoded.length == 0) {
    exact = false;
    constexpr std::string_view replacement = "\xef\xbf\xbd";
    std::memcpy(out, replacement.data(), replacement.size());
    out += replacement.size();
    return 1;
  }
  if (!steers_terminal(decoded.code)) {
    std::memcpy(out, text.data(), decoded.length);
    out += decoded.length;
  } else if (decoded.code < 0x10000) {
    out = write_u(out, static_cast<std::uint16_t>(decoded.code));
  } else {
    const char32_t rest = decoded.code - 0x10000;
    out = write_u(out, static_cast<std::uint16_t>(0xd800 + (rest >> 10)));
    out = write_u(out, static_cast<std::uint16_t>(0xdc00 + (rest & 0x3ff)));
  }
  return decoded.length;
}

// There is nothing to show of what does not run in a container; only the id says "host" then.
bool of_containers_only(const FieldDesc& field) {
  return field.type == FieldType::container_flag ||
         (field.type == FieldType::container && field.fact != ContainerFact::id);
}

constexpr std::size_t k_key_room = 64;  // a key, its .hex form included
constexpr std::size_t k_scalar_room =
    k_flags_max + 16;  // any value that is not made of a record's bytes

char* put(char* out, std::string_view text) {
  return out + text.copy(out, text.size());
}

}  // namespace

char* write_json_escaped(char* out, std::string_view bytes, bool& exact) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  const auto load = [](const char* p, auto& word) { std::memcpy(&word, p, sizeof(word)); };

  // Nearly every string is plain ASCII. What does not fill a word is taken as a word that overlaps.
  if (bytes.size() >= 8) {
    std::uint64_t word;
    for (; end - at > 8; at += 8, out += 8) {
      load(at, word);
      if (special_bytes(word) != 0) break;
      std::memcpy(out, &word, 8);
    }
    if (end - at <= 8) {
      load(end - 8, word);
      if (special_bytes(word) == 0) {
        std::memcpy(out - (8 - (end - at)), &word, 8);
        return out + (end - at);
      }
    }
  } else if (bytes.size() >= 4) {
    std::uint32_t front;
    std::uint32_t back;
    load(at, front);
    load(end - 4, back);
    if (special_bytes(std::uint64_t{back} << 32 | front) == 0) {
      std::memcpy(out, &front, 4);
      std::memcpy(out + bytes.size() - 4, &back, 4);
      return out + bytes.size();
    }
  }

  for (;;) {
    while (at != end && k_byte_class[static_cast<unsigned char>(*at)] == k_plain) *out++ = *at++;
    if (at == end) return out;
    at += write_special(out, {at, end}, exact);
  }
}

JsonRenderer::Key::Key(std::string_view name) {
  static_assert(k_field_name_max + 4 <= k_room);
  name = name.substr(0, k_field_name_max);  // a test holds rooms to it
  char* end = put(text, ",\"");
  end = put(end, name);
  end = put(end, "\":");
  length = static_cast<std::uint8_t>(end - text);
}

char* JsonRenderer::Key::write(char* out) const {
  std::memcpy(out, text, k_room);  // more than needed: a copy of constant size is a few moves
  return out + length;
}

char* JsonRenderer::Key::write_hex(char* out) const {
  return put(write(out) - 2, ".hex\":");
}

JsonRenderer::JsonRenderer(const Facts& facts, WallClock clock, const Projection& projection)
    : facts_(facts), clock_(clock) {
  for (const auto& [type, fields] : projection.events()) {
    if (plans_.size() <= type) plans_.resize(type + std::size_t{1});
    for (const auto& [field, value, joined] : fields) {
      const Column column{.field = field,
                          .value = value,
                          .joined = joined && !field->joined.empty(),
                          .key = Key(field->name),
                          .joined_key = Key(field->joined)};
      plans_[type].inside.push_back(column);
      if (!of_containers_only(*field)) plans_[type].outside.push_back(column);
    }
  }
}

void JsonRenderer::render(const EventView& event, ByteBuffer& out) const {
  // Every field begins with a comma; the first one's becomes the opening brace.
  const std::size_t begin = out.size();
  const std::uint16_t type = event.desc().type;
  if (type < plans_.size()) {
    const ev_container where = event.container();
    const bool inside = where.cgroup_id != 0;
    const std::vector<Column>& plan = inside ? plans_[type].inside : plans_[type].outside;
    const ContainerInfo* info = inside ? facts_.container(where.cgroup_id) : nullptr;
    // Room for all that is not made of the record's bytes; the others ask for more.
    const std::size_t room = plan.size() * (k_key_room + k_scalar_room);
    char* at = out.reserve(room);
    for (const Column& column : plan)
      event.visit(*column.field, [&]<FieldType type>(const Value& value) {
        using enum FieldType;
        const Key& key = column.key;
        const auto with_buffer = [&](auto&& render_value) {
          out.commit(at);
          render_value();
          at = out.reserve(room);
        };
        if constexpr (type == comm || type == string || type == path || type == host_path) {
          with_buffer([&] { put_string(key, value.bytes, out); });
        } else if constexpr (type == args) {
          with_buffer([&] { put_args(key, value.bytes, out); });
        } else if constexpr (type == endpoint || type == connection) {
          if (value.number != 0) {
            with_buffer([&] { put_unix_name(key, value.bytes, out); });
            return;
          }
          at = key.write(at);
          *at++ = '"';
          const auto* wire = reinterpret_cast<const std::byte*>(value.bytes.data());
          if constexpr (type == endpoint)
            at = write_endpoint(at, load_wire<ev_address>(wire));
          else
            at = write_connection(at, load_wire<ev_socket>(wire));
          *at++ = '"';
        } else if constexpr (type == upward_path) {
          with_buffer([&] { put_upward(key, value.bytes, out); });
        } else if constexpr (type == lineage) {
          with_buffer([&] { put_lineage(key, value.bytes, out); });
        } else if constexpr (type == uid || type == gid) {
          const auto id = static_cast<std::uint32_t>(value.number);
          const bool unset = id == UINT32_MAX;
          if (column.value) {
            at = key.write(at);
            at = unset ? put(at, "-1") : write_decimal(at, value.number);
          }
          if (!column.joined || unset) return;
          const bool machines = !inside || column.field->of_machine;
          const std::string_view name = type == uid
                                            ? machines ? facts_.user(id) : facts_.user(id, where)
                                        : machines ? facts_.group(id)
                                                   : facts_.group(id, where);
          if (!name.empty()) with_buffer([&] { put_string(column.joined_key, name, out); });
        } else if constexpr (type == named || type == named_flags) {
          with_buffer([&] { put_names(key, value, out); });
        } else if constexpr (type == u32 || type == u64 || type == boot_time || type == duration ||
                             type == port) {
          at = write_decimal(key.write(at), value.number);
        } else if constexpr (type == container) {
          const std::string_view text =
              container_text(column.field->fact, where, value.bytes, info);
          if (inside) {
            if (!text.empty()) with_buffer([&] { put_string(key, text, out); });
          } else if (!text.empty()) {  // "host": ours, nothing to escape
            at = key.write(at);
            *at++ = '"';
            at = put(at, text);
            *at++ = '"';
          }
        } else if constexpr (type == container_flag) {
          at = put(key.write(at), info != nullptr && info->found ? "false" : "true");
        } else if constexpr (type == i32 || type == i64) {
          at = write_decimal(key.write(at), value.signed_number());
        } else if constexpr (type == flag || type == path_flag) {
          at = key.write(at);
          at = value.number != 0 ? put(at, "true") : put(at, "false");
        } else {
          at = key.write(at);
          *at++ = '"';
          if constexpr (type == error)
            at = write_error_name(at, value.signed_number());
          else if constexpr (type == wall_time)
            at = write_rfc3339(at, clock_.unix_ns(value.number));
          else if constexpr (type == device)
            at = write_device(at, static_cast<std::uint32_t>(value.number));
          else if constexpr (type == mode)
            at = write_mode(at, static_cast<std::uint32_t>(value.number));
          else if constexpr (type == capabilities)
            at = write_capabilities(at, value.number);
          else if constexpr (type == file_type)
            at = write_file_type(at, static_cast<std::uint32_t>(value.number));
          else if constexpr (has_flag_names(type))
            at = write_flags(at, type, static_cast<std::uint32_t>(value.number));
          else if constexpr (type == ip_address)
            at = write_ip(
                at, load_wire<ev_address>(reinterpret_cast<const std::byte*>(value.bytes.data())));
          else if constexpr (type == sock_type)
            at = write_socket_type(at, static_cast<std::uint32_t>(value.number));
          else if constexpr (type == sock_proto)
            at = write_socket_protocol(at, static_cast<std::uint32_t>(value.number >> 32),
                                       static_cast<std::uint32_t>(value.number));
          else if constexpr (type == syscall)
            at = write_syscall(at, value.number);
          else  // word, event_name, event_class: out of our own tables, nothing to escape
            at = put(at, value.bytes.substr(0, k_field_name_max));
          *at++ = '"';
        }
      });
    out.commit(at);
  }
  if (out.size() == begin) out.append(',');
  out.data()[begin] = '{';
  out.append("}\n");
}

// Names are our own: nothing to escape.
void JsonRenderer::put_names(const Key& key, const Value& value, ByteBuffer& out) {
  char* at = key.write(out.reserve(k_key_room + k_names_max + 2));
  *at++ = '"';
  at = value.type == FieldType::named ? write_named(at, value.names, value.number)
                                      : write_named_flags(at, value.names, value.number);
  *at++ = '"';
  out.commit(at);
}

void JsonRenderer::put_string(const Key& key, std::string_view bytes, ByteBuffer& out) {
  char* at = out.reserve(k_key_room + k_json_expansion * bytes.size() + 2);
  at = key.write(at);
  *at++ = '"';
  bool exact = true;
  at = write_json_escaped(at, bytes, exact);
  *at++ = '"';
  out.commit(at);
  if (exact) return;

  at = out.reserve(k_key_room + 2 * bytes.size() + 2);
  at = key.write_hex(at);
  *at++ = '"';
  at = write_hex(at, bytes);
  *at++ = '"';
  out.commit(at);
}

void JsonRenderer::put_unix_name(const Key& key, std::string_view bytes, ByteBuffer& out) {
  const bool abstract = is_abstract(bytes);
  char* at = out.reserve(k_key_room + k_json_expansion * bytes.size() + 3);
  at = key.write(at);
  *at++ = '"';
  if (abstract) *at++ = '@';
  bool exact = true;
  at = write_json_escaped(at, bytes.substr(abstract ? 1 : 0), exact);
  *at++ = '"';
  out.commit(at);
  if (exact) return;

  at = out.reserve(k_key_room + 2 * bytes.size() + 2);
  at = key.write_hex(at);
  *at++ = '"';
  at = write_hex(at, bytes);
  *at++ = '"';
  out.commit(at);
}

void JsonRenderer::put_args(const Key& key, std::string_view bytes, ByteBuffer& out) {
  // An element of n bytes takes n + 1 bytes of the value, and at most 6 n + 3 here.
  char* at = out.reserve(k_key_room + k_json_expansion * (bytes.size() + 1) + 4);
  at = key.write(at);
  *at++ = '[';
  bool all_exact = true;
  bool first = true;
  for_each_element(bytes, [&](std::string_view element) {
    if (!first) *at++ = ',';
    first = false;
    *at++ = '"';
    at = write_json_escaped(at, element, all_exact);
    *at++ = '"';
  });
  *at++ = ']';
  out.commit(at);
  if (all_exact) return;

  // null for an element that stands exactly in the list above; else 2 n + 3 bytes.
  at = out.reserve(k_key_room + 5 * (bytes.size() + 1) + 4);
  at = key.write_hex(at);
  *at++ = '[';
  first = true;
  for_each_element(bytes, [&](std::string_view element) {
    if (!first) *at++ = ',';
    first = false;
    bool exact = true;
    for (std::string_view rest = element; !rest.empty() && exact;) {
      const Utf8 decoded = decode_utf8(rest);
      exact = decoded.length != 0;
      rest.remove_prefix(decoded.length);
    }
    if (exact) {
      at = put(at, "null");
    } else {
      *at++ = '"';
      at = write_hex(at, element);
      *at++ = '"';
    }
  });
  *at++ = ']';
  out.commit(at);
}

void JsonRenderer::put_upward(const Key& key, std::string_view bytes, ByteBuffer& out) {
  // The path is put together behind the place where it will be written escaped.
  const std::size_t escaped = k_key_room + k_json_expansion * (bytes.size() + 1) + 2;
  const std::size_t hex = k_key_room + 2 * (bytes.size() + 1) + 2;
  char* at = out.reserve(escaped + hex + bytes.size() + 1);
  char* const scratch = at + escaped + hex;
  const std::string_view path(scratch,
                              static_cast<std::size_t>(write_downward(scratch, bytes) - scratch));

  at = key.write(at);
  *at++ = '"';
  bool exact = true;
  at = write_json_escaped(at, path, exact);
  *at++ = '"';
  if (!exact) {
    at = key.write_hex(at);
    *at++ = '"';
    at = write_hex(at, path);
    *at++ = '"';
  }
  out.commit(at);
}

void JsonRenderer::put_lineage(const Key& key, std::string_view bytes, ByteBuffer& out) {
  constexpr std::size_t entry_room = 192 + EV_COMM_LEN * (k_json_expansion + 2);
  char* at = out.reserve(k_key_room + 4 + bytes.size() / sizeof(ev_ancestor) * entry_room);
  at = key.write(at);
  *at++ = '[';
  bool first = true;
  for_each_ancestor(bytes, [&](const ev_ancestor& ancestor) {
    if (!first) *at++ = ',';
    first = false;
    const std::string_view name = comm_bytes(ancestor.comm);
    bool exact = true;
    at = put(at, R"({"name":")");
    at = write_json_escaped(at, name, exact);
    if (!exact) {
      at = put(at, R"(","name.hex":")");
      at = write_hex(at, name);
    }
    at = put(at, R"(","pid":)");
    at = write_decimal(at, std::uint64_t{ancestor.pid});
    at = put(at, R"(,"start_time":)");
    at = write_decimal(at, std::uint64_t{ancestor.start_time});
    at = put(at, R"(,"exec_count":)");
    at = write_decimal(at, std::uint64_t{ancestor.exec_count});
    *at++ = '}';
  });
  *at++ = ']';
  out.commit(at);
}

void JsonRenderer::render(const Loss& loss, ByteBuffer& out) const {
  char* at = out.reserve(512);
  at = put(at, R"({"evt.time":")");
  at = write_rfc3339(at, clock_.unix_ns(loss.time));
  at = put(at, R"(","evt.boottime":)");
  at = write_decimal(at, loss.time);
  at = put(at, R"(,"evt.type":"lost","evt.class":")");
  at = put(at, class_name(loss.class_id));
  at = put(at, R"(","evt.cpu":)");
  at = write_decimal(at, std::uint64_t{loss.cpu});
  at = put(at, R"(,"lost.count":)");
  at = write_decimal(at, loss.count);
  at = put(at, R"(,"lost.reason":")");
  at = put(at, loss_reason_name(loss.reason));
  at = put(at, "\"}\n");
  out.commit(at);
}

}  // namespace gancho
