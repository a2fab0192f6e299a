// SPDX-License-Identifier: Apache-2.0
#include "map/map_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <iterator>
#include <map>
#include <tuple>

namespace gancho {
namespace {

constexpr int k_format = 1;

[[nodiscard]] std::string_view gap_name(Gap gap) {
  constexpr std::array<std::string_view, 8> k_names{
      "types", "symbols", "tracepoints", "traceable", "blacklist", "kprobes", "lsm", "attached"};
  return k_names[static_cast<std::size_t>(gap)];
}

void put_counts(std::string& out, const Counts& counts) {
  out += '{';
  for (std::size_t i = 0; i < k_counts; ++i)
    fmt::format_to(std::back_inserter(out), "{}\"{}\":{}", i == 0 ? "" : ",",
                   count_name(static_cast<Count>(i)), counts[i]);
  out += '}';
}

std::string text_at(const boost::json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

bool flag_at(const boost::json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_bool() && value->get_bool();
}

std::int64_t number_at(const boost::json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_int64() ? value->get_int64() : -1;
}

// The objects of a list; none when there is no such list.
std::vector<const boost::json::object*> objects_at(const boost::json::object& object,
                                                   std::string_view key) {
  std::vector<const boost::json::object*> found;
  const auto* list = object.if_contains(key);
  if (list == nullptr || !list->is_array()) return found;
  for (const auto& one : list->get_array())
    if (one.is_object()) found.push_back(&one.get_object());
  return found;
}

std::vector<MapDocument::Hanging> read_attached_part(const boost::json::object& document) {
  std::vector<MapDocument::Hanging> hanging;
  const auto* attached = document.if_contains("attached");
  if (attached == nullptr || !attached->is_object()) return hanging;
  std::map<std::int64_t, const boost::json::object*> programs;
  for (const auto* program : objects_at(attached->get_object(), "programs"))
    programs[number_at(*program, "id")] = program;
  for (const auto* one : objects_at(attached->get_object(), "attachments")) {
    const auto program = programs.find(number_at(*one, "program"));
    if (program == programs.end()) continue;
    hanging.push_back({.how = text_at(*one, "how"),
                       .place = text_at(*one, "place"),
                       .detail = text_at(*one, "detail"),
                       .program = text_at(*program->second, "name"),
                       .tag = text_at(*program->second, "tag")});
  }
  std::ranges::sort(hanging);
  return hanging;
}

Result<MapDocument> read(const boost::json::value& root) {
  const auto wrong = [] { return fail(Errc::input, "not what gancho map --json writes"); };
  if (!root.is_object()) return wrong();
  const auto& document = root.get_object();
  const auto* format = document.if_contains("format");
  const auto* kernel = document.if_contains("kernel");
  const auto* places = document.if_contains("places");
  if (format == nullptr || !format->is_int64() || kernel == nullptr || !kernel->is_object() ||
      places == nullptr || !places->is_array())
    return wrong();
  if (format->get_int64() != k_format)
    return fail(Errc::input, fmt::format("format {}, of which this gancho knows {} only",
                                         format->get_int64(), k_format));
  MapDocument map;
  map.release = text_at(kernel->get_object(), "release");
  if (const auto* missing = document.if_contains("missing"); missing && missing->is_array())
    for (const auto& one : missing->get_array())
      if (one.is_string()) map.missing.emplace_back(one.get_string());
  for (const auto& value : places->get_array()) {
    if (!value.is_object()) return wrong();
    const auto& place = value.get_object();
    const auto kind = find_place_kind(text_at(place, "kind"));
    if (!kind) continue;  // of a later gancho
    map.places.push_back(
        {.kind = *kind,
         .name = text_at(place, "name"),
         .subsystem = find_subsystem(text_at(place, "subsystem")).value_or(Subsystem::unknown),
         .module = text_at(place, "module"),
         .fentry = flag_at(place, "fentry"),
         .kprobe = flag_at(place, "kprobe")});
  }
  map.attached = read_attached_part(document);
  std::ranges::sort(map.places, {}, [](const MapDocument::Entry& entry) {
    return std::tie(entry.kind, entry.name, entry.module);
  });
  return map;
}

}  // namespace

void put_text(std::string& out, std::string_view text) {
  out += '"';
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (letter == '"' || letter == '\\') {
      out += '\\';
      out += letter;
    } else if (byte < 0x20 || byte >= 0x7f) {
      // The kernel's names are ASCII; of whatever else, each byte is a character of its own.
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    } else {
      out += letter;
    }
  }
  out += '"';
}

void put_place(std::string& out, const Place& place) {
  out += "{\"kind\":\"";
  out += place_kind_name(place.kind);
  out += "\",\"name\":";
  put_text(out, place.name);
  out += ",\"subsystem\":\"";
  out += subsystem_name(place.subsystem);
  out += '"';
  if (!place.module.empty()) {
    out += ",\"module\":";
    put_text(out, place.module);
  }
  if (place.kind == PlaceKind::function) {
    out += takes_fentry(place) ? ",\"fentry\":true" : ",\"fentry\":false";
    out += takes_kprobe(place) ? ",\"kprobe\":true" : ",\"kprobe\":false";
  }
  if (!place.detail.empty()) {
    out += ",\"detail\":";
    put_text(out, place.detail);
  }
  out += '}';
}

std::string map_json(const Inventory& inventory, std::optional<Subsystem> only,
                     std::string_view attached) {
  std::string out;
  out.reserve(inventory.places.size() * 96);
  fmt::format_to(std::back_inserter(out), "{{\"format\":{},\"kernel\":{{\"release\":", k_format);
  put_text(out, inventory.release);
  out += ",\"architecture\":";
  put_text(out, inventory.architecture);
  out += "},\"missing\":[";
  for (std::size_t i = 0; i < inventory.gaps.size(); ++i)
    fmt::format_to(std::back_inserter(out), "{}\"{}\"", i == 0 ? "" : ",",
                   gap_name(inventory.gaps[i]));
  out += "],\n\"subsystems\":[";
  const auto counts = count_places(inventory);
  bool first = true;
  for (std::size_t i = 0; i < k_subsystems; ++i) {
    const auto subsystem = static_cast<Subsystem>(i);
    if (only && *only != subsystem) continue;
    fmt::format_to(std::back_inserter(out), "{}\n{{\"name\":\"{}\",\"counts\":", first ? "" : ",",
                   subsystem_name(subsystem));
    put_counts(out, counts[i]);
    out += '}';
    first = false;
  }
  out += "]";
  if (!attached.empty()) out.append(",\n\"attached\":").append(attached);
  out += ",\n\"places\":[";
  first = true;
  for (const Place& place : inventory.places) {
    if (only && place.subsystem != *only) continue;
    out += first ? "\n" : ",\n";
    put_place(out, place);
    first = false;
  }
  out += "]}\n";
  return out;
}

Result<MapDocument> parse_map(std::string_view json) {
  boost::system::error_code error;
  const boost::json::value root = boost::json::parse(json, error);
  if (error) return fail(Errc::input, "no JSON: " + error.message());
  return read(root);
}

}  // namespace gancho
