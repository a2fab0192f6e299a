// SPDX-License-Identifier: Apache-2.0
//
// The field reader's part that asks the process table, where the record does not say it.
#include <sys/sysmacros.h>

#include "rules/cells.h"
#include "rules/field_reader.h"

namespace gancho::rules {
namespace {

std::string_view first_of(std::string_view list) {
  return list.substr(0, list.find('\0'));
}

Found known_text(std::string_view value, Cell& cell) {
  return value.empty() ? Found::unknown : text(value, cell);
}

}  // namespace

const Program* FieldReader::program() const {
  const auto header = event_->header();
  const auto facts = facts_.process({.pid = header.pid, .start_time = header.start_time});
  // One whose program changed meanwhile was another then.
  return facts && facts->exec_count == header.exec_count ? facts->program : nullptr;
}

const ProcessFacts* FieldReader::parent() {
  const auto header = event_->header();
  const auto facts = facts_.process({.pid = header.pid, .start_time = header.start_time});
  if (!facts || facts->parent.pid == 0) return nullptr;
  const auto found = facts_.process(facts->parent);
  if (!found || found->program == nullptr) return nullptr;
  parent_ = *found;
  return &parent_;
}

std::optional<ProcessKey> FieldReader::parent_key() const {
  const auto header = event_->header();
  const auto facts = facts_.process({.pid = header.pid, .start_time = header.start_time});
  if (!facts || facts->parent.pid == 0) return std::nullopt;
  return facts->parent;
}

Found FieldReader::read_program(const Field& field, Cell& cell) {
  const FieldRows& rows = field.rows[type_];
  if (rows.first != nullptr) return read_own(rows, field.kind, cell);
  const Program* known = program();
  if (known == nullptr) return Found::unknown;
  using enum ProgramFact;
  switch (field.fact) {
    case exepath:
      return known_text(known->exepath, cell);
    case exehostpath:
      return known_text(known->exehostpath, cell);
    case cwd:
      return known_text(known->cwd, cell);
    case tty_name:
      return known_text(known->tty_name, cell);
    case sid:
      return known->sid == 0 ? Found::unknown : number(known->sid, cell);
    case vpid: {
      // A forked child runs its parent's program, and has a number of its own.
      const ev_header header = event_->header();
      const ProcessKey self{.pid = header.pid, .start_time = header.start_time};
      if (known->executor != self || known->vpid == 0) return Found::unknown;
      return number(known->vpid, cell);
    }
    case loginuid:
      cell.number =
          known->loginuid == UINT32_MAX ? Number::of_signed(-1) : Number::of(known->loginuid);
      return Found::one;
    case loginname:
      if (known->loginuid == UINT32_MAX) return Found::unknown;
      return known_text(facts_.user(known->loginuid), cell);
    case cap_permitted:
    case cap_effective: {
      // Whose ids are others by now has other capabilities, too.
      gancho::Value euid;
      if (known->credentials.euid == UINT32_MAX) return Found::unknown;
      if (rows.second != nullptr && event_->get(*rows.second, euid) &&
          euid.number != known->credentials.euid)
        return Found::unknown;
      return render({.type = FieldType::capabilities,
                     .number = field.fact == cap_permitted ? known->credentials.cap_permitted
                                                           : known->credentials.cap_effective},
                    cell);
    }
    case exe_ino:
      return known->exe_ino == 0 ? Found::unknown : number(known->exe_ino, cell);
    case is_from_memfd:
      return known->exe_ino == 0 ? Found::unknown : number(known->from_memfd ? 1 : 0, cell);
    case is_upper_layer:
      return known->exe_ino == 0 ? Found::unknown : number(known->upper_layer ? 1 : 0, cell);
    case env_truncated:
      return known->env ? number(known->env_truncated ? 1 : 0, cell) : Found::unknown;
    case none:
      break;
  }
  return Found::unknown;
}

// As the kernel writes it in /proc/PID/stat, which is what rules compare with.
Found FieldReader::read_terminal(const FieldRows& rows, Cell& cell) const {
  std::uint64_t device = 0;
  if (rows.first != nullptr) {
    gancho::Value value;
    const bool has = event_->get(*rows.first, value);
    if (!has && !rows.zero) return Found::unknown;
    device = has ? value.number : 0;
  } else {
    const Program* known = program();
    if (known == nullptr) return Found::unknown;
    device = known->tty;
  }
  const std::uint64_t major = device >> 20;
  const std::uint64_t minor = device & 0xfffff;
  return number((minor & 0xff) | major << 8 | (minor & ~std::uint64_t{0xff}) << 12, cell);
}

Found FieldReader::read_parent(const Field& field, Cell& cell) {
  const FieldRows& rows = field.rows[type_];
  using enum Reading;
  switch (field.reading) {
    case parent_pid: {
      if (rows.first != nullptr) return read_own(rows, field.kind, cell);
      // Another has become the parent when this one is dead.
      const auto key = parent_key();
      const auto facts = key ? facts_.process(*key) : std::nullopt;
      return facts && facts->alive ? number(key->pid, cell) : Found::unknown;
    }
    case parent_start: {
      const auto key = parent_key();
      return key ? read_time(wall_ns, key->start_time, cell) : Found::unknown;
    }
    case parent_age: {
      const auto key = parent_key();
      const std::uint64_t now = event_->header().time;
      if (!key || key->start_time > now) return Found::unknown;
      return number(now - key->start_time, cell);
    }
    default:
      break;
  }
  const ProcessFacts* known = parent();
  if (known == nullptr) return Found::unknown;
  switch (field.reading) {
    case parent_program:
      return known_text(first_of(known->program->args), cell);
    case parent_path:
      return known_text(known->program->exepath, cell);
    case parent_vpid:
      if (known->program->executor != known->process || known->program->vpid == 0)
        return Found::unknown;
      return number(known->program->vpid, cell);
    default:  // parent_command_line
      return join_elements(known->name, behind_first(as_shown(known->program->args)), cell);
  }
}

Found FieldReader::read_session(const Field& field, Cell& cell) {
  std::uint64_t session = 0;
  const FieldRows& rows = field.rows[type_];
  if (rows.first != nullptr) {
    gancho::Value value;
    if (!event_->get(*rows.first, value)) return Found::unknown;
    session = value.number;
  } else {
    const Program* known = program();
    if (known == nullptr) return Found::unknown;
    session = known->sid;
  }
  if (session == 0) return Found::unknown;
  const ev_header header = event_->header();
  if (field.reading == Reading::is_session_leader)
    return number(session == header.pid ? 1 : 0, cell);
  const ProcessKey self{.pid = header.pid, .start_time = header.start_time};
  ProcessKey leader = self;
  std::string_view name;
  if (session == header.pid) {
    const auto* comm =
        reinterpret_cast<const char*>(event_->record().data()) + offsetof(ev_header, comm);
    name = {comm, ::strnlen(comm, EV_COMM_LEN)};
  } else {
    std::string_view lineage;
    if (rows.second != nullptr) {
      gancho::Value value;
      if (!event_->get(*rows.second, value)) return Found::unknown;
      lineage = value.bytes;
    } else if (const Program* known = program(); known != nullptr) {
      lineage = known->lineage;
    }
    leader.pid = 0;
    for_each_process(lineage, self, [&](std::string_view of, const ev_ancestor& entry) {
      if (entry.pid != session) return true;
      leader = executor(entry);
      name = of;
      return false;
    });
    if (leader.pid == 0) return Found::unknown;
  }
  if (field.reading == Reading::session_name) return known_text(name, cell);
  const auto facts = facts_.process(leader);
  if (!facts || facts->program == nullptr) return Found::unknown;
  return known_text(field.reading == Reading::session_path ? facts->program->exepath
                                                           : first_of(facts->program->args),
                    cell);
}

bool FieldReader::read_lineage(const Field& field, std::vector<Cell>& cells) const {
  const ev_header header = event_->header();
  if (field.index == 0 && field.reading == Reading::ancestor_name) {
    const auto* comm =
        reinterpret_cast<const char*>(event_->record().data()) + offsetof(ev_header, comm);
    cells.push_back({.text = {comm, ::strnlen(comm, EV_COMM_LEN)}});
    return true;
  }
  if (field.index == 0 && field.reading == Reading::ancestor_pid) {
    cells.push_back({.number = Number::of(header.pid)});
    return true;
  }
  std::string_view lineage;
  if (!bytes(field, &Program::lineage, lineage)) return false;
  const bool all =
      field.reading == Reading::ancestor_names || field.reading == Reading::ancestor_pids;
  std::uint32_t place = 0;
  for_each_process(lineage, {.pid = header.pid, .start_time = header.start_time},
                   [&](std::string_view name, const ev_ancestor& entry) {
                     ++place;
                     if (all || place == field.index)
                       cells.push_back({.text = name, .number = Number::of(entry.pid)});
                     return all || place < field.index;
                   });
  // One that was cut off may be there.
  return all || place >= field.index || lineage.size() < EV_LINEAGE_MAX * sizeof(ev_ancestor);
}

// What the table knows of the processes in the lineage. One of them that has gone from the table
// may have been anything.
bool FieldReader::read_ancestors(const Field& field, std::vector<Cell>& cells) {
  using enum Reading;
  const bool all = field.reading == ancestor_programs || field.reading == ancestor_paths ||
                   field.reading == ancestor_command_lines || field.reading == ancestor_arguments ||
                   field.reading == ancestor_environments;
  const ev_header header = event_->header();
  const ProcessKey self{.pid = header.pid, .start_time = header.start_time};
  const auto take = [&](const ProcessKey& key) {
    const auto facts = facts_.process(key);
    if (!facts || facts->program == nullptr) return false;
    const Program& of = *facts->program;
    Cell cell;
    Found found = Found::unknown;
    switch (field.reading) {
      case ancestor_programs:
      case ancestor_program:
        found = known_text(first_of(of.args), cell);
        break;
      case ancestor_paths:
      case ancestor_path:
        found = known_text(of.exepath, cell);
        break;
      case ancestor_environments:
      case ancestor_environment:
        found = join_environment(of, cell);
        break;
      case ancestor_arguments:
      case ancestor_argument:
        found = join_elements("", behind_first(as_shown(of.args)), cell);
        break;
      default:
        found = join_elements(facts->name, behind_first(as_shown(of.args)), cell);
        break;
    }
    if (found == Found::one) cells.push_back(cell);
    return found == Found::one;
  };
  if (!all && field.index == 0) return take(self);
  std::string_view lineage;
  if (!bytes(field, &Program::lineage, lineage)) return false;
  std::uint32_t place = 0;
  bool known = true;
  for_each_process(lineage, self, [&](std::string_view, const ev_ancestor& entry) {
    ++place;
    if (all || place == field.index) known = take(executor(entry)) && known;
    return all || place < field.index;
  });
  if (!known) return false;
  return all || place >= field.index || lineage.size() < EV_LINEAGE_MAX * sizeof(ev_ancestor);
}

}  // namespace gancho::rules
