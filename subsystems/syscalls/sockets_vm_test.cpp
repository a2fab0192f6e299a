// SPDX-License-Identifier: Apache-2.0
//
// The truth test of operations on sockets: each operation, by each entry, in each family, that
// succeeds or fails.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/if_ether.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include "support/socket_truth.h"

namespace gancho::test {
namespace {

// System calls, by the tables that this kernel has.
const std::vector<Entry>& calls() {
  static const std::vector<Entry> calls =
      has_table_32() ? std::vector{Entry::call64, Entry::call32, Entry::socketcall}
                     : std::vector{Entry::call64};
  return calls;
}

// And rings.
const std::vector<Entry>& entries() {
  static const std::vector<Entry> entries = [] {
    std::vector<Entry> those = calls();
    those.insert(those.end(), {Entry::ring, Entry::ring_worker});
    return those;
  }();
  return entries;
}

// bind and listen by io_uring came with Linux 6.11.
bool ring_binds() {
  static const bool binds = [] {
    const Fd fd(::socket(AF_INET, SOCK_STREAM, 0));
    return call_listen(Entry::ring, fd.get(), 1) == 0;
  }();
  return binds;
}

int made_socket(int domain, int type, int protocol = 0) {
  const int fd = ::socket(domain, type, protocol);
  must(fd >= 0, "socket");
  return fd;
}

const sockaddr* raw(const Address& address) {
  return reinterpret_cast<const sockaddr*>(&address.bytes);
}

int bound(int domain, int type, const Address& address) {
  const int fd = made_socket(domain, type);
  must(::bind(fd, raw(address), address.length) == 0, "bind");
  return fd;
}

int listening(const Address& address, int backlog = 8) {
  const int fd = bound(address.bytes.ss_family, SOCK_STREAM, address);
  must(::listen(fd, backlog) == 0, "listen");
  return fd;
}

int connected(int domain, const Address& to, const Address* from = nullptr) {
  const int fd =
      from != nullptr ? bound(domain, SOCK_STREAM, *from) : made_socket(domain, SOCK_STREAM);
  must(::connect(fd, raw(to), to.length) == 0, "connect");
  return fd;
}

Address same_port_v4(int fd) {
  return v4("127.0.0.1", port_of(local_of(fd)));
}

// ---------------------------------------------------------------------------------- socket

struct SocketCase {
  const char* name;
  int domain, type, protocol;
  const char* domain_name;
  const char* type_name;
  const char* protocol_name;
  int error = 0;
};
constexpr SocketCase k_sockets[] = {
    {"tcp", AF_INET, SOCK_STREAM, 0, "AF_INET", "SOCK_STREAM", "ip"},
    {"tcp, named", AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP, "AF_INET",
     "SOCK_STREAM|SOCK_CLOEXEC", "tcp"},
    {"udp6", AF_INET6, SOCK_DGRAM, 0, "AF_INET6", "SOCK_DGRAM", "ip"},
    {"raw", AF_INET, SOCK_RAW, IPPROTO_ICMP, "AF_INET", "SOCK_RAW", "icmp"},
    {"unix", AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, "AF_UNIX",
     "SOCK_SEQPACKET|SOCK_NONBLOCK|SOCK_CLOEXEC", "0"},
    {"netlink", AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, "AF_NETLINK", "SOCK_RAW", "NETLINK_ROUTE"},
    {"packet", AF_PACKET, SOCK_RAW, 0x0300, "AF_PACKET", "SOCK_RAW", "ETH_P_ALL"},
    {"no such family", 77, SOCK_STREAM, 0, "77", "SOCK_STREAM", "0", EAFNOSUPPORT},
    {"no such type", AF_INET, 9, 0, "AF_INET", "0x00000009", "ip", ESOCKTNOSUPPORT},
    {"no such protocol", AF_INET, SOCK_STREAM, IPPROTO_UDP, "AF_INET", "SOCK_STREAM", "udp",
     EPROTONOSUPPORT},
    {"no such flag", AF_INET, SOCK_STREAM | 0x10000000, 0, "AF_INET", "SOCK_STREAM|0x10000000",
     "ip", EINVAL},
};

TEST(Socket, ByEachEntry) {
  for (const Entry entry : entries())
    for (const SocketCase& one : k_sockets) {
      // A ring refuses what it does not know before it asks the kernel's sockets.
      if (is_ring(entry) && one.error == EINVAL) continue;
      perform("socket " + name_of(entry) + " " + one.name, [&](Stage& stage) {
        if (is_ring(entry)) (void)own_ring();
        const long fd =
            stage.act([&] { return call_socket(entry, one.domain, one.type, one.protocol); });
        must(one.error != 0 ? fd == -one.error : fd >= 0, "the case does not do what it should");
        Event event = base("socket", entry, Op::socket, one.error != 0 ? -one.error : 0);
        event["evt.arg.domain"] = one.domain_name;
        event["evt.arg.type"] = one.type_name;
        event["evt.arg.proto"] = one.protocol_name;
        if (fd >= 0) {
          event["fd.num"] = fd;
          add_kind(event, static_cast<int>(fd));
        }
        stage.expect(event);
      });
    }
}

TEST(Socket, WithoutADescriptorToHave) {
  for (const Entry entry : calls())
    perform("socket EMFILE " + name_of(entry), [&](Stage& stage) {
      const int last = ::dup(0);
      const rlimit limit{.rlim_cur = static_cast<rlim_t>(last), .rlim_max = 4096};
      must(::close(last) == 0 && ::setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
      must(stage.act([&] { return call_socket(entry, AF_UNIX, SOCK_STREAM, 0); }) == -EMFILE,
           "socket");
      Event event = base("socket", entry, Op::socket, -EMFILE);
      event["evt.arg.domain"] = "AF_UNIX";
      event["evt.arg.type"] = "SOCK_STREAM";
      event["evt.arg.proto"] = "0";
      // The kernel makes the socket first; by no descriptor, tracepoints do not find it.
      for (const auto& [name, value] :
           by_tracepoint() ? std::map<const char*, const char*>{}
                           : std::map<const char*, const char*>{{"fd.type", "unix"},
                                                                {"fd.typechar", "u"},
                                                                {"fd.sockfamily", "unix"},
                                                                {"fd.socket.state", "CLOSE"},
                                                                {"fd.socket.family", "AF_UNIX"},
                                                                {"fd.socket.type", "SOCK_STREAM"},
                                                                {"fd.socket.protocol", "0"}})
        event[name] = value;
      stage.expect(event);
    });
}

TEST(Socketpair, ByEachEntry) {
  struct Case {
    const char* name;
    int type;
    const char* type_name;
  };
  for (const Entry entry : calls())
    for (const Case& one : {Case{"stream", SOCK_STREAM, "SOCK_STREAM"},
                            Case{"dgram", SOCK_DGRAM | SOCK_CLOEXEC, "SOCK_DGRAM|SOCK_CLOEXEC"}})
      perform("socketpair " + name_of(entry) + " " + one.name, [&](Stage& stage) {
        auto* fds = static_cast<int*>(low_bytes(sizeof(int) * 2));
        must(stage.act([&] { return call_socketpair(entry, AF_UNIX, one.type, 0, fds); }) == 0,
             "socketpair");
        Event event = base("socketpair", entry, Op::socketpair, 0);
        event["evt.arg.domain"] = "AF_UNIX";
        event["evt.arg.type"] = one.type_name;
        event["evt.arg.proto"] = "0";
        event["fd.num"] = fds[0];
        event["evt.arg.fd2"] = fds[1];
        add_kind(event, fds[0]);
        add_peer(event, ::getpid(), 0, 0);
        stage.expect(event);
      });
}

TEST(Socketpair, Failures) {
  for (const Entry entry : calls()) {
    perform("socketpair EFAULT " + name_of(entry), [&](Stage& stage) {
      auto* bad = reinterpret_cast<int*>(k_bad_pointer);
      must(stage.act([&] { return call_socketpair(entry, AF_UNIX, SOCK_STREAM, 0, bad); }) ==
               -EFAULT,
           "socketpair");
      Event event = base("socketpair", entry, Op::socketpair, -EFAULT);
      event["evt.arg.domain"] = "AF_UNIX";
      event["evt.arg.type"] = "SOCK_STREAM";
      event["evt.arg.proto"] = "0";
      stage.expect(event);
    });
    perform("socketpair EOPNOTSUPP " + name_of(entry), [&](Stage& stage) {
      auto* fds = static_cast<int*>(low_bytes(sizeof(int) * 2));
      must(stage.act([&] { return call_socketpair(entry, AF_INET, SOCK_STREAM, 0, fds); }) ==
               -EOPNOTSUPP,
           "socketpair");
      Event event = base("socketpair", entry, Op::socketpair, -EOPNOTSUPP);
      event["evt.arg.domain"] = "AF_INET";
      event["evt.arg.type"] = "SOCK_STREAM";
      event["evt.arg.proto"] = "ip";
      if (!by_tracepoint()) add_kind(event, made_socket(AF_INET, SOCK_STREAM));
      stage.expect(event);
    });
  }
}

// ---------------------------------------------------------------------------------- bind

void binds(Stage& stage, Entry entry, int fd, const Address& address, int error = 0) {
  const long result = stage.act([&] { return call_bind(entry, fd, address); });
  errno = static_cast<int>(-result);
  must(result == -error, "bind");
  Event event = base("bind", entry, Op::bind, result);
  event["fd.num"] = fd;
  add_kind(event, fd);
  add_local_end(event, fd);
  add_address(event, address);
  // What makes a file is served by a worker, by the word of newer kernels.
  if (entry == Entry::ring && address.bytes.ss_family == AF_UNIX)
    event["evt.syscall"] = boost::json::array{call_name(entry, Op::bind), nullptr};
  stage.expect(event);
}

struct BindCase {
  const char* name;
  int domain, type;
  Address address;
};
std::vector<BindCase> bind_cases() {
  std::string longest = "/tmp/";
  longest.append(108 - longest.size(), 'l');
  return {{"tcp", AF_INET, SOCK_STREAM, v4("127.0.0.1", 0)},
          {"udp", AF_INET, SOCK_DGRAM, v4("0.0.0.0", 5353)},
          {"raw", AF_INET, SOCK_RAW, v4("127.0.0.1", 0)},
          {"tcp6", AF_INET6, SOCK_STREAM, v6("::1", 0)},
          {"udp6", AF_INET6, SOCK_DGRAM, v6("::", 5354)},
          {"v4-mapped", AF_INET6, SOCK_STREAM, v6("::ffff:127.0.0.1", 0)},
          {"unix path", AF_UNIX, SOCK_STREAM, unix_path("/tmp/bound one")},
          {"unix dgram", AF_UNIX, SOCK_DGRAM, unix_path("/tmp/bound two")},
          {"unix path of 108 bytes", AF_UNIX, SOCK_STREAM, unix_path(longest)},
          {"unix abstract", AF_UNIX, SOCK_STREAM, unix_abstract("gancho test")},
          {"unix abstract, odd", AF_UNIX, SOCK_STREAM,
           unix_abstract(std::string_view("a\0\n\x1b\"b\0", 7))},
          {"unix autobind", AF_UNIX, SOCK_STREAM, family_only(AF_UNIX)},
          {"netlink", AF_NETLINK, SOCK_RAW, netlink(4711)},
          {"netlink, kernel's choice", AF_NETLINK, SOCK_RAW, netlink(0)},
          {"packet", AF_PACKET, SOCK_RAW, packet(ETH_P_ALL, 1)}};
}

TEST(Bind, ByEachEntry) {
  for (const Entry entry : entries()) {
    if (is_ring(entry) && !ring_binds()) continue;
    for (const BindCase& one : bind_cases())
      perform("bind " + name_of(entry) + " " + one.name, [&](Stage& stage) {
        if (is_ring(entry)) (void)own_ring();
        const auto* un = reinterpret_cast<const sockaddr_un*>(&one.address.bytes);
        if (one.domain == AF_UNIX) ::unlink(std::string(un->sun_path, 108).c_str());
        binds(stage, entry,
              made_socket(one.domain, one.type,
                          one.type == SOCK_RAW && one.domain == AF_INET ? IPPROTO_ICMP : 0),
              one.address);
      });
  }
}

TEST(Bind, ToAnInterface) {
  perform("SO_BINDTODEVICE", [](Stage& stage) {
    const int fd = made_socket(AF_INET, SOCK_DGRAM);
    must(::setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3) == 0, "SO_BINDTODEVICE");
    binds(stage, Entry::call64, fd, v4("127.0.0.1", 0));
  });
}

TEST(Bind, RefusedByTheSocket) {
  for (const Entry entry : entries()) {
    if (is_ring(entry) && !ring_binds()) continue;
    const auto refused = [&](int error, int domain, const Address& address, uid_t uid = 0) {
      perform("bind " + name_of(entry) + " " + ::strerrorname_np(error), [&](Stage& stage) {
        const Fd other(::socket(AF_INET, SOCK_STREAM, 0));
        if (error == EADDRINUSE)
          must(::bind(other.get(), raw(address), address.length) == 0 ||
                   address.bytes.ss_family == AF_UNIX,
               "bind");
        const int fd = made_socket(domain, SOCK_STREAM);
        if (is_ring(entry)) (void)own_ring();
        must(uid == 0 || (::setresgid(uid, uid, uid) == 0 && ::setresuid(uid, uid, uid) == 0),
             "setresuid");
        binds(stage, entry, fd, address, error);
      });
    };
    refused(EADDRINUSE, AF_INET, v4("127.0.0.1", 7001));
    refused(EADDRNOTAVAIL, AF_INET, v4("192.0.2.1", 7002));
    refused(EACCES, AF_INET, v4("127.0.0.1", 80), 1000);
    refused(EAFNOSUPPORT, AF_INET, v6("::1", 7003));
    refused(ENOENT, AF_UNIX, unix_path("/tmp/no/such/directory"));
    refused(EADDRINUSE, AF_UNIX, unix_path("/tmp"));
  }
}

// The socket or the address was never found: there is no more than the descriptor. Tracepoints have
// what was given all the same, and find the socket where there is one.
void expect_bare(Stage& stage, std::string_view type, Entry entry, Op op, int error, int fd,
                 const Address* address = nullptr) {
  Event event = base(type, entry, op, -error);
  event[type == "accept" ? "evt.arg.fd" : "fd.num"] = fd;
  if (type == "accept") event["evt.arg.flags"] = "0";
  if (type == "listen") event["evt.arg.backlog"] = 5;
  if (address != nullptr) add_address(event, *address);
  if (by_tracepoint() && (error == EFAULT || error == EINVAL)) {
    add_kind(event, fd);
    if (type == "bind") add_local_end(event, fd);
    if (type == "connect") add_ends(event, fd, Role::client);
  }
  stage.expect(event);
}

const Address* given(const Address& address) {
  return by_tracepoint() ? &address : nullptr;
}

TEST(Bind, BeforeTheSocket) {
  const Address address = v4("127.0.0.1", 0);
  for (const Entry entry : calls()) {
    perform("bind EBADF " + name_of(entry), [&](Stage& stage) {
      must(stage.act([&] { return call_bind(entry, 777, address); }) == -EBADF, "bind");
      expect_bare(stage, "bind", entry, Op::bind, EBADF, 777, given(address));
    });
    perform("bind EBADF -1 " + name_of(entry), [&](Stage& stage) {
      must(stage.act([&] { return call_bind(entry, -1, address); }) == -EBADF, "bind");
      expect_bare(stage, "bind", entry, Op::bind, EBADF, -1, given(address));
    });
    perform("bind ENOTSOCK " + name_of(entry), [&](Stage& stage) {
      must(stage.act([&] { return call_bind(entry, 0, address); }) == -ENOTSOCK, "bind");
      expect_bare(stage, "bind", entry, Op::bind, ENOTSOCK, 0, given(address));
    });
    perform("bind EFAULT " + name_of(entry), [&](Stage& stage) {
      const int fd = made_socket(AF_INET, SOCK_STREAM);
      const auto* bad = reinterpret_cast<void*>(k_bad_pointer);
      must(stage.act([&] { return call_bind(entry, fd, bad, 16); }) == -EFAULT, "bind");
      expect_bare(stage, "bind", entry, Op::bind, EFAULT, fd);
    });
  }
}

// ---------------------------------------------------------------------------------- listen

void listens(Stage& stage, Entry entry, int fd, int backlog, int error = 0) {
  must(stage.act([&] { return call_listen(entry, fd, backlog); }) == -error, "listen");
  Event event = base("listen", entry, Op::listen, -error);
  event["fd.num"] = fd;
  event["evt.arg.backlog"] = backlog;
  add_kind(event, fd);
  add_local_end(event, fd);
  stage.expect(event);
}

TEST(Listen, ByEachEntry) {
  for (const Entry entry : entries()) {
    if (is_ring(entry) && !ring_binds()) continue;
    struct Case {
      const char* name;
      std::function<int()> socket;
      int backlog;
      int error = 0;
    };
    const Case cases[] = {
        {"tcp", [] { return bound(AF_INET, SOCK_STREAM, v4("127.0.0.1", 0)); }, 17},
        {"tcp, not bound", [] { return made_socket(AF_INET, SOCK_STREAM); }, 0},
        {"tcp6", [] { return bound(AF_INET6, SOCK_STREAM, v6("::", 0)); }, 1 << 20},
        {"v4-mapped", [] { return bound(AF_INET6, SOCK_STREAM, v6("::ffff:127.0.0.1", 0)); }, -1},
        {"unix", [] { return bound(AF_UNIX, SOCK_STREAM, unix_abstract("listen")); }, 3},
        {"udp", [] { return made_socket(AF_INET, SOCK_DGRAM); }, 5, EOPNOTSUPP},
        {"unix, not bound", [] { return made_socket(AF_UNIX, SOCK_STREAM); }, 5, EINVAL},
    };
    for (const Case& one : cases)
      perform("listen " + name_of(entry) + " " + one.name, [&](Stage& stage) {
        if (is_ring(entry)) (void)own_ring();
        listens(stage, entry, one.socket(), one.backlog, one.error);
      });
  }
}

TEST(Listen, BeforeTheSocket) {
  for (const Entry entry : calls())
    for (const auto& [error, fd] : {std::pair{EBADF, 777}, std::pair{ENOTSOCK, 0}})
      perform(std::string("listen ") + ::strerrorname_np(error) + " " + name_of(entry),
              [&, error = error, fd = fd](Stage& stage) {
                must(stage.act([&] { return call_listen(entry, fd, 5); }) == -error, "listen");
                expect_bare(stage, "listen", entry, Op::listen, error, fd);
              });
}

// ---------------------------------------------------------------------------------- connect

// A ring asks without waiting and hears of the end later; tracepoints do, too.
Event connect_base(Entry entry, int domain, int type, int error) {
  const bool later =
      !by_tracepoint() && is_ring(entry) && domain != AF_UNIX && type == SOCK_STREAM && error == 0;
  return base("connect", entry, Op::connect, later ? -EINPROGRESS : -error);
}

void connects(Stage& stage, Entry entry, int fd, const Address& address, int error = 0,
              pid_t peer = 0) {
  if (is_ring(entry)) (void)own_ring();
  const long result = stage.act([&] { return call_connect(entry, fd, address); });
  errno = static_cast<int>(-result);
  must(result == -error, "connect");
  const int domain = local_of(fd).bytes.ss_family;
  int type = 0;
  socklen_t length = sizeof(type);
  must(::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0, "SO_TYPE");
  Event event = connect_base(entry, domain, type, error);
  event["fd.num"] = fd;
  add_kind(event, fd);
  const bool asked_ip = address.bytes.ss_family != AF_UNSPEC;
  add_ends(event, fd, Role::client, asked_ip ? &address : nullptr);
  add_address(event, address);
  if (peer != 0) add_peer(event, peer, 0, 0);
  // Whether the answer is there when the call comes back is up to the machine.
  if (text_of(event, "evt.res") == "EINPROGRESS")
    event["fd.socket.state"] = boost::json::array{"SYN_SENT", "ESTABLISHED"};
  stage.expect(event);
}

TEST(Connect, Tcp) {
  for (const Entry entry : entries()) {
    perform("connect tcp " + name_of(entry), [&](Stage& stage) {
      const int server = listening(v4("127.0.0.1", 0));
      connects(stage, entry, made_socket(AF_INET, SOCK_STREAM), local_of(server));
    });
    perform("connect tcp to any " + name_of(entry), [&](Stage& stage) {
      const int server = listening(v4("0.0.0.0", 0));
      const int fd = made_socket(AF_INET, SOCK_STREAM);
      connects(stage, entry, fd, local_of(server));
    });
    perform("connect tcp, bound " + name_of(entry), [&](Stage& stage) {
      const int server = listening(v4("127.0.0.1", 0));
      connects(stage, entry, bound(AF_INET, SOCK_STREAM, v4("127.0.0.9", 0)), local_of(server));
    });
    perform("connect tcp6 " + name_of(entry), [&](Stage& stage) {
      const int server = listening(v6("::1", 0));
      connects(stage, entry, made_socket(AF_INET6, SOCK_STREAM), local_of(server));
    });
    perform("connect v4-mapped " + name_of(entry), [&](Stage& stage) {
      const int server = listening(v4("127.0.0.1", 0));
      connects(stage, entry, made_socket(AF_INET6, SOCK_STREAM),
               v6("::ffff:127.0.0.1", port_of(local_of(server))));
    });
  }
}

TEST(Connect, Unix) {
  for (const Entry entry : entries()) {
    const std::pair<const char*, Address> servers[] = {
        {"path", unix_path("/tmp/connect-to")},
        {"abstract", unix_abstract(std::string_view("conn\0ect", 8))},
    };
    for (const auto& [name, address] : servers)
      perform("connect unix " + std::string(name) + " " + name_of(entry),
              [&, &address = address](Stage& stage) {
                ::unlink("/tmp/connect-to");
                listening(address);
                connects(stage, entry, made_socket(AF_UNIX, SOCK_STREAM), address, 0, ::getpid());
              });
    perform("connect unix, both have names " + name_of(entry), [&](Stage& stage) {
      const Address server = unix_abstract("server"), client = unix_abstract("client");
      listening(server);
      connects(stage, entry, bound(AF_UNIX, SOCK_STREAM, client), server, 0, ::getpid());
    });
    perform("connect unix dgram " + name_of(entry), [&](Stage& stage) {
      const Address server = unix_abstract("dgram server");
      bound(AF_UNIX, SOCK_DGRAM, server);
      connects(stage, entry, made_socket(AF_UNIX, SOCK_DGRAM), server);
    });
  }
}

// Who listens is another process, of another user.
TEST(Connect, UnixPeer) {
  perform("connect to a server of another user", [](Stage& stage) {
    std::array<int, 2> ready{};
    must(::pipe(ready.data()) == 0, "pipe");
    const pid_t server = ::fork();
    if (server == 0) {
      if (::setresgid(1, 1, 1) != 0 || ::setresuid(1, 1, 1) != 0) ::_exit(1);
      listening(unix_abstract("daemon's"));
      (void)!::write(ready[1], "r", 1);
      ::pause();
    }
    char byte = 0;
    must(::read(ready[0], &byte, 1) == 1, "the server's start");
    const int fd = made_socket(AF_UNIX, SOCK_STREAM);
    const Address address = unix_abstract("daemon's");
    must(stage.act([&] { return call_connect(Entry::call64, fd, address); }) == 0, "connect");
    Event event = base("connect", Entry::call64, Op::connect, 0);
    event["fd.num"] = fd;
    add_kind(event, fd);
    add_ends(event, fd, Role::client);
    add_address(event, address);
    add_peer(event, server, 1, 1);
    stage.expect(event);
    ::kill(server, SIGKILL);
  });
}

TEST(Connect, Datagrams) {
  for (const Entry entry : entries()) {
    perform("connect udp " + name_of(entry), [&](Stage& stage) {
      const int fd = made_socket(AF_INET, SOCK_DGRAM);
      connects(stage, entry, fd, v4("127.0.0.1", 53));
      connects(stage, entry, fd, v4("127.0.0.2", 54));  // again, to another
      connects(stage, entry, fd, family_only(AF_UNSPEC));
    });
    perform("connect udp6 " + name_of(entry), [&](Stage& stage) {
      connects(stage, entry, made_socket(AF_INET6, SOCK_DGRAM), v6("::1", 53));
    });
    perform("connect udp, v4-mapped " + name_of(entry), [&](Stage& stage) {
      connects(stage, entry, made_socket(AF_INET6, SOCK_DGRAM), v6("::ffff:127.0.0.1", 53));
    });
    perform("connect netlink " + name_of(entry), [&](Stage& stage) {
      connects(stage, entry, made_socket(AF_NETLINK, SOCK_RAW), netlink(0));
    });
  }
}

TEST(Connect, TcpIsDisconnected) {
  perform("connect AF_UNSPEC", [](Stage& stage) {
    const int server = listening(v4("127.0.0.1", 0));
    const int fd = connected(AF_INET, local_of(server));
    connects(stage, Entry::call64, fd, family_only(AF_UNSPEC));
  });
}

TEST(Connect, Refused) {
  for (const Entry entry : calls()) {
    perform("connect ECONNREFUSED " + name_of(entry), [&](Stage& stage) {
      connects(stage, entry, made_socket(AF_INET, SOCK_STREAM), v4("127.0.0.1", 1), ECONNREFUSED);
    });
    perform("connect ECONNREFUSED6 " + name_of(entry), [&](Stage& stage) {
      connects(stage, entry, made_socket(AF_INET6, SOCK_STREAM), v6("::1", 1), ECONNREFUSED);
    });
    perform("connect ECONNREFUSED v4-mapped, bound " + name_of(entry), [&](Stage& stage) {
      connects(stage, entry, bound(AF_INET6, SOCK_STREAM, v6("::ffff:127.0.0.1", 0)),
               v6("::ffff:127.0.0.1", 1), ECONNREFUSED);
    });
    perform("connect EAFNOSUPPORT " + name_of(entry), [&](Stage& stage) {
      connects(stage, entry, made_socket(AF_INET, SOCK_STREAM), v6("::1", 1), EAFNOSUPPORT);
    });
    perform("connect ENETUNREACH " + name_of(entry), [&](Stage& stage) {
      connects(stage, entry, made_socket(AF_INET, SOCK_STREAM), v4("192.0.2.1", 443), ENETUNREACH);
    });
    perform("connect with a scope " + name_of(entry), [&](Stage& stage) {
      const int fd = made_socket(AF_INET6, SOCK_DGRAM);
      const Address address = v6("fe80::1", 443, 1);
      const long result = stage.act([&] { return call_connect(entry, fd, address); });
      Event event = base("connect", entry, Op::connect, result);
      event["fd.num"] = fd;
      add_kind(event, fd);
      add_ends(event, fd, Role::client, &address);
      event["evt.arg.addr"] = "[fe80::1%1]:443";
      stage.expect(event);
    });
    perform("connect unix ENOENT " + name_of(entry), [&](Stage& stage) {
      connects(stage, entry, made_socket(AF_UNIX, SOCK_STREAM), unix_path("/tmp/none"), ENOENT);
    });
    perform("connect unix ECONNREFUSED " + name_of(entry), [&](Stage& stage) {
      ::unlink("/tmp/deaf");
      bound(AF_UNIX, SOCK_STREAM, unix_path("/tmp/deaf"));
      connects(stage, entry, made_socket(AF_UNIX, SOCK_STREAM), unix_path("/tmp/deaf"),
               ECONNREFUSED);
    });
    perform("connect unix EACCES " + name_of(entry), [&](Stage& stage) {
      ::unlink("/tmp/root's");
      listening(unix_path("/tmp/root's"));
      must(::chmod("/tmp/root's", 0700) == 0, "chmod");
      const int fd = made_socket(AF_UNIX, SOCK_STREAM);
      must(::setresgid(1000, 1000, 1000) == 0 && ::setresuid(1000, 1000, 1000) == 0, "setresuid");
      connects(stage, entry, fd, unix_path("/tmp/root's"), EACCES);
    });
    perform("connect EACCES, broadcast " + name_of(entry), [&](Stage& stage) {
      connects(stage, entry, made_socket(AF_INET, SOCK_DGRAM), v4("127.255.255.255", 9), EACCES);
    });
    perform("connect EISCONN " + name_of(entry), [&](Stage& stage) {
      const int server = listening(v4("127.0.0.1", 0));
      const int fd = connected(AF_INET, local_of(server));
      connects(stage, entry, fd, v4("127.0.0.1", 1), EISCONN);
    });
    perform("connect EINVAL, short " + name_of(entry), [&](Stage& stage) {
      const int fd = made_socket(AF_INET, SOCK_STREAM);
      Address address = v4("127.0.0.1", 1);
      address.length = 8;
      must(stage.act([&] { return call_connect(entry, fd, address); }) == -EINVAL, "connect");
      Event event = base("connect", entry, Op::connect, -EINVAL);
      event["fd.num"] = fd;
      add_kind(event, fd);
      const Address seen = v4("0.0.0.0", 0);  // of what is too short, the family only
      add_ends(event, fd, Role::client, &seen);
      add_address(event, seen);
      stage.expect(event);
    });
  }
}

TEST(Connect, RingIsRefused) {
  for (const Entry entry : {Entry::ring, Entry::ring_worker}) {
    perform("connect unix ENOENT " + name_of(entry), [&](Stage& stage) {
      connects(stage, entry, made_socket(AF_UNIX, SOCK_STREAM), unix_path("/tmp/none"), ENOENT);
    });
    perform("connect ENETUNREACH " + name_of(entry), [&](Stage& stage) {
      connects(stage, entry, made_socket(AF_INET, SOCK_STREAM), v4("192.0.2.1", 443), ENETUNREACH);
    });
    perform("connect ENOTSOCK " + name_of(entry), [&](Stage& stage) {
      (void)own_ring();
      const Address address = v4("127.0.0.1", 1);
      std::array<int, 2> pipe{};
      must(::pipe(pipe.data()) == 0, "pipe");
      must(stage.act([&] { return call_connect(entry, pipe[0], address); }) == -ENOTSOCK,
           "connect");
      expect_bare(stage, "connect", entry, Op::connect, ENOTSOCK, pipe[0], &address);
    });
  }
}

TEST(Connect, Later) {
  for (const Entry entry : calls()) {
    perform("connect EINPROGRESS " + name_of(entry), [&](Stage& stage) {
      const int server = listening(v4("127.0.0.1", 0));
      const int fd = made_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
      connects(stage, entry, fd, local_of(server), EINPROGRESS);
    });
    perform("connect EINPROGRESS, not answered " + name_of(entry), [&](Stage& stage) {
      const int server = listening(v4("127.0.0.1", 0), 0);
      connected(AF_INET, local_of(server));  // takes the only place
      const int fd = made_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
      const Address address = local_of(server);
      must(stage.act([&] { return call_connect(entry, fd, address); }) == -EINPROGRESS, "connect");
      Event event = base("connect", entry, Op::connect, -EINPROGRESS);
      event["fd.num"] = fd;
      add_kind(event, fd);
      add_ends(event, fd, Role::client, &address);
      event["fd.socket.state"] = "SYN_SENT";
      add_address(event, address);
      stage.expect(event);
      must(stage.act([&] { return call_connect(entry, fd, address); }) == -EALREADY, "again");
      event["evt.res"] = "EALREADY";
      stage.expect(event);
    });
  }
}

TEST(Connect, BeforeTheSocket) {
  const Address address = v4("127.0.0.1", 1);
  for (const Entry entry : calls()) {
    perform("connect EBADF " + name_of(entry), [&](Stage& stage) {
      must(stage.act([&] { return call_connect(entry, 777, address); }) == -EBADF, "connect");
      expect_bare(stage, "connect", entry, Op::connect, EBADF, 777, given(address));
    });
    perform("connect ENOTSOCK " + name_of(entry), [&](Stage& stage) {
      must(stage.act([&] { return call_connect(entry, 0, address); }) == -ENOTSOCK, "connect");
      expect_bare(stage, "connect", entry, Op::connect, ENOTSOCK, 0, &address);
    });
    perform("connect EFAULT " + name_of(entry), [&](Stage& stage) {
      const int fd = made_socket(AF_INET, SOCK_STREAM);
      const auto* bad = reinterpret_cast<void*>(k_bad_pointer);
      must(stage.act([&] { return call_connect(entry, fd, bad, 16); }) == -EFAULT, "connect");
      expect_bare(stage, "connect", entry, Op::connect, EFAULT, fd);
    });
    perform("connect EINVAL, too long " + name_of(entry), [&](Stage& stage) {
      const int fd = made_socket(AF_INET, SOCK_STREAM);
      void* const memory = low_bytes(200);
      must(stage.act([&] { return call_connect(entry, fd, memory, 200); }) == -EINVAL, "connect");
      expect_bare(stage, "connect", entry, Op::connect, EINVAL, fd);
    });
  }
}

// Data with the SYN: no connect(2), and still a connection.
TEST(Connect, FastOpen) {
  struct Case {
    Entry entry;
    Op op;
  };
  for (const Case& one : {Case{Entry::call64, Op::sendto}, Case{Entry::call64, Op::sendmsg},
                          Case{Entry::call64, Op::sendmmsg}, Case{Entry::call32, Op::sendmsg},
                          Case{Entry::socketcall, Op::sendto}}) {
    if (one.entry != Entry::call64 && !has_table_32()) continue;
    const auto send = [&](int fd, const Address& to) {
      if (one.op == Op::sendmmsg) return call_sendmmsg(fd, "data", MSG_FASTOPEN, to);
      return one.op == Op::sendto ? call_sendto(one.entry, fd, "data", MSG_FASTOPEN, to)
                                  : call_sendmsg(one.entry, fd, "data", MSG_FASTOPEN, to);
    };
    const auto expected = [&](int fd, const Address& to, int error) {
      Event event = base("connect", one.entry, one.op, -error);
      if (one.entry != Entry::socketcall || by_tracepoint()) event["fd.num"] = fd;
      add_kind(event, fd);
      add_ends(event, fd, Role::client, &to);
      add_address(event, to);
      return event;
    };
    const std::string by = name_of(one.entry) + " " + call_name(one.entry, one.op);
    perform("fast open " + by, [&](Stage& stage) {
      const int server = listening(v4("127.0.0.1", 0));
      const int fd = made_socket(AF_INET, SOCK_STREAM);
      must(stage.act([&] { return send(fd, local_of(server)); }) > 0, "send");
      stage.expect(expected(fd, local_of(server), 0));
    });
    perform("fast open refused " + by, [&](Stage& stage) {
      const int fd = made_socket(AF_INET6, SOCK_STREAM);
      must(stage.act([&] { return send(fd, v6("::1", 1)); }) == -ECONNREFUSED, "send");
      stage.expect(expected(fd, v6("::1", 1), ECONNREFUSED));
    });
  }
  for (const bool message : {false, true})
    perform(message ? "fast open by a ring, sendmsg" : "fast open by a ring", [&](Stage& stage) {
      (void)own_ring();
      const int server = listening(v4("127.0.0.1", 0));
      const Address to = local_of(server);
      const int fd = made_socket(AF_INET, SOCK_STREAM);
      const long sent =
          stage.act([&] { return call_ring_send(message, fd, "data", MSG_FASTOPEN, to); });
      errno = static_cast<int>(-sent);
      must(sent == 4 || sent == -EINPROGRESS, "send");
      Event event = base("connect", Entry::ring_worker, Op::sendto, sent < 0 ? sent : 0);
      if (by_tracepoint()) event["fd.num"] = fd;
      add_kind(event, fd);
      add_ends(event, fd, Role::client, &to);
      add_address(event, to);
      event["fd.socket.state"] = boost::json::array{"SYN_SENT", "ESTABLISHED"};
      stage.expect(event);
    });
  // An ordinary send is none.
  perform("no fast open", [](Stage& stage) {
    const int server = listening(v4("127.0.0.1", 0));
    const int fd = connected(AF_INET, local_of(server));
    must(stage.act([&] { return ::send(fd, "data", 4, 0); }) == 4, "send");
  });
}

// ---------------------------------------------------------------------------------- accept

Event accepted(Entry entry, int listener, long fd, int flags) {
  Event event = base("accept", entry, Op::accept4, fd < 0 ? fd : 0);
  event["evt.arg.fd"] = listener;
  event["evt.arg.flags"] = flags == 0                                ? "0"
                           : flags == (SOCK_CLOEXEC | SOCK_NONBLOCK) ? "SOCK_NONBLOCK|SOCK_CLOEXEC"
                                                                     : "SOCK_CLOEXEC";
  if (fd >= 0) {
    event["fd.num"] = fd;
    add_kind(event, static_cast<int>(fd));
    add_ends(event, static_cast<int>(fd), Role::server);
  } else {
    add_kind(event, listener);
    add_local_end(event, listener);
  }
  return event;
}

void accepts(Stage& stage, Entry entry, int listener, int flags = 0, pid_t peer = 0,
             bool waited = false) {
  if (is_ring(entry)) (void)own_ring();
  const long fd = stage.act([&] { return call_accept(entry, listener, nullptr, nullptr, flags); });
  errno = static_cast<int>(-fd);
  must(fd >= 0, "accept");
  Event event = accepted(entry, listener, fd, flags);
  // When it had to wait, a ring has forgotten by which descriptor it was asked.
  if (is_ring(entry) && waited) event["evt.arg.fd"] = nullptr;
  // Who goes on with what a worker began differs between kernels.
  if (entry == Entry::ring_worker && waited)
    event["evt.syscall"] = boost::json::array{call_name(Entry::ring, Op::accept4), nullptr};
  if (peer != 0) add_peer(event, peer, 0, 0);
  stage.expect(event);
}

TEST(Accept, ByEachEntry) {
  for (const Entry entry : entries()) {
    perform("accept tcp " + name_of(entry), [&](Stage& stage) {
      const int server = listening(v4("127.0.0.1", 0));
      connected(AF_INET, local_of(server));
      accepts(stage, entry, server);
      const Address from = v4("127.0.0.7", 0);
      connected(AF_INET, local_of(server), &from);
      accepts(stage, entry, server, SOCK_CLOEXEC | SOCK_NONBLOCK);
    });
    perform("accept tcp6 " + name_of(entry), [&](Stage& stage) {
      const int server = listening(v6("::1", 0));
      connected(AF_INET6, local_of(server));
      accepts(stage, entry, server, SOCK_CLOEXEC);
    });
    perform("accept v4-mapped " + name_of(entry), [&](Stage& stage) {
      const int server = listening(v6("::", 0));
      connected(AF_INET, same_port_v4(server));
      accepts(stage, entry, server);
    });
    perform("accept unix path " + name_of(entry), [&](Stage& stage) {
      ::unlink("/tmp/accept-at");
      const int server = listening(unix_path("/tmp/accept-at"));
      connected(AF_UNIX, unix_path("/tmp/accept-at"));
      accepts(stage, entry, server, 0, ::getpid());
    });
    perform("accept unix abstract, the client has a name " + name_of(entry), [&](Stage& stage) {
      const int server = listening(unix_abstract("accept"));
      const Address from = unix_abstract("from");
      connected(AF_UNIX, unix_abstract("accept"), &from);
      accepts(stage, entry, server, 0, ::getpid());
    });
  }
}

TEST(Accept, WaitsForAConnection) {
  for (const Entry entry : entries())
    perform("accept, waited for " + name_of(entry), [&](Stage& stage) {
      const int server = listening(v4("127.0.0.1", 0));
      const pid_t client = ::fork();
      if (client == 0) {
        // Not before somebody waits: the parent then sleeps in the kernel.
        const std::string stat = "/proc/" + std::to_string(::getppid()) + "/stat";
        for (char state = 'R'; state != 'S';) {
          const Fd file(::open(stat.c_str(), O_RDONLY | O_CLOEXEC));
          std::array<char, 64> text{};
          (void)!::read(file.get(), text.data(), text.size() - 1);
          const char* const after = std::strchr(text.data(), ')');
          if (after != nullptr) state = after[2];
        }
        connected(AF_INET, local_of(server));
        ::pause();
      }
      accepts(stage, entry, server, 0, 0, true);
      ::kill(client, SIGKILL);
    });
}

TEST(Accept, Failures) {
  for (const Entry entry : calls()) {
    const auto fails = [&](int error, const std::function<int()>& socket) {
      perform(
          std::string("accept ") + ::strerrorname_np(error) + " " + name_of(entry),
          [&](Stage& stage) {
            const int fd = socket();
            must(stage.act([&] { return call_accept(entry, fd, nullptr, nullptr, 0); }) == -error,
                 "accept");
            stage.expect(accepted(entry, fd, -error, 0));
          });
    };
    fails(EAGAIN, [] {
      const int fd = bound(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, v4("127.0.0.1", 0));
      must(::listen(fd, 1) == 0, "listen");
      return fd;
    });
    fails(EINVAL, [] { return bound(AF_INET, SOCK_STREAM, v4("127.0.0.1", 0)); });
    fails(EOPNOTSUPP, [] { return bound(AF_INET, SOCK_DGRAM, v4("127.0.0.1", 0)); });
    perform("accept EFAULT " + name_of(entry), [&](Stage& stage) {
      const int server = listening(v4("127.0.0.1", 0));
      connected(AF_INET, local_of(server));
      auto* bad = reinterpret_cast<socklen_t*>(k_bad_pointer);
      void* const memory = low_bytes(128);
      must(stage.act([&] { return call_accept(entry, server, memory, bad, 0); }) == -EFAULT,
           "accept");
      stage.expect(accepted(entry, server, -EFAULT, 0));
    });
    for (const auto& [error, fd] : {std::pair{EBADF, 777}, std::pair{ENOTSOCK, 0}})
      perform(
          std::string("accept ") + ::strerrorname_np(error) + " " + name_of(entry),
          [&, error = error, fd = fd](Stage& stage) {
            must(stage.act([&] { return call_accept(entry, fd, nullptr, nullptr, 0); }) == -error,
                 "accept");
            expect_bare(stage, "accept", entry, Op::accept4, error, fd);
          });
  }
}

// ---------------------------------------------------------------------------------- rings

TEST(Ring, AcceptsOneAfterTheOther) {
  perform("multishot accept", [](Stage& stage) {
    Ring& ring = own_ring();
    const int server = listening(v4("127.0.0.1", 0));
    io_uring_sqe request{};
    request.opcode = IORING_OP_ACCEPT;
    request.ioprio = IORING_ACCEPT_MULTISHOT;
    request.fd = server;
    connected(AF_INET, local_of(server));
    connected(AF_INET, local_of(server));
    std::array<int, 2> fds{};
    stage.act([&] {
      ring.submit(request);
      for (int& fd : fds) fd = ring.wait();
      return 0;
    });
    for (const int fd : fds) {
      must(fd >= 0, "accept");
      Event event = accepted(Entry::ring, server, fd, 0);
      if (!by_tracepoint()) event.erase("fd.num");  // the kernel tells the caller only
      stage.expect(event);
    }
  });
}

// A request that had to wait is served when its thread comes out of whatever call it is in.
TEST(Ring, IsServedBehindAnotherCall) {
  perform("accept behind poll", [](Stage& stage) {
    Ring& ring = own_ring();
    const int server = listening(v4("127.0.0.1", 0));
    io_uring_sqe request{};
    request.opcode = IORING_OP_ACCEPT;
    request.fd = server;
    const auto submit = [&] {
      ring.submit(request);
      return 0;
    };
    if (by_tracepoint())  // the record is of who submits it
      stage.act(submit);
    else
      submit();
    std::array<int, 2> starts{};
    must(::pipe(starts.data()) == 0, "pipe");
    char start = 1;
    const pid_t other = ::fork();
    if (other == 0) {
      must(::read(starts[0], &start, sizeof(start)) == sizeof(start), "read");
      connected(AF_INET, local_of(server));
      ::_exit(0);
    }
    stage.act([&] {
      must(::write(starts[1], &start, sizeof(start)) == sizeof(start), "write");
      pollfd done{.fd = ring.fd(), .events = POLLIN, .revents = 0};
      while (::poll(&done, 1, -1) < 0 && errno == EINTR) continue;
      return 0;
    });
    const int fd = ring.wait();
    must(fd >= 0 && ::waitpid(other, nullptr, 0) == other, "accept");
    Event event = accepted(Entry::ring, server, fd, 0);
    if (!by_tracepoint()) event.erase("evt.syscall");
    event["thread.tid"] = ::getpid();
    event["evt.arg.fd"] = nullptr;       // what asked for it is gone
    event["fd.socket.state"] = nullptr;  // the other end may be gone again
    stage.expect(event);
  });
}

TEST(Ring, RegisteredFilesHaveNoDescriptor) {
  perform("connect by a registered file", [](Stage& stage) {
    Ring& ring = own_ring();
    const int fd = made_socket(AF_INET, SOCK_DGRAM);
    ring.register_file(fd);
    const Address address = v4("127.0.0.1", 53);
    io_uring_sqe request{};
    request.opcode = IORING_OP_CONNECT;
    request.flags = IOSQE_FIXED_FILE;
    request.fd = 0;
    request.addr = reinterpret_cast<std::uint64_t>(&address.bytes);
    request.off = address.length;
    must(stage.act([&] { return ring.run(request); }) == 0, "connect");
    Event event = base("connect", Entry::ring, Op::connect, 0);
    add_kind(event, fd);
    add_ends(event, fd, Role::client);
    add_address(event, address);
    stage.expect(event);
  });
  perform("socket as a registered file", [](Stage& stage) {
    Ring& ring = own_ring();
    ring.register_file(made_socket(AF_INET, SOCK_DGRAM));
    io_uring_sqe request{};
    request.opcode = IORING_OP_SOCKET;
    request.fd = AF_INET;
    request.off = SOCK_DGRAM;
    request.file_index = 1;  // registered file 0
    must(stage.act([&] { return ring.run(request); }) == 0, "socket");
    Event event = base("socket", Entry::ring, Op::socket, 0);
    event["evt.arg.domain"] = "AF_INET";
    event["evt.arg.type"] = "SOCK_DGRAM";
    event["evt.arg.proto"] = "ip";
    if (!by_tracepoint()) add_kind(event, made_socket(AF_INET, SOCK_DGRAM));  // else not found
    stage.expect(event);
  });
}

// ---------------------------------------------------------------------------------- races

// Another thread writes to the address all the time; the socket tells what the kernel has read.
class Rewriter {
 public:
  explicit Rewriter(sockaddr_in* address)
      : thread_([address](const std::stop_token& stop) {
          for (unsigned i = 0; !stop.stop_requested(); ++i) {
            address->sin_port = htons(static_cast<std::uint16_t>(20000 + i % 7));
            address->sin_addr.s_addr = htonl(INADDR_LOOPBACK + i % 5);
          }
        }) {}

