// SPDX-License-Identifier: Apache-2.0
#include "cli/file_bytes.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/fd.h"

namespace gancho {

FileBytes::FileBytes(FileBytes&& other) noexcept
    : mapped_(std::exchange(other.mapped_, {})), read_(std::move(other.read_)) {}

FileBytes::~FileBytes() {
  if (!mapped_.empty()) ::munmap(const_cast<std::byte*>(mapped_.data()), mapped_.size());
}

Result<FileBytes> FileBytes::open(const std::string& path) {
  Fd file(path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                      : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return fail_errno(path, errno);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return fail_errno(path, errno);
  FileBytes bytes;
  if (S_ISREG(status.st_mode) && status.st_size > 0) {
    const auto size = static_cast<std::size_t>(status.st_size);
    void* start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
    if (start == MAP_FAILED) return fail_errno(path, errno);
    ::madvise(start, size, MADV_SEQUENTIAL);
    bytes.mapped_ = {static_cast<const std::byte*>(start), size};
    return bytes;
  }
  constexpr std::size_t k_step = 1U << 20;
  for (;;) {
    const std::size_t size = bytes.read_.size();
    bytes.read_.resize(size + k_step);
    const ssize_t got = ::read(file.get(), bytes.read_.data() + size, k_step);
    const int error = errno;
    bytes.read_.resize(size + (got > 0 ? static_cast<std::size_t>(got) : 0));
    if (got == 0) return bytes;
    if (got < 0 && error != EINTR) return fail_errno(path, error);
  }
}

}  // namespace gancho
