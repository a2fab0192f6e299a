// SPDX-License-Identifier: Apache-2.0
//
// What the walker has to say about a descriptor, from what readlink of /proc/self/fd/N says about
// it, by fs/d_path.c. Let HOME be the root of the mount namespace as processes see it, JAIL the
// walking process's root, and H, L and R what readlink gives, read from HOME for the descriptor,
// read from JAIL for the descriptor, and read from HOME for JAIL; all without " (deleted)", which
// d_path() appends where d_unlinked(), and with "" for an R of "/".
//
//   prepend_path()          readlink        path  root_length   flags
//   0, the root was met     L, with H = RL  H     bytes in R    -
//   1, at the top           L = H           H     0             UNREACHABLE
//   2, hangs nowhere        L = H           H     0             UNREACHABLE DETACHED
//   3, escaped a bind       "/"             E     0             UNREACHABLE DETACHED
//   (d_dname: made up)      "pipe:[7]"      /N    0             UNREACHABLE DETACHED
//
// with L "/" where RL would leave nothing for it. "hangs nowhere": the descriptor's mount is not in
// HOME's /proc/self/mountinfo; a jail below such a mount gives 0 and DETACHED. N is the dentry's
// name: empty for a pipe, the protocol for a socket, "[eventfd]", "memfd:NAME" (where readlink says
// "/memfd:NAME (deleted)"; it is not DELETED, because it never had a name in a directory). DELETED
// stands where H or L ends in " (deleted)".
//
// "escaped a bind": what was moved out of the directory that its mount shows. E is the path below
// the file system's root: the walker keeps it, readlink drops it. The kernel's word is that there
// is no way up: H is "/". E is the tree's maker's. When JAIL escaped from the same mount and is
// above, it is met before: L is E without JAIL's own E in front (R is "/", and of no use), and the
// walker says E, as root_length the bytes in JAIL's E, and DETACHED.
//
// An H or E longer than EV_PATH_MAX bytes is cut: the path is as many whole "/NAME" from its end as
// fit, with TRUNCATED, without DETACHED; root_length as above where JAIL was met before that, else
// 0 and UNREACHABLE. Then readlink says ENAMETOOLONG, and H is put together from what it says about
// ancestors.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "walker/bpf_walker.h"
#include "walker/kernel_word.h"
#include "walker/random_tree.h"

namespace gancho::test {

// What one tree is compared in.
struct Scene {
  const Proc& proc;
  const Dentries& dentries;
  const FullPaths& paths;
  Counts& counts;
  int jail;               // a node; -1 for HOME
  std::string jail_path;  // R, or its E; empty for HOME
  std::set<int> mounts;   // of HOME
};

// "" when the walker is right. Both links are without an answer where it is too long.
std::string judge(Scene& scene, int node, const std::optional<std::string>& inside,
                  const std::optional<std::string>& outside, const std::optional<Walked>& walked);

}  // namespace gancho::test
