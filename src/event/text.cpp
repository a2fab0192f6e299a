// SPDX-License-Identifier: Apache-2.0
#include "event/text.h"

#include <time.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/utf8.h"
#include "event/address.h"
#include "event/flags.h"
#include "event/socket_names.h"
#include "event/values.h"

namespace gancho {
namespace {

constexpr std::string_view ink_sequence(Ink ink) {
  switch (ink) {
    case Ink::plain:
      return "\x1b[0m";
    case Ink::strong:
      return "\x1b[1m";
    case Ink::dim:
      return "\x1b[2m";
    case Ink::red:
      return "\x1b[31m";
    case Ink::yellow:
      return "\x1b[33m";
  }
  return "";
}

// Bytes that mean nothing to a shell and cannot be taken for the line's own marks.
constexpr auto k_bare = [] {
  std::array<bool, 256> bare{};
  for (const char c :
       std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                        "_@%+=:,./-"))
    bare[static_cast<unsigned char>(c)] = true;
  return bare;
}();

enum class Quoting { none, single, ansi };

Quoting quoting(std::string_view bytes) {
  bool bare = !bytes.empty();
  bool apostrophe = false;
  while (!bytes.empty()) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    std::size_t length = 1;
    if (!k_bare[byte]) {
      bare = false;
      const Utf8 decoded = decode_utf8(bytes);
      if (decoded.length == 0 || steers_terminal(decoded.code)) return Quoting::ansi;
      apostrophe = apostrophe || byte == '\'';
      length = decoded.length;
    }
    bytes.remove_prefix(length);
  }
  if (bare) return Quoting::none;
  return apostrophe ? Quoting::ansi : Quoting::single;
}

char* put(char* out, std::string_view text) {
  return out + text.copy(out, text.size());
}

char* put_code(char* out, char letter, std::uint32_t code, int digits) {
  *out++ = '\\';
  *out++ = letter;
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
    *out++ = "0123456789abcdef"[code >> shift & 15];
  return out;
}

// The inside of $'...': at most four bytes for one.
constexpr std::size_t k_ansi_expansion = 4;
char* put_ansi(char* out, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    const Utf8 decoded = decode_utf8(bytes);
    std::size_t length = 1;
    if (decoded.length == 0) {
      out = put_code(out, 'x', byte, 2);
    } else if (byte == '\'' || byte == '\\') {
      *out++ = '\\';
      *out++ = static_cast<char>(byte);
    } else if (byte == '\n') {
      out = put(out, "\\n");
    } else if (byte == '\t') {
      out = put(out, "\\t");
    } else if (!steers_terminal(decoded.code)) {
      length = decoded.length;
      out = put(out, bytes.substr(0, length));
    } else if (decoded.code < 0x80) {
      out = put_code(out, 'x', byte, 2);
    } else {
      length = decoded.length;
      out = decoded.code < 0x10000 ? put_code(out, 'u', decoded.code, 4)
                                   : put_code(out, 'U', decoded.code, 8);
    }
    bytes.remove_prefix(length);
  }
  return out;
}

void pad(ByteBuffer& out, std::size_t begin, std::size_t width) {
  while (out.size() - begin < width) out.append(' ');
}

}  // namespace

void TextLine::paint(Ink ink) {
  if (colour_) out_.append(ink_sequence(ink));
}

void TextLine::plain(std::string_view ours, Ink ink) {
  if (ink != Ink::plain) paint(ink);
  out_.append(ours);
  if (ink != Ink::plain) paint(Ink::plain);
}

void TextLine::word(std::string_view bytes, Ink ink) {
  if (ink != Ink::plain) paint(ink);
  char* at = out_.reserve(k_ansi_expansion * bytes.size() + 3);
  switch (quoting(bytes)) {
    case Quoting::none:
      at = put(at, bytes);
      break;
    case Quoting::single:
      *at++ = '\'';
      at = put(at, bytes);
      *at++ = '\'';
      break;
    case Quoting::ansi:
      at = put(at, "$'");
      at = put_ansi(at, bytes);
      *at++ = '\'';
      break;
  }
  out_.commit(at);
  if (ink != Ink::plain) paint(Ink::plain);
}

