// SPDX-License-Identifier: Apache-2.0
#include "attached/attached_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "attached/type_words.h"
#include "base/clock.h"
#include "map/map_json.h"

namespace gancho {
namespace {

// A list of what `put_one` writes of each.
template <class Range, class Put>
void put_list(std::string& out, std::string_view key, const Range& range, Put put_one,
              std::string_view separator = ",\n") {
  fmt::format_to(std::back_inserter(out), "\"{}\":[", key);
  bool first = true;
  for (const auto& one : range) {
    if (!first) out += separator;
    put_one(one);
    first = false;
  }
  out += ']';
}

void put_field(std::string& out, std::string_view key, std::string_view text) {
  if (text.empty()) return;
  fmt::format_to(std::back_inserter(out), ",\"{}\":", key);
  put_text(out, text);
}

void put_field(std::string& out, std::string_view key, std::uint64_t number) {
  fmt::format_to(std::back_inserter(out), ",\"{}\":{}", key, number);
}

void put_holders(std::string& out, const Holders& holders) {
  out += ',';
  put_list(
      out, "owners", holders.owners,
      [&](const Owner& owner) {
        fmt::format_to(std::back_inserter(out), "{{\"pid\":{}", owner.pid);
        put_field(out, "name", owner.name);
        put_field(out, "container", owner.container);
        out += '}';
      },
      ",");
  out += ',';
  put_list(out, "pins", holders.pins, [&](const std::string& pin) { put_text(out, pin); }, ",");
}

void put_map(std::string& out, const MapFacts& map) {
  fmt::format_to(std::back_inserter(out), "{{\"id\":{}", map.id);
  put_field(out, "type", map_type_word(map.type));
  put_field(out, "name", map.name);
  put_field(out, "key_size", map.key_size);
  put_field(out, "value_size", map.value_size);
  put_field(out, "max_entries", map.max_entries);
  put_field(out, "memory", map.memory);
  put_holders(out, map.holders);
  out += '}';
}

void put_link(std::string& out, const LinkFacts& link) {
  fmt::format_to(std::back_inserter(out), "{{\"id\":{}", link.id);
  put_field(out, "type", link_type_word(link.type));
  put_field(out, "program", link.program);
  put_holders(out, link.holders);
  out += '}';
}

void put_network(std::string& out, const NetworkNamespace& network) {
  fmt::format_to(std::back_inserter(out), "{{\"inode\":{}", network.inode);
  put_field(out, "name", network.name);
  if (network.pid != 0) put_field(out, "pid", static_cast<std::uint64_t>(network.pid));
  out += ',';
  put_list(
      out, "interfaces", network.interfaces,
      [&](const Interface& one) {
        out += "{\"name\":";
        put_text(out, one.name);
        put_field(out, "driver", one.driver);
        put_field(out, "xdp", xdp_modes(one));
        out += '}';
      },
      ",");
  out += '}';
}

void put_costs(std::string& out, const Costs& costs) {
  constexpr double k_second = 1e9;
  fmt::format_to(std::back_inserter(out),
                 ",\n\"cost\":{{\"seconds\":{:.3f},\"statistics_ns_per_run\":{:.1f},"
                 "\"statistics_share\":{:.6f},",
                 static_cast<double>(costs.elapsed.count()) / k_second, costs.own_ns,
                 costs.own_share());
  put_list(out, "programs", costs.programs, [&](const auto& one) {
    const auto& [id, cost] = one;
    fmt::format_to(std::back_inserter(out),
                   "{{\"id\":{},\"runs\":{},\"run_time_ns\":{},\"runs_per_second\":{:.3f},"
                   "\"ns_per_run\":{:.1f},\"cpu_share\":{:.6f}}}",
                   id, cost.runs, cost.time_ns, costs.runs_a_second(cost),
                   static_cast<double>(cost.time_ns) / static_cast<double>(cost.runs),
                   costs.share(cost));
  });
  out += '}';
}

}  // namespace

void put_program(std::string& out, const ProgramFacts& program) {
  fmt::format_to(std::back_inserter(out), "{{\"id\":{}", program.id);
  put_field(out, "type", program_type_word(program.type));
  put_field(out, "name", program.name);
  put_field(out, "tag", program.tag);
  std::array<char, k_rfc3339_length> time{};
  const char* const end = write_rfc3339(time.data(), WallClock::now().unix_ns(program.loaded_at));
  put_field(out, "loaded_at", std::string_view(time.data(), end));
  put_field(out, "uid", program.uid);
  put_field(out, "jited_size", program.jited_size);
  put_field(out, "translated_size", program.translated_size);
  put_field(out, "memory", program.memory);
  if (program.btf != 0) put_field(out, "btf", program.btf);
  out += ',';
  put_list(out, "maps", program.maps, [&](std::uint32_t id) { out += std::to_string(id); }, ",");
  put_field(out, "runs", program.runs);
  put_field(out, "run_time_ns", program.run_time_ns);
  put_field(out, "missed", program.missed);
  put_holders(out, program.holders);
  out += '}';
}

void put_attachment(std::string& out, const Inventory& inventory, const Attachment& attachment) {
  fmt::format_to(std::back_inserter(out), "{{\"program\":{}", attachment.program);
  if (attachment.link != 0) put_field(out, "link", attachment.link);
  put_field(out, "how", attachment.how);
  if (attachment.kind) put_field(out, "kind", place_kind_name(*attachment.kind));
  put_field(out, "place", attachment.place);
  put_field(out, "detail", attachment.detail);
  put_field(out, "sharing", attachment.sharing);
  put_field(out, "subsystem", subsystem_name(subsystem_of(inventory, attachment)));
  if (attachment.network != 0) put_field(out, "network", attachment.network);
  out += '}';
}

std::string attached_json(const Inventory& inventory, const Attached& attached,
                          const std::optional<Costs>& costs) {
  std::string out = "{";
  const auto second = [&](auto put_one) {
    return [&out, put_one](const auto& entry) { put_one(out, entry.second); };
  };
  put_list(out, "programs", attached.programs, second(put_program));
  out += ",\n";
  put_list(out, "maps", attached.maps, second(put_map));
  out += ",\n";
  put_list(out, "links", attached.links, second(put_link));
  out += ",\n";
  put_list(out, "attachments", attached.attachments,
           [&](const Attachment& one) { put_attachment(out, inventory, one); });
  out += ",\n";
  put_list(out, "networks", attached.networks,
           [&](const NetworkNamespace& one) { put_network(out, one); });
  out += ",\n";
  put_list(out, "not_seen", attached.blanks, [&](const std::string& text) { put_text(out, text); });
  if (costs) put_costs(out, *costs);
  out += '}';
  return out;
}

std::string programs_json(const Inventory& inventory, const Attached& attached,
                          const std::optional<Costs>& costs,
                          const std::vector<const ProgramFacts*>& programs) {
  std::string out = "{\"format\":1,\n";
  put_list(out, "programs", programs, [&](const ProgramFacts* one) { put_program(out, *one); });
  out += ",\n";
  const auto ours = [&](std::uint32_t id) {
    return std::ranges::find(programs, id, &ProgramFacts::id) != programs.end();
  };
  std::vector<const Attachment*> attachments;
  for (const Attachment& one : attached.attachments)
    if (ours(one.program)) attachments.push_back(&one);
  put_list(out, "attachments", attachments,
           [&](const Attachment* one) { put_attachment(out, inventory, *one); });
  if (costs) {
    Costs own = *costs;
    std::erase_if(own.programs, [&](const auto& entry) { return !ours(entry.first); });
    put_costs(out, own);
  }
  out += "}\n";
  return out;
}

}  // namespace gancho
