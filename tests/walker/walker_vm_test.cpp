// SPDX-License-Identifier: Apache-2.0
//
// The path walker (bpf/path.bpf.h) against the kernel's own: /proc/self/fd/N.
//
//   walker_vm_test [--trees=N] [--seed=N]
//
// What readlink says, and what the walker has to say about the same descriptor, by fs/d_path.c. Let
// HOME be the root of the mount namespace as processes see it, JAIL the walking process's root, and
// H, L and R what readlink gives, read from HOME for the descriptor, read from JAIL for the
// descriptor, and read from HOME for JAIL; all without " (deleted)", which d_path() appends where
// d_unlinked(), and with "" for an R of "/".
//
//   prepend_path()          readlink        path  root_length   flags
//   0, the root was met     L, with H = RL  H     bytes in R    -
//   1, at the top           L = H           H     0             UNREACHABLE
//   2, hangs nowhere        L = H           H     0             UNREACHABLE DETACHED
//   3, escaped a bind       "/"             E     0             UNREACHABLE DETACHED
//   (d_dname: made up)      "pipe:[7]"      /N    0             UNREACHABLE DETACHED
//
// with L "/" where RL would leave nothing for it. "hangs nowhere": the descriptor's mount is not in
// HOME's /proc/self/mountinfo; a jail below such a mount gives 0 and DETACHED. E is the path below
// the file system's root: the walker keeps it, readlink drops it. N is the dentry's name: empty for
// a pipe, the protocol for a socket, "[eventfd]", "memfd:NAME" (where readlink says "/memfd:NAME
// (deleted)"; it is not DELETED, because it never had a name in a directory). DELETED stands where
// H or L ends in " (deleted)".
//
// An H longer than EV_PATH_MAX bytes is cut: the path is as many whole "/NAME" from H's end as fit,
// with TRUNCATED, without DETACHED; root_length as above where JAIL was met before that, else 0 and
// UNREACHABLE. Then readlink says ENAMETOOLONG, and H is put together from what it says about
// ancestors.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <fstream>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/fd.h"
#include "config.bpf.h"
#include "walker/random_tree.h"
#include "walker/walker.h"

#include "walker.skel.h"

namespace gancho::test {
namespace {

constexpr std::string_view k_deleted = " (deleted)";
std::uint64_t trees = 500;
std::uint64_t seed = 20240229;

// ---- the walker

struct Walked {
  std::string path;
  std::size_t root_length = 0;
  std::uint32_t flags = 0;
  bool operator==(const Walked&) const = default;
};

class Walker {
 public:
  Walker() : skeleton_(walker_bpf__open_and_load()) {
    if (skeleton_ == nullptr) throw std::runtime_error("cannot load walker.bpf.o");
  }
  Walker(const Walker&) = delete;
  Walker& operator=(const Walker&) = delete;
  ~Walker() { walker_bpf__destroy(skeleton_); }

  // At most WALKS_MAX descriptors of the calling process; nothing for one that the walker failed
  // on.
  std::vector<std::optional<Walked>> walk(const std::vector<int>& fds) {
    auto& shared = *skeleton_->bss;
    shared.count = static_cast<std::uint32_t>(fds.size());
    for (std::size_t i = 0; i < fds.size(); ++i) shared.fds[i] = static_cast<std::uint32_t>(fds[i]);
    LIBBPF_OPTS(bpf_test_run_opts, options);
    if (bpf_prog_test_run_opts(bpf_program__fd(skeleton_->progs.walk), &options) != 0)
      throw std::runtime_error("cannot run the walker");
    std::vector<std::optional<Walked>> result(fds.size());
    for (std::size_t i = 0; i < fds.size(); ++i) {
      const walk_answer& answer = shared.answers[i];
      if (answer.found == 0) continue;
      result[i] = Walked{.path = {reinterpret_cast<const char*>(answer.path), answer.length},
                         .root_length = answer.root_length,
                         .flags = answer.flags};
    }
    return result;
  }

 private:
  walker_bpf* skeleton_;
};

// ---- the kernel's word

void check(bool good, std::string_view what) {
  if (!good) throw std::runtime_error(fmt::format("{}: {}", what, strerror(errno)));
}

void set_root(int fd) {
  check(fchdir(fd) == 0 && chroot(".") == 0, "chroot");
}

class Proc {
 public:
  Proc() : directory_(open("/proc/self", O_PATH | O_DIRECTORY)) {
    check(directory_.valid(), "/proc/self");
  }

  // As it is; nothing when it is too long.
  [[nodiscard]] std::optional<std::string> link(int fd) const {
    char buffer[4096];
    const ssize_t n =
        readlinkat(directory_.get(), fmt::format("fd/{}", fd).c_str(), buffer, sizeof(buffer));
    if (n < 0 && errno == ENAMETOOLONG) return std::nullopt;
    check(n >= 0, "readlink");
    return std::string(buffer, static_cast<std::size_t>(n));
  }

