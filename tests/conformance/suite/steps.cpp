// SPDX-License-Identifier: Apache-2.0
#include "conformance/suite/steps.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <list>
#include <optional>
#include <set>

#include "conformance/suite/address.h"
#include "conformance/suite/words.h"

namespace gancho::test {
namespace {

constexpr Argument k_path{"pathname", Written::path};
constexpr Argument k_directory{"dirFd", Written::directory, Names::none, false};
constexpr Argument k_old_directory{"oldDirFd", Written::directory, Names::none, false};
constexpr Argument k_new_directory{"newDirFd", Written::directory, Names::none, false};
constexpr Argument k_old_path{"oldPath", Written::path};
constexpr Argument k_new_path{"newPath", Written::path};
constexpr Argument k_fd{"fd", Written::file};

constexpr Argument flags(Names names) {
  return {"flags", Written::number, names, false};
}
constexpr Argument mode(bool needed = false) {
  return {"mode", Written::number, Names::mode, needed};
}

// A call's arguments as they are given to it, and what they point to.
class Words {
 public:
  Words() = default;
  Words(const Words&) = delete;
  Words& operator=(const Words&) = delete;

  void add(long word) { words_[count_++] = word; }
  void add_text(const std::string& text) { add(pointer(kept_.emplace_back(text).c_str())); }
  void add_address(const SocketAddress& address) {
    addresses_.push_back(address);
    add(pointer(addresses_.back().get()));
    add(static_cast<long>(addresses_.back().size));
  }
  void add_how(const open_how& how) {
    how_ = how;
    add(pointer(&how_));
    add(sizeof(how_));
  }
  [[nodiscard]] long call(long number) const {
    return ::syscall(number, words_[0], words_[1], words_[2], words_[3], words_[4], words_[5]);
  }
  [[nodiscard]] long at(std::size_t place) const { return words_.at(place); }

