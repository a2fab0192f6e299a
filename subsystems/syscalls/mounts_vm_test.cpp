// SPDX-License-Identifier: Apache-2.0
//
// Operations that change where a process or a file system is: chdir, chroot, mount, umount,
// move_mount, pivot_root. Each in a mount namespace of its own.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "support/files_case.h"

namespace gancho::test {
namespace {

const Word k_here = static_cast<Word>(AT_FDCWD);
const auto k_nobody = [] { become(1000); };

void apart() {
  must(::unshare(CLONE_NEWNS) == 0, "unshare");
  must(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "private");
}

void mount_at(const std::string& place) {
  must(::mount("source", place.c_str(), "tmpfs", 0, nullptr) == 0, "mount");
}

struct Way {
  std::string name;
  Entry entry;
  std::function<long(std::vector<Word>)> call;
};
// The same system call by both tables.
std::vector<Way> both(const std::string& name, long number64, long number32) {
  return {{name,
           {.number = number64},
           [=](std::vector<Word> words) { return call64(number64, std::move(words)); }},
          {name + ", 32 bits", {.number = number32, .compat = true}, [=](std::vector<Word> words) {
             return call32(number32, std::move(words));
           }}};
}

// fields: what is expected beside what every operation has, and the user_memory flag.
void check(
    const std::string& type, const std::string& name, const Way& way,
    const std::vector<Word>& words, const Event& own, int error = 0,
    const std::function<void()>& stage = [] {}) {
  const std::string full = type + ": " + name + ", by " + way.name;
  const Done done = perform(full, {.stage = stage, .call = [&] { return way.call(words); }});
  EXPECT_EQ(done.result < 0 ? -done.result : 0, error) << full;
  Event fields = expected(done, type, way.entry);
  fields["evt.arg.user_memory"] =
      own.contains("fs.path.nameraw") || own.contains("fs.path.targetraw");
  for (const auto& [key, value] : own) fields[key] = value;
  check_records(full, done, {fields});
}

Word text(const std::string& value) {
  return word(low(value));
}

Event with(Event fields, const Event& more) {
  for (const auto& [key, value] : more) fields[key] = value;
  return fields;
}

Event at(const std::string& path) {
  return {{"fs.path.nameraw", path}, {"fs.path.name", path}, {"fs.path.hostpath", path}};
}

Event at_object(const std::string& path) {
  Event fields = at(path);
  add_object(fields, look(path));
  return fields;
}

// ---- the process ----

TEST(Chdir, ByEveryEntry) {
  const std::string place = fresh(), file = make_file(place + "/f");
  const std::string closed = make_directory(place + "/closed", 0700);
  make_directory(place + "/d");
  for (const Way& way : both("chdir", SYS_chdir, 12)) {
    check("chdir", "absolute", way, {text(place)}, at_object(place));
    Event relative = at_object(place + "/d");
    relative["fs.path.nameraw"] = "d";
    check("chdir", "relative", way, {text("d")}, relative, 0, in(place));
    check("chdir", "ENOENT", way, {text(place + "/x")}, {{"fs.path.nameraw", place + "/x"}},
          ENOENT);
    check("chdir", "ENOTDIR", way, {text(file)}, {{"fs.path.nameraw", file}}, ENOTDIR);
    check("chdir", "EACCES", way, {text(closed)}, {{"fs.path.nameraw", closed}}, EACCES, k_nobody);
    check("chdir", "EFAULT", way, {word(k_nowhere)}, {}, EFAULT);
  }
  const int fd = ::open(place.c_str(), O_RDONLY | O_DIRECTORY);
  for (const Way& way : both("fchdir", SYS_fchdir, 133)) {
    Event fields = at_object(place);
    fields.erase("fs.path.nameraw");
    check("chdir", "descriptor", way, {static_cast<Word>(fd)}, fields);
    check("chdir", "EBADF", way, {99}, {}, EBADF);
  }
  ::close(fd);
}

TEST(Chroot, ByEveryEntry) {
  const std::string place = fresh(), file = make_file(place + "/f");
  make_directory(place + "/d");
  for (const Way& way : both("chroot", SYS_chroot, 61)) {
    check("chroot", "plain", way, {text(place)}, at_object(place));
    Event again = at_object(place + "/d");
    again["fs.path.nameraw"] = again["fs.path.name"] = "/d";
    check("chroot", "in another", way, {text("/d")}, again, 0,
          [&] { must(::chroot(place.c_str()) == 0, "chroot"); });
    check("chroot", "EPERM", way, {text(place)}, {{"fs.path.nameraw", place}}, EPERM, k_nobody);
    check("chroot", "ENOENT", way, {text(place + "/x")}, {{"fs.path.nameraw", place + "/x"}},
          ENOENT);
    check("chroot", "ENOTDIR", way, {text(file)}, {{"fs.path.nameraw", file}}, ENOTDIR);
    check("chroot", "EFAULT", way, {word(k_nowhere)}, {}, EFAULT);
  }
}

// ---- mount(2) ----

TEST(Mount, ByBothEntries) {
  const std::string place = fresh();
  for (const Way& way : both("mount", SYS_mount, 21)) {
    const Event fields = with(at(place), {{"evt.arg.dev", "source"},
                                          {"evt.arg.type", "tmpfs"},
                                          {"evt.arg.flags", "MS_NOSUID|MS_NODEV"},
                                          {"evt.arg.data", "size=1m,mode=700"}});
    const std::vector<Word> words{text("source"), text(place), text("tmpfs"), MS_NOSUID | MS_NODEV,
                                  text("size=1m,mode=700")};
    check("mount", "new", way, words, fields, 0, apart);
    check("mount", "EPERM", way, words, fields, EPERM, k_nobody);
    std::vector<Word> magic = words;
    magic[3] |= MS_MGC_VAL;
    check("mount", "with the old magic", way, magic, fields, 0, apart);

    Event failed = fields;
    failed.erase("fs.path.name");
    failed.erase("fs.path.hostpath");
    failed.erase("evt.arg.data");  // never read from memory that may have changed
    std::vector<Word> nowhere = words;
    nowhere[1] = text(place + "/x");
    failed["fs.path.nameraw"] = place + "/x";
    check("mount", "ENOENT", way, nowhere, failed, ENOENT);
    Event unknown = fields;
    unknown["evt.arg.type"] = "nofs";
    std::vector<Word> other = words;
    other[2] = text("nofs");
    check("mount", "ENODEV", way, other, unknown, ENODEV, apart);
  }
}

TEST(Mount, WhatChangesMounts) {
  const std::string place = fresh();
  const std::string from = make_directory(place + "/from"), to = make_directory(place + "/to");
  for (const Way& way : both("mount", SYS_mount, 21)) {
    check("mount", "bind", way, {text(from), text(to), 0, MS_BIND | MS_REC, 0},
          with(at(to), {{"evt.arg.dev", from}, {"evt.arg.flags", "MS_BIND|MS_REC"}}), 0, apart);
    check("mount", "remount", way,
          {0, text(to), 0, MS_REMOUNT | MS_RDONLY | MS_NOEXEC | MS_BIND, 0},
          with(at(to), {{"evt.arg.flags", "MS_RDONLY|MS_NOEXEC|MS_REMOUNT|MS_BIND"}}), 0, [&] {
            apart();
            mount_at(to);
          });
    check("mount", "move", way, {text(from), text(to), 0, MS_MOVE, 0},
          with(at(to), {{"evt.arg.dev", from}, {"evt.arg.flags", "MS_MOVE"}}), 0, [&] {
            apart();
            mount_at(from);
          });
    check("mount", "propagation", way, {0, text(to), 0, MS_SHARED, 0},
          with(at(to), {{"evt.arg.flags", "MS_SHARED"}}), 0, [&] {
            apart();
            mount_at(to);
          });
    check("mount", "no mount point", way, {0, text(to), 0, MS_REMOUNT, 0},
          with(at(to), {{"evt.arg.flags", "MS_REMOUNT"}}), EINVAL, apart);
  }
}

// ---- umount ----

TEST(Umount, ByEveryEntry) {
  const std::string place = fresh();
  const Event of{{"fs.type", "tmpfs"}, {"fs.dev", "source"}};
  const auto stage = [&] {
    apart();
    mount_at(place);
  };
  const auto fields = [&](const char* flags) {
    return with(with(at(place), of), {{"evt.arg.flags", flags}});
  };
  for (const Way& way : both("umount2", SYS_umount2, 52)) {
    check("umount", "plain", way, {text(place), 0}, fields("0"), 0, stage);
    check("umount", "lazy", way, {text(place), MNT_DETACH | UMOUNT_NOFOLLOW},
          fields("MNT_DETACH|UMOUNT_NOFOLLOW"), 0, stage);
    check("umount", "busy", way, {text(place), 0}, fields("0"), EBUSY, [&] {
      stage();
      in(place)();
    });
    check("umount", "EPERM", way, {text(place), 0},
          with(at(place), {{"evt.arg.flags", "0"}, {"fs.type", "tmpfs"}, {"fs.dev", "none"}}),
          EPERM, k_nobody);
    Event failed{{"fs.path.nameraw", place}, {"evt.arg.flags", "0x80"}};
    check("umount", "unknown flag", way, {text(place), 0x80}, failed, EINVAL);
    failed = {{"fs.path.nameraw", place + "/x"}, {"evt.arg.flags", "0"}};
    check("umount", "ENOENT", way, {text(place + "/x"), 0}, failed, ENOENT);
    check("umount", "EFAULT", way, {word(k_nowhere), 0}, {{"evt.arg.flags", "0"}}, EFAULT);
  }
  const Way old = both("umount", 0, 22)[1];
  check("umount", "plain", old, {text(place)}, fields("0"), 0, stage);
}

// ---- the new interface ----

TEST(MoveMount, OfANewFileSystem) {
  const std::string place = fresh();
  for (const Way& way : both("move_mount", SYS_move_mount, SYS_move_mount)) {
    const Way attach{
        way.name, way.entry, [&](const std::vector<Word>&) {
          const long fs = call64(SYS_fsopen, {text("tmpfs"), 0});
          const auto fs_fd = static_cast<Word>(fs);
          must(call64(SYS_fsconfig, {fs_fd, 1, text("source"), text("a source"), 0}) == 0 &&
                   call64(SYS_fsconfig, {fs_fd, 6, 0, 0, 0}) == 0,
               "fsconfig");
          const long fd = call64(SYS_fsmount, {fs_fd, 0, 0});
          must(fd >= 0, "fsmount");
          return way.call({static_cast<Word>(fd), text(""), k_here, text(place), 4});
        }};
    check("move_mount", "attach", attach, {},
          {{"fs.path.sourceraw", ""},
           {"fs.path.source", "/"},
           {"fs.path.targetraw", place},
           {"fs.path.target", place},
           {"fs.path.is_source_detached", true},
           {"evt.arg.flags", "MOVE_MOUNT_F_EMPTY_PATH"},
           {"fs.type", "tmpfs"},
           {"fs.dev", "a source"}},
          0, apart);
  }
}

TEST(MoveMount, OfAMountThatThereIs) {
  const std::string place = fresh();
  const std::string from = make_directory(place + "/from"), to = make_directory(place + "/to");
  const Event names{{"fs.path.sourceraw", from}, {"fs.path.targetraw", to}};
  const Event found{{"fs.path.source", from},
                    {"fs.path.target", to},
                    {"fs.path.is_source_detached", false},
                    {"fs.type", "tmpfs"},
                    {"fs.dev", "source"}};
  for (const Way& way : both("move_mount", SYS_move_mount, SYS_move_mount)) {
    check("move_mount", "move", way, {k_here, text(from), k_here, text(to), 0},
          with(with(names, found), {{"evt.arg.flags", "0"}}), 0, [&] {
            apart();
            mount_at(from);
          });
    check("move_mount", "no mount", way, {k_here, text(from), k_here, text(to), 0},
          with(with(names, found), {{"evt.arg.flags", "0"}, {"fs.dev", "none"}}), EINVAL, apart);
    check("move_mount", "unknown flag", way, {k_here, text(from), k_here, text(to), 0x8000},
          with(names, {{"evt.arg.flags", "0x8000"}}), EINVAL);
    check("move_mount", "EPERM", way, {k_here, text(from), k_here, text(to), 0},
          with(names, {{"evt.arg.flags", "0"}}), EPERM, k_nobody);
    check("move_mount", "ENOENT", way, {k_here, text(from + "x"), k_here, text(to), 0},
          {{"fs.path.sourceraw", from + "x"}, {"fs.path.targetraw", to}, {"evt.arg.flags", "0"}},
          ENOENT);
    const Way clone{way.name, way.entry, [&](const std::vector<Word>&) {
                      const long fd = call64(SYS_open_tree, {k_here, text(from), 1});  // a clone
                      must(fd >= 0, "open_tree");
                      return way.call({static_cast<Word>(fd), text(""), k_here, text(to), 4});
                    }};
    check("move_mount", "clone", clone, {},
          {{"fs.path.sourceraw", ""},
           {"fs.path.source", "/"},
           {"fs.path.targetraw", to},
           {"fs.path.target", to},
           {"fs.path.is_source_detached", true},
           {"evt.arg.flags", "MOVE_MOUNT_F_EMPTY_PATH"},
           {"fs.type", "tmpfs"},
           {"fs.dev", "none"}},
          0, apart);
  }
}

TEST(PivotRoot, ByBothEntries) {
  const std::string root = fresh(), old = root + "/old";
  const Event names{{"fs.path.sourceraw", root}, {"fs.path.targetraw", old}};
  const Event found{{"fs.path.source", root}, {"fs.path.target", old}, {"fs.type", "tmpfs"}};
  for (const Way& way : both("pivot_root", SYS_pivot_root, 217)) {
    check("pivot_root", "plain", way, {text(root), text(old)},
          with(with(names, found), {{"fs.dev", "source"}}), 0, [&] {
            apart();
            mount_at(root);
            must(::mkdir(old.c_str(), 0700) == 0, "mkdir");
          });
    check("pivot_root", "no mount", way, {text(root), text(old)},
          with(with(names, found), {{"fs.dev", "none"}}), EINVAL, [&] {
            apart();
            (void)::mkdir(old.c_str(), 0700);
          });
    check("pivot_root", "EPERM", way, {text(root), text(old)}, names, EPERM, k_nobody);
    check("pivot_root", "ENOENT", way, {text(root), text(root + "/x")},
          {{"fs.path.sourceraw", root}, {"fs.path.targetraw", root + "/x"}}, ENOENT);
    check("pivot_root", "EFAULT", way, {text(root), word(k_nowhere)},
          {{"fs.path.sourceraw", root}, {"evt.arg.user_memory", true}}, EFAULT);
  }
}

}  // namespace
}  // namespace gancho::test
