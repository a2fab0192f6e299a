// SPDX-License-Identifier: Apache-2.0
#include "walker/chain.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "walker/sandbox.h"

namespace gancho::test {
namespace {

Fd empty_root() {
  own_mounts();
  Fd root(new_file_system("tmpfs"));
  const Fd old(open("/", O_PATH | O_DIRECTORY));
  check(move_mount(root.get(), "", AT_FDCWD, "/tmp", MOVE_MOUNT_F_EMPTY_PATH) == 0, "move_mount");
  check(fchdir(root.get()) == 0 && syscall(SYS_pivot_root, ".", ".") == 0, "pivot_root");
  check(fchdir(old.get()) == 0 && umount2(".", MNT_DETACH) == 0, "umount");
  set_root(root.get());
  return root;
}

}  // namespace

std::string chain_name(std::size_t bytes) {
  std::string name;
  for (std::size_t i = 0; i < bytes; ++i)
    name += static_cast<char>(i % 2 == 0 ? 'a' + i / 2 % 26 : 'A' + i / 52);
  return name;
}

Fd make_chain(const Chain& chain) {
  const std::string name = chain_name(chain.bytes);
  Fd at = empty_root();
  for (std::size_t i = 0; i < chain.names; ++i) {
    check(mkdirat(at.get(), name.c_str(), 0755) == 0, "mkdir");
    at.reset(openat(at.get(), name.c_str(), O_PATH | O_DIRECTORY));
    if (i >= chain.mounts) continue;
    Fd mount(new_file_system("tmpfs"));
    check(move_mount(mount.get(), "", at.get(), "",
                     MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0,
          "move_mount");
    at = std::move(mount);
  }
  return at;
}

}  // namespace gancho::test