  [[nodiscard]] std::set<int> mounts() const {
    std::set<int> ids;
    const std::string text = read("mountinfo");
    for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
      ids.insert(atoi(&text[at]));
    return ids;
  }

  [[nodiscard]] int mount_of(int fd) const {
    const std::string text = read(fmt::format("fdinfo/{}", fd));
    return atoi(&text[text.find("mnt_id:") + 7]);
  }

 private:
  [[nodiscard]] std::string read(const std::string& name) const {
    const Fd file(openat(directory_.get(), name.c_str(), O_RDONLY));
    check(file.valid(), name);
    std::string text;
    char buffer[8192];
    for (ssize_t n; (n = ::read(file.get(), buffer, sizeof(buffer))) > 0;)
      text.append(buffer, static_cast<std::size_t>(n));
    return text;
  }

  Fd directory_;
};

bool strip_deleted(std::string& path) {
  if (!path.ends_with(k_deleted)) return false;
  path.resize(path.size() - k_deleted.size());
  return true;
}

struct Full {
  std::string path;
  bool deleted = false;
};

// H, of any length. A piece that fits is read with an ancestor for the reader's root.
class FullPaths {
 public:
  FullPaths(const Proc& proc, const std::vector<Node>& nodes, int home)
      : proc_(proc), nodes_(nodes), home_(home) {}

  [[nodiscard]] Full of(const Node& node) const {
    if (const auto whole = proc_.link(node.fd)) return stripped(*whole);
    if (node.directory) return through(node.fd, dup(node.fd));
    return through(node.fd, dup(nodes_[static_cast<std::size_t>(node.parent)].fd));
  }

 private:
  static Full stripped(std::string path) {
    const bool deleted = strip_deleted(path);
    return {.path = std::move(path), .deleted = deleted};
  }

  [[nodiscard]] Full through(int fd, int start) const {
    Fd above(start);
    for (int i = 0; i < 8; ++i) {
      above.reset(openat(above.get(), "..", O_PATH));
      check(above.valid(), "..");
    }
    set_root(above.get());
    const auto lower = proc_.link(fd);
    set_root(home_);
    if (!lower) throw std::length_error("nine names are too long");
    const auto whole = proc_.link(above.get());
    const Full upper = whole ? stripped(*whole) : through(above.get(), dup(above.get()));
    Full result = stripped(*lower);
    result.path = upper.path + result.path;
    return result;
  }

