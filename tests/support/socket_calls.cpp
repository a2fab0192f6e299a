// SPDX-License-Identifier: Apache-2.0
#include "support/socket_calls.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/net.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "support/call_entries.h"

namespace gancho::test {
namespace {

// Numbers of the 64-bit table, of the 32-bit table, and of socketcall(2).
struct Numbers {
  int call64;
  int call32;
  int socketcall;
};
constexpr Numbers numbers(Op op) {
  switch (op) {
    case Op::socket:
      return {SYS_socket, 359, SYS_SOCKET};
    case Op::socketpair:
      return {SYS_socketpair, 360, SYS_SOCKETPAIR};
    case Op::bind:
      return {SYS_bind, 361, SYS_BIND};
    case Op::listen:
      return {SYS_listen, 363, SYS_LISTEN};
    case Op::connect:
      return {SYS_connect, 362, SYS_CONNECT};
    case Op::accept4:
      return {SYS_accept4, 364, SYS_ACCEPT4};
    case Op::sendto:
      return {SYS_sendto, 369, SYS_SENDTO};
    case Op::sendmsg:
      return {SYS_sendmsg, 370, SYS_SENDMSG};
    case Op::sendmmsg:
      return {SYS_sendmmsg, 345, SYS_SENDMMSG};
  }
  return {};
}
constexpr long k_nr32_socketcall = 102;

using test::word;
Word word(int number) {
  return static_cast<Word>(number);
}

// By a system call of one of the three kinds; at most six arguments.
long call(Entry entry, Op op, std::vector<Word> arguments) {
  switch (entry) {
    case Entry::call64:
      return call64(numbers(op).call64, std::move(arguments));
    case Entry::call32:
      if (op == Op::sendto) break;  // has a sixth argument
      return call32(numbers(op).call32, std::move(arguments));
    case Entry::socketcall: {
      constexpr std::size_t count = 6;
      auto* words = static_cast<std::uint32_t*>(low_bytes(sizeof(std::uint32_t) * count));
      for (std::size_t i = 0; i < arguments.size(); ++i)
        words[i] = static_cast<std::uint32_t>(arguments[i]);
      return call32(k_nr32_socketcall, {word(numbers(op).socketcall), word(words)});
    }
    case Entry::ring:
    case Entry::ring_worker:
      break;
  }
  throw std::logic_error("no such entry for this operation");
}

io_uring_sqe request(Entry entry, std::uint8_t opcode, int fd) {
  io_uring_sqe one{};
  one.opcode = opcode;
  one.fd = fd;
  if (entry == Entry::ring_worker) one.flags = IOSQE_ASYNC;
  return one;
}

const void* low_copy(const Address& address) {
  void* const copy = low_bytes(sizeof(address.bytes));
  std::memcpy(copy, &address.bytes, sizeof(address.bytes));
  return copy;
}

template <class Sockaddr>
Address made(const Sockaddr& from, std::size_t length = sizeof(Sockaddr)) {
  Address address;
  std::memcpy(&address.bytes, &from, sizeof(from));
  address.length = static_cast<socklen_t>(length);
  return address;
}

}  // namespace

std::string name_of(Entry entry) {
  switch (entry) {
    case Entry::call64:
      return "64-bit";
    case Entry::call32:
      return "32-bit";
    case Entry::socketcall:
      return "socketcall";
    case Entry::ring:
      return "io_uring";
    case Entry::ring_worker:
      return "io_uring worker";
  }
  return "";
}

bool is_ring(Entry entry) {
  return entry == Entry::ring || entry == Entry::ring_worker;
}

long call_number(Entry entry, Op op) {
  const Numbers all = numbers(op);
  if (entry == Entry::socketcall) return k_nr32_socketcall;
  return entry == Entry::call32 ? all.call32 : all.call64;
}

bool ring_copies_addresses() {
  static const bool copies = [] {
    utsname name{};
    int major = 0, minor = 0;
    ::uname(&name);
    std::sscanf(name.release, "%d.%d", &major, &minor);
    return std::pair(major, minor) >= std::pair(6, 10);
  }();
  return copies;
}

std::string call_name(Entry entry, Op op) {
  switch (entry) {
    case Entry::call64:
      return call_name(numbers(op).call64, false);
    case Entry::call32:
      return call_name(numbers(op).call32, true);
    case Entry::socketcall:
      return call_name(k_nr32_socketcall, true);
    case Entry::ring:
      return call_name(k_io_uring_enter, false);
    case Entry::ring_worker:
      break;
  }
  return "";
}

Address v4(const char* ip, int port) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_port = htons(static_cast<std::uint16_t>(port));
  ::inet_pton(AF_INET, ip, &in.sin_addr);
  return made(in);
}

