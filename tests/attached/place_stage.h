// SPDX-License-Identifier: Apache-2.0
//
// Programs to attach, network namespaces to do it in, and what is said of both afterwards.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "attached/attached.h"
#include "base/fd.h"
#include "support/bpf_ids.h"

struct bpf_link;
struct bpf_program;
struct places_bpf;  // NOLINT(readability-identifier-naming): the skeleton

namespace gancho::test {

// The programs of places.bpf.c, loaded; those that this kernel does not know are left out.
class Programs {
 public:
  Programs();  // throws std::runtime_error
  Programs(const Programs&) = delete;
  Programs& operator=(const Programs&) = delete;
  ~Programs();

  [[nodiscard]] places_bpf& all() const { return *all_; }
  // Pinned for tc(8) to find; goes with this.
  [[nodiscard]] std::string pin(bpf_program* program);
  [[nodiscard]] std::set<std::uint32_t> ids() const;

 private:
  places_bpf* all_;
  std::vector<std::string> pins_;
};

// Loaded once for all tests, which takes seconds. Every test leaves them attached to nothing.
[[nodiscard]] Programs& test_programs();

[[nodiscard]] std::uint32_t id_of(const bpf_program* program);
[[nodiscard]] bool knows_tcx();

// A link, and its end.
class Link {
 public:
  explicit Link(bpf_link* link);     // throws when it is null
  explicit Link(int link_or_error);  // from bpf_link_create()
  [[nodiscard]] std::uint32_t id() const;

 private:
  Fd fd_;
};

// A network namespace of the test's.
class Network {
 public:
  enum class Held {
    by_name,        // in /run/netns
    by_process,     // one that waits in it
    by_mount,       // of a file somewhere else
    by_descriptor,  // of this process only
  };
  Network(Held held, const std::string& name);  // throws std::runtime_error
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;
  ~Network();

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] std::uint64_t inode() const;
  [[nodiscard]] pid_t pid() const { return pid_; }

  // By a thread that is in it.
  void inside(const std::function<void()>& work) const;
  // A command in it, its output; throws when it fails.
  std::string run(const std::string& command) const;  // NOLINT(modernize-use-nodiscard)
  [[nodiscard]] int interface(const std::string& name) const;

 private:
  Held held_;
  std::string path_;
  pid_t pid_ = 0;
  Fd fd_;
};

std::string run(const std::string& command);

// add_places() alone.
[[nodiscard]] Attached look();

// Everything that is said of one, in a line, with the program last.
[[nodiscard]] std::string words(const Attachment& attachment);
// What was found of `programs`.
[[nodiscard]] std::set<std::string> words_of(const Attached& attached, const Programs& programs);

}  // namespace gancho::test