  const Proc& proc_;
  const std::vector<Node>& nodes_;
  int home_;
};

// ---- what the walker has to say

std::string last_names(const std::string& path) {
  std::size_t at = path.size();
  while (at > 0) {
    const std::size_t next = path.rfind('/', at - 1);
    if (path.size() - next > EV_PATH_MAX) break;
    at = next;
  }
  return path.substr(at);
}

bool is_mount_root(int fd) {
  struct statx info{};
  check(statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &info) == 0, "statx");
  return (info.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

// E, from what the tree's maker knows.
std::string below_file_system(const Node& node, const std::vector<Node>& nodes) {
  if (node.mount)
    return node.source < 0 ? ""
                           : below_file_system(nodes[static_cast<std::size_t>(node.source)], nodes);
  return below_file_system(nodes[static_cast<std::size_t>(node.parent)], nodes) + "/" + node.name;
}

std::string shown(const std::string& bytes) {
  std::string text;
  for (const char c : bytes)
    text += c > ' ' && c < 127 ? std::string(1, c)
                               : fmt::format("\\{:02x}", static_cast<unsigned char>(c));
  return text.size() > 600 ? fmt::format("{}...{} ({} bytes)", text.substr(0, 300),
                                         text.substr(text.size() - 300), bytes.size())
                           : text;
}

std::string shown(const Walked& walked) {
  return fmt::format("{} root_length {} flags {:x}", shown(walked.path), walked.root_length,
                     walked.flags);
}

// What one tree is compared in.
struct Scene {
  const Proc& proc;
  const RandomTree& tree;
  Counts& counts;
  std::string jail;      // R; empty for HOME
  std::set<int> mounts;  // of HOME
};

// "" when the walker is right.
std::string judge(Scene& scene, const Node& node, std::optional<std::string> inside,
                  const Full& full, const std::optional<Walked>& walked) {
  if (!walked) return "no answer";
  ++scene.counts.compared;
  Walked wanted{.path = full.path};
  if (node.kind != Kind::named) {
    wanted = {
        .path = "/" + node.name, .root_length = 0, .flags = EV_PATH_DETACHED | EV_PATH_UNREACHABLE};
    if (node.kind == Kind::memfd && *inside != wanted.path + std::string(k_deleted))
      return "not a memfd's link";
    if (node.kind == Kind::pseudo && inside->starts_with('/')) return "not a pseudo file's link";
    return *walked == wanted ? "" : "wanted " + shown(wanted);
  }

  const bool detached = !scene.mounts.contains(scene.proc.mount_of(node.fd));
  if (full.deleted) wanted.flags |= EV_PATH_DELETED;
  if (inside && strip_deleted(*inside) != full.deleted) return "deleted for one reader only";

  if (full.path == "/" && !is_mount_root(node.fd)) {
    ++scene.counts.escaped;
    wanted.flags |= EV_PATH_DETACHED | EV_PATH_UNREACHABLE;
    wanted.path = below_file_system(node, scene.tree.nodes());
    if (inside != "/") return "escaped for one reader only";
    return *walked == wanted ? "" : "wanted " + shown(wanted);
  }

  // Whether JAIL is above: H = RL. What is too long to be read leaves only the names to go by.
  const bool below = full.path.starts_with(scene.jail) &&
                     (full.path.size() == scene.jail.size() || full.path[scene.jail.size()] == '/');
  const std::string rest = below ? full.path.substr(scene.jail.size()) : "";
  bool met = below;
  if (scene.jail.empty())
    met = !detached;
  else if (inside)
    met = below && *inside == (rest.empty() ? "/" : rest);
  if (inside && !met && *inside != full.path) return "readlink gives neither L nor H";
  if (!inside) ++scene.counts.too_long;
  if (rest.size() > EV_PATH_MAX) met = false;

  if (full.path.size() > EV_PATH_MAX) {
    wanted.path = last_names(full.path);
    wanted.flags |= EV_PATH_TRUNCATED;
    ++scene.counts.truncated;
  } else if (detached) {
    wanted.flags |= EV_PATH_DETACHED;
    ++scene.counts.detached;
  }
  if (met) {
    wanted.root_length = wanted.path.size() - rest.size();
    if (!scene.jail.empty()) ++scene.counts.in_jail;
  } else {
    wanted.flags |= EV_PATH_UNREACHABLE;
    ++scene.counts.unreachable;
  }
  if (full.deleted) ++scene.counts.deleted;
  return *walked == wanted ? "" : "wanted " + shown(wanted);
}

// ---- one tree, in a process of its own

// How many descriptors the walker was wrong on.
int try_tree(Walker& walker, std::uint64_t its_seed, Counts& counts) {
  check(
      unshare(CLONE_NEWNS) == 0 && mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0,
      "unshare");
  const Proc proc;
  RandomTree tree(its_seed, counts);
  tree.grow();
  tree.open_more();
  tree.disturb();
  if (tree.below(3) == 0) tree.pivot();
  const auto& nodes = tree.nodes();

  const int home = open("/", O_PATH | O_DIRECTORY);
  std::vector<Node> asked = nodes;
  asked.push_back({.fd = home, .name = "", .directory = true, .mount = true});

  set_root(home);
  const FullPaths paths(proc, nodes, home);
  Scene scene{.proc = proc, .tree = tree, .counts = counts, .jail = "", .mounts = proc.mounts()};
  const Node& jail = nodes[static_cast<std::size_t>(tree.some_directory())];
  const std::string jail_path = paths.of(jail).path;
  // Two different roots would both be "/".
  const bool jailed = tree.below(2) == 0 && jail_path != "/";
  if (jailed) {
    scene.jail = jail_path;
    ++counts.chroots;
  }

  std::vector<std::optional<Walked>> answers;
  std::vector<std::optional<std::string>> inside;
  if (jailed) set_root(jail.fd);
  for (std::size_t i = 0; i < asked.size(); i += WALKS_MAX) {
    std::vector<int> fds;
    for (std::size_t j = i; j < asked.size() && j < i + WALKS_MAX; ++j) fds.push_back(asked[j].fd);
    for (auto& answer : walker.walk(fds)) answers.push_back(std::move(answer));
  }
  for (const Node& node : asked) inside.push_back(proc.link(node.fd));
  set_root(home);

  int wrong = 0;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    Full full;
    try {
      full = paths.of(asked[i]);
    } catch (const std::length_error&) {
      ++counts.unread;
      continue;
    }
    const std::string why = judge(scene, asked[i], inside[i], full, answers[i]);
    if (why.empty()) continue;
    ++wrong;
    fmt::print(
        "tree {} descriptor {}: {}\n  walker   {}\n  inside   {}\n  outside  {}{}\n  jail     {}\n",
        its_seed, asked[i].fd, why, answers[i] ? shown(*answers[i]) : "-",
        inside[i] ? shown(*inside[i]) : "(too long)", shown(full.path),
        full.deleted ? " (deleted)" : "", shown(scene.jail));
  }
  return wrong;
}

// Runs it in a child, so that its namespace and its root go with it. Its exit status: 0 when it
// returned 0.
template <class Function>
int in_child(Function function) {
  fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    int status = 1;
    try {
      status = function() == 0 ? 0 : 1;
    } catch (const std::exception& error) {
      fmt::print("{}\n", error.what());
    }
    fflush(nullptr);
    _exit(status);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

TEST(Trees, TheWalkerSaysWhatProcSays) {
  Walker walker;
  auto* counts = static_cast<Counts*>(
      mmap(nullptr, sizeof(Counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(counts, MAP_FAILED);
  fmt::print("--trees={} --seed={}\n", trees, seed);
  int failed = 0;
  for (std::uint64_t i = 0; i < trees && failed < 10; ++i) {
    if (in_child([&] { return try_tree(walker, seed + i, *counts); }) == 0) continue;
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
      {"taken out of a bind mount", c.taken_out},
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
      {"below a chroot", c.in_jail},
      {"too long for readlink", c.too_long}};
  for (const auto& [what, n] : all) {
    fmt::print("{:8} {}\n", n, what);
    if (trees >= 500) {
      EXPECT_GT(n, 0U) << what;
    }
  }
  // Too long, and not readable from eight directories up either: seen for 20 of 16 481, in one or
  // two trees. Why is not known yet.
  fmt::print("{:8} not compared\n", c.unread);
  EXPECT_LE(c.unread, c.compared / 100);
  munmap(counts, sizeof(Counts));
}

// ---- races

// Two names of one directory, in two directories; the walker asks for the file below. Whatever the
// moment, it must be one of the two: the name and the parent change in one d_move(), which the
// walker sees (d_seq). Above a limit of steps it stops, with TRUNCATED, and says nothing wrong;
// that must stay rare.
void rename_to_and_fro(const std::string& there, const std::string& back) {
  constexpr std::size_t k_walks = 20'000;
  const std::string left = "/tmp/left/" + there, right = "/tmp/the directory on the right/" + back;
  for (const char* directory : {"/tmp/left", "/tmp/the directory on the right"})
    check(mkdir(directory, 0755) == 0, directory);
  check(mkdir(left.c_str(), 0755) == 0 && mkdir((left + "/below").c_str(), 0755) == 0, "mkdir");
  const Fd file(open((left + "/below/file").c_str(), O_RDWR | O_CREAT, 0644));
  check(file.valid(), "open");
  const std::string at_left = left + "/below/file", at_right = right + "/below/file";

  Walker walker;
  std::atomic<bool> end = false;
  std::uint64_t renames = 0;
  std::thread renamer([&] {
    for (; !end; renames += 2) {
      check(rename(left.c_str(), right.c_str()) == 0 && rename(right.c_str(), left.c_str()) == 0,
            "rename");
    }
  });
  std::uint64_t lefts = 0, rights = 0, cut = 0, mixed = 0;
  std::set<std::string> mixtures;
  for (std::size_t i = 0; i < k_walks; i += WALKS_MAX) {
    for (const auto& answer : walker.walk(std::vector<int>(WALKS_MAX, file.get()))) {
      if (!answer) {
        ++cut;
      } else if ((answer->flags & EV_PATH_TRUNCATED) != 0) {
        const bool right_as_far =
            at_left.ends_with(answer->path) || at_right.ends_with(answer->path);
        ++(right_as_far ? cut : mixed);
      } else if (answer->flags == 0 && answer->path == at_left) {
        ++lefts;
      } else if (answer->flags == 0 && answer->path == at_right) {
        ++rights;
      } else {
        ++mixed;
        mixtures.insert(shown(*answer));
      }
    }
  }
  end = true;
  renamer.join();
  fmt::print("{} renames; {} left, {} right, {} cut, {} mixed\n", renames, lefts, rights, cut,
             mixed);
  for (const std::string& mixture : mixtures) fmt::print("  {}\n", mixture);
  EXPECT_EQ(mixed, 0U);
  EXPECT_LT(cut, k_walks / 100);
  EXPECT_GT(lefts, 0U);
  EXPECT_GT(rights, 0U);
}

class Races : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(mount("races", "/tmp", "tmpfs", 0, nullptr), 0); }
  void TearDown() override { umount2("/tmp", MNT_DETACH); }
};

// Names this short are kept in the dentry itself, and overwritten there.
TEST_F(Races, ARenameOfAShortName) {
  rename_to_and_fro("short", "other name");
}

TEST_F(Races, ARenameOfALongName) {
  rename_to_and_fro(std::string(200, 'a'), std::string(120, 'b'));
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
