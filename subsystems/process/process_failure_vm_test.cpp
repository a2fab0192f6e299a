// SPDX-License-Identifier: Apache-2.0
//
// Attempts to execute that fail, one for each way in which the kernel refuses.
#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <thread>

#include "support/exec_truth.h"

namespace gancho::test {
namespace {

const std::string k_dir = "/tmp/truth/fail";

// No file was opened: all that there is is the call.
Expect not_found(const std::string& path, const Words& args = {"x", "y z"}) {
  return {.filename = path, .exepath = std::nullopt, .args = args};
}

void fails(int error, const std::string& name, const Act& act, const Expect& expect) {
  SCOPED_TRACE(name);
  const Outcome outcome = perform(name, act);
  ASSERT_EQ(outcome.error, error) << "the case does not provoke what it should";
  check_record(outcome, ExecLog::get().records(name, outcome.facts.pid).front(), expect);
}

void not_found_fails(int error, const std::string& name, const std::string& path) {
  fails(error, name, plainly(path, {"x", "y z"}), not_found(path));
}

// Where the kernel looks the file up before it makes a name of the descriptor (6.6 and later), a
// path below a descriptor is as given.
Expect not_found_at(int directory, const std::string& path) {
  Expect expect =
      not_found("/dev/fd/" + std::to_string(directory) + (path.empty() ? "" : "/") + path, {"x"});
  expect.filename_or = path;
  return expect;
}

// Seen by the system call only, which has the caller's memory and nothing else.
Expect by_call(const std::string& path) {
  Expect expect = not_found(path);
  expect.user_memory = true;
  return expect;
}

void become(uid_t id) {
  must(::setgroups(0, nullptr) == 0 && ::setresgid(id, id, id) == 0 && ::setresuid(id, id, id) == 0,
       "setresuid");
}

TEST(Failure, Enoent) {
  directory(k_dir);
  not_found_fails(ENOENT, "no file", "/tmp/truth/fail/none");
  not_found_fails(ENOENT, "no directory", "/none/none");
  not_found_fails(ENOENT, "no relative file", "none");
  std::filesystem::create_symlink("/none", k_dir + "/dangling");
  not_found_fails(ENOENT, "dangling link", k_dir + "/dangling");
  fails(ENOENT, "empty path", plainly("", {"x", "y z"}), by_call(""));
  fails(ENOENT, "strange name", plainly("/no\x1b\n\"ne", {"x"}), not_found("/no\x1b\n\"ne", {"x"}));
}

TEST(Failure, Eacces) {
  const std::string plain_file = directory(k_dir) + "/no-x";
  copy_target(plain_file, 0644);
  not_found_fails(EACCES, "no x bit", plain_file);
  not_found_fails(EACCES, "directory", k_dir);
  not_found_fails(EACCES, "device", "/dev/null");
  directory(k_dir + "/noexec");
  ASSERT_EQ(::mount("tmpfs", (k_dir + "/noexec").c_str(), "tmpfs", MS_NOEXEC, nullptr), 0);
  not_found_fails(EACCES, "noexec mount", copy_target(k_dir + "/noexec/target"));
  ::umount((k_dir + "/noexec").c_str());
  const std::string closed = copy_target(directory(k_dir + "/closed") + "/target");
  ::chmod((k_dir + "/closed").c_str(), 0700);
  fails(EACCES, "closed directory",
        {.stage = [] { become(1000); }, .execute = [&] { exec_file(closed, {"x"}); }},
        not_found(closed, {"x"}));
  const std::string others = copy_target(k_dir + "/others", 0700);
  fails(EACCES, "another's file",
        {.stage = [] { become(1000); }, .execute = [&] { exec_file(others, {"x"}); }},
        not_found(others, {"x"}));
}

TEST(Failure, Enotdir) {
  not_found_fails(ENOTDIR, "below a file", target_path() + "/x");
  fails(ENOTDIR, "below a file's descriptor",
        {.stage = [] { must(::dup2(::open(target_path().c_str(), O_PATH), 77) == 77, "open"); },
         .execute = [] { exec_at(77, "x", {"x"}, 0); }},
        not_found_at(77, "x"));
}

TEST(Failure, Eloop) {
  directory(k_dir);
  std::filesystem::create_symlink("loop2", k_dir + "/loop1");
  std::filesystem::create_symlink("loop1", k_dir + "/loop2");
  not_found_fails(ELOOP, "loop of links", k_dir + "/loop1");
  std::filesystem::create_symlink(target_path(), k_dir + "/to-target");
  fails(ELOOP, "AT_SYMLINK_NOFOLLOW",
        {.execute = [] { exec_at(AT_FDCWD, k_dir + "/to-target", {"x"}, AT_SYMLINK_NOFOLLOW); }},
        not_found(k_dir + "/to-target", {"x"}));
  const std::string self = k_dir + "/recursion";
  write_file(self, "#!" + self + "\n");
  const Outcome outcome = perform("script that is its own interpreter", plainly(self, {"x"}));
  ASSERT_EQ(outcome.error, ELOOP);
  const Event event = ExecLog::get().records(outcome.name, outcome.facts.pid).front();
  check_record(outcome, event,
               {.filename = self,
                .exepath = self,
                .args = {"x"},
                .argc = number_of(event, "proc.argc"),
                .interp = self,
                .script = self});
}

TEST(Failure, Enametoolong) {
  const std::string name = "/tmp/" + std::string(256, 'n');
  not_found_fails(ENAMETOOLONG, "name of 256 bytes", name);
  const std::string path = "/tmp/" + std::string(5000, '/');
  Expect expect = by_call(path.substr(0, 4095));
  fails(ENAMETOOLONG, "path of 5005 bytes", plainly(path, {"x", "y z"}), expect);
}

TEST(Failure, E2big) {
  const std::string path = target_path();
  const std::string big(200000, 'b');  // one string may have 128 KiB
  Expect expect = by_call(path);
  expect.args = {"x", big.substr(0, 4094)};
  expect.flags = {"args_truncated"};
  fails(E2BIG, "an argument of 200000 bytes", plainly(path, {"x", big}), expect);
  expect.args = {big.substr(0, 4096)};
  fails(E2BIG, "and no other", plainly(path, {big}), expect);
  expect = by_call(path);
  expect.env = {{big.substr(0, 4096)}};
  expect.flags = {"env_truncated"};
  fails(E2BIG, "environment too big", {.execute = [&] { exec_file(path, {"x", "y z"}, {big}); }},
        expect);
}

TEST(Failure, Efault) {
  const std::string path = target_path();
  Expect expect = by_call("");
  expect.filename = std::nullopt;
  expect.env = Words();
  const auto* const nowhere = reinterpret_cast<const char*>(8);
  fails(EFAULT, "path nowhere",
        {.execute =
             [&] {
               // Of this stack: constants may lie in pages that nobody has touched yet.
               const std::array<char, 8> words{'x', 0, 'y', ' ', 'z', 0};
               const std::array<const char*, 3> args{words.data(), words.data() + 2, nullptr};
               ::syscall(SYS_execve, nowhere, args.data(), nullptr);
             }},
        expect);
  expect = by_call(path);
  expect.args = {};
  expect.env = Words();
  expect.flags = {"args_truncated"};
  fails(EFAULT, "argument list nowhere",
        {.execute = [&] { ::syscall(SYS_execve, path.c_str(), nowhere, nullptr); }}, expect);
  expect.args = {"x"};
  fails(EFAULT, "one argument nowhere",
        {.execute =
             [&] {
               const std::array<char, 2> word{'x', 0};
               const std::array<const char*, 3> args{word.data(), nowhere, nullptr};
               ::syscall(SYS_execve, path.c_str(), args.data(), nullptr);
             }},
        expect);
}

// What cannot be read is not said to be absent.
TEST(Failure, EnvironmentNowhere) {
  const auto* const nowhere = reinterpret_cast<const char*>(8);
  const std::string path = target_path();
  const auto execute = [&path](const char* const* environment) {
    const std::array<char, 8> words{'x', 0, 'y', ' ', 'z', 0};
    const std::array<const char*, 3> args{words.data(), words.data() + 2, nullptr};
    ::syscall(SYS_execve, path.c_str(), args.data(), environment);
  };
  Expect expect = by_call(path);
  expect.env = std::nullopt;
  expect.flags = {};
  fails(EFAULT, "all of it",
        {.execute = [&] { execute(reinterpret_cast<const char* const*>(nowhere)); }}, expect);
  expect.env = {{"A=1"}};
  expect.flags = {"env_truncated"};
  fails(EFAULT, "a variable",
        {.execute =
             [&] {
               const std::array<char, 4> word{'A', '=', '1', 0};
               const std::array<const char*, 3> environment{word.data(), nowhere, nullptr};
               execute(environment.data());
             }},
        expect);
  expect = not_found("/none/environment");
  expect.env = Words(256, "A=1");
  expect.flags = {"env_truncated"};
  fails(ENOENT, "257 variables",
        {.execute = [&] { exec_file("/none/environment", {"x", "y z"}, Words(257, "A=1")); }},
        expect);
}

TEST(Failure, Etxtbsy) {
  const std::string path = copy_target(directory(k_dir) + "/busy");
  fails(ETXTBSY, "open for writing",
        {.stage = [&] { must(::open(path.c_str(), O_WRONLY) >= 0, "open"); },
         .execute = [&] { exec_file(path, {"x", "y z"}); }},
        not_found(path));
}

TEST(Failure, Enoexec) {
  const std::string path = directory(k_dir) + "/text";
  write_file(path, "just text\n");
  const Expect expect{.filename = path, .exepath = path, .args = {"x", "y z"}};
  fails(ENOEXEC, "text", plainly(path, {"x", "y z"}), expect);
  write_file(path, "");
  fails(ENOEXEC, "empty file", plainly(path, {"x", "y z"}), expect);
  write_file(path, read_text(target_path()).substr(0, 40));
  fails(ENOEXEC, "part of an ELF header", plainly(path, {"x", "y z"}), expect);
  write_file(path, "#!\n");
  fails(ENOEXEC, "#! alone", plainly(path, {"x", "y z"}), expect);
}

TEST(Failure, OfTheInterpreter) {
  const std::string path = directory(k_dir) + "/script";
  Expect expect{.filename = path,
                .exepath = path,
                .args = {"x", "y z"},
                .interp = "/none/sh",
                .script = path};
  expect.argc = 3;  // the kernel has put the interpreter's in front by then
  write_file(path, "#!/none/sh\n");
  fails(ENOENT, "script's interpreter is not there", plainly(path, {"x", "y z"}), expect);
  write_file(path, "#!/tmp\n");
  expect.interp = "/tmp";
  fails(EACCES, "script's interpreter is a directory", plainly(path, {"x", "y z"}), expect);
  const std::string no_x = copy_target(k_dir + "/no-x2", 0600);
  write_file(path, "#!" + no_x + "\n");
  expect.interp = no_x;
  fails(EACCES, "script's interpreter has no x bit", plainly(path, {"x", "y z"}), expect);
  const std::string text = k_dir + "/text2";
  write_file(text, "just text\n");
  write_file(path, "#!" + text + "\n");
  expect.interp = expect.exepath = text;
  fails(ENOEXEC, "script's interpreter is text", plainly(path, {"x", "y z"}), expect);
}

TEST(Failure, Eagain) {
  const std::string path = target_path();
  // setuid() past the limit is let through, the exec after it is not.
  fails(EAGAIN, "RLIMIT_NPROC",
        {.stage =
             [] {
               if (::fork() == 0) {  // another process of that user, for as long as we are here
                 become(1001);
                 ::prctl(PR_SET_PDEATHSIG, SIGKILL);
                 came_back(-1);
                 ::pause();
               }
               while (came() == 0) ::usleep(1000);
               const rlimit none{.rlim_cur = 0, .rlim_max = 0};
               must(::setrlimit(RLIMIT_NPROC, &none) == 0, "setrlimit");
               become(1001);
             },
         .execute = [&] { exec_file(path, {"x", "y z"}); }},
        by_call(path));
}

TEST(Failure, OfExecveat) {
  const std::string path = target_path();
  fails(EBADF, "bad descriptor", {.execute = [] { exec_at(99, "x", {"x"}, 0); }},
        not_found_at(99, "x"));
  fails(EBADF, "bad descriptor, empty path",
        {.execute = [] { exec_at(99, "", {"x"}, AT_EMPTY_PATH); }}, not_found_at(99, ""));
  fails(EINVAL, "unknown flag", {.execute = [&] { exec_at(AT_FDCWD, path, {"x"}, 0x8); }},
        not_found(path, {"x"}));
  fails(ENOENT, "empty path without flag", {.execute = [] { exec_at(AT_FDCWD, "", {"x"}, 0); }},
        [] {
          Expect expect = by_call("");
          expect.args = {"x"};
          return expect;
        }());
  fails(ENOENT, "execveat, not there",
        {.stage = [] { must(::dup2(::open("/tmp", O_PATH), 77) == 77, "open"); },
         .execute = [] { exec_at(77, "none/none", {"x"}, 0); }},
        not_found_at(77, "none/none"));
  // A script whose descriptor is closed at exec: its interpreter could not open it.
  const std::string script = directory(k_dir) + "/cloexec";
  write_file(script, "#!" + path + "\n");
  fails(ENOENT, "script by a descriptor that is closed at exec",
        {.stage =
             [&] { must(::dup3(::open(script.c_str(), O_RDONLY), 77, O_CLOEXEC) == 77, "open"); },
         .execute = [] { exec_at(77, "", {"x"}, AT_EMPTY_PATH); }},
        {.filename = "/dev/fd/77", .exepath = script, .args = {"x"}});
}

TEST(Failure, FromAThread) {
  const Act act{.stage = [] {
    std::thread([] {
      this_task_executes();
      exec_file("/none/thread", {"x", "y z"});
      came_back(errno);
    }).join();
  }};
  fails(ENOENT, "from a thread", act, not_found("/none/thread"));
}

TEST(Failure, ThenSuccess) {
  const std::string path = target_path();
  const Outcome outcome = perform("failures, then success", {.execute = [&] {
                                    for (int i = 0; i < 5; i++)
                                      exec_file("/none/" + std::to_string(i), {"x"});
                                    exec_file(path, {"x"}, {std::string(200000, 'b')});
                                    exec_file(path, {"t"});
                                  }});
  const auto events = ExecLog::get().records(outcome.name, outcome.facts.pid, 7);
  for (std::size_t i = 0; i < 7; i++)
    EXPECT_EQ(text_of(events[i], "evt.res"), i < 5 ? "ENOENT" : i == 5 ? "E2BIG" : "SUCCESS") << i;
  check_record(outcome, events[6], {.filename = path, .exepath = path, .args = {"t"}});
}

TEST(Failure, ManyArguments) {
  Words many(200, "argument");
  fails(ENOENT, "200 arguments", plainly("/none/many", many), not_found("/none/many", many));
  fails(ENOENT, "no argument", plainly("/none/few", {}), not_found("/none/few", {}));
  Expect expect = not_found("/none/256", Words(256, "a"));
  fails(ENOENT, "256 arguments", plainly("/none/256", expect.args), expect);
  expect.filename = "/none/257";
  expect.flags = {"args_truncated"};
  fails(ENOENT, "257 arguments", plainly("/none/257", Words(257, "a")), expect);
  // What fills the room to the last byte hides what is behind it, and this is said.
  expect = not_found("/none/full", {std::string(4095, 'y')});
  expect.flags = {"args_truncated"};
  fails(ENOENT, "more behind 4096 bytes", plainly("/none/full", {std::string(4095, 'y'), "z"}),
        expect);
  expect.flags = {};
  fails(ENOENT, "4096 bytes of arguments", plainly("/none/full", {std::string(4095, 'y')}), expect);
  expect = not_found("/none/cut", {"x", std::string(4094, 'y')});
  expect.flags = {"args_truncated"};
  fails(ENOENT, "5000 bytes of arguments", plainly("/none/cut", {"x", std::string(5000, 'y')}),
        expect);
  fails(ENOENT, "odd bytes", plainly("/none/odd", {"\n", "\x1b[0m", "\"", ""}),
        not_found("/none/odd", {"\n", "\x1b[0m", "\"", ""}));
}

}  // namespace
}  // namespace gancho::test
