// SPDX-License-Identifier: Apache-2.0
#include "sinks/file_sink.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace gancho {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds k_answer_limit{5};
constexpr std::chrono::seconds k_rotation_pause{10};  // after one that failed

// 0, or an errno. ENOSPC too when only a part was taken.
int write_line(int fd, std::string_view line) {
  char newline = '\n';
  const std::array<iovec, 2> parts{
      iovec{.iov_base = const_cast<char*>(line.data()), .iov_len = line.size()},
      iovec{.iov_base = &newline, .iov_len = 1}};
  ssize_t written = 0;
  do {
    written = ::writev(fd, parts.data(), static_cast<int>(parts.size()));
  } while (written < 0 && errno == EINTR);
  if (written < 0) return errno;
  return static_cast<std::size_t>(written) == line.size() + 1 ? 0 : ENOSPC;
}

}  // namespace

FileSink::FileSink(AlertFileOptions options, Ask ask, SinkContext context)
    : Sink(SinkKind::file, std::move(context)),
      options_(std::move(options)),
      ask_(std::move(ask)) {}

FileSink::~FileSink() {
  refuse();
  end();
}

void FileSink::take(Fd file) {
  const std::scoped_lock lock(answer_mutex_);
  new_file_ = std::move(file);
  answered_.notify_all();
}

void FileSink::refuse() {
  const std::scoped_lock lock(answer_mutex_);
  refused_ = true;
  answered_.notify_all();
}

void FileSink::use_new_file() {
  const std::scoped_lock lock(answer_mutex_);
  if (new_file_.valid()) file_ = std::move(new_file_);
}

bool FileSink::ask(bool rotate) {
  {
    const std::scoped_lock lock(answer_mutex_);
    refused_ = false;
  }
  ask_(rotate);
  std::unique_lock lock(answer_mutex_);
  const bool answered =
      answered_.wait_for(lock, k_answer_limit, [this] { return new_file_.valid() || refused_; });
  if (!answered || !new_file_.valid()) return false;
  file_ = std::move(new_file_);
  return true;
}

std::optional<std::uint64_t> FileSink::length() const {
  struct stat status{};
  if (::fstat(file_.get(), &status) != 0) return std::nullopt;
  return static_cast<std::uint64_t>(status.st_size);
}

Sink::Delivery FileSink::deliver(const Alert& alert, unsigned /*retry*/) {
  use_new_file();
  if (!file_.valid() && !ask(false))
    return {Outcome::retry, fmt::format("{} cannot be opened", options_.path)};
  // Asked for each time: others may have cut it.
  auto before = length();
  if (before && *before != 0 && *before + alert.json.size() + 1 > options_.max_bytes &&
      steady_clock::now() >= next_rotation_) {
    if (ask(true))
      before = length();
    else
      next_rotation_ = steady_clock::now() + k_rotation_pause;  // it grows meanwhile
  }
  const int error = write_line(file_.get(), alert.json);
  if (error == 0) return {};
  // No half of a line stays. When even this fails, the next begins behind it.
  if (before) (void)::ftruncate(file_.get(), static_cast<off_t>(*before));
  std::array<char, 128> text{};
  return {Outcome::retry, fmt::format("{}: {}; it is tried again", options_.path,
                                      ::strerror_r(error, text.data(), text.size()))};
}

}  // namespace gancho
