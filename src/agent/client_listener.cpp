// SPDX-License-Identifier: Apache-2.0
#include "agent/client_listener.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "agent/client.h"
#include "agent/request.h"

namespace gancho {
namespace {

constexpr int k_backlog = 8;

// 0, or an errno.
int bind_to(const Fd& fd, const std::string& path) {
  const sockaddr_un address = unix_address(path);
  const mode_t before = ::umask(0177);
  const int error =
      ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 ? 0
                                                                                          : errno;
  ::umask(before);
  return error;
}

}  // namespace

Result<ClientListener> ClientListener::create(const std::string& path) {
  ClientListener listener;
  const std::string directory = path.substr(0, path.rfind('/'));
  if (!directory.empty() && ::mkdir(directory.c_str(), 0700) == 0) listener.directory_ = directory;

  Fd socket = TRY(make_unix_socket(SOCK_NONBLOCK));
  int error = bind_to(socket, path);
  struct stat status{};
  if (error == EADDRINUSE && ::lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode)) {
    const Fd visitor = TRY(make_unix_socket(SOCK_NONBLOCK));
    if (connect_unix(visitor, path) != ECONNREFUSED)
      return fail(
          Errc::system,
          fmt::format("another agent listens at {}; end it, or give this one another socket",
                      path));
    // Left behind by one that was killed.
    ::unlink(path.c_str());
    error = bind_to(socket, path);
  }
  if (error != 0) return fail_errno(fmt::format("cannot listen at {}", path), error);
  listener.path_ = path;
  if (::lstat(path.c_str(), &status) == 0) {
    listener.device_ = status.st_dev;
    listener.inode_ = status.st_ino;
  }
  if (::listen(socket.get(), k_backlog) != 0)
    return fail_errno(fmt::format("cannot listen at {}", path), errno);
  listener.socket_ = std::move(socket);
  return listener;
}

ClientListener::ClientListener(ClientListener&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      directory_(std::exchange(other.directory_, {})),
      device_(other.device_),
      inode_(other.inode_),
      socket_(std::move(other.socket_)) {}

ClientListener& ClientListener::operator=(ClientListener&& other) noexcept {
  if (this == &other) return *this;
  remove();
  path_ = std::exchange(other.path_, {});
  directory_ = std::exchange(other.directory_, {});
  device_ = other.device_;
  inode_ = other.inode_;
  socket_ = std::move(other.socket_);
  return *this;
}

ClientListener::~ClientListener() {
  remove();
}

void ClientListener::remove() {
  struct stat status{};
  // Somebody may have put another in its place.
  if (!path_.empty() && ::lstat(path_.c_str(), &status) == 0 && status.st_dev == device_ &&
      status.st_ino == inode_)
    ::unlink(path_.c_str());
  if (!directory_.empty()) ::rmdir(directory_.c_str());  // unless it is in use
  path_.clear();
  directory_.clear();
}

Fd ClientListener::accept() const {
  Fd connection(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!connection.valid()) return {};
  // The modes of socket and directory are no proof: somebody may have changed them.
  ucred peer{};
  socklen_t length = sizeof(peer);
  if (::getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 && peer.uid == 0)
    return connection;
  const std::string refusal = print_refusal("only root is answered");
  (void)::send(connection.get(), refusal.data(), refusal.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  return {};
}

}  // namespace gancho
