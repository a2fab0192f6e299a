// SPDX-License-Identifier: Apache-2.0
#include "rules/field_facts.h"

#include <algorithm>
#include <array>

#include "event/room.h"

namespace gancho::rules {
namespace {

// What the schema has by the name that Falco has for it; what is derived has Falco's, too.
constexpr std::string_view k_of_falco =
    "evt.time evt.type evt.cpu evt.num evt.res evt.rawres evt.latency evt.is_async evt.failed "
    "proc.name proc.pid proc.ppid proc.cwd proc.sid proc.tty proc.pgid proc.vpid proc.exepath "
    "proc.args proc.env proc.exe_ino proc.is_exe_from_memfd proc.is_exe_upper_layer thread.tid "
    "thread.cap_permitted thread.cap_inheritable thread.cap_effective "
    "fd.num fd.type fd.typechar fd.name fd.nameraw fd.cip fd.sip fd.lip fd.rip fd.cport fd.sport "
    "fd.lport fd.rport fd.l4proto fd.sockfamily fd.is_server fd.uid fd.dev fd.ino "
    "fs.path.name fs.path.nameraw fs.path.source fs.path.sourceraw fs.path.target "
    "fs.path.targetraw user.uid user.name user.loginuid user.loginname group.gid group.name "
    "container.id container.full_id container.name container.image container.image.id "
    "container.image.repository container.image.tag container.image.digest container.type "
    "k8s.pod.name k8s.ns.name "
    "evt.arg.fd evt.arg.name evt.arg.flags evt.arg.mode evt.arg.resolve evt.arg.filename "
    "evt.arg.domain evt.arg.type evt.arg.proto evt.arg.addr evt.arg.backlog evt.arg.pid "
    "evt.arg.tid evt.arg.sig evt.arg.request evt.arg.data evt.arg.nstype evt.arg.cmd evt.arg.uid "
    "evt.arg.gid evt.arg.size evt.arg.offset evt.arg.length evt.arg.dev evt.arg.option "
    "evt.arg.prot evt.arg.oldfd evt.arg.pgid";

// Derived, but not one of Falco's.
constexpr std::string_view k_own = "fd.path evt.verdict proc.env_truncated";

bool is_of_falco(const FieldName& field) {
  const bool other_of_ours = std::ranges::any_of(other_names(), [&](const OtherName& other) {
    return other.name == field.name && other.events.empty();
  });
  if (other_of_ours || is_one_of(k_own, field.name)) return false;
  return field.origin == FieldOrigin::derived || is_one_of(k_of_falco, field.name);
}

void take(const FieldDesc* desc, FieldFacts& facts) {
  if (desc == nullptr) return;
  if (!facts.phase || desc->phase == Phase::after) facts.phase = desc->phase;
  if (!facts.cost || desc->cost > *facts.cost) facts.cost = desc->cost;
}

bool needs_no_record(const Field& field) {
  return field.reading == Reading::constant || field.reading == Reading::of_event ||
         field.reading == Reading::event_names || field.reading == Reading::every_own;
}

template <class Visit>
void for_each_event(const Visit& visit) {
  for (const Room* room : rooms())
    for (const EventDesc& event : room->events) visit(event);
}

FieldFacts begin(const FieldName& name, const Field& field) {
  return {.name = name.name,
          .meaning = name.meaning,
          .kind = field.kind,
          .several = field.several,
          .indexed = name.argument == FieldArgument::optional_index ||
                     name.argument == FieldArgument::optional_both,
          .keyed = name.argument == FieldArgument::optional_key ||
                   name.argument == FieldArgument::optional_both,
          .falco = is_of_falco(name),
          .from_table = field.of_process};
}

bool is_plain(const FieldName& name) {
  return name.origin != FieldOrigin::none && name.argument != FieldArgument::key;
}

}  // namespace

std::vector<FieldFacts> field_facts() {
  std::vector<FieldFacts> all;
  for (const FieldName& name : fields()) {
    if (!is_plain(name)) continue;
    const auto field = find_field_rows(name.name, std::nullopt);
    if (!field) continue;
    FieldFacts facts = begin(name, *field);
    std::size_t events = 0;
    for_each_event([&](const EventDesc& event) {
      ++events;
      const FieldRows& rows = field->rows[event.type];
      take(rows.first, facts);
      take(rows.second, facts);
      if (rows.first != nullptr || needs_no_record(*field)) facts.events.push_back(event.name);
    });
    facts.every_event = facts.events.size() == events;
    all.push_back(std::move(facts));
  }
  return all;
}

std::vector<FieldFacts> field_facts(const EventDesc& event) {
  std::vector<FieldFacts> all;
  for (const FieldName& name : fields()) {
    if (!is_plain(name)) continue;
    const auto field = find_field_rows(name.name, std::nullopt);
    if (!field || !field->supplied_by(event.type)) continue;
    FieldFacts facts = begin(name, *field);
    const FieldRows& rows = field->rows[event.type];
    take(rows.first, facts);
    take(rows.second, facts);
    facts.from_table = field->of_process && rows.first == nullptr;
    if (!facts.from_table) facts.events.push_back(event.name);
    // Events describe what they have better than the table does, which is for all of them.
    if (field->reading == Reading::own && rows.first != nullptr && !rows.joined)
      facts.meaning = rows.first->meaning;
    all.push_back(std::move(facts));
  }
  return all;
}

std::string_view brackets(const FieldFacts& facts) {
  if (facts.keyed) return facts.indexed ? "[N or NAME]" : "[NAME]";
  return facts.indexed ? "[N]" : "";
}

std::string_view kind_word(ValueKind kind) {
  constexpr auto k_words =
      std::to_array<std::string_view>({"number", "true or false", "text", "IP address"});
  return k_words[static_cast<std::size_t>(kind)];
}

std::string_view phase_word(Phase phase) {
  return phase == Phase::before ? "before" : "after";
}

std::string_view cost_word(Cost cost) {
  constexpr auto k_words = std::to_array<std::string_view>({"none", "low", "high"});
  return k_words[static_cast<std::size_t>(cost)];
}

}  // namespace gancho::rules
