// SPDX-License-Identifier: Apache-2.0
#include "agent/client.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

namespace gancho {
namespace {

constexpr int k_patience_ms = 15'000;  // with an agent that says nothing

}  // namespace

sockaddr_un unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  return address;
}

Result<Fd> make_unix_socket(int flags) {
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
  if (!fd.valid()) return fail_errno("cannot create a socket", errno);
  return fd;
}

int connect_unix(const Fd& socket, const std::string& path) {
  const sockaddr_un address = unix_address(path);
  const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
  return ::connect(socket.get(), generic, sizeof(address)) == 0 ? 0 : errno;
}

Result<Fd> connect_to_agent(const std::string& path) {
  Fd socket = TRY(make_unix_socket(0));
  const int error = connect_unix(socket, path);
  if (error == 0) return socket;
  if (error == ENOENT || error == ECONNREFUSED || error == ENOTDIR) return Fd();
  if (error == EACCES || error == EPERM)
    return fail(Errc::permission, fmt::format("only root may ask the agent at {}", path));
  return fail_errno(fmt::format("cannot connect to {}", path), error);
}

Result<std::string> ask(int connection, Request request) {
  const std::string question = print_request(request);
  // Shorter than any socket's buffer, so it goes as a whole.
  // To one that has closed already, it may have said why.
  if (::send(connection, question.data(), question.size(), MSG_NOSIGNAL) < 0 && errno != EPIPE)
    return fail_errno("cannot ask the agent", errno);
  std::string answer;
  std::vector<char> part(std::size_t{64} << 10);
  for (;;) {
    pollfd wait{.fd = connection, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&wait, 1, k_patience_ms);
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) return fail(Errc::system, "the agent does not answer");
    const ssize_t n = ::recv(connection, part.data(), part.size(), MSG_DONTWAIT);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n == 0 || (n < 0 && errno == ECONNRESET)) return answer;
    if (n < 0) return fail_errno("cannot hear the agent", errno);
    if (answer.size() + static_cast<std::size_t>(n) > k_answer_max)
      return fail(Errc::input, "the agent's answer does not end");
    answer.append(part.data(), static_cast<std::size_t>(n));
  }
}

}  // namespace gancho