 private:
  static long pointer(const void* address) {
    return static_cast<long>(reinterpret_cast<std::intptr_t>(address));
  }
  std::array<long, 8> words_{};
  std::size_t count_ = 0;
  std::list<std::string> kept_;
  std::list<SocketAddress> addresses_;
  open_how how_{};
};

using Given = std::map<std::string, std::string>;

std::optional<std::string> find(const Given& given, std::string_view name) {
  const auto found = given.find(std::string(name));
  return found == given.end() ? std::nullopt : std::optional(found->second);
}

void add_buffer(const Given& given, std::string_view name, const Bindings& bindings,
                bool has_length, Words& words) {
  std::string bytes = find(given, name).value_or("");
  const auto length = find(given, "len");
  const auto size =
      length ? static_cast<std::size_t>(bindings.number(*length, Names::none)) : bytes.size();
  if (bytes.size() < size) bytes.resize(size);
  words.add_text(bytes);
  if (has_length) words.add(static_cast<long>(size));
}

void read_words(const Call& call, const Given& given, const Bindings& bindings, Words& words) {
  for (const Argument& argument : call.arguments) {
    const auto text = find(given, argument.name);
    switch (argument.written) {
      case Written::number:
        words.add(text ? bindings.number(*text, argument.names) : 0);
        break;
      case Written::file:
        words.add(bindings.number(text.value_or(""), Names::none));
        break;
      case Written::directory:
        words.add(text ? bindings.number(*text, Names::none) : AT_FDCWD);
        break;
      case Written::path:
      case Written::text:
        words.add_text(text.value_or(""));
        break;
      case Written::buffer:
        add_buffer(given, argument.name, bindings, true, words);
        break;
      case Written::address:
        words.add_address(read_address(text.value_or("")));
        break;
      case Written::how: {
        const auto part = [&](const char* name, Names names) {
          return static_cast<std::uint64_t>(
              bindings.number(find(given, std::string("how/") + name).value_or("0"), names));
        };
        words.add_how({.flags = part("flags", Names::open_flags),
                       .mode = part("mode", Names::mode),
                       .resolve = part("resolve", Names::resolve)});
        break;
      }
    }
  }
}

// A process of its own executes, for the case goes on.
long execute(const std::string& syscall, const Given& given, const Bindings& bindings) {
  const std::string path = find(given, "pathname").value_or("");
  const std::vector<std::string> rest = split_words(find(given, "argv").value_or(path));
  std::vector<char*> arguments;
  for (const std::string& word : rest) arguments.push_back(const_cast<char*>(word.c_str()));
  if (arguments.empty()) arguments.push_back(const_cast<char*>(path.c_str()));
  arguments.push_back(nullptr);
  char* none[] = {nullptr};
  const auto directory = find(given, "dirFd");
  const long fd = directory ? bindings.number(*directory, Names::none) : AT_FDCWD;
  const long flags = bindings.number(find(given, "flags").value_or("0"), Names::at_flags);
  const pid_t child = ::fork();
  if (child == 0) {
    if (syscall == "execve")
      ::syscall(SYS_execve, path.c_str(), arguments.data(), none);
    else
      ::syscall(SYS_execveat, fd, path.c_str(), arguments.data(), none, flags);
    ::_exit(errno == 0 ? 255 : errno);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return 0;
  errno = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
  return -1;
}

}  // namespace

const std::map<std::string_view, Call>& known_calls() {
  static const Argument address{"address", Written::address};
  static const std::map<std::string_view, Call> calls{
      {"open", {SYS_open, {k_path, flags(Names::open_flags), mode()}}},
      {"openat", {SYS_openat, {k_directory, k_path, flags(Names::open_flags), mode()}}},
      {"openat2", {SYS_openat2, {k_directory, k_path, {"how", Written::how, Names::none, false}}}},
      {"creat", {SYS_creat, {k_path, mode()}}},
      {"link", {SYS_link, {k_old_path, k_new_path}, 1}},
      {"linkat",
       {SYS_linkat,
        {k_old_directory, k_old_path, k_new_directory, k_new_path, flags(Names::at_flags)},
        3}},
      {"symlink", {SYS_symlink, {{"target", Written::path}, {"linkPath", Written::path}}, 1}},
      {"symlinkat",
       {SYS_symlinkat,
        {{"target", Written::path}, k_new_directory, {"linkPath", Written::path}},
        2}},
      {"unlink", {SYS_unlink, {k_path}}},
      {"unlinkat", {SYS_unlinkat, {k_directory, k_path, flags(Names::at_flags)}}},
      {"rmdir", {SYS_rmdir, {k_path}}},
      {"rename", {SYS_rename, {k_old_path, k_new_path}}},
      {"renameat", {SYS_renameat, {k_old_directory, k_old_path, k_new_directory, k_new_path}}},
      {"renameat2",
       {SYS_renameat2,
        {k_old_directory, k_old_path, k_new_directory, k_new_path, flags(Names::none)}}},
      {"mkdir", {SYS_mkdir, {k_path, mode()}, 0}},
      {"mkdirat", {SYS_mkdirat, {k_directory, k_path, mode()}, 1}},
      {"chmod", {SYS_chmod, {k_path, mode(true)}}},
      {"fchmod", {SYS_fchmod, {k_fd, mode(true)}}},
      {"fchmodat", {SYS_fchmodat, {k_directory, k_path, mode(true)}}},
      {"chown", {SYS_chown, {k_path, {"owner"}, {"group"}}}},
      {"truncate", {SYS_truncate, {k_path, {"length"}}}},
      {"read", {SYS_read, {k_fd, {"buffer", Written::buffer, Names::none, false}}}},
      {"write", {SYS_write, {k_fd, {"buffer", Written::buffer, Names::none, false}}}},
      {"close", {SYS_close, {k_fd}}},
      {"socket",
       {SYS_socket,
        {{"domain", Written::number, Names::socket_domain},
         {"type", Written::number, Names::socket_type},
         {"protocol", Written::number, Names::socket_protocol}}}},
      {"connect", {SYS_connect, {k_fd, address}}},
      {"bind", {SYS_bind, {k_fd, address}}},
      {"listen", {SYS_listen, {k_fd, {"backlog"}}}},
      {"sendto",
       {SYS_sendto, {k_fd, {"buf", Written::buffer}, flags(Names::message_flags), address}}},
      {"kill", {SYS_kill, {{"pid"}, {"sig", Written::number, Names::signal}}}},
      {"ptrace",
       {SYS_ptrace,
        {{"request", Written::number, Names::ptrace_request},
         {"pid", Written::number, Names::none, false},
         {"addr", Written::number, Names::none, false},
         {"data", Written::number, Names::none, false}}}},
      {"mount",
       {SYS_mount,
        {{"source", Written::text},
         {"target", Written::path},
         {"filesystemtype", Written::text, Names::none, false},
         {"mountflags", Written::number, Names::mount_flags, false},
         {"data", Written::text, Names::none, false}}}},
      {"umount2", {SYS_umount2, {{"target", Written::path}, flags(Names::none)}}},
      {"init_module",
       {SYS_init_module,
        {{"moduleImage", Written::buffer}, {"paramValues", Written::text, Names::none, false}}}},
      {"finit_module",
       {SYS_finit_module,
        {k_fd, {"paramValues", Written::text, Names::none, false}, flags(Names::module_flags)}}},
      {"dup", {SYS_dup, {{"oldFd", Written::file}}}},
      {"dup2", {SYS_dup2, {{"oldFd", Written::file}, {"newFd", Written::file}}}},
      {"dup3",
       {SYS_dup3, {{"oldFd", Written::file}, {"newFd", Written::file}, flags(Names::open_flags)}}},
      {"memfd_create", {SYS_memfd_create, {{"name", Written::text}, flags(Names::memory_flags)}}},
      // Made by execute().
      {"execve", {SYS_execve, {k_path, {"argv", Written::text, Names::none, false}}}},
      {"execveat",
       {SYS_execveat,
        {k_directory,
         {"pathname", Written::path, Names::none, false},
         {"argv", Written::text, Names::none, false},
         flags(Names::at_flags)}}},
  };
  return calls;
}

Step::Step(const Node& node) : name_(node.need("name")), syscall_(node.need("syscall")) {
  if (const std::string type = node.need("type"); type != "syscall")
    throw std::runtime_error(node.path() + ": no type of step: " + type);
  const auto call = known_calls().find(syscall_);
  if (call == known_calls().end())
    throw std::runtime_error(node.path() + ": no system call that is known here: " + syscall_);
  if (const auto error = node.text("fails"))
    fails_ = static_cast<int>(read_number(*error, Names::error));
  const Node given = node.at("args");
  for (const Argument& argument : call->second.arguments) {
    const std::string name(argument.name);
    if (argument.written == Written::how) {
      for (const auto& [key, value] : given.map(name)) {
        if (key != "flags" && key != "mode" && key != "resolve")
          throw std::runtime_error(given.path() + ": no part of how: " + key);
        arguments_["how/" + key] = value;
      }
      continue;
    }
    if (auto text = given.text(name))
      arguments_[name] = std::move(*text);
    else if (argument.needed)
      throw std::runtime_error(given.path() + ": no " + name);
    if (argument.written == Written::buffer)
      if (auto length = given.text("len")) arguments_["len"] = std::move(*length);
  }
}

void Step::run(Bindings& bindings) {
  const Call& call = known_calls().at(syscall_);
  const bool executes = syscall_ == "execve" || syscall_ == "execveat";
  Words words;
  if (!executes) read_words(call, arguments_, bindings, words);
  errno = 0;
  const long result = executes ? execute(syscall_, arguments_, bindings) : words.call(call.number);
  const int error = result < 0 ? errno : 0;
  if (error != fails_)
    throw std::runtime_error("step " + name_ + ": " + syscall_ + ": " +
                             (error != 0 ? std::strerror(error) : "did not fail"));
  bindings.set(name_, "ret", result);
  for (const auto& [key, value] : arguments_)
    if (Bindings::is_binding(value)) bindings.set(name_, key, bindings.number(value, Names::none));
  if (error != 0 || call.makes < 0) return;
  const auto place = static_cast<std::size_t>(call.makes);
  const bool relative = place > 0 && call.arguments[place - 1].written == Written::directory;
  const int directory = relative ? static_cast<int>(words.at(place - 1)) : AT_FDCWD;
  const int flags = syscall_.starts_with("mkdir") ? AT_REMOVEDIR : 0;
  undo_ = [directory, path = arguments_.at(std::string(call.arguments[place].name)), flags] {
    ::unlinkat(directory, path.c_str(), flags);
  };
}

void Step::clean_up() const {
  if (undo_) undo_();
}

}  // namespace gancho::test
