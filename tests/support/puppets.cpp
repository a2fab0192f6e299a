// SPDX-License-Identifier: Apache-2.0
#include "support/puppets.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

namespace gancho::test {

Puppets::Puppets(std::string program) : program_(std::move(program)) {
  for (std::size_t i = 0; i < ours_.size(); ++i) {
    std::array<int, 2> pair{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0)
      throw std::runtime_error("socketpair");
    ours_[i].reset(pair[0]);
    theirs_[i].reset(pair[1]);
  }
  pids_[0] = ::fork();
  if (pids_[0] == 0) serve(0);
}

Puppets::~Puppets() {
  for (const pid_t pid : pids_)
    if (pid > 0) ::kill(pid, SIGKILL);
  ::waitpid(pids_[0], nullptr, 0);
}

pid_t Puppets::tell(int place, Order order) {
  const int socket = ours_[static_cast<std::size_t>(place)].get();
  pid_t answer = -1;
  if (::send(socket, &order, sizeof(order), 0) != sizeof(order) ||
      ::recv(socket, &answer, sizeof(answer), 0) != sizeof(answer))
    throw std::runtime_error("a puppet does not answer");
  return answer;
}

void Puppets::fork(int parent, int child) {
  pids_[static_cast<std::size_t>(child)] = tell(parent, {.verb = 'f', .tag = 0, .place = child});
}
void Puppets::fork_twice(int parent, int child) {
  pids_[static_cast<std::size_t>(child)] = tell(parent, {.verb = 'd', .tag = 0, .place = child});
}
void Puppets::execute(int place, char tag) {
  tell(place, {.verb = 'x', .tag = tag, .place = 0});
}
void Puppets::fail_to_execute(int place, char tag) {
  tell(place, {.verb = 'm', .tag = tag, .place = 0});
}
void Puppets::end(int place) {
  tell(place, {.verb = 'q', .tag = 0, .place = 0});
  pid_t& pid = pids_[static_cast<std::size_t>(place)];
  // Answered just before its end. Its parent, a puppet too, leaves it a zombie, which is as good as
  // gone.
  if (place == 0) ::waitpid(pid, nullptr, 0);
  pid = -1;
}

void Puppets::serve(int place) noexcept {
  const int socket = theirs_[static_cast<std::size_t>(place)].get();
  Order order{};
  // The test's end of the socket is open in every process of the family; its end is known by the
  // parent's.
  ::prctl(PR_SET_PDEATHSIG, place == 0 ? SIGKILL : 0);
  while (::recv(socket, &order, sizeof(order), 0) == sizeof(order)) {
    const pid_t answer = order.verb == 'q' ? 0 : carry_out(order);
    ::send(socket, &answer, sizeof(answer), 0);
    if (order.verb == 'q') break;
  }
  ::_exit(0);
}

pid_t Puppets::carry_out(Order order) {
  std::string argument(1, order.tag);
  std::string name = "puppet";
  const std::array<char*, 3> arguments{name.data(), argument.data(), nullptr};
  if (order.verb == 'm') {
    ::execv((program_ + ".missing").c_str(), arguments.data());
    return 0;
  }
  if (order.verb == 'd') {
    std::array<int, 2> pipe{};
    if (::pipe(pipe.data()) != 0) return -1;
    const pid_t middle = ::fork();
    if (middle == 0) {
      const pid_t inner = ::fork();
      if (inner == 0) serve(order.place);
      if (::write(pipe[1], &inner, sizeof(inner)) < 0) ::_exit(1);
      ::_exit(0);
    }
    pid_t inner = -1;
    ::waitpid(middle, nullptr, 0);
    if (::read(pipe[0], &inner, sizeof(inner)) < 0) inner = -1;
    ::close(pipe[0]);
    ::close(pipe[1]);
    return inner;
  }
  const pid_t pid = ::fork();
  if (pid == 0) {
    if (order.verb == 'f') serve(order.place);
    ::execv(program_.c_str(), arguments.data());
    ::_exit(127);
  }
  if (order.verb == 'x') ::waitpid(pid, nullptr, 0);
  return pid;
}

}  // namespace gancho::test
