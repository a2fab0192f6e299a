// SPDX-License-Identifier: Apache-2.0
#include "conformance/suite/process.h"

#include <fcntl.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "conformance/suite/capabilities.h"
#include "conformance/suite/words.h"

namespace gancho::test {
namespace {

[[noreturn]] void fail_with(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

void copy(const std::string& from, const std::string& to) {
  const int in = ::open(from.c_str(), O_RDONLY | O_CLOEXEC);
  if (in < 0) fail_with(from);
  const int out = ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
  if (out < 0) fail_with(to);
  struct stat status{};
  ::fstat(in, &status);
  for (off_t left = status.st_size; left > 0;) {
    const ssize_t n = ::sendfile(out, in, nullptr, static_cast<std::size_t>(left));
    if (n <= 0) fail_with(to);
    left -= n;
  }
  ::close(in);
  ::close(out);
}

}  // namespace

ActedProcess::ActedProcess(const Node& node, const std::string& name_key)
    : exe_path_(node.need("exePath")),
      environment_(node.map("env")),
      user_(node.text_or("user", "")),
      uid_(node.text_or("uid", "")),
      gid_(node.text_or("gid", "")),
      capabilities_(node.text_or("capabilities", "")) {
  const std::filesystem::path exe(exe_path_);
  const auto name = node.text(name_key);
  path_ = name ? (exe.parent_path() / *name).native() : exe_path_;
  arguments_ = split_words(node.text_or("args", ""));
  arguments_.insert(arguments_.begin(),
                    node.text_or("exe", std::filesystem::path(path_).filename().native()));
}

void ActedProcess::prepare(const std::string& program) {
  std::filesystem::create_directories(std::filesystem::path(exe_path_).parent_path());
  if (!has_other_rights()) {
    if (::link(program.c_str(), exe_path_.c_str()) != 0) copy(program, exe_path_);
    made_.push_back(exe_path_);
  } else {
    copy(program, exe_path_);
    made_.push_back(exe_path_);
    take_other_rights();
  }
  if (path_ == exe_path_) return;
  if (::symlink(exe_path_.c_str(), path_.c_str()) == 0)
    made_.push_back(path_);
  else if (errno != EEXIST || !std::filesystem::is_symlink(path_))  // another process's of the case
    fail_with(path_);
}

void ActedProcess::take_other_rights() const {
  if (!user_.empty()) {
    const auto uid = static_cast<uid_t>(std::atoi(uid_.c_str()));
    const auto gid = static_cast<gid_t>(std::atoi(gid_.c_str()));
    if (::chown(exe_path_.c_str(), uid, gid) != 0) fail_with("chown " + exe_path_);
    if (::chmod(exe_path_.c_str(), 06555) != 0) fail_with("chmod " + exe_path_);
  }
  const vfs_cap_data data = read_capabilities(capabilities_.empty() ? "all=iep" : capabilities_);
  if (::setxattr(exe_path_.c_str(), "security.capability", &data, sizeof(data), 0) != 0)
    fail_with("capabilities of " + exe_path_);
}

void ActedProcess::remove_files() const {
  for (const std::string& path : made_) ::unlink(path.c_str());
}

pid_t ActedProcess::start(const std::string& place) const {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) fail_with("pipe");
  const pid_t child = ::fork();
  if (child < 0) fail_with("fork");
  if (child == 0) {
    // A file's capabilities count for root, too, when root is nobody particular.
    if (has_other_rights()) ::prctl(PR_SET_SECUREBITS, SECBIT_NOROOT);
    for (const auto& [name, value] : environment_) ::setenv(name.c_str(), value.c_str(), 1);
    ::setenv(k_place_variable, place.c_str(), 1);
    std::vector<char*> words;
    for (const std::string& word : arguments_) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    ::execve(path_.c_str(), words.data(), environ);
    const int error = errno;
    [[maybe_unused]] const auto written = ::write(ends[1], &error, sizeof(error));
    ::_exit(127);
  }
  ::close(ends[1]);
  int error = 0;
  const ssize_t n = ::read(ends[0], &error, sizeof(error));
  ::close(ends[0]);
  if (n > 0) throw std::runtime_error(path_ + ": " + std::strerror(error));
  return child;
}

}  // namespace gancho::test