Address v6(const char* ip, int port, unsigned scope) {
  sockaddr_in6 in6{};
  in6.sin6_family = AF_INET6;
  in6.sin6_port = htons(static_cast<std::uint16_t>(port));
  in6.sin6_scope_id = scope;
  ::inet_pton(AF_INET6, ip, &in6.sin6_addr);
  return made(in6);
}

Address unix_path(std::string_view path) {
  sockaddr_un un{};
  un.sun_family = AF_UNIX;
  path.copy(un.sun_path, sizeof(un.sun_path));
  // The longest has no room for its NUL.
  const std::size_t bytes = std::min(path.size() + 1, sizeof(un.sun_path));
  return made(un, offsetof(sockaddr_un, sun_path) + bytes);
}

Address unix_abstract(std::string_view name) {
  sockaddr_un un{};
  un.sun_family = AF_UNIX;
  name.copy(un.sun_path + 1, sizeof(un.sun_path) - 1);
  return made(un, offsetof(sockaddr_un, sun_path) + 1 + name.size());
}

Address family_only(int family) {
  sockaddr_storage any{};
  any.ss_family = static_cast<sa_family_t>(family);
  return made(any, family == AF_UNIX ? sizeof(sa_family_t) : sizeof(sockaddr_in));
}

Address netlink(unsigned port_id) {
  sockaddr_nl nl{};
  nl.nl_family = AF_NETLINK;
  nl.nl_pid = port_id;
  return made(nl);
}

Address packet(int protocol, int interface) {
  sockaddr_ll ll{};
  ll.sll_family = AF_PACKET;
  ll.sll_protocol = htons(static_cast<std::uint16_t>(protocol));
  ll.sll_ifindex = interface;
  return made(ll);
}

Ring& own_ring() {
  static std::unique_ptr<Ring> ring;
  static pid_t owner = 0;
  if (owner != ::getpid()) {
    (void)ring.release();  // a parent's, after a fork
    ring = std::make_unique<Ring>();
    owner = ::getpid();
  }
  return *ring;
}

long call_socket(Entry entry, int domain, int type, int protocol) {
  if (!is_ring(entry)) return call(entry, Op::socket, {word(domain), word(type), word(protocol)});
  io_uring_sqe one = request(entry, IORING_OP_SOCKET, domain);
  one.off = static_cast<std::uint64_t>(type);
  one.len = static_cast<std::uint32_t>(protocol);
  return own_ring().run(one);
}

long call_socketpair(Entry entry, int domain, int type, int protocol, int* fds) {
  return call(entry, Op::socketpair, {word(domain), word(type), word(protocol), word(fds)});
}

long call_bind(Entry entry, int fd, const void* address, socklen_t length) {
  if (!is_ring(entry)) return call(entry, Op::bind, {word(fd), word(address), Word{length}});
  io_uring_sqe one = request(entry, k_ring_op_bind, fd);
  one.addr = word(address);
  one.off = length;
  return own_ring().run(one);
}

long call_listen(Entry entry, int fd, int backlog) {
  if (!is_ring(entry)) return call(entry, Op::listen, {word(fd), word(backlog)});
  io_uring_sqe one = request(entry, k_ring_op_listen, fd);
  one.len = static_cast<std::uint32_t>(backlog);
  return own_ring().run(one);
}

