// SPDX-License-Identifier: Apache-2.0
//
// The field reader's part about files: what they are called and how they were opened, as Falco has
// it, also of a file that could not be.
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include "rules/cells.h"
#include "rules/field_reader.h"

namespace gancho::rules {
namespace {

// An absolute path without what is in it for nothing: "//", ".", and ".." with what it takes back.
char* write_plain_path(char* const begin, std::string_view path) {
  char* out = begin;
  while (!path.empty()) {
    path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
    const std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(part.size());
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      *out++ = '/';
      out += part.copy(out, part.size());
      continue;
    }
    while (out != begin)
      if (*--out == '/') break;
  }
  if (out == begin) *out++ = '/';
  return out;
}

}  // namespace

Found FieldReader::read_letter(const FieldRows& rows, Cell& cell) {
  if (rows.first != nullptr && read_own({.first = rows.first}, ValueKind::text, cell) == Found::one)
    return Found::one;
  gancho::Value value;
  if (rows.second == nullptr || rows.second->type != FieldType::file_type ||
      !event_->get(*rows.second, value))
    return Found::unknown;
  switch (value.number & S_IFMT) {
    case S_IFDIR:
      return text("d", cell);
    case S_IFREG:
    case S_IFCHR:
    case S_IFBLK:
      return text("f", cell);
    default:
      return Found::unknown;
  }
}

bool FieldReader::read_file_words(const FieldRows& rows, std::vector<Cell>& cells) {
  gancho::Value value;
  Cell cell;
  if (rows.first == nullptr) return false;
  if (read_own(rows, ValueKind::text, cell) != Found::one) {
    if (!is_failed_open(rows)) return false;
    cells.push_back({.text = "file"});
    return true;
  }
  cells.push_back(cell);
  if (rows.first->type == FieldType::file_type && event_->get(*rows.first, value)) {
    const auto type = value.number & S_IFMT;
    if (type == S_IFREG || type == S_IFCHR || type == S_IFBLK) cells.push_back({.text = "file"});
  }
  return true;
}

Found FieldReader::read_flags(const FieldRows& rows, bool to_write, Cell& cell) const {
  gancho::Value value;
  if (!event_->get(*rows.first, value)) return Found::unknown;
  const auto access = value.number & O_ACCMODE;
  // Of O_PATH nothing is read or written.
  const bool neither = (value.number & O_PATH) != 0;
  const auto alone = static_cast<std::uint64_t>(to_write ? O_WRONLY : O_RDONLY);
  return number(!neither && (access == alone || access == O_RDWR) ? 1 : 0, cell);
}

Found FieldReader::read_path_part(const FieldRows& rows, bool directory, Cell& cell) {
  // Only what is a path has such parts.
  if (rows.joined || rows.first->type != FieldType::path) return Found::unknown;
  if (read_own(rows, ValueKind::text, cell) != Found::one) return Found::unknown;
  const std::size_t slash = cell.text.rfind('/');
  if (slash == std::string_view::npos) return directory ? Found::unknown : Found::one;
  if (directory) return text(cell.text.substr(0, slash == 0 ? 1 : slash), cell);
  return text(cell.text.substr(slash + 1), cell);
}

bool FieldReader::is_failed_open(const FieldRows& rows) const {
  gancho::Value error;
  return rows.given != nullptr && rows.error != nullptr && event_->get(*rows.error, error) &&
         error.number != 0;
}

Found FieldReader::read_failed_open(const Field& field, Cell& cell) {
  const FieldRows& rows = field.rows[type_];
  if (!is_failed_open(rows)) return Found::unknown;
  if (field.kind == ValueKind::number) {  // fd.num
    cell.number = Number::of_signed(-1);
    return Found::one;
  }
  if (field.reading == Reading::file_letter) return text("f", cell);
  gancho::Value given;
  if (!event_->get(*rows.given, given) || !given.bytes.starts_with('/')) return Found::unknown;
  char* const begin = arena_->reserve(given.bytes.size() + 1);
  if (begin == nullptr) return Found::unknown;
  char* const end = write_plain_path(begin, given.bytes);
  arena_->keep(end);
  const std::string_view path(begin, static_cast<std::size_t>(end - begin));
  const std::size_t slash = path.rfind('/');
  if (field.reading == Reading::directory)
    return text(path.substr(0, slash == 0 ? 1 : slash), cell);
  return text(field.reading == Reading::filename ? path.substr(slash + 1) : path, cell);
}

}  // namespace gancho::rules
