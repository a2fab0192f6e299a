// SPDX-License-Identifier: Apache-2.0
#include "agent/client_desk.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

#include "enrich/process_json.h"

namespace gancho {
namespace {

std::uint64_t deadline() {
  using std::chrono::nanoseconds;
  return boot_now_ns() + static_cast<std::uint64_t>(nanoseconds(ClientDesk::k_patience).count());
}

// The bytes that went through; 0 when none does now, -1 when none ever will.
ssize_t receive(int socket, std::span<char> into) {
  iovec part{.iov_base = into.data(), .iov_len = into.size()};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  const ssize_t n = ::recvmsg(socket, &header, MSG_DONTWAIT);
  if (n > 0) return n;
  return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

ssize_t send(int socket, std::string_view bytes) {
  iovec part{.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  const ssize_t n = ::sendmsg(socket, &header, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (n >= 0) return n;
  return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

}  // namespace

void ClientDesk::admit(Fd connection) {
  if (clients_.size() >= k_clients_max) {
    (void)send(connection.get(), print_refusal("too many clients at a time"));
    return;
  }
  clients_.push_back(
      {.connection = std::move(connection), .deadline = deadline(), .request = {}, .piece = {}});
}

bool ClientDesk::serve(const ProcessTable* table, const Facts& names, WallClock clock,
                       const ContainerHoldings& containers) {
  bool more = false;
  for (auto client = clients_.begin(); client != clients_.end();) {
    const Turn turn = attend(*client, table, names, clock, containers);
    more = more || turn == Turn::goes_on;
    client = turn == Turn::ends ? clients_.erase(client) : std::next(client);
  }
  return more;
}

ClientDesk::Turn ClientDesk::attend(Client& client, const ProcessTable* table, const Facts& names,
                                    WallClock clock, const ContainerHoldings& containers) {
  if (boot_now_ns() > client.deadline) return Turn::ends;
  if (!client.asked && !hear(client, table)) return Turn::ends;
  if (!client.asked) return Turn::waits;
  if (client.sent == client.piece.size()) {
    if (table == nullptr) return Turn::ends;
    client.piece.clear();
    client.sent = 0;
    render(client, *table, names, clock, containers);
  }
  const ssize_t n = send(client.connection.get(), client.piece.view().substr(client.sent));
  if (n < 0) return Turn::ends;
  if (n > 0) client.deadline = deadline();
  client.sent += static_cast<std::size_t>(n);
  if (client.sent != client.piece.size()) return n == 0 ? Turn::waits : Turn::goes_on;
  return client.last_piece ? Turn::ends : Turn::goes_on;
}

bool ClientDesk::hear(Client& client, const ProcessTable* table) {
  std::array<char, k_request_max> part;
  const ssize_t n = receive(client.connection.get(), part);
  if (n < 0) return false;
  client.request.append(part.data(), static_cast<std::size_t>(n));
  const std::size_t end = client.request.find('\n');
  if (end == std::string::npos && client.request.size() < k_request_max) return true;
  client.asked = true;
  const Result<Request> request = parse_request(std::string_view(client.request).substr(0, end));
  if (request && table != nullptr) return true;
  client.piece.append(
      print_refusal(request ? "this agent keeps no process table" : request.error().message));
  client.last_piece = true;
  return true;
}

void ClientDesk::render(Client& client, const ProcessTable& table, const Facts& names,
                        WallClock clock, const ContainerHoldings& containers) {
  for (; client.place < table.places() && client.piece.size() < k_piece; ++client.place) {
    const auto facts = table.at(client.place);
    if (!facts) continue;
    write_process_json(*facts, table, names, clock, client.piece);
    ++client.lines;
  }
  if (client.place < table.places()) return;
  write_answer_end(
      client.lines,
      {.limits = table.limits(), .processes = table.counts(), .containers = containers},
      client.piece);
  client.last_piece = true;
}

}  // namespace gancho
