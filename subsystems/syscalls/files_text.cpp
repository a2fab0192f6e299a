// SPDX-License-Identifier: Apache-2.0
//
//   open     4242  alice  cat  /etc/hostname O_RDONLY|O_CLOEXEC → 3
//   open     4242  alice  cat  EACCES /etc/shadow O_RDONLY
//   rename   4243  root  mv  /tmp/a → /tmp/b
//   chmod    4244  root  chmod  /usr/local/bin/x 0755 → 4755
//   mount    4245  root  mount  /dev/sdb1 on /mnt ext4 MS_RDONLY
#include "syscalls/files_text.h"

#include <array>
#include <string_view>

#include "event/flags.h"
#include "event/names.h"
#include "event/values.h"
#include "syscalls/call_text.h"
#include "syscalls/file_names.h"
#include "syscalls/syscalls.h"

namespace gancho::syscalls {
namespace {

// What was found, else what was given.
void put_path(std::string_view found, std::string_view given, TextLine& line) {
  line.word(found.empty() ? given : found, Ink::strong);
}

void put_open(const ev_file_call& call, TextLine& line) {
  std::array<char, k_flags_max> flags;
  char* const end = write_open_flags(flags.data(), call.arg_flags);
  line.plain(" ");
  line.plain({flags.data(), static_cast<std::size_t>(end - flags.data())}, Ink::dim);
  if ((call.call.header.present & EV_FILE_HAS_FD) != 0) {
    line.plain(" → ");
    line.number(std::int64_t{call.call.result});
  }
  if ((call.call.flags & EV_CALL_CREATED) != 0) line.mark("created", Ink::yellow);
}

void put_rename_flags(std::uint32_t flags, TextLine& line) {
  if (flags == 0) return;
  std::array<char, k_flags_max> form;
  char* const end = write_flags(form.data(), FieldType::rename_flags, flags);
  line.plain(" ");
  line.plain({form.data(), static_cast<std::size_t>(end - form.data())}, Ink::dim);
}

void put_flags(NameTable names, std::uint64_t flags, TextLine& line) {
  if (flags == 0) return;
  std::array<char, k_names_max> form;
  char* const end = write_named_flags(form.data(), names, flags);
  line.plain(" ");
  line.plain({form.data(), static_cast<std::size_t>(end - form.data())}, Ink::dim);
}

// "0644 → 04755": as it was, when that is known, and as it is to be.
void put_mode(const ev_file_call& call, TextLine& line) {
  std::array<char, k_mode_max> form;
  const auto put = [&](std::uint32_t mode) {
    line.plain(
        {form.data(), static_cast<std::size_t>(write_mode(form.data(), mode) - form.data())});
  };
  line.plain(" ");
  if ((call.call.header.present & EV_FILE_HAS_OBJECT) != 0) {
    put(call.mode);
    line.plain(" → ");
  }
  put(call.arg_mode);
}

// "root:adm → alice:-"
void put_owner(const ev_file_call& call, TextLine& line) {
  const auto put = [&](std::uint32_t user, std::uint32_t group) {
    line.user(user);
    line.plain(":");
    line.group(group);
  };
  line.plain(" ");
  if ((call.call.header.present & EV_FILE_HAS_OBJECT) != 0) {
    put(call.file_uid, call.file_gid);
    line.plain(" → ");
  }
  put(call.arg_uid, call.arg_gid);
}

void put_words(std::string_view first, std::string_view second, TextLine& line) {
  for (const std::string_view word : {first, second}) {
    if (word.empty()) continue;
    line.plain(" ");
    line.word(word);
  }
}

// What follows the names.
void put_particulars(const EventView& event, const ev_file_call& call, TextLine& line) {
  const std::string_view attribute = event.string(call.attribute);
  switch (event.desc().type) {
    case EV_OPEN:
      return put_open(call, line);
    case EV_RENAME:
      return put_rename_flags(call.arg_flags, line);
    case EV_CHMOD:
      return put_mode(call, line);
    case EV_CHOWN:
      return put_owner(call, line);
    case EV_TRUNCATE:
      line.plain(" ");
      line.number(static_cast<std::int64_t>(call.length));
      return line.plain(" bytes");
    case EV_SETXATTR:
    case EV_REMOVEXATTR:
      put_words(attribute, {}, line);
      return put_flags(k_xattr_names, call.flags, line);
    case EV_MOUNT:
      put_words(attribute, event.string(call.data), line);
      return put_flags(k_mount_names, call.flags, line);
    case EV_UMOUNT:
      put_words(attribute, event.string(call.data), line);
      return put_flags(k_umount_names, call.flags, line);
    case EV_MOVE_MOUNT:
      put_words(attribute, event.string(call.data), line);
      return put_flags(k_move_mount_names, call.flags, line);
    default:
      return;
  }
}

// The file, or both of them in the order in which things move.
void put_names(const EventView& event, const ev_file_call& call, TextLine& line) {
  const std::string_view given = event.string(call.name);
  const std::string_view to_given = event.string(call.to_name);
  switch (event.desc().type) {
    case EV_SYMLINK:
      put_path(event.path(call.to_path), to_given, line);
      line.plain(" says ");
      return line.word(given);
    case EV_MOUNT:
      if (!to_given.empty()) {
        line.word(to_given);
        line.plain(" on ");
      }
      return put_path(event.path(call.path), given, line);
    default:
      put_path(event.path(call.path), given, line);
      if (to_given.empty() && call.to_path.offset == 0) return;
      line.plain(" → ");
      return put_path(event.path(call.to_path), to_given, line);
  }
}

}  // namespace

void file_text(const EventView& event, TextLine& line) {
  const auto call = event.fixed<ev_file_call>();

  begin_call(call.call, line);
  put_names(event, call, line);
  put_particulars(event, call, line);
  end_call(call.call, line);
}

}  // namespace gancho::syscalls
