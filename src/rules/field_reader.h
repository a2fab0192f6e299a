// SPDX-License-Identifier: Apache-2.0
//
// Values of fields of one event: views into the record, into the facts, or texts made in an arena.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/room.h"
#include "event/view.h"
#include "rules/arena.h"
#include "rules/field.h"
#include "rules/host_names.h"
#include "rules/network.h"
#include "rules/number.h"
#include "rules/text_change.h"

namespace gancho::rules {

// One value; which member counts follows from the kind. Of a truth the number, 1 or 0.
struct Cell {
  std::string_view text = {};
  Number number = {};
  IpAddress address = {};
};

// unknown: the record has no such field, or it could not be read. none: it is known that there is
// nothing, such as a fifth ancestor of a process that has three.
enum class Found : std::uint8_t { unknown, none, one };

// Most values that a field can have: entries of a lineage, in the largest record.
inline constexpr std::size_t k_values_max = 65536 / sizeof(ev_ancestor);
// No text of a record is longer, in whichever form.
inline constexpr std::size_t k_text_max = 65536 + 64;

struct Environment {
  std::string_view list;  // NAME=VALUE, each ends with NUL
  bool truncated = false;
};

class FieldReader {
 public:
  // All must outlive the reader.
  FieldReader(const Facts& facts, const HostNames& hosts, Arena& arena)
      : facts_(facts), hosts_(hosts), arena_(&arena) {}

  // Where texts are made from now on; it must outlive the reader, too.
  void write_to(Arena& arena) { arena_ = &arena; }

  // The event must stay as it is until the next call. With a change, lists of arguments and
  // environments are read as they are shown.
  void begin(const EventView& event, const TextChange* change = nullptr) {
    event_ = &event;
    type_ = event.desc().type;
    change_ = change;
    if (!changed_.empty()) changed_.clear();
  }

  // Of a field that has not several values.
  [[nodiscard]] Found read(const Field& field, Cell& cell);
  // Of one that may have; false: unknown. Values are appended, without growing: `cells` has room
  // for k_values_max more.
  [[nodiscard]] bool read(const Field& field, std::vector<Cell>& cells);

 private:
  [[nodiscard]] Found read_known(const Field& field, Cell& cell);
  [[nodiscard]] bool is_failed_open(const FieldRows& rows) const;
  // What Falco says of a file that could not be opened.
  [[nodiscard]] Found read_failed_open(const Field& field, Cell& cell);
  [[nodiscard]] Found read_own(const FieldRows& rows, ValueKind kind, Cell& cell);
  [[nodiscard]] Found read_name(const FieldRows& rows, Cell& cell) const;
  [[nodiscard]] bool is_container_known(const FieldDesc& desc) const;
  [[nodiscard]] bool says_host(const FieldDesc& desc) const;
  [[nodiscard]] Found read_container(const FieldDesc& desc, std::string_view id, Cell& cell) const;
  [[nodiscard]] Found read_privileged(Cell& cell) const;
  [[nodiscard]] Found read_letter(const FieldRows& rows, Cell& cell);
  [[nodiscard]] Found read_flags(const FieldRows& rows, bool to_write, Cell& cell) const;
  [[nodiscard]] Found read_result(const FieldRows& rows, Cell& cell);
  [[nodiscard]] Found read_path_part(const FieldRows& rows, bool directory, Cell& cell);
  [[nodiscard]] Found read_arguments(const Field& field, Cell& cell);
  [[nodiscard]] bool read_id_words(const Field& field, std::vector<Cell>& cells);
  [[nodiscard]] bool read_file_words(const FieldRows& rows, std::vector<Cell>& cells);
  [[nodiscard]] bool read_lineage(const Field& field, std::vector<Cell>& cells) const;
  // A list, from the record or the process table; false: not known.
  [[nodiscard]] bool bytes(const Field& field, std::string_view Program::* of_program,
                           std::string_view& bytes) const;
  // Of a list of arguments what may be shown of it.
  [[nodiscard]] std::string_view as_shown(std::string_view list) {
    return change_ == nullptr || !change_->list
               ? list
               : std::string_view(changed_.emplace_back(change_->list(list)));
  }
  [[nodiscard]] std::string_view as_shown(const Environment& environment) {
    return change_ == nullptr || !change_->environment
               ? environment.list
               : std::string_view(changed_.emplace_back(change_->environment(environment.list)));
  }
  // From the record or the process table.
  [[nodiscard]] std::optional<Environment> find_environment(const FieldRows& rows) const;
  [[nodiscard]] Found read_environment(const FieldRows& rows, Cell& cell);
  [[nodiscard]] bool read_variable(const Field& field, std::vector<Cell>& cells);
  [[nodiscard]] bool read_ancestor_variable(const Field& field, std::vector<Cell>& cells);
  [[nodiscard]] Found join_environment(const Program& program, Cell& cell);
  [[nodiscard]] const Program* program() const;
  [[nodiscard]] const ProcessFacts* parent();
  [[nodiscard]] std::optional<ProcessKey> parent_key() const;
  [[nodiscard]] bool came_by(std::string_view calls) const;
  [[nodiscard]] Found read_program(const Field& field, Cell& cell);
  [[nodiscard]] Found read_terminal(const FieldRows& rows, Cell& cell) const;
  [[nodiscard]] Found read_parent(const Field& field, Cell& cell);
  [[nodiscard]] Found read_session(const Field& field, Cell& cell);
  [[nodiscard]] bool read_ancestors(const Field& field, std::vector<Cell>& cells);
  [[nodiscard]] Found read_time(Reading reading, std::uint64_t boot_ns, Cell& cell);
  [[nodiscard]] Found read_socket(const FieldRows& rows, bool renamed, Cell& cell) const;
  [[nodiscard]] Found read_every_own(Cell& cell);
  [[nodiscard]] Found render(const gancho::Value& value, Cell& cell);
  // "a b c", behind `before` when that is not empty.
  [[nodiscard]] Found join_elements(std::string_view before, std::string_view list, Cell& cell);

  const Facts& facts_;
  const HostNames& hosts_;
  Arena* arena_;
  const EventView* event_ = nullptr;
  std::uint16_t type_ = 0;
  const TextChange* change_ = nullptr;
  std::deque<std::string> changed_;  // lists of the event
  ProcessFacts parent_;
};

}  // namespace gancho::rules
