// SPDX-License-Identifier: Apache-2.0
#include "cli/map_attached.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <iterator>

#include "attached/standing.h"
#include "attached/type_words.h"
#include "base/clock.h"
#include "base/units.h"

namespace gancho {
namespace {

constexpr Text k_nothing{"No program is attached.", "No hay ningún programa enganchado."};
constexpr Text k_no_match{"Nothing of it matches.", "Nada coincide."};
constexpr Text k_only_loaded{"Loaded, and attached to nothing that the kernel tells of",
                             "Cargados, y no enganchados a nada que el núcleo revele"};
constexpr Text k_kept{"kept by a socket or another part of the kernel",
                      "lo retiene un socket u otra parte del núcleo"};
constexpr Text k_by_link{"kept by a link", "lo retiene un enlace"};
constexpr Text k_by_kernel{"kept by the kernel alone", "lo retiene solo el núcleo"};
constexpr Text k_pinned{"pinned", "fijado en"};
constexpr Text k_in{"in", "en"};
constexpr Text k_sums{"Programs: {} attached, at {} places; {} loaded only. Maps: {}, {}.",
                      "Programas: {} enganchados, en {} sitios; {} solo cargados. Mapas: {}, {}."};
constexpr Text k_others{"In other network namespaces: ", "En otros espacios de red: "};
constexpr Text k_not_seen{"Not seen", "No visto"};
constexpr Text k_counted{
    "Measured for {}: share of one processor, runs a second, time of a run. The counting itself "
    "took "
    "{:.1f} ns a run here, {:.2f} % of a processor, and is off again.",
    "Medido durante {}: parte de un procesador, ejecuciones por segundo, tiempo de cada una. "
    "Contar costó aquí {:.1f} ns por ejecución, el {:.2f} % de un procesador, y ya no se cuenta."};
constexpr Text k_places{"{} places", "{} sitios"};
constexpr Text k_type{"Type", "Tipo"};
constexpr Text k_tag{"Tag", "Etiqueta"};
constexpr Text k_loaded{"Loaded", "Cargado"};
constexpr Text k_size{"Size", "Tamaño"};
constexpr Text k_sizes{"{} B of machine code, {} B translated, {} of memory",
                       "{} B de código máquina, {} B traducidos, {} de memoria"};
constexpr Text k_interpreted{"interpreted, {} B translated, {} of memory",
                             "interpretado, {} B traducidos, {} de memoria"};
constexpr Text k_held{"Kept by", "Lo retiene"};
constexpr Text k_at{"Attached", "Enganchado"};
constexpr Text k_nowhere{"to nothing that the kernel tells of", "a nada que el núcleo revele"};
constexpr Text k_maps{"Maps", "Mapas"};
constexpr Text k_cost{"Cost", "Coste"};
constexpr Text k_idle{"did not run", "no se ejecutó"};
constexpr Text k_ran{"Counted so far", "Hasta ahora"};
constexpr Text k_runs{"{} runs, {:.0f} ns each", "{} ejecuciones, {:.0f} ns cada una"};
constexpr Text k_missed{"{} runs skipped, because one was under way",
                        "{} ejecuciones omitidas, porque había una en curso"};
constexpr Text k_unseen{"programs came and went between two looks",
                        "programas aparecieron y desaparecieron entre dos miradas"};
constexpr Text k_word_loaded{"loaded", "cargado"};

constexpr double k_percent = 100;

// Sizes that are multiples of nothing, for people.
std::string about_bytes(std::uint64_t bytes) {
  constexpr double k_step = 1024;
  auto value = static_cast<double>(bytes);
  if (value < k_step) return fmt::format("{} B", bytes);
  std::string_view unit = "KiB";
  value /= k_step;
  if (value >= k_step) {
    value /= k_step;
    unit = "MiB";
  }
  return fmt::format("{:.1f} {}", value, unit);
}

std::string place_text(const Attached& attached, const Attachment& one) {
  std::string text = harmless(one.place);
  if (!one.detail.empty()) text += (text.empty() ? "" : " ") + harmless(one.detail);
  if (!one.sharing.empty()) text += " (" + harmless(one.sharing) + ")";
  if (one.network == 0) return text;
  const auto network = std::ranges::find(attached.networks, one.network, &NetworkNamespace::inode);
  return text + " @" +
         (network == attached.networks.end() ? std::to_string(one.network)
                                             : network_label(*network));
}

const ProgramFacts* find(const Attached& attached, std::uint32_t id) {
  const auto found = attached.programs.find(id);
  return found == attached.programs.end() ? nullptr : &found->second;
}

// The program's own holders; of one that hangs by a link, whoever has that.
std::string holders_of(const Attached& attached, const Attachment& one, Language language) {
  Holders holders;
  if (const ProgramFacts* program = find(attached, one.program)) holders = program->holders;
  if (const auto link = attached.links.find(one.link); link != attached.links.end()) {
    if (!link->second.holders.owners.empty()) holders.owners = link->second.holders.owners;
    const auto& pins = link->second.holders.pins;
    holders.pins.insert(holders.pins.end(), pins.begin(), pins.end());
  }
  return holders_text(holders, language);
}

// One program at several places that nothing else tells apart.
bool goes_with(const Attachment& a, const Attachment& b) {
  return a.program == b.program && a.link == b.link && a.how == b.how && a.detail == b.detail &&
         a.sharing == b.sharing && a.network == b.network;
}

bool matches(const std::string& filter, std::string_view text) {
  return fnmatch(filter.c_str(), std::string(text).c_str(), 0) == 0;
}

bool matches(const std::string& filter, const Holders& holders) {
  return std::ranges::any_of(holders.owners,
                             [&](const Owner& owner) { return matches(filter, owner.name); });
}

bool matches(const std::string& filter, const ProgramFacts& program) {
  return matches(filter, program.name) || matches(filter, program.holders);
}

bool matches(const std::string& filter, const Attached& attached, const Attachment& one) {
  if (filter.empty() || matches(filter, one.place) || matches(filter, one.how)) return true;
  const ProgramFacts* program = find(attached, one.program);
  return program != nullptr && matches(filter, *program);
}

void put_loaded_only(MapPage& page, const AttachedView& seen,
                     const std::vector<const ProgramFacts*>& programs, Language language) {
  page.title(k_only_loaded.in(language));
  MapTable table = page.rows();
  for (const ProgramFacts* one : programs) {
    std::string holders = holders_text(one->holders, language);
    if (holders.empty())
      holders = (standing_of(seen.attached, *one) == Standing::kept_unseen ? k_kept : k_by_link)
                    .in(language);
    table.row(
        {program_type_word(one->type), program_label(seen.attached, one->id), std::move(holders)});
  }
  page.table(table);
}

std::uint64_t memory_of(const Attached& attached) {
  std::uint64_t bytes = 0;
  for (const auto& [id, map] : attached.maps) bytes += map.memory;
  return bytes;
}

void put_networks(MapPage& page, const Attached& attached, Language language) {
  if (attached.networks.empty()) return;
  std::string text(k_others.in(language));
  std::string_view separator;
  for (const NetworkNamespace& one : attached.networks) {
    text += separator;
    text += network_label(one);
    separator = ", ";
  }
  page.text(text);
}

std::string time_text(std::uint64_t boot_ns) {
  std::array<char, k_rfc3339_length> time{};
  (void)write_rfc3339(time.data(), WallClock::now().unix_ns(boot_ns));
  constexpr std::size_t k_to_seconds = 19;
  std::string text(time.data(), k_to_seconds);
  text[text.find('T')] = ' ';
  return text + " UTC";
}

void put_program_facts(MapPage& page, const Inventory& inventory, const AttachedView& seen,
                       const ProgramFacts& program, Language language) {
  const Attached& attached = seen.attached;
  page.title(program_label(attached, program.id));
  page.fact(k_type.in(language), program_type_word(program.type));
  page.fact(k_tag.in(language), program.tag);
  page.fact(k_loaded.in(language),
            fmt::format("{}, uid {}", time_text(program.loaded_at), program.uid));
  page.fact(k_size.in(language),
            program.jited_size != 0
                ? fmt::format(fmt::runtime(k_sizes.in(language)), program.jited_size,
                              program.translated_size, about_bytes(program.memory))
                : fmt::format(fmt::runtime(k_interpreted.in(language)), program.translated_size,
                              about_bytes(program.memory)));
  if (program.btf != 0) page.fact("BTF", std::to_string(program.btf));
  const std::string holders = holders_text(program.holders, language);
  page.fact(k_held.in(language),
            holders.empty() ? k_by_kernel.in(language) : std::string_view(holders));
  std::string_view label = k_at.in(language);
  for (const Attachment& one : attached.attachments) {
    if (one.program != program.id) continue;
    page.fact(label, fmt::format("{} {} ({})", one.how, place_text(attached, one),
                                 subsystem_name(subsystem_of(inventory, one))));
    label = "";
  }
  if (!label.empty()) page.fact(label, k_nowhere.in(language));
  MapTable maps = page.facts();
  for (const std::uint32_t id : program.maps) {
    const auto map = attached.maps.find(id);
    if (map == attached.maps.end()) continue;
    maps.row({fmt::format("{} {}", id, harmless(map->second.name)),
              fmt::format("{}, {} x {}+{} B, {}", map_type_word(map->second.type),
                          map->second.max_entries, map->second.key_size, map->second.value_size,
                          about_bytes(map->second.memory))});
  }
  page.fact(k_maps.in(language), maps);
  if (program.runs != 0)
    page.fact(k_ran.in(language), fmt::format(fmt::runtime(k_runs.in(language)), program.runs,
                                              static_cast<double>(program.run_time_ns) /
                                                  static_cast<double>(program.runs)));
  if (program.missed != 0)
    page.fact("", fmt::format(fmt::runtime(k_missed.in(language)), program.missed));
  if (!seen.costs) return;
  const std::string cost = cost_text(seen, program.id);
  page.fact(k_cost.in(language), cost.empty() ? k_idle.in(language) : std::string_view(cost));
}

}  // namespace

std::string network_label(const NetworkNamespace& network) {
  if (!network.name.empty()) return harmless(network.name);
  return network.pid != 0 ? fmt::format("pid {}", network.pid) : std::to_string(network.inode);
}

std::string program_label(const Attached& attached, std::uint32_t id) {
  const ProgramFacts* program = find(attached, id);
  return fmt::format("{} {}", id, program == nullptr ? "" : harmless(program->name));
}

std::string holders_text(const Holders& holders, Language language) {
  constexpr std::size_t k_short_id = 12;
  std::string text;
  if (!holders.owners.empty()) {
    const Owner& first = holders.owners.front();
    text = fmt::format("{}[{}]", harmless(first.name), first.pid);
    if (!first.container.empty())
      text +=
          fmt::format(" {} {}", k_in.in(language), harmless(first.container).substr(0, k_short_id));
    if (holders.owners.size() > 1) text += fmt::format(" +{}", holders.owners.size() - 1);
  }
  if (!holders.pins.empty()) {
    text += fmt::format("{}{} {}", text.empty() ? "" : "; ", k_pinned.in(language),
                        harmless(holders.pins.front()));
    if (holders.pins.size() > 1) text += fmt::format(" +{}", holders.pins.size() - 1);
  }
  return text;
}

std::string cost_text(const AttachedView& seen, std::uint32_t program) {
  if (!seen.costs) return "";
  const auto found = seen.costs->programs.find(program);
  if (found == seen.costs->programs.end()) return "";
  const ProgramCost& cost = found->second;
  return fmt::format("{:.2f} % {:.0f}/s {:.0f} ns", seen.costs->share(cost) * k_percent,
                     seen.costs->runs_a_second(cost),
                     static_cast<double>(cost.time_ns) / static_cast<double>(cost.runs));
}

void put_attachments(MapTable& table, const AttachedView& seen,
                     const std::vector<const Attachment*>& attachments, bool with_place,
                     Language language) {
  std::vector<std::vector<const Attachment*>> groups;
  for (const Attachment* one : attachments) {
    const auto group = std::ranges::find_if(
        groups, [&](const auto& others) { return goes_with(*others.front(), *one); });
    if (group == groups.end())
      groups.push_back({one});
    else
      group->push_back(one);
  }
  for (const auto& group : groups) {
    const Attachment& one = *group.front();
    const bool several = with_place && group.size() > 1;
    std::string place = harmless(one.detail);
    if (several && place.empty())
      place = fmt::format(fmt::runtime(k_places.in(language)), group.size());
    if (with_place && !several) place = place_text(seen.attached, one);
    std::string names;
    if (several)
      for (const Attachment* each : group)
        names += (names.empty() ? "" : " ") + harmless(each->place);
    table.row({one.how, place, program_label(seen.attached, one.program),
               cost_text(seen, one.program), holders_of(seen.attached, one, language)},
              std::move(names));
  }
}

std::string attached_page(const Inventory& inventory, const AttachedView& seen,
                          const std::string& filter, const MapView& view) {
  const Language language = view.language;
  const Attached& attached = seen.attached;
  MapPage page(view);
  std::array<std::vector<const Attachment*>, k_subsystems> by_subsystem;
  for (const Attachment& one : attached.attachments)
    if (matches(filter, attached, one))
      by_subsystem[static_cast<std::size_t>(subsystem_of(inventory, one))].push_back(&one);
  std::vector<const ProgramFacts*> rest = not_attached(attached);
  const std::size_t placed = attached.programs.size() - rest.size();
  page.text(fmt::format(fmt::runtime(k_sums.in(language)), placed, attached.attachments.size(),
                        rest.size(), attached.maps.size(), about_bytes(memory_of(attached))));
  put_networks(page, attached, language);
  bool any = false;
  MapTable table = page.rows();
  for (std::size_t i = 0; i < k_subsystems; ++i) {
    if (by_subsystem[i].empty()) continue;
    const auto subsystem = static_cast<Subsystem>(i);
    table.text("\n" + page.title_line(fmt::format("{} ({})", text_of(subsystem).title.in(language),
                                                  subsystem_name(subsystem))));
    put_attachments(table, seen, by_subsystem[i], true, language);
    any = true;
  }
  page.table(table);
  if (!filter.empty())
    std::erase_if(rest, [&](const ProgramFacts* one) { return !matches(filter, *one); });
  if (!rest.empty()) put_loaded_only(page, seen, rest, language);
  if (!any && rest.empty()) page.text((filter.empty() ? k_nothing : k_no_match).in(language));
  if (seen.costs || !attached.blanks.empty()) page.blank();
  if (seen.costs)
    page.text(fmt::format(
        fmt::runtime(k_counted.in(language)),
        fmt::format("{:.1f} s", std::chrono::duration<double>(seen.costs->elapsed).count()),
        seen.costs->own_ns, seen.costs->own_share() * k_percent));
  for (const std::string& blank : attached.blanks)
    page.text(fmt::format("{}: {}", k_not_seen.in(language), blank));
  return page.take();
}

std::vector<const ProgramFacts*> find_programs(const Attached& attached, std::string_view name) {
  std::vector<const ProgramFacts*> found;
  const auto id = parse_count(name);
  for (const auto& [number, program] : attached.programs)
    if (program.name == name || (id && *id == number)) found.push_back(&program);
  return found;
}

std::string program_page(const Inventory& inventory, const AttachedView& seen,
                         std::string_view name, const MapView& view) {
  MapPage page(view);
  const auto programs = find_programs(seen.attached, name);
  for (const ProgramFacts* one : programs)
    put_program_facts(page, inventory, seen, *one, view.language);
  return programs.empty() ? "" : page.take();
}

std::string changes_text(const Attached& earlier, const Attached& later, std::string_view time,
                         const MapView& view) {
  // One line each, whatever stands in it: columns are for what is mostly there.
  const bool wide = view.width >= 120;
  const std::size_t k_how = wide ? 14 : 10;
  const std::size_t k_place = wide ? 30 : 20;
  const std::size_t k_program = wide ? 24 : 18;
  const Changes changes = changes_between(earlier, later);
  std::string text;
  const auto put_line = [&](std::string_view sign, std::string_view colour, std::string_view how,
                            std::string_view place, const std::string& program,
                            const std::string& holders) {
    text += time;
    text += ' ';
    put(text, sign, colour, view.colour);
    std::string line = " " + pad_right(how, k_how) + " " + pad_right(place, k_place) + " " +
                       pad_right(program, k_program) + "  " + holders;
    line.resize(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  };
  for (const ProgramFacts* one : changes.unloaded)
    put_line("-", k_yellow, k_word_loaded.in(view.language), program_type_word(one->type),
             program_label(earlier, one->id), holders_text(one->holders, view.language));
  for (const Attachment* one : changes.gone)
    put_line("-", k_yellow, one->how, place_text(earlier, *one),
             program_label(earlier, one->program), holders_of(earlier, *one, view.language));
  for (const ProgramFacts* one : changes.loaded)
    put_line("+", k_green, k_word_loaded.in(view.language), program_type_word(one->type),
             program_label(later, one->id), holders_text(one->holders, view.language));
  for (const Attachment* one : changes.come)
    put_line("+", k_green, one->how, place_text(later, *one), program_label(later, one->program),
             holders_of(later, *one, view.language));
  if (changes.unseen != 0)
    text += fmt::format("{} ? {} {}\n", time, changes.unseen, k_unseen.in(view.language));
  return text;
}

}  // namespace gancho
