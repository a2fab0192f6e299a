// SPDX-License-Identifier: Apache-2.0
//
// Beside other tools that watch sockets: what they report of a process, we report of it, and the
// same. They see less: tcpconnect connections of TCP that were begun, solisten sockets of IP.
#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/fd.h"
#include "support/agent.h"
#include "support/exec_stage.h"
#include "support/load.h"
#include "support/peer_tool.h"
#include "support/socket_calls.h"

namespace gancho::test {
namespace {

constexpr const char* k_name = "beside";  // of the process that acts
constexpr int k_rounds = 20;

// Of one process, waited for: as many as it must have at least.
std::vector<PeerRow> rows_of(const PeerTool& tool, pid_t pid, std::size_t count) {
  return tool.wait_for(
      [&](const PeerRow& row) {
        return row.words.size() > 2 && row.words[0] == std::to_string(pid) &&
               row.words[1] == k_name;
      },
      count);
}

void loopback_up() {
  const Fd control(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  must(::ioctl(control.get(), SIOCSIFFLAGS, &request) == 0, "lo up");
}

int listening(int domain, const Address& address, int backlog) {
  const auto fd =
      static_cast<int>(call_socket(Entry::call64, domain, SOCK_STREAM | SOCK_CLOEXEC, 0));
  must(call_bind(Entry::call64, fd, address) == 0, "bind");
  must(call_listen(Entry::call64, fd, backlog) == 0, "listen");
  return fd;
}

long connects(Entry entry, int domain, int type, const Address& to) {
  const auto fd = static_cast<int>(call_socket(Entry::call64, domain, type | SOCK_CLOEXEC, 0));
  const long result = call_connect(entry, fd, to);
  ::close(fd);
  return result;
}

int port_behind(int fd) {
  sockaddr_in6 own{};  // the port is where that of IPv4 is
  socklen_t length = sizeof(own);
  must(::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &length) == 0, "getsockname");
  return ntohs(own.sin6_port);
}

// In a child of that name; its pid.
pid_t act(const std::function<void()>& act) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_NAME, k_name);
    act();
    ::_exit(0);
  }
  int status = -1;
  ::waitpid(pid, &status, 0);
  must(status == 0, "the process that acts");
  return pid;
}

std::vector<Event> ours(const Agent& agent, pid_t pid, std::size_t count) {
  std::vector<Event> found;
  (void)agent.wait_for([&](const std::vector<Event>& events) {
    found = events;
    std::erase_if(found, [&](const Event& event) { return number_of(event, "proc.pid") != pid; });
    return found.size() >= count;
  });
  EXPECT_EQ(found.size(), count);
  return found;
}

// Each row has a record of ours that says the same, no two the same one.
void expect_subset(const std::vector<PeerRow>& rows, std::vector<Event> events,
                   const std::function<bool(const PeerRow&, const Event&)>& same) {
  for (const PeerRow& row : rows) {
    const auto found =
        std::ranges::find_if(events, [&](const Event& event) { return same(row, event); });
    ASSERT_NE(found, events.end()) << ::testing::PrintToString(row.words);
    events.erase(found);
  }
}

std::vector<std::string> watch(const char* event) {
  return {"watch", event, "--pid", std::to_string(::getpid()), "--children", "-o", "json"};
}

TEST(Beside, Tcpconnect) {
  if (!installed("tcpconnect")) GTEST_SKIP() << "tcpconnect is not installed";
  loopback_up();
  const Agent agent(watch("connect"));
  const PeerTool tool("tcpconnect");
  const Fd four(listening(AF_INET, v4("127.0.0.1", 0), 128));
  const Fd six(listening(AF_INET6, v6("::1", 0), 128));
  const pid_t pid = act([&] {
    for (int i = 0; i < k_rounds; ++i)
      for (const Entry entry : {Entry::call64, Entry::call32, Entry::socketcall}) {
        connects(entry, AF_INET, SOCK_STREAM, v4("127.0.0.1", port_behind(four.get())));
        connects(entry, AF_INET6, SOCK_STREAM, v6("::1", port_behind(six.get())));
        connects(entry, AF_INET6, SOCK_STREAM, v6("::ffff:127.0.0.1", port_behind(four.get())));
        connects(entry, AF_INET, SOCK_STREAM, v4("127.0.0.1", 1));  // refused
        connects(entry, AF_INET, SOCK_DGRAM, v4("127.0.0.1", 53));
        connects(entry, AF_UNIX, SOCK_STREAM, unix_path("/nothing"));
      }
  });
  constexpr std::size_t times = std::size_t{k_rounds} * 3;
  const std::vector<PeerRow> rows = rows_of(tool, pid, 4 * times);
  EXPECT_EQ(rows.size(), 4 * times);
  // PID COMM IP SADDR DADDR DPORT
  expect_subset(rows, ours(agent, pid, 6 * times), [](const PeerRow& row, const Event& event) {
    // The own address of an attempt that was refused is gone.
    const bool own =
        text_of(event, "evt.res") != "SUCCESS" || text_of(event, "fd.lip") == row.words.at(3);
    return text_of(event, "proc.name") == row.words.at(1) &&
           text_of(event, "fd.typechar") == row.words.at(2) && own &&
           text_of(event, "fd.rip") == row.words.at(4) && text_of(event, "fd.l4proto") == "tcp" &&
           std::to_string(number_of(event, "fd.rport")) == row.words.at(5);
  });
}

TEST(Beside, Solisten) {
  if (!installed("solisten")) GTEST_SKIP() << "solisten is not installed";
  loopback_up();
  const Agent agent(watch("listen"));
  const PeerTool tool("solisten");
  const pid_t pid = act([&] {
    for (int i = 0; i < k_rounds; ++i) {
      ::close(listening(AF_INET, v4("127.0.0.1", 0), i));
      ::close(listening(AF_INET6, v6("::1", 0), i));
      ::close(listening(AF_UNIX, unix_abstract("beside"), i));
    }
  });
  const std::vector<PeerRow> rows = rows_of(tool, pid, 2 * k_rounds);
  EXPECT_EQ(rows.size(), 2 * k_rounds);
  // PID COMM RET BACKLOG PROTO PORT ADDR, where it says "::" for every address of IPv6.
  expect_subset(rows, ours(agent, pid, 3 * k_rounds), [](const PeerRow& row, const Event& event) {
    const bool six = row.words.at(4) == "TCPv6";
    return text_of(event, "proc.name") == row.words.at(1) &&
           text_of(event, "evt.res") == "SUCCESS" &&
           std::to_string(number_of(event, "evt.arg.backlog")) == row.words.at(3) &&
           text_of(event, "fd.type") == (six ? "ipv6" : "ipv4") &&
           std::to_string(number_of(event, "fd.lport")) == row.words.at(5) &&
           (six || text_of(event, "fd.lip") == row.words.at(6));
  });
}

}  // namespace
}  // namespace gancho::test
