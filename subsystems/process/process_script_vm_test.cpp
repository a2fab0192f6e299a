// SPDX-License-Identifier: Apache-2.0
//
// Scripts and other files that a program is loaded for: #! and binfmt_misc.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "support/exec_truth.h"

namespace gancho::test {
namespace {

const std::string k_dir = "/tmp/truth";

std::string script(const std::string& name, const std::string& first_line) {
  const std::string path = directory(k_dir + "/scripts") + "/" + name;
  write_file(path, first_line + "\n");
  return path;
}

TEST(Script, WithoutArgument) {
  const std::string interpreter = target_path(), path = script("plain", "#!" + interpreter);
  check("script", plainly(path, {"given0", "one"}),
        {.filename = path,
         .exepath = interpreter,
         .args = {interpreter, path, "one"},
         .interp = interpreter,
         .script = path});
}

TEST(Script, WithArgument) {
  const std::string interpreter = target_path(),
                    path = script("arg", "#! " + interpreter + "  -a  b c ");
  check("script with argument", plainly(path, {"given0"}),
        {.filename = path,
         .exepath = interpreter,
         .args = {interpreter, "-a  b c", path},
         .interp = interpreter,
         .script = path});
}

TEST(Script, InterpreterIsALink) {
  const std::string link = k_dir + "/scripts/interpreter";
  directory(k_dir + "/scripts");
  std::filesystem::create_symlink(target_path(), link);
  const std::string path = script("through-link", "#!" + link);
  std::filesystem::create_symlink(path, k_dir + "/scripts/alias");
  check("script by links", plainly(k_dir + "/scripts/alias", {"x"}),
        {.filename = k_dir + "/scripts/alias",
         .exepath = target_path(),
         .args = {link, k_dir + "/scripts/alias"},
         .interp = link,
         .script = path});
}

TEST(Script, InAScript) {
  const std::string interpreter = target_path();
  const std::string inner = script("inner", "#!" + interpreter + " -i");
  const std::string outer = script("outer", "#!" + inner + " -o");
  check("nested script", plainly(outer, {"x", "y"}),
        {.filename = outer,
         .exepath = interpreter,
         .args = {interpreter, "-i", inner, "-o", outer, "y"},
         .interp = interpreter,
         .script = outer});
  const std::string third = script("third", "#!" + outer);
  check("script three deep", plainly(third, {"x"}),
        {.filename = third,
         .exepath = interpreter,
         .args = {interpreter, "-i", inner, "-o", outer, third},
         .interp = interpreter,
         .script = third});
}

TEST(Script, RelativeWithRelativeInterpreter) {
  directory(k_dir + "/scripts");
  const std::string path = script("relative", "#!../target");
  check("relative",
        {.stage = [] { must(::chdir("/tmp/truth/scripts") == 0, "chdir"); },
         .execute = [] { exec_file("./relative", {"x"}); }},
        {.filename = "./relative",
         .exepath = target_path(),
         .args = {"../target", "./relative"},
         .interp = "../target",
         .script = path});
}

TEST(Script, ThroughDescriptor) {
  const std::string interpreter = target_path(), path = script("fd", "#!" + interpreter);
  check("script by execveat",
        {.stage = [&] { must(::dup2(::open(path.c_str(), O_RDONLY), 77) == 77, "open"); },
         .execute = [] { exec_at(77, "", {"x"}, AT_EMPTY_PATH); }},
        {.filename = "/dev/fd/77",
         .exepath = interpreter,
         .args = {interpreter, "/dev/fd/77"},
         .interp = interpreter,
         .script = path});
}

TEST(Script, FromAThirdPartyOfBytes) {
  const std::string interpreter = target_path(), path = script("odd \x1b name", "#!" + interpreter);
  check("script of odd name", plainly(path, {"x"}),
        {.filename = path,
         .exepath = interpreter,
         .args = {interpreter, path},
         .interp = interpreter,
         .script = path});
}

TEST(Script, ManyAtOnceDoNotMix) {
  std::vector<std::pair<std::string, Outcome>> outcomes;
  for (int i = 0; i < 20; i++) {
    const std::string path = script("many" + std::to_string(i), "#!" + target_path());
    outcomes.emplace_back(path, perform("script " + std::to_string(i), plainly(path, {"x"})));
  }
  for (const auto& [path, outcome] : outcomes)
    check_record(outcome, ExecLog::get().records(outcome.name, outcome.facts.pid).front(),
                 {.filename = path,
                  .exepath = target_path(),
                  .args = {target_path(), path},
                  .interp = target_path(),
                  .script = path});
}

// ---- binfmt_misc ----

class Binfmt : public ::testing::Test {
 protected:
  static constexpr const char* k_control = "/proc/sys/fs/binfmt_misc";

  void SetUp() override {
    if (::mount("binfmt_misc", k_control, "binfmt_misc", 0, nullptr) != 0 &&
        ::access((std::string(k_control) + "/register").c_str(), W_OK) != 0)
      GTEST_SKIP() << "this kernel has no binfmt_misc (modprobe binfmt_misc)";
    FILE* control = std::fopen((std::string(k_control) + "/register").c_str(), "w");
    ASSERT_NE(control, nullptr);
    std::fprintf(control, ":truth:M::TRUTH::%s:", target_path().c_str());
    ASSERT_EQ(std::fclose(control), 0);
  }
  void TearDown() override { ::umount(k_control); }
};

TEST_F(Binfmt, InterpreterByMagic) {
  const std::string path = directory(k_dir + "/scripts") + "/magic";
  write_file(path, "TRUTH\n");
  const Expect expect{.filename = path,
                      .exepath = target_path(),
                      .args = {target_path(), path, "y"},
                      .interp = target_path()};
  check("binfmt_misc", plainly(path, {"x", "y"}), expect);
  // A script that is none leaves nothing behind for the next exec of the same thread.
  const std::string bad = script("bad", "#!");
  const Outcome outcome = perform(
      "binfmt_misc after a bad script",
      {.stage = [&] { exec_file(bad, {"b"}); }, .execute = [&] { exec_file(path, {"x", "y"}); }});
  const auto events = ExecLog::get().records(outcome.name, outcome.facts.pid, 2);
  EXPECT_EQ(text_of(events[0], "evt.res"), "ENOEXEC");
  EXPECT_EQ(text_of(events[0], "evt.arg.filename"), bad);
  check_record(outcome, events[1], expect);
}

}  // namespace
}  // namespace gancho::test
