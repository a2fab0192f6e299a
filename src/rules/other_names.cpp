// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "rules/field_table.h"

namespace gancho::rules {
namespace {

// Falco's names of arguments, and other names of ours; a name that the schema itself has for an
// event comes first.
constexpr auto k_other_names = std::to_array<OtherName>({
    {"evt.abspath", "open", "fd.name"},
    {"evt.abspath", "unlink rmdir mkdir mknod chmod chown truncate mount umount", "fs.path.name"},
    {"evt.abspath.src", "rename link", "fs.path.source"},
    {"evt.abspath.dst", "rename link symlink", "fs.path.target"},
    {"fd.path", "open read write", "fd.name"},
    {"fd.path",
     "unlink rmdir mkdir mknod chmod chown truncate setxattr removexattr chdir chroot mount umount",
     "fs.path.name"},
    {"evt.arg.fd", "open socket bind listen connect dup memfd_create io_uring_setup userfaultfd",
     "fd.num"},
    {"evt.arg.newfd", "dup", "fd.num"},
    {"evt.arg.name", "open", "fd.nameraw"},
    {"evt.arg.name", "unlink rmdir umount mkdir", "fs.path.nameraw"},
    {"evt.arg.path", "unlink rmdir mkdir mknod chown chdir chroot truncate setxattr removexattr",
     "fs.path.nameraw"},
    {"evt.arg.pathname", "chown", "fs.path.nameraw"},
    {"evt.arg.filename", "chmod", "fs.path.nameraw"},
    {"evt.arg.dir", "mount", "fs.path.nameraw"},
    {"evt.arg.oldpath", "rename link", "fs.path.sourceraw"},
    {"evt.arg.newpath", "rename link", "fs.path.targetraw"},
    {"evt.arg.target", "symlink", "fs.path.source"},
    {"evt.arg.linkpath", "symlink", "fs.path.targetraw"},
    {"evt.arg.ino", "open", "fd.ino"},
    {"evt.arg.dev", "open", "fd.dev"},
    {"evt.arg.tuple", "connect accept", "fd.name"},
    {"evt.arg.cwd", "exec", "proc.cwd"},
    {"evt.arg.exe_ino", "exec", "proc.exe_ino"},
    {"evt.arg.trusted_exepath", "exec", "proc.exepath"},
    {"evt.arg.ptid", "exec fork", "proc.ppid"},
    {"evt.arg.vpid", "exec", "proc.vpid"},
    {"evt.arg.loginuid", "exec", "user.loginuid"},
    {"evt.arg.ret", "exit", "proc.exit_status"},
    {"evt.arg.core", "exit", "proc.core_dumped"},
    // The only ones that public rules ask for by their place.
    {"evt.arg[0]", "socket socketpair", "evt.arg.domain"},
    {"evt.arg[1]", "socket socketpair", "evt.arg.type"},
    {"evt.arg[2]", "socket socketpair", "evt.arg.proto"},
    {"evt.arg.uargs", "module_load", "module.params"},
    {"evt.arg.length", "module_load", "evt.arg.size"},
    {"evt.arg.uid", "credentials", "evt.arg.id", "setuid setfsuid"},
    {"evt.arg.gid", "credentials", "evt.arg.id", "setgid setfsgid"},
    {"evt.arg.ruid", "credentials", "evt.arg.id", "setreuid setresuid"},
    {"evt.arg.euid", "credentials", "evt.arg.id2", "setreuid setresuid"},
    {"evt.arg.suid", "credentials", "evt.arg.id3", "setresuid"},
    {"evt.arg.rgid", "credentials", "evt.arg.id", "setregid setresgid"},
    {"evt.arg.egid", "credentials", "evt.arg.id2", "setregid setresgid"},
    {"evt.arg.sgid", "credentials", "evt.arg.id3", "setresgid"},
    {"evt.arg.cap_inheritable", "credentials", "thread.cap_inheritable", "capset"},
    {"evt.arg.cap_permitted", "credentials", "thread.cap_permitted", "capset"},
    {"evt.arg.cap_effective", "credentials", "thread.cap_effective", "capset"},
    // Who acts is the effective user: uid beside ruid and suid. Others write it with an e.
    {"user.euid", "", "user.uid"},
    {"user.ename", "", "user.name"},
    {"user.before.euid", "", "user.before.uid"},
    {"user.before.ename", "", "user.before.name"},
    {"group.egid", "", "group.gid"},
    {"group.ename", "", "group.name"},
    {"group.before.egid", "", "group.before.gid"},
    {"group.before.ename", "", "group.before.name"},
});

}  // namespace

std::span<const OtherName> other_names() {
  return k_other_names;
}

}  // namespace gancho::rules