void TextLine::words(std::string_view args, std::size_t first) {
  std::size_t index = 0;
  for_each_element(args, [&](std::string_view element) {
    if (index++ < first) return;
    out_.append(' ');
    word(element);
  });
}

void TextLine::number(std::uint64_t value) {
  out_.commit(write_decimal(out_.reserve(k_decimal_max), value));
}

void TextLine::number(std::int64_t value) {
  out_.commit(write_decimal(out_.reserve(k_decimal_max), value));
}

void TextLine::identity(std::string_view name, std::uint32_t id) {
  if (id == UINT32_MAX)
    plain("-");
  else if (name.empty())
    number(std::uint64_t{id});
  else
    word(name);
}

void TextLine::user(std::uint32_t uid) {
  identity(facts_.user(uid, container_), uid);
}
void TextLine::group(std::uint32_t gid) {
  identity(facts_.group(gid, container_), gid);
}

void TextLine::error(std::int64_t error) {
  std::array<char, k_error_name_max> name;
  char* const end = write_error_name(name.data(), error);
  plain({name.data(), static_cast<std::size_t>(end - name.data())},
        error == 0 ? Ink::plain : Ink::red);
}

void TextLine::named(NameTable names, std::uint64_t number, Ink ink) {
  std::array<char, k_names_max> form;
  char* const end = write_named(form.data(), names, number);
  plain({form.data(), static_cast<std::size_t>(end - form.data())}, ink);
}

void TextLine::flags(NameTable names, std::uint64_t flags, Ink ink) {
  std::array<char, k_names_max> form;
  char* const end = write_named_flags(form.data(), names, flags);
  plain({form.data(), static_cast<std::size_t>(end - form.data())}, ink);
}

void TextLine::syscall(std::uint64_t id, Ink ink) {
  std::array<char, k_syscall_name_max> form;
  char* const end = write_syscall(form.data(), id);
  plain({form.data(), static_cast<std::size_t>(end - form.data())}, ink);
}

void TextLine::hex(std::uint64_t value) {
  std::array<char, 32> form;
  char* const end = write_named_flags(form.data(), {}, value);
  plain({form.data(), static_cast<std::size_t>(end - form.data())});
}

