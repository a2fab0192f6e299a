// SPDX-License-Identifier: Apache-2.0
#include "rules/value_names.h"

#include <algorithm>
#include <array>

#include "event/capability_names.h"
#include "event/flags.h"
#include "event/names.h"
#include "event/socket_names.h"
#include "event/values.h"
#include "rules/field_table.h"
#include "rules/number.h"
#include "rules/words.h"

namespace gancho::rules {
namespace {

// Of fields of the schema whose values are words; blanks between them. Falco's have no event here,
// and are no errors of typing.
struct Words {
  std::string_view field;
  std::string_view words;
};
constexpr auto k_words = std::to_array<Words>({
    {"fd.type",
     "file pipe char directory block symlink socket event ipv4 ipv6 unix netlink packet vsock "
     "unknown signalfd eventpoll inotify timerfd bpf userfaultfd io_uring memfd pidfd"},
    {"fd.typechar", "f d 4 6 u n o p e s l i t b r m P"},
    {"fd.sockfamily", "ip unix"},
});

// Of one number the name that is not shown, and the one that is.
struct SecondName {
  std::string_view name;
  std::string_view shown;
};
constexpr auto k_second_names = std::to_array<SecondName>({
    {"EWOULDBLOCK", "EAGAIN"},
    {"EDEADLOCK", "EDEADLK"},
    {"ENOTSUP", "EOPNOTSUPP"},
    {"AF_LOCAL", "AF_UNIX"},
    {"AF_FILE", "AF_UNIX"},
    {"AF_ROUTE", "AF_NETLINK"},
    {"O_NDELAY", "O_NONBLOCK"},
    {"O_RSYNC", "O_SYNC"},
    {"SIGIOT", "SIGABRT"},
    {"SIGPOLL", "SIGIO"},
    {"SIGCLD", "SIGCHLD"},
});

using Names = std::vector<std::string_view>;

void add_words(std::string_view words, Names& names) {
  for_each_word(words, [&](std::string_view word) { names.push_back(word); });
}

void add(const auto& more, Names& names) {
  names.insert(names.end(), more.begin(), more.end());
}

void add_table(NameTable table, Names& names) {
  for (const NamedNumber& one : table) names.push_back(one.name);
}

bool add_words_of(std::string_view field, Names& names) {
  const auto found = std::ranges::find(k_words, field, &Words::field);
  if (found != k_words.end()) add_words(found->words, names);
  if (field == "fd.l4proto") add(socket_protocol_names(), names);
  if (field == "fd.socket.state") add(socket_state_words(), names);
  return found != k_words.end() || field == "fd.l4proto" || field == "fd.socket.state";
}

// False: it may be anything.
bool add_names(const FieldDesc& desc, Names& names) {
  switch (desc.type) {
    case FieldType::error:
      add(error_names(), names);
      return true;
    case FieldType::file_type:
      add_table(file_type_names(), names);
      add_words_of(desc.name, names);
      return true;
    case FieldType::open_flags:
    case FieldType::resolve_flags:
    case FieldType::at_flags:
    case FieldType::rename_flags:
      add(flag_names(desc.type), names);
      return true;
    case FieldType::named:
    case FieldType::named_flags:
      add_table(desc.names, names);
      return true;
    case FieldType::capabilities:
      add(k_capabilities, names);
      return true;
    case FieldType::sock_type:
      add(socket_type_names(), names);
      return true;
    case FieldType::sock_proto:
      add(socket_protocol_names(), names);
      return true;
    case FieldType::syscall:
      add(syscall_names(), names);
      return true;
    case FieldType::event_class:
      for (const ev_class one : {EV_CLASS_VITAL, EV_CLASS_BULK}) names.push_back(class_name(one));
      return true;
    case FieldType::word:
      return add_words_of(desc.name, names);
    default:
      return false;
  }
}

bool has_own_names(Reading reading) {
  return reading == Reading::own || reading == Reading::program_fact ||
         reading == Reading::file_words || reading == Reading::file_letter;
}

}  // namespace

std::vector<std::string_view> value_names(const Field& field) {
  Names names;
  if (!has_own_names(field.reading) || field.kind != ValueKind::text) return names;
  const FieldDesc* last = nullptr;
  for (const FieldRows& rows : field.rows) {
    if (rows.first == nullptr) continue;
    // Most events have the same.
    const bool same = last != nullptr && last->name == rows.first->name &&
                      last->type == rows.first->type &&
                      last->names.data() == rows.first->names.data();
    last = rows.first;
    if (rows.joined || (!same && !add_names(*rows.first, names))) return {};
  }
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  return names;
}

std::string_view shown_name(std::string_view name) {
  const auto found = std::ranges::find(k_second_names, name, &SecondName::name);
  return found == k_second_names.end() ? "" : found->shown;
}

std::string_view no_name_in(std::string_view value, std::span<const std::string_view> names) {
  while (!value.empty()) {
    const std::size_t end = std::min(value.find_first_of("| "), value.size());
    const std::string_view name = value.substr(0, end);
    if (!name.empty() && !std::ranges::binary_search(names, name) && !parse_number(name))
      return name;
    value.remove_prefix(std::min(end + 1, value.size()));
  }
  return "";
}

}  // namespace gancho::rules
