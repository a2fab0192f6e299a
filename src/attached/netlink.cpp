// SPDX-License-Identifier: Apache-2.0
#include "attached/netlink.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace gancho {

std::optional<Attribute> next_attribute(std::string_view& bytes) {
  const auto header = header_of<nlattr>(bytes);
  if (!header || header->nla_len < NLA_HDRLEN || header->nla_len > bytes.size())
    return std::nullopt;
  const Attribute found{.type = static_cast<std::uint16_t>(header->nla_type & NLA_TYPE_MASK),
                        .value = bytes.substr(NLA_HDRLEN, header->nla_len - NLA_HDRLEN)};
  bytes.remove_prefix(std::min<std::size_t>(NLA_ALIGN(header->nla_len), bytes.size()));
  return found;
}

std::string_view find_attribute(std::string_view bytes, std::uint16_t type) {
  while (const auto attribute = next_attribute(bytes))
    if (attribute->type == type) return attribute->value;
  return {};
}

std::uint32_t number_of(std::string_view value) {
  return value.size() == sizeof(std::uint32_t) ? *header_of<std::uint32_t>(value) : 0;
}

std::string text_of(std::string_view value) {
  return std::string(value.substr(0, value.find('\0')));
}

std::string attribute(std::uint16_t type, std::string_view value) {
  const nlattr header{.nla_len = static_cast<std::uint16_t>(NLA_HDRLEN + value.size()),
                      .nla_type = type};
  std::string bytes(reinterpret_cast<const char*>(&header), sizeof header);
  bytes += value;
  bytes.resize(NLA_ALIGN(bytes.size()));
  return bytes;
}

Result<RouteSocket> RouteSocket::create() {
  Fd made(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!made.valid()) return fail_errno("netlink", errno);
  return RouteSocket(std::move(made));
}

Result<std::vector<std::string>> RouteSocket::list(const Question& question) {
  std::vector<std::string> bodies;
  for (int attempt = 0; attempt < 5; ++attempt) {
    bodies.clear();
    if (TRY(list_once(question, bodies))) break;
  }
  return bodies;
}

Result<bool> RouteSocket::list_once(const Question& question, std::vector<std::string>& bodies) {
  const nlmsghdr header{
      .nlmsg_len = static_cast<std::uint32_t>(NLMSG_HDRLEN + question.bytes().size()),
      .nlmsg_type = question.type(),
      .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
      .nlmsg_seq = ++sequence_,
      .nlmsg_pid = 0};
  std::string message(reinterpret_cast<const char*>(&header), sizeof header);
  message += question.bytes();
  if (send(socket_.get(), message.data(), message.size(), 0) < 0)
    return fail_errno("netlink", errno);
  bool of_one_moment = true;
  for (;;) {
    const std::string answer = TRY(receive());
    std::string_view rest = answer;
    while (const auto one = header_of<nlmsghdr>(rest)) {
      if (one->nlmsg_len < NLMSG_HDRLEN || one->nlmsg_len > rest.size()) break;
      const std::string_view body = rest.substr(NLMSG_HDRLEN, one->nlmsg_len - NLMSG_HDRLEN);
      rest.remove_prefix(std::min<std::size_t>(NLMSG_ALIGN(one->nlmsg_len), rest.size()));
      if (one->nlmsg_seq != sequence_) continue;  // of a list that failed
      if ((one->nlmsg_flags & NLM_F_DUMP_INTR) != 0) of_one_moment = false;
      if (one->nlmsg_type == NLMSG_DONE || one->nlmsg_type == NLMSG_ERROR) {
        const auto error = header_of<std::int32_t>(body);
        if (error && *error < 0) return fail_errno("netlink", -*error);
        return of_one_moment;
      }
      if (one->nlmsg_type >= NLMSG_MIN_TYPE) bodies.emplace_back(body);
    }
  }
}

Result<std::string> RouteSocket::receive() {
  for (;;) {
    const ssize_t size = recv(socket_.get(), nullptr, 0, MSG_PEEK | MSG_TRUNC);
    if (size < 0) return fail_errno("netlink", errno);
    std::string bytes(static_cast<std::size_t>(size), '\0');
    sockaddr_nl sender{};
    socklen_t length = sizeof sender;
    const ssize_t got = recvfrom(socket_.get(), bytes.data(), bytes.size(), 0,
                                 reinterpret_cast<sockaddr*>(&sender), &length);
    if (got < 0) return fail_errno("netlink", errno);
    // The administrator of a namespace can write to us there.
    if (sender.nl_pid != 0) continue;
    bytes.resize(static_cast<std::size_t>(got));
    return bytes;
  }
}

}  // namespace gancho