long call_connect(Entry entry, int fd, const void* address, socklen_t length) {
  if (!is_ring(entry)) return call(entry, Op::connect, {word(fd), word(address), Word{length}});
  io_uring_sqe one = request(entry, IORING_OP_CONNECT, fd);
  one.addr = word(address);
  one.off = length;
  return own_ring().run(one);
}

long call_accept(Entry entry, int fd, void* address, socklen_t* length, int flags) {
  if (!is_ring(entry))
    return call(entry, Op::accept4, {word(fd), word(address), word(length), word(flags)});
  io_uring_sqe one = request(entry, IORING_OP_ACCEPT, fd);
  one.addr = word(address);
  one.addr2 = word(length);
  one.accept_flags = static_cast<std::uint32_t>(flags);
  return own_ring().run(one);
}

long call_sendto(Entry entry, int fd, std::string_view data, int flags, const Address& to) {
  void* const bytes = low_bytes(data.size());
  data.copy(static_cast<char*>(bytes), data.size());
  return call(entry, Op::sendto,
              {word(fd), word(bytes), data.size(), word(flags), word(low_copy(to)), to.length});
}

namespace {

msghdr message_to(const Address& to, iovec* vector) {
  msghdr message{};
  message.msg_name = const_cast<void*>(low_copy(to));
  message.msg_namelen = to.length;
  message.msg_iov = vector;
  message.msg_iovlen = 1;
  return message;
}

}  // namespace

long call_sendmsg(Entry entry, int fd, std::string_view data, int flags, const Address& to) {
  void* const bytes = low_bytes(data.size());
  data.copy(static_cast<char*>(bytes), data.size());
  if (entry == Entry::call64) {
    iovec vector{.iov_base = bytes, .iov_len = data.size()};
    const msghdr message = message_to(to, &vector);
    return call(entry, Op::sendmsg, {word(fd), word(&message), word(flags)});
  }
  // struct compat_msghdr and the compat_iovec that it points to
  auto* words = static_cast<std::uint32_t*>(low_bytes(sizeof(std::uint32_t) * 9));
  const auto low = [](const void* pointer) { return static_cast<std::uint32_t>(word(pointer)); };
  words[0] = low(low_copy(to));
  words[1] = to.length;
  words[2] = low(words + 7);
  words[3] = 1;
  words[7] = low(bytes);
  words[8] = static_cast<std::uint32_t>(data.size());
  return call(entry, Op::sendmsg, {word(fd), word(words), word(flags)});
}

long call_ring_send(bool message, int fd, std::string_view data, int flags, const Address& to) {
  void* const bytes = low_bytes(data.size());
  data.copy(static_cast<char*>(bytes), data.size());
  iovec vector{.iov_base = bytes, .iov_len = data.size()};
  const msghdr header = message_to(to, &vector);
  io_uring_sqe one = request(Entry::ring_worker, message ? IORING_OP_SENDMSG : IORING_OP_SEND, fd);
  one.msg_flags = static_cast<std::uint32_t>(flags);
  one.addr = message ? word(&header) : word(bytes);
  one.len = message ? 1 : static_cast<std::uint32_t>(data.size());
  if (!message) {
    one.addr2 = word(header.msg_name);
    one.addr_len = static_cast<std::uint16_t>(to.length);
  }
  return own_ring().run(one);
}

long call_sendmmsg(int fd, std::string_view data, int flags, const Address& to) {
  void* const bytes = low_bytes(data.size());
  data.copy(static_cast<char*>(bytes), data.size());
  iovec vector{.iov_base = bytes, .iov_len = data.size()};
  mmsghdr message{.msg_hdr = message_to(to, &vector), .msg_len = 0};
  return call(Entry::call64, Op::sendmmsg, {word(fd), word(&message), 1, word(flags)});
}

long call_bind(Entry entry, int fd, const Address& address) {
  return call_bind(entry, fd, low_copy(address), address.length);
}

long call_connect(Entry entry, int fd, const Address& address) {
  return call_connect(entry, fd, low_copy(address), address.length);
}

}  // namespace gancho::test