void TextLine::duration(std::uint64_t ns) {
  struct Unit {
    std::uint64_t ns;
    std::string_view name;
  };
  static constexpr Unit units[] = {
      {86'400'000'000'000, "d"}, {3'600'000'000'000, "h"}, {60'000'000'000, "min"},
      {1'000'000'000, "s"},      {1'000'000, "ms"},        {1'000, "us"},
  };
  for (const Unit& unit : units) {
    if (ns < unit.ns) continue;
    number(ns / unit.ns);
    const std::uint64_t tenths = ns % unit.ns * 10 / unit.ns;
    if (ns / unit.ns < 100 && tenths != 0) {
      plain(".");
      number(tenths);
    }
    plain(unit.name);
    return;
  }
  number(ns);
  plain("ns");
}

void TextLine::endpoint(const ev_address& address) {
  std::array<char, k_endpoint_max> form;
  char* const end = write_endpoint(form.data(), address);
  plain({form.data(), static_cast<std::size_t>(end - form.data())});
}

void TextLine::unix_name(std::string_view name) {
  if (!is_abstract(name)) return word(name);
  plain("@");
  if (name.size() > 1) word(name.substr(1));
}

void TextLine::upward(std::string_view components) {
  const std::size_t begin = out_.size();
  char* const path = out_.reserve(components.size() + 1);
  const auto length = static_cast<std::size_t>(write_downward(path, components) - path);
  // word() may move the buffer, so the path is kept in it, quoted behind, and moved down.
  out_.commit(path + length);
  const std::size_t middle = out_.size();
  (void)out_.reserve(k_ansi_expansion * length + 3);
  word({out_.data() + begin, length});
  const std::size_t quoted = out_.size() - middle;
  std::memmove(out_.data() + begin, out_.data() + middle, quoted);
  out_.truncate(begin + quoted);
}

void TextLine::lineage(std::string_view ancestors) {
  std::string_view between = "  ";
  for_each_ancestor(ancestors, [&](const ev_ancestor& ancestor) {
    out_.append(between);
    between = " ";
    plain("←", Ink::dim);
    out_.append(' ');
    word(comm_bytes(ancestor.comm));
    paint(Ink::dim);
    out_.append(' ');
    number(std::uint64_t{ancestor.pid});
    paint(Ink::plain);
  });
}

void TextLine::mark(std::string_view ours, Ink ink) {
  out_.append(' ');
  paint(ink);
  out_.append('[');
  out_.append(ours);
  out_.append(']');
  paint(Ink::plain);
}

void TextLine::container() {
  if (container_.cgroup_id == 0) return;
  std::string_view name;
  if (!container_fact(ContainerFact::name, name)) name = short_container_id(container_id_);
  out_.append(' ');
  plain("[in ", Ink::dim);
  word(name);
  plain("]", Ink::dim);
}

bool TextLine::container_fact(ContainerFact fact, std::string_view& text) const {
  const ContainerInfo* info =
      container_.cgroup_id != 0 ? facts_.container(container_.cgroup_id) : nullptr;
  text = container_text(fact, container_, container_id_, info);
  return !text.empty();
}

bool TextLine::container_unknown() const {
  const ContainerInfo* info = facts_.container(container_.cgroup_id);
  return info == nullptr || !info->found;
}

TextRenderer::TextRenderer(const Facts& facts, WallClock clock, TextOptions options,
                           std::optional<Projection> projection)
    : facts_(facts),
      clock_(clock),
      options_(options),
      projection_(std::move(projection)),
      time_of_day_(options.utc) {}

void TextRenderer::put_time(std::uint64_t boot_ns, ByteBuffer& out) {
  time_of_day_.put(clock_.unix_ns(boot_ns), 3, out);
}

void TextRenderer::render(const EventView& event, ByteBuffer& out) {
  const ev_header header = event.header();
  TextLine line(out, facts_, options_.colour, &event);
  put_time(header.time, out);
  line.plain("  ");
  std::size_t column = out.size();
  line.plain(event.desc().name);
  pad(out, column, 5);

  column = out.size();
  std::array<char, k_decimal_max> digits;
  const auto length = static_cast<std::size_t>(
      write_decimal(digits.data(), std::uint64_t{header.pid}) - digits.data());
  pad(out, column, length < 7 ? 7 - length : 0);
  line.plain({digits.data(), length});
  line.plain("  ");

  if (projection_)
    put_fields(projection_->fields(event.desc().type), event, line);
  else if (event.desc().text != nullptr)
    event.desc().text(event, line);
  else
    put_fields(all_.fields(event.desc().type).subspan(common_fields().size()), event, line);
  out.append('\n');
}

void TextRenderer::put_fields(std::span<const Selected> fields, const EventView& event,
                              TextLine& line) const {
  bool first = true;
  const auto name = [&](std::string_view field) {
    if (!first) line.plain(" ");
    first = false;
    line.plain(field, Ink::dim);
    line.plain("=", Ink::dim);
  };
  for (const Selected& selected : fields) {
    Value value;
    const FieldDesc& field = *selected.field;
    if (!event.get(field, value)) continue;
    if (value.type == FieldType::container) {
      if (!line.container_fact(field.fact, value.bytes)) continue;
    } else if (value.type == FieldType::container_flag) {
      value.number = line.container_unknown() ? 1 : 0;
    }
    if (selected.value) {
      name(field.name);
      put_value(value, line);
    }
    if (selected.joined && !field.joined.empty()) {
      const auto id = static_cast<std::uint32_t>(value.number);
      const ev_container whose = field.of_machine ? ev_container{} : line.where();
      const std::string_view joined =
          value.type == FieldType::uid ? facts_.user(id, whose) : facts_.group(id, whose);
      if (id == UINT32_MAX || joined.empty()) continue;
      name(field.joined);
      line.word(joined);
    }
  }
}

void TextRenderer::put_value(const Value& value, TextLine& line) const {
  std::array<char, std::max(k_flags_max, k_names_max)> form;
  const auto ours = [&](char* end) {
    line.plain({form.data(), static_cast<std::size_t>(end - form.data())});
  };
  const auto wire = [&]<class Wire>() {
    return load_wire<Wire>(reinterpret_cast<const std::byte*>(value.bytes.data()));
  };
  switch (value.type) {
    case FieldType::u32:
    case FieldType::u64:
    case FieldType::boot_time:
      return line.number(value.number);
    case FieldType::i32:
    case FieldType::i64:
      return line.number(value.signed_number());
    case FieldType::flag:
    case FieldType::path_flag:
    case FieldType::container_flag:
      return line.plain(value.number != 0 ? "true" : "false");
    case FieldType::error:
      return line.error(value.signed_number());
    case FieldType::wall_time:
      return ours(write_rfc3339(form.data(), clock_.unix_ns(value.number)));
    case FieldType::duration:
      return line.duration(value.number);
    case FieldType::uid:
    case FieldType::gid:
      if (value.number == UINT32_MAX) return line.plain("-1");
      return line.number(value.number);
    case FieldType::device:
      return ours(write_device(form.data(), static_cast<std::uint32_t>(value.number)));
    case FieldType::mode:
      return ours(write_mode(form.data(), static_cast<std::uint32_t>(value.number)));
    case FieldType::capabilities:
      return ours(write_capabilities(form.data(), value.number));
    case FieldType::file_type:
      return ours(write_file_type(form.data(), static_cast<std::uint32_t>(value.number)));
    case FieldType::open_flags:
    case FieldType::resolve_flags:
    case FieldType::at_flags:
    case FieldType::rename_flags:
      return ours(write_flags(form.data(), value.type, static_cast<std::uint32_t>(value.number)));
    case FieldType::named:
      return ours(write_named(form.data(), value.names, value.number));
    case FieldType::named_flags:
      return ours(write_named_flags(form.data(), value.names, value.number));
    case FieldType::syscall:
      return ours(write_syscall(form.data(), value.number));
    case FieldType::ip_address:
      return ours(write_ip(form.data(), wire.template operator()<ev_address>()));
    case FieldType::port:
      return line.number(value.number);
    case FieldType::endpoint:
      if (value.number != 0) return line.unix_name(value.bytes);
      return line.endpoint(wire.template operator()<ev_address>());
    case FieldType::connection:
      if (value.number != 0) return line.unix_name(value.bytes);
      return ours(write_connection(form.data(), wire.template operator()<ev_socket>()));
    case FieldType::sock_type:
      return ours(write_socket_type(form.data(), static_cast<std::uint32_t>(value.number)));
    case FieldType::sock_proto:
      return ours(write_socket_protocol(form.data(), static_cast<std::uint32_t>(value.number >> 32),
                                        static_cast<std::uint32_t>(value.number)));
    case FieldType::comm:
    case FieldType::string:
    case FieldType::word:
    case FieldType::path:
    case FieldType::host_path:
    case FieldType::event_name:
    case FieldType::event_class:
    case FieldType::container:
      return line.word(value.bytes);
    case FieldType::args: {
      std::string_view between = "[";
      for_each_element(value.bytes, [&](std::string_view element) {
        line.plain(between);
        between = " ";
        line.word(element);
      });
      return line.plain(value.bytes.empty() ? "[]" : "]");
    }
    case FieldType::upward_path:
      return line.upward(value.bytes);
    case FieldType::lineage: {
      std::string_view between;
      for_each_ancestor(value.bytes, [&](const ev_ancestor& ancestor) {
        line.plain(between);
        between = "<";
        line.word(comm_bytes(ancestor.comm));
      });
      return;
    }
  }
}

void TextRenderer::render(const Loss& loss, ByteBuffer& out) {
  TextLine line(out, facts_, options_.colour);
  put_time(loss.time, out);
  line.plain("  ");
  line.plain("lost ", Ink::red);
  line.number(loss.count);
  line.plain(" ");
  line.plain(class_name(loss.class_id));
  line.plain(loss.count == 1 ? " record lost on CPU " : " records lost on CPU ");
  line.number(std::uint64_t{loss.cpu});
  line.plain(" (");
  line.plain(loss_reason_text(loss.reason));
  line.plain(")\n");
}

}  // namespace gancho
