// SPDX-License-Identifier: Apache-2.0
//
// The operations on sockets by every entry that the kernel has for them. Each gives what the kernel
// gave: a number, or a negative errno. Pointers are below 4 GiB, where a 32-bit call reaches them.
#pragma once

#include <sys/socket.h>

#include <string>
#include <string_view>

#include "support/call_entries.h"
#include "support/ring.h"

namespace gancho::test {

enum class Entry {
  call64,       // syscall
  call32,       // int $0x80, the calls' own numbers
  socketcall,   // int $0x80, socketcall(2)
  ring,         // io_uring, served by the thread that submits
  ring_worker,  // io_uring, served by a worker thread
};
[[nodiscard]] std::string name_of(Entry entry);
[[nodiscard]] bool is_ring(Entry entry);

enum class Op { socket, socketpair, bind, listen, connect, accept4, sendto, sendmsg, sendmmsg };

// Of a system call.
[[nodiscard]] long call_number(Entry entry, Op op);
// Whether a ring copies an address when a request is submitted (since Linux 6.10), and not when it
// is served.
[[nodiscard]] bool ring_copies_addresses();
// What evt.syscall must be; "" for none.
[[nodiscard]] std::string call_name(Entry entry, Op op);

// An address as a call takes it.
struct Address {
  sockaddr_storage bytes{};
  socklen_t length = 0;
};
[[nodiscard]] Address v4(const char* ip, int port);
[[nodiscard]] Address v6(const char* ip, int port, unsigned scope = 0);
[[nodiscard]] Address unix_path(std::string_view path);
[[nodiscard]] Address unix_abstract(std::string_view name);  // without the NUL in front
[[nodiscard]] Address family_only(int family);
[[nodiscard]] Address netlink(unsigned port_id);
[[nodiscard]] Address packet(int protocol, int interface);

inline constexpr auto k_bad_pointer = 8UL;  // nobody's memory

// This process's ring.
[[nodiscard]] Ring& own_ring();

long call_socket(Entry entry, int domain, int type, int protocol);
long call_socketpair(Entry entry, int domain, int type, int protocol, int* fds);
long call_bind(Entry entry, int fd, const void* address, socklen_t length);
long call_listen(Entry entry, int fd, int backlog);
long call_connect(Entry entry, int fd, const void* address, socklen_t length);
long call_accept(Entry entry, int fd, void* address, socklen_t* length, int flags);
// With data in the SYN.
long call_sendto(Entry entry, int fd, std::string_view data, int flags, const Address& to);
long call_sendmsg(Entry entry, int fd, std::string_view data, int flags, const Address& to);
// One message, by the 64-bit call; how many were sent.
// By a worker of a ring; `message`: as sendmsg(2), else as sendto(2).
long call_ring_send(bool message, int fd, std::string_view data, int flags, const Address& to);
long call_sendmmsg(int fd, std::string_view data, int flags, const Address& to);

// The same with an address that is copied to low memory.
long call_bind(Entry entry, int fd, const Address& address);
long call_connect(Entry entry, int fd, const Address& address);

}  // namespace gancho::test
