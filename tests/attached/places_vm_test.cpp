// SPDX-License-Identifier: Apache-2.0
//
// A look as a whole: where it may not see, and what moves while it looks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>

#include "attached/place_stage.h"
#include "load/pseudo_fs.h"

namespace gancho::test {
namespace {

// Runs in a child; its answer is what it exits with.
template <class Work>
int in_child(Work work) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(work());
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// Another process that does it again and again.
class Endless {
 public:
  template <class Work>
  explicit Endless(Work work) : pid_(::fork()) {
    for (unsigned i = 0; pid_ == 0; ++i) work(i);
  }
  Endless(const Endless&) = delete;
  Endless& operator=(const Endless&) = delete;
  ~Endless() { end(); }
  void end() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  pid_t pid_;
};

TEST(PlacesLook, SaysWhatItMayNotSee) {
  (void)test_programs();
  const int answer = in_child([] {
    if (::setgid(65534) != 0 || ::setuid(65534) != 0) return 1;
    const Attached attached = look();
    if (!attached.attachments.empty()) return 2;
    const std::string wanted =
        "interfaces, cgroups and sockmaps: programs by their ids: Operation not permitted";
    return std::ranges::count(attached.blanks, wanted) == 1 ? 0 : 3;
  });
  EXPECT_EQ(answer, 0);
}

TEST(PlacesLook, OfSomethingThatGoesMeanwhileIsNoBlank) {
  Programs& programs = test_programs();
  const std::string cgroup = mounted_at("cgroup2") + "/passing";
  std::filesystem::create_directory(cgroup);
  Endless namespaces([&](unsigned i) {
    const std::string child = cgroup + '/' + std::to_string(i % 8);
    (void)::mkdir(child.c_str(), 0755);
    (void)in_child([] { return ::unshare(CLONE_NEWNET); });
    (void)::rmdir(child.c_str());
  });
  const Endless processes([](unsigned) { (void)in_child([] { return 0; }); });
  std::size_t networks = 0;  // that were met before they went
  std::set<std::string> blanks;
  std::set<std::string> strangers;
  for (int i = 0; i < 1000 && (i < 30 || networks == 0); ++i) {
    const Attached attached = look();
    networks += attached.networks.size();
    blanks.insert(attached.blanks.begin(), attached.blanks.end());
    strangers.merge(words_of(attached, programs));
  }
  namespaces.end();
  for (int i = 0; i < 8; ++i) (void)::rmdir((cgroup + '/' + std::to_string(i)).c_str());
  ::rmdir(cgroup.c_str());
  EXPECT_GT(networks, 0U);
  EXPECT_THAT(blanks, testing::IsEmpty());
  EXPECT_THAT(strangers, testing::IsEmpty());
}

}  // namespace
}  // namespace gancho::test
