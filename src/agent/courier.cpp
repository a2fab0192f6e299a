// SPDX-License-Identifier: Apache-2.0
#include "agent/courier.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string>
#include <utility>

#include "agent/sandbox.h"
#include "sinks/courier.h"

namespace gancho {
namespace {

std::string read_all(int fd) {
  std::string text;
  std::array<char, 16384> part;
  for (;;) {
    const ssize_t n = ::read(fd, part.data(), part.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return text;
    text.append(part.data(), static_cast<std::size_t>(n));
  }
}

Status serve(int control_fd) {
  ReceivedCourierMessage start = TRY(receive_courier_message(control_fd));
  if (start.fds.size() != k_courier_descriptors)
    return fail(Errc::internal, "the keeper's first message is not a start");
  const SandboxUser user = choose_courier_user(read_all(start.fds[k_courier_users].get()));
  auto made = TRY(
      Courier::create(control_fd, std::move(start), [&] { return enter_runner_sandbox(user); }));
  TRY(enter_courier_sandbox(user, made->needs_network()));
  // Never destroyed: sinks that are still at it are not waited for.
  return made.release()->run();
}

}  // namespace

int run_courier(int control_fd) {
  // Whoever ends all processes of a service, or of this name, means the keeper, which tells us
  // when.
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(signal, SIG_IGN);
  ::prctl(PR_SET_NAME, "gancho-courier");  // it was started as /proc/self/exe
  if (const Status status = serve(control_fd); !status) {
    CourierMessage message{.kind = CourierMessageKind::failed};
    message.set_text(status.error().message);
    (void)send_courier_message(control_fd, message);
    ::_exit(1);
  }
  ::_exit(0);
}

}  // namespace gancho