 private:
  std::jthread thread_;
};

sockaddr_in* shared_address() {
  auto* address = static_cast<sockaddr_in*>(low_bytes(sizeof(sockaddr_in)));
  const Address first = v4("127.0.0.1", 20000);
  std::memcpy(address, &first.bytes, sizeof(*address));
  return address;
}

TEST(Race, TheAddressOfConnectIsWhatTheKernelRead) {
  for (const Entry entry : entries())
    if (entry != Entry::call32 && entry != Entry::ring_worker)
      perform("race of connect " + name_of(entry), [&](Stage& stage) {
        if (is_ring(entry)) (void)own_ring();
        sockaddr_in* const address = shared_address();
        const int fd = made_socket(AF_INET, SOCK_DGRAM);
        const Rewriter rewriter(address);
        for (int i = 0; i < 300; ++i) {
          must(stage.act([&] { return call_connect(entry, fd, address, sizeof(*address)); }) == 0,
               "connect");
          Address peer;
          peer.length = sizeof(peer.bytes);
          must(::getpeername(fd, reinterpret_cast<sockaddr*>(&peer.bytes), &peer.length) == 0,
               "getpeername");
          Event event = base("connect", entry, Op::connect, 0);
          event["fd.num"] = fd;
          add_kind(event, fd);
          add_ends(event, fd, Role::client);
          add_address(event, peer);
          if (by_tracepoint() && !(is_ring(entry) && ring_copies_addresses()))
            event["evt.arg.addr"] = nullptr;  // marked: user_memory
          stage.expect(event);
        }
      });
}

TEST(Race, TheAddressOfBindIsWhatTheKernelRead) {
  for (const Entry entry : calls())
    if (entry != Entry::socketcall)
      perform("race of bind " + name_of(entry), [&](Stage& stage) {
        sockaddr_in* const address = shared_address();
        const Rewriter rewriter(address);
        for (int i = 0; i < 300; ++i) {
          const int fd = made_socket(AF_INET, SOCK_DGRAM);
          must(stage.act([&] { return call_bind(entry, fd, address, sizeof(*address)); }) == 0,
               "bind");
          Event event = base("bind", entry, Op::bind, 0);
          event["fd.num"] = fd;
          add_kind(event, fd);
          add_local_end(event, fd);
          add_address(event, local_of(fd));
          if (by_tracepoint()) event["evt.arg.addr"] = nullptr;  // marked: user_memory
          stage.expect(event);
          must(::close(fd) == 0, "close");
        }
      });
}

// The descriptors of socketpair(2) are told to memory that others write to: wrong ones are not
// believed.
TEST(Race, TheDescriptorsOfSocketpairAreTrueOrAbsent) {
  perform("race of socketpair", [](Stage& stage) {
    auto* fds = static_cast<int*>(low_bytes(sizeof(int) * 2));
    const std::jthread rewriter([fds](const std::stop_token& stop) {
      while (!stop.stop_requested()) std::atomic_ref(fds[0]).store(1, std::memory_order_relaxed);
    });
    for (int i = 0; i < 100; ++i) {
      const int first = ::dup(0);  // the lowest that is free
      const int second = ::dup(0);
      ::close(first);
      ::close(second);
      must(stage.act(
               [&] { return call_socketpair(Entry::call64, AF_UNIX, SOCK_STREAM, 0, fds); }) == 0,
           "socketpair");
      Event event = base("socketpair", Entry::call64, Op::socketpair, 0);
      event["evt.arg.domain"] = "AF_UNIX";
      event["evt.arg.type"] = "SOCK_STREAM";
      event["evt.arg.proto"] = "0";
      add_kind(event, first);
      add_peer(event, ::getpid(), 0, 0);
      event["fd.num"] = boost::json::array{first, nullptr};
      event["evt.arg.fd2"] = boost::json::array{second, nullptr};
      if (by_tracepoint()) {  // by nothing else are the sockets found
        for (auto& [name, value] : event)
          if (name.starts_with("fd.") && name != "fd.num") value = nullptr;
        event["evt.arg.user_memory"] = nullptr;
      }
      stage.expect(event);
      ::close(first);
      ::close(second);
    }
  });
}

// Waits until the thread is in that system call and sleeps there.
void wait_until_in(pid_t thread, long number) {
  const std::string path = "/proc/self/task/" + std::to_string(thread) + "/syscall";
  const std::string start = std::to_string(number) + " ";
  for (std::string now; !now.starts_with(start);) {
    std::ifstream file(path);
    std::getline(file, now);
  }
}

// While a connect waits, another thread puts another socket in the place of its own. Functions have
// the one that it is about; by tracepoints it is not known any more, and no other is taken for it.
TEST(Race, ADescriptorThatIsExchangedWhileItsCallWaits) {
  for (const Entry entry : calls())
    perform("exchanged " + name_of(entry), [&](Stage& stage) {
      const Address full = unix_abstract("exchanged");
      const int server = listening(full, 0);
      connected(AF_UNIX, full);  // takes the only place
      const int fd = made_socket(AF_UNIX, SOCK_STREAM);
      const int kept = ::dup(fd);
      const int other = made_socket(AF_INET, SOCK_DGRAM);
      const pid_t caller = ::gettid();
      std::jthread exchanger([&] {
        wait_until_in(caller, call_number(entry, Op::connect));
        ::dup2(other, fd);
        (void)::accept(server, nullptr, nullptr);
      });
      must(stage.act([&] { return call_connect(entry, fd, full); }) == 0, "connect");
      exchanger.join();
      Event event = base("connect", entry, Op::connect, 0);
      event["fd.num"] = fd;
      add_address(event, full);
      if (!by_tracepoint()) {
        add_kind(event, kept);
        add_ends(event, kept, Role::client);
        add_peer(event, ::getpid(), 0, 0);
      }
      stage.expect(event);
    });
}

// ---------------------------------------------------------------------------------- crowds

std::size_t sleeping_threads() {
  std::size_t sleeping = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream file(task.path() / "stat");
    const std::string stat{std::istreambuf_iterator<char>(file), {}};
    const std::size_t name_end = stat.rfind(')');
    sleeping +=
        name_end != std::string::npos && stat.size() > name_end + 2 && stat[name_end + 2] == 'S';
  }
  return sleeping;
}

// More than there are places for records under way: who waits must not hold one. That none was lost
// is looked at when the agent ends.
TEST(Crowd, WhoWaitsHoldsNoRecord) {
  perform("a crowd that waits", [](Stage& stage) {
    constexpr std::size_t each = 90;
    const int tcp = listening(v4("127.0.0.1", 0));
    const Address full = unix_abstract("full");
    listening(full, 0);
    connected(AF_UNIX, full);  // takes the only place
    std::vector<std::thread> crowd;
    for (std::size_t i = 0; i < each; ++i) {
      crowd.emplace_back([tcp] { (void)::accept(tcp, nullptr, nullptr); });
      crowd.emplace_back([&full] {
        const int fd = made_socket(AF_UNIX, SOCK_STREAM);
        (void)::connect(fd, raw(full), full.length);
      });
    }
    while (sleeping_threads() < 2 * each) std::this_thread::yield();
    for (int i = 0; i < 50; ++i) {
      const int fd = made_socket(AF_INET, SOCK_STREAM);
      binds(stage, Entry::call64, fd, v4("127.0.0.1", 0));
      listens(stage, Entry::call64, fd, i);
      connects(stage, Entry::call64, made_socket(AF_INET, SOCK_STREAM), local_of(fd));
      accepts(stage, Entry::call64, fd);
    }
    for (std::thread& one : crowd) one.detach();  // they end with the process
  });
}

}  // namespace
}  // namespace gancho::test
