// SPDX-License-Identifier: Apache-2.0
//
// The truth test of exec records: programs that are executed, by all the ways there are to name
// one. Failures, the surroundings (credentials, namespaces, ...), 32-bit callers and crowds have
// files of their own beside this one; they are one program and share one agent.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <filesystem>

#include "support/exec_truth.h"

namespace gancho::test {
namespace {

const std::string k_dir = "/tmp/truth";

// A plain exec of exec_target at `path`, which is the resolved path too.
Expect plain(const std::string& path, const Words& args) {
  return {.filename = path, .exepath = path, .args = args};
}

// "/tmp/truth/deep/d000/d001/..."; the directories are there.
std::string levels(const std::string& top, int count, const std::string& name = "d") {
  std::string path = directory(top);
  for (int i = 0; i < count; i++) {
    path += "/" + name + std::to_string(i);
    ::mkdir(path.c_str(), 0755);
  }
  return path;
}

TEST(ExecPath, Absolute) {
  const std::string path = target_path();
  check("absolute path", plainly(path, {"target", "one"}), plain(path, {"target", "one"}));
}

TEST(ExecPath, RelativeWithDots) {
  const std::string path = target_path();
  directory(k_dir + "/here");
  check("../target",
        {.stage = [] { must(::chdir("/tmp/truth/here") == 0, "chdir"); },
         .execute = [] { exec_file("../target", {"t"}); }},
        {.filename = "../target", .exepath = path, .args = {"t"}, .cwd = k_dir + "/here"});
}

TEST(ExecPath, SlashesAndDotsAreResolved) {
  const std::string path = target_path(), given = "//tmp/./truth//../truth/target";
  check("slashes", plainly(given, {"t"}), {.filename = given, .exepath = path, .args = {"t"}});
}

TEST(ExecPath, SymbolicLinksAreResolved) {
  const std::string path = target_path(), link = k_dir + "/link", chain = k_dir + "/link2";
  std::filesystem::create_symlink("target", link);
  std::filesystem::create_symlink(link, chain);
  check("link", plainly(link, {"t"}), {.filename = link, .exepath = path, .args = {"t"}});
  check("link to link", plainly(chain, {"t"}), {.filename = chain, .exepath = path, .args = {"t"}});
  std::filesystem::create_directory_symlink(k_dir, "/tmp/truth-link");
  check("link to directory", plainly("/tmp/truth-link/target", {"t"}),
        {.filename = "/tmp/truth-link/target", .exepath = path, .args = {"t"}});
}

TEST(ExecPath, HardLinkHasItsOwnName) {
  const std::string link = k_dir + "/hard";
  std::filesystem::create_hard_link(target_path(), link);
  check("hard link", plainly(link, {"t"}), plain(link, {"t"}));
}

TEST(ExecPath, ThroughProc) {
  const std::string path = target_path();
  check("/proc/self/fd",
        {.stage = [&] { must(::dup2(::open(path.c_str(), O_PATH), 77) == 77, "dup2"); },
         .execute = [] { exec_file("/proc/self/fd/77", {"t"}); }},
        {.filename = "/proc/self/fd/77", .exepath = path, .args = {"t"}});
}

TEST(ExecPath, LongestName) {
  const std::string path = copy_target(directory(k_dir + "/long") + "/" + std::string(255, 'n'));
  check("name of 255 bytes", plainly(path, {"t"}), plain(path, {"t"}));
}

TEST(ExecPath, SixtyFourLevels) {
  const std::string path = copy_target(levels(k_dir + "/deep", 64) + "/target");
  Expect expect = plain(path, {"t"});
  check("64 levels", plainly(path, {"t"}), expect);
  expect.cwd = path.substr(0, path.rfind('/'));
  check("64 levels of working directory",
        {.stage = [&] { must(::chdir(expect.cwd->c_str()) == 0, "chdir"); },
         .execute = [&] { exec_file(path, {"t"}); }},
        expect);
}

TEST(ExecPath, LongerThanPathMaxIsTruncatedAtTheTop) {
  // 20 levels of 250 bytes: only relative steps reach the file.
  const std::string name(250, 'x');
  const Act act{
      .stage =
          [&] {
            must(::mkdir("/tmp/truth/huge", 0755) == 0 && ::chdir("/tmp/truth/huge") == 0, "huge");
            for (int i = 0; i < 20; i++)
              must(::mkdir(name.c_str(), 0755) == 0 && ::chdir(name.c_str()) == 0, "level");
            must(::link(target_path().c_str(), "target") == 0, "link");
          },
      .execute = [] { exec_file("./target", {"t"}); }};
  const Outcome outcome = perform("5000 bytes of path", act);
  const Event event = ExecLog::get().records(outcome.name, outcome.facts.pid).front();
  const std::string path = text_of(event, "proc.exepath");
  EXPECT_EQ(text_of(event, "evt.res"), "SUCCESS");
  EXPECT_GT(path.size(), 3500U);
  EXPECT_LE(path.size(), 4096U + 256U);
  EXPECT_TRUE(path.ends_with("/" + name + "/target")) << path;
  EXPECT_TRUE(path.starts_with(text_of(event, "proc.cwd").substr(0, 100)) ||
              text_of(event, "proc.cwd").ends_with("/" + name));
}

TEST(ExecPath, AnyBytesInNames) {
  const std::string odd = directory(k_dir + "/odd");
  for (const std::string name :
       {"a b", "tab\there", "new\nline", "quote\"s'", "back\\slash", "\x1b[31mred", "\x7f",
        "ünïcödé", "名前", "(deleted)", "semi;colon", "-dash", "\u202e"}) {
    const std::string path = copy_target(odd + "/" + name);
    check("name " + name, plainly(path, {name, path}), plain(path, {name, path}));
  }
}

TEST(ExecPath, BytesThatAreNotUtf8HaveTheirHex) {
  const std::string path = copy_target(directory(k_dir + "/odd") +
                                       "/a\xff"
                                       "b");
  const std::string shown = k_dir + "/odd/a\uFFFDb";
  const Event event = check("name with ff", plainly(path, {"x", "\xfe", "\xc3\xa9", "\xc3"}),
                            {.filename = shown,
                             .exepath = shown,
                             .args = {"x", "\uFFFD", "\u00e9", "\uFFFD"},
                             .stat = path,
                             .name = "a\uFFFDb"});
  EXPECT_EQ(text_of(event, "proc.exepath.hex"), "2f746d702f74727574682f6f64642f61ff62");
  EXPECT_EQ(text_of(event, "evt.arg.filename.hex"), "2f746d702f74727574682f6f64642f61ff62");
  EXPECT_EQ(text_of(event, "proc.name.hex"), "61ff62");
  EXPECT_EQ(boost::json::serialize(event.at("proc.args.hex")), R"([null,"fe",null,"c3"])");
  EXPECT_FALSE(event.contains("proc.cwd.hex"));
}

TEST(ExecArgs, NoneOneManyEmpty) {
  const std::string path = target_path();
  Words many{"target"};
  for (int i = 1; i < 200; i++) many.push_back("argument" + std::to_string(i));
  check("200 arguments", plainly(path, many), plain(path, many));
  check("empty arguments", plainly(path, {"", "", "x", ""}), plain(path, {"", "", "x", ""}));
  check("one empty argument", plainly(path, {""}), plain(path, {""}));
  // Since 5.18 the kernel makes an empty list one empty argument.
  check("no argument", plainly(path, {}), plain(path, {""}));
}

TEST(ExecArgs, ControlCharacters) {
  const std::string path = target_path();
  Words args{"t"};
  for (int byte = 1; byte < 128; byte++)
    args.push_back("x" + std::string(1, static_cast<char>(byte)));
  args.emplace_back("\"}\n{\"evt.type\":\"exec\"");
  args.emplace_back("\xc2\x85\xe2\x80\xae\xef\xbb\xbf");
  check("control characters", plainly(path, args), plain(path, args));
}

TEST(ExecArgs, CutAt4096Bytes) {
  const std::string path = target_path();
  for (const std::size_t length : {4093U, 4094U, 4095U, 10000U, 100000U}) {
    const std::string argument(length, 'y');  // after "t" and its NUL
    Expect expect = plain(path, {"t", argument.substr(0, 4094)});
    if (length + 3 > 4096) expect.flags = {"args_truncated"};
    check(std::to_string(length) + " bytes", plainly(path, {"t", argument}), expect);
  }
  Words thousand(1000, "123456789");
  Expect expect = plain(path, Words(409, "123456789"));
  expect.args.emplace_back("123456");
  expect.argc = 1000;
  expect.flags = {"args_truncated"};
  check("1000 arguments", plainly(path, thousand), expect);
}

TEST(ExecArgs, CutAtArgsMax) {
  const std::string path = target_path();
  Agent agent({"watch", "exec", "-o", "json", "--args-max", "64"});
  ExecLog::get().ignore(agent.keeper());
  const Words args{"t", std::string(40, 'a'), std::string(40, 'b')};
  Expect expect = plain(path, args);
  const Outcome outcome = perform("--args-max 64", plainly(path, args));
  check_record(outcome, ExecLog::get().records(outcome.name, outcome.facts.pid).front(), expect);
  const Outcome failure = perform("--args-max 64, failed", plainly("/tmp/truth/none", args));
  ExecLog::get().records(failure.name, failure.facts.pid);
  const auto events =
      agent.wait_for([](const auto& now) { return !where(now, "evt.res", "ENOENT").empty(); });
  const auto mine = where(events, "evt.arg.filename", path);
  ASSERT_EQ(mine.size(), 1U);
  expect.args = {"t", std::string(40, 'a'), std::string(21, 'b')};
  expect.argc = 3;
  expect.env = std::nullopt;  // which this one does not ask for
  expect.envc = 2;
  expect.flags = {"args_truncated"};
  check_record(outcome, mine[0], expect);
  const auto failed = where(events, "evt.res", "ENOENT");
  EXPECT_EQ(list_of(failed[0], "proc.args"), expect.args);
  EXPECT_TRUE(flag_of(failed[0], "proc.args_truncated"));
}

TEST(ExecAt, DirectoryAndEmptyPath) {
  const std::string path = target_path();
  const auto open_as = [](const std::string& name, int as, int flags) {
    must(::dup2(::open(name.c_str(), flags), as) == as, name);
  };
  check("execveat AT_EMPTY_PATH",
        {.stage = [&] { open_as(path, 77, O_PATH); },
         .execute = [] { exec_at(77, "", {"t"}, AT_EMPTY_PATH); }},
        {.filename = "/dev/fd/77", .exepath = path, .args = {"t"}});
  check("execveat below a directory",
        {.stage = [&] { open_as("/tmp", 77, O_PATH | O_DIRECTORY); },
         .execute = [] { exec_at(77, "truth/target", {"t"}, 0); }},
        {.filename = "/dev/fd/77/truth/target", .exepath = path, .args = {"t"}});
  check("execveat, AT_FDCWD",
        {.stage = [] { must(::chdir("/tmp") == 0, "chdir"); },
         .execute = [] { exec_at(AT_FDCWD, "truth/target", {"t"}, 0); }},
        {.filename = "truth/target", .exepath = path, .args = {"t"}});
  check("execveat, absolute", {.execute = [&] { exec_at(-1, path, {"t"}, 0); }},
        {.filename = path, .exepath = path, .args = {"t"}});
  check("fexecve",
        {.stage = [&] { open_as(path, 78, O_RDONLY); },
         .execute = [] { exec_at(78, "", {"t"}, AT_EMPTY_PATH); }},
        {.filename = "/dev/fd/78", .exepath = path, .args = {"t"}});
}

TEST(ExecFile, Memfd) {
  const std::string content = read_text(target_path());
  const auto make = [&] {
    const int fd = ::memfd_create("se cret", 0);
    must(::write(fd, content.data(), content.size()) == static_cast<ssize_t>(content.size()),
         "memfd");
    must(::dup2(fd, 77) == 77, "dup2");
  };
  Expect expect{.filename = "/dev/fd/77",
                .exepath = "/memfd:se cret",
                .args = {"t"},
                .flags = {"exe_from_memfd", "exe_unreachable"}};
  expect.can_stat = false;
  check("memfd by execveat",
        {.stage = make, .execute = [] { exec_at(77, "", {"t"}, AT_EMPTY_PATH); }}, expect);
  expect.filename = "/proc/self/fd/77";
  check("memfd by /proc", {.stage = make, .execute = [] { exec_file("/proc/self/fd/77", {"t"}); }},
        expect);
  const std::string path = copy_target(directory(k_dir + "/memfd:") + "/memfd:x");
  check("a file called memfd:", plainly(path, {"t"}), plain(path, {"t"}));
}

TEST(ExecFile, Deleted) {
  const std::string path = k_dir + "/gone";
  const Act act{.stage =
                    [&] {
                      must(::link(target_path().c_str(), path.c_str()) == 0, "link");
                      must(::dup2(::open(path.c_str(), O_PATH), 77) == 77, "open");
                      must(::unlink(path.c_str()) == 0, "unlink");
                    },
                .execute = [] { exec_at(77, "", {"t"}, AT_EMPTY_PATH); }};
  check("deleted before", act,
        {.filename = "/dev/fd/77",
         .exepath = path,
         .args = {"t"},
         .flags = {"exe_deleted"},
         .stat = target_path()});
}

TEST(ExecFile, ItselfAfterUnlink) {
  const std::string path = k_dir + "/self";
  const Outcome outcome = perform(
      "deleted, then /proc/self/exe",
      {.stage =
           [&] {
             must(::link(target_path().c_str(), path.c_str()) == 0, "link");
             must(::dup2(::open(path.c_str(), O_PATH), 77) == 77, "open");
             must(::unlink(path.c_str()) == 0, "unlink");
           },
       .execute = [] { exec_at(77, "", {"t", "--exec", "/proc/self/exe", "x"}, AT_EMPTY_PATH); }});
  const auto events = ExecLog::get().records(outcome.name, outcome.facts.pid, 2);
  check_record(outcome, events[1],
               {.filename = "/proc/self/exe",
                .exepath = path,
                .args = {"/proc/self/exe", "x"},
                .flags = {"exe_deleted"},
                .stat = target_path(),
                .lineage = {{text_of(events[0], "proc.name"), "process_vm_test"}}});
  EXPECT_EQ(number_of(events[1], "proc.exec_count"), number_of(events[0], "proc.exec_count") + 1);
  EXPECT_EQ(number_of(events[1], "proc.start_time"), number_of(events[0], "proc.start_time"));
}

TEST(ExecFile, WorkingDirectoryDeleted) {
  const std::string path = target_path();
  check("deleted working directory",
        {.stage =
             [] {
               must(::mkdir("/tmp/truth/cwd", 0755) == 0 && ::chdir("/tmp/truth/cwd") == 0, "cwd");
               must(::rmdir("/tmp/truth/cwd") == 0, "rmdir");
             },
         .execute = [&] { exec_file(path, {"t"}); }},
        {.filename = path, .exepath = path, .args = {"t"}, .cwd = "/tmp/truth/cwd"});
}

TEST(ExecFile, Modes) {
  for (const mode_t mode : {0100U, 0111U, 0500U, 0711U, 0755U, 0777U, 01755U}) {
    const std::string path = copy_target(k_dir + "/mode", mode);
    check("mode " + std::to_string(mode), plainly(path, {"t"}), plain(path, {"t"}));
    ::unlink(path.c_str());
  }
}

TEST(ExecFile, OfTheHost) {
  // An overlay of several file systems: stat(2) gives devices that it made up.
  const Event event = check("/bin/busybox", plainly("/bin/busybox", {"true"}),
                            {.filename = "/bin/busybox",
                             .exepath = "/usr/bin/busybox",
                             .args = {"true"},
                             .can_stat = false});
  struct stat root{};
  ASSERT_EQ(::stat("/usr/bin", &root), 0);
  EXPECT_EQ(text_of(event, "proc.exe_dev"), "0:" + std::to_string(minor(root.st_dev)));
}

}  // namespace
}  // namespace gancho::test
