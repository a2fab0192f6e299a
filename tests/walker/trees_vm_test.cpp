// SPDX-License-Identifier: Apache-2.0
//
// The path walker (bpf/path.bpf.h) against the kernel's own, /proc/self/fd/N (judge.h), on random
// trees.
//
//   walker_vm_test [--trees=N] [--seed=N]
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "walker/bpf_walker.h"
#include "walker/judge.h"
#include "walker/kernel_word.h"
#include "walker/random_tree.h"
#include "walker/sandbox.h"

namespace gancho::test {
namespace {

std::uint64_t trees = 500;
std::uint64_t seed = 20240229;

// In a process of its own. How many descriptors the walker was wrong on.
int try_tree(Walker& walker, std::uint64_t its_seed, Counts& counts) {
  own_mounts();
  const Proc proc;
  RandomTree tree(its_seed, counts);
  tree.grow();
  tree.open_more();
  tree.disturb();
  if (tree.below(3) == 0) tree.pivot();

  const int home = open("/", O_PATH | O_DIRECTORY);
  std::vector<Node> asked = tree.nodes();
  asked.push_back({.fd = home, .name = "", .directory = true, .mount = true});
  const Dentries dentries(asked);

  set_root(home);
  const FullPaths paths(proc, dentries, home);
  Scene scene{.proc = proc,
              .dentries = dentries,
              .paths = paths,
              .counts = counts,
              .jail = -1,
              .jail_path = "",
              .mounts = proc.mounts()};
  const int jail = tree.some_directory();
  const bool jail_escaped = dentries.outside(jail);
  const std::string jail_path =
      jail_escaped ? dentries.below_file_system(jail) : paths.of(jail).path;
  // Two different roots would both be "/".
  if (tree.below(2) == 0 && jail_path != "/") {
    scene.jail = jail;
    scene.jail_path = jail_path;
    ++counts.chroots;
    set_root(asked[static_cast<std::size_t>(jail)].fd);
  }

  std::vector<int> fds;
  for (const Node& node : asked) fds.push_back(node.fd);
  const auto answers = walker.walk(fds);
  std::vector<std::optional<std::string>> inside;
  for (const int fd : fds) inside.push_back(proc.link(fd));
  set_root(home);

  int wrong = 0;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const auto outside = proc.link(fds[i]);
    const std::string why = judge(scene, static_cast<int>(i), inside[i], outside, answers[i]);
    if (why.empty()) continue;
    ++wrong;
    fmt::print(
        "tree {} descriptor {}: {}\n  walker   {}\n  inside   {}\n  outside  {}\n  jail     {}\n",
        its_seed, fds[i], why, answers[i] ? shown(*answers[i]) : "-",
        inside[i] ? shown(*inside[i]) : "(too long)", outside ? shown(*outside) : "(too long)",
        shown(scene.jail_path));
  }
  return wrong;
}

TEST(Trees, TheWalkerSaysWhatProcSays) {
  Walker walker;
  auto* counts = static_cast<Counts*>(
      mmap(nullptr, sizeof(Counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(counts, MAP_FAILED);
  fmt::print("--trees={} --seed={}\n", trees, seed);
  int failed = 0;
  for (std::uint64_t i = 0; i < trees && failed < 10; ++i) {
    if (in_child([&] { return try_tree(walker, seed + i, *counts) == 0; })) continue;
    ++failed;
    ADD_FAILURE() << "again with --trees=1 --seed=" << seed + i;
  }

  const Counts& c = *counts;
  const std::pair<const char*, std::uint64_t> all[] = {
      {"directories", c.directories},
      {"files", c.files},
      {"tmpfs mounts", c.tmpfs},
      {"overlay mounts", c.overlays},
      {"bind mounts", c.binds},
      {"bind mounts of files", c.file_binds},
      {"moved mounts", c.moved_mounts},
      {"mounts that hang nowhere", c.detached_copies},
      {"renamed", c.renamed},
      {"files taken out of a bind mount", c.taken_out},
      {"directories taken out of a bind mount", c.directories_taken_out},
      {"files deleted", c.unlinked},
      {"directories deleted", c.removed},
      {"lazily unmounted", c.unmounted},
      {"pseudo files", c.pseudo},
      {"chroot", c.chroots},
      {"pivot_root", c.pivots},
      {"old roots unmounted", c.old_roots_gone},
      {"compared", c.compared},
      {"unreachable", c.unreachable},
      {"detached", c.detached},
      {"deleted", c.deleted},
      {"truncated", c.truncated},
      {"escaped", c.escaped},
      {"escaped directories", c.escaped_directories},
      {"escaped, below a chroot that escaped", c.escaped_in_jail},
      {"below a chroot", c.in_jail},
      {"too long for readlink", c.too_long}};
  for (const auto& [what, n] : all) {
    fmt::print("{:8} {}\n", n, what);
    if (trees >= 500) {
      EXPECT_GT(n, 0U) << what;
    }
  }
  munmap(counts, sizeof(Counts));
}

}  // namespace
}  // namespace gancho::test

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const auto number = [&](std::string_view key, std::uint64_t& into) {
      if (!argument.starts_with(key)) return;
      std::from_chars(argument.data() + key.size(), argument.data() + argument.size(), into);
    };
    number("--trees=", gancho::test::trees);
    number("--seed=", gancho::test::seed);
  }
  return RUN_ALL_TESTS();
}
