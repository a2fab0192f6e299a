// SPDX-License-Identifier: Apache-2.0
#include "support/socket_truth.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pwd.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <thread>

#include "support/account.h"

namespace gancho::test {
namespace {

using namespace std::chrono_literals;

constexpr auto k_limit = 60s;

// A network of our own, before the agent looks.
void enter_network() {
  must(::unshare(CLONE_NEWNET) == 0, "unshare");
  const Fd control(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  must(::ioctl(control.get(), SIOCSIFFLAGS, &request) == 0, "lo up");
}

class Surroundings : public ::testing::Environment {
 public:
  void SetUp() override {
    enter_network();
    SocketLog::get();
  }
  void TearDown() override { SocketLog::get().finish(); }
};
const auto* const k_surroundings = ::testing::AddGlobalTestEnvironment(new Surroundings);

std::string numbered(const std::map<int, std::string>& names, int number) {
  const auto found = names.find(number);
  return found == names.end() ? std::to_string(number) : found->second;
}

int option(int fd, int level, int name) {
  int value = 0;
  socklen_t length = sizeof(value);
  must(::getsockopt(fd, level, name, &value, &length) == 0, "getsockopt");
  return value;
}

std::string family_name(int family) {
  static const std::map<int, std::string> names{
      {AF_UNSPEC, "AF_UNSPEC"}, {AF_UNIX, "AF_UNIX"},       {AF_INET, "AF_INET"},
      {AF_INET6, "AF_INET6"},   {AF_NETLINK, "AF_NETLINK"}, {AF_PACKET, "AF_PACKET"},
  };
  return numbered(names, family);
}

std::string type_name(int type) {
  static const std::map<int, std::string> names{{SOCK_STREAM, "SOCK_STREAM"},
                                                {SOCK_DGRAM, "SOCK_DGRAM"},
                                                {SOCK_RAW, "SOCK_RAW"},
                                                {SOCK_SEQPACKET, "SOCK_SEQPACKET"}};
  return numbered(names, type);
}

std::string protocol_name(int family, int protocol) {
  static const std::map<int, std::string> ip{
      {0, "ip"}, {1, "icmp"}, {6, "tcp"}, {17, "udp"}, {58, "icmpv6"}};
  static const std::map<int, std::string> route{{0, "NETLINK_ROUTE"}};
  static const std::map<int, std::string> ether{{0x0300, "ETH_P_ALL"}, {0x0008, "ETH_P_IP"}};
  if (family == AF_INET || family == AF_INET6) return numbered(ip, protocol);
  if (family == AF_NETLINK) return numbered(route, protocol);
  if (family == AF_PACKET) return numbered(ether, protocol);
  return std::to_string(protocol);
}

struct Peer {
  bool there = false;
  Address address;
};
Peer peer_of(int fd) {
  Peer peer;
  peer.address.length = sizeof(peer.address.bytes);
  peer.there = ::getpeername(fd, reinterpret_cast<sockaddr*>(&peer.address.bytes),
                             &peer.address.length) == 0;
  return peer;
}

// For families that have such a thing.
std::string state_of(int fd, int domain, int type) {
  static const std::map<int, std::string> names{{TCP_ESTABLISHED, "ESTABLISHED"},
                                                {TCP_SYN_SENT, "SYN_SENT"},
                                                {TCP_CLOSE, "CLOSE"},
                                                {TCP_LISTEN, "LISTEN"}};
  if (domain != AF_UNIX && type == SOCK_STREAM) {
    tcp_info info{};
    socklen_t length = sizeof(info);
    must(::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0, "TCP_INFO");
    return numbered(names, info.tcpi_state);
  }
  if (type != SOCK_RAW && option(fd, SOL_SOCKET, SO_ACCEPTCONN) != 0) return "LISTEN";
  return peer_of(fd).there ? "ESTABLISHED" : "CLOSE";
}

// An address as the packets have it; the family is AF_UNSPEC when it is none of IP.
struct Ip {
  int family = AF_UNSPEC;
  std::string text;
  int port = 0;
  unsigned scope = 0;
  bool any = false;
};
Ip ip_of(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  Ip ip;
  if (address.bytes.ss_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &address.bytes, sizeof(in));
    ip.family = AF_INET;
    ip.port = ntohs(in.sin_port);
    ip.any = in.sin_addr.s_addr == 0;
    ip.text = ::inet_ntop(AF_INET, &in.sin_addr, text.data(), text.size());
  } else if (address.bytes.ss_family == AF_INET6) {
    sockaddr_in6 in6{};
    std::memcpy(&in6, &address.bytes, sizeof(in6));
    ip.family = AF_INET6;
    ip.port = ntohs(in6.sin6_port);
    ip.scope = in6.sin6_scope_id;
    ip.any = IN6_IS_ADDR_UNSPECIFIED(&in6.sin6_addr);
    ip.text = ::inet_ntop(AF_INET6, &in6.sin6_addr, text.data(), text.size());
    if (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr)) {
      ip.family = AF_INET;
      ip.text = ip.text.substr(std::string_view("::ffff:").size());
    }
  }
  return ip;
}

std::string endpoint(const Ip& ip) {
  const std::string scope = ip.scope != 0 ? "%" + std::to_string(ip.scope) : "";
  return (ip.family == AF_INET6 ? "[" + ip.text + scope + "]" : ip.text) + ":" +
         std::to_string(ip.port);
}

// nullopt: it has none. An abstract one begins with NUL.
std::optional<std::string> unix_name_of(const Address& address) {
  sockaddr_un un{};
  std::memcpy(&un, &address.bytes, sizeof(un));
  const std::size_t front = offsetof(sockaddr_un, sun_path);
  if (address.bytes.ss_family != AF_UNIX || address.length <= front) return std::nullopt;
  const std::string name(un.sun_path, std::min(address.length - front, sizeof(un.sun_path)));
  return name[0] == '\0' ? name : name.substr(0, name.find('\0'));
}

std::string shown(std::string name) {
  if (name[0] == '\0') name[0] = '@';
  return name;
}

std::string word_of(const Address& address, std::size_t offset) {
  std::uint32_t value = 0;
  std::memcpy(&value, reinterpret_cast<const char*>(&address.bytes) + offset, sizeof(value));
  return std::to_string(value);
}

// As evt.arg.addr and fd.name have it.
std::string written(const Address& address) {
  std::array<char, 40> text{};
  switch (address.bytes.ss_family) {
    case AF_INET6: {
      sockaddr_in6 in6{};
      std::memcpy(&in6, &address.bytes, sizeof(in6));
      ::inet_ntop(AF_INET6, &in6.sin6_addr, text.data(), text.size());
      return "[" + std::string(text.data()) +
             (in6.sin6_scope_id != 0 ? "%" + std::to_string(in6.sin6_scope_id) : "") +
             "]:" + std::to_string(ntohs(in6.sin6_port));
    }
    case AF_INET:
      return endpoint(ip_of(address));
    case AF_NETLINK:
      return "netlink:" + word_of(address, offsetof(sockaddr_nl, nl_pid));
    case AF_PACKET: {
      sockaddr_ll ll{};
      std::memcpy(&ll, &address.bytes, sizeof(ll));
      std::snprintf(text.data(), text.size(), "packet:%d:0x%x", ll.sll_ifindex,
                    ntohs(ll.sll_protocol));
      return text.data();
    }
    default:
      return family_name(address.bytes.ss_family);
  }
}

// Not there in a record: an end that is not bound.
bool is_bound(const Address& address) {
  const Ip ip = ip_of(address);
  return ip.family != AF_UNSPEC ? !ip.any || ip.port != 0 : address.bytes.ss_family != AF_UNIX;
}

// Fields that are the same in all records, or are checked elsewhere.
bool is_common(std::string_view field) {
  static constexpr std::string_view names[] = {
      "evt.time",   "evt.boottime", "evt.class",       "evt.num",         "evt.cpu",   "proc.pid",
      "thread.tid", "proc.name",    "proc.start_time", "proc.exec_count", "user.name", "user.rname",
      "group.name", "group.rname",  "cgroup.id",       "container.id"};
  return std::ranges::find(names, field) != std::end(names);
}

bool matches(const boost::json::value* is, const boost::json::value& should) {
  if (should.is_null()) return true;
  if (!should.is_array()) return is != nullptr && *is == should;
  const auto& choices = should.as_array();
  return std::ranges::find(choices, is != nullptr ? *is : nullptr) != choices.end();
}

void compare(const Event& is, const Event& should, pid_t pid) {
  std::string differences;
  for (const auto& [name, value] : should)
    if (!matches(is.if_contains(name), value))
      differences += std::string(name) + " should be " + boost::json::serialize(value) + "\n";
  for (const auto& [name, value] : is)
    if (!is_common(name) && !should.contains(name))
      differences += std::string(name) + " should not be\n";
  EXPECT_EQ(differences, "") << is;
  EXPECT_EQ(text_of(is, "evt.class"), "bulk");
  EXPECT_EQ(number_of(is, "proc.pid"), pid);
  const bool worker = flag_of(is, "evt.is_io_uring") && !is.contains("evt.syscall");
  if (!should.contains("thread.tid")) {
    EXPECT_EQ(number_of(is, "thread.tid") == pid, !worker);
  }
}

// The child's: its expectations as lines of JSON, or "! why it could not".
std::string run_case(const std::function<void(Stage&)>& act) {
  try {
    Stage stage;
    ::prctl(PR_SET_NAME, Stage::k_staging);
    act(stage);
    std::string lines;
    for (const Event& event : stage.expected()) lines += boost::json::serialize(event) + "\n";
    return lines;
  } catch (const std::exception& error) {
    return std::string("! ") + error.what() + "\n";
  }
}

}  // namespace

// By tracepoints, what only the caller's memory has is read from there.
void Stage::expect(Event event) {
  if (by_tracepoint() && event.at("evt.is_io_uring") == true) {
    // But for what a request has the kernel's own copy of.
    event["evt.arg.user_memory"] = event.contains("evt.arg.addr") && !ring_copies_addresses();
  } else if (by_tracepoint() && !event.contains("evt.arg.user_memory")) {
    event["evt.arg.user_memory"] = text_of(event, "evt.syscall") == "socketcall" ||
                                   event.contains("evt.arg.addr") || event.contains("evt.arg.fd2");
  }
  expected_.push_back(std::move(event));
}

void Stage::rename(const char* name) {
  ::prctl(PR_SET_NAME, name);
}

void perform(const std::string& name, const std::function<void(Stage&)>& act) {
  SCOPED_TRACE(name);
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  const pid_t pid = ::fork();
  if (pid == 0) {
    const std::string said = run_case(act);
    const bool written =
        ::write(pipe[1], said.data(), said.size()) == static_cast<ssize_t>(said.size());
    ::_exit(written ? 0 : 1);
  }
  ::close(pipe[1]);
  std::string said;
  std::array<char, 65536> bytes{};
  for (ssize_t n = 0; (n = ::read(pipe[0], bytes.data(), bytes.size())) > 0;)
    said.append(bytes.data(), static_cast<std::size_t>(n));
  ::close(pipe[0]);
  int status = 0;
  ::waitpid(pid, &status, 0);
  ASSERT_EQ(status, 0) << "the case's process died";
  ASSERT_FALSE(said.starts_with("! ")) << said;

  const std::vector<Event> expected = parse_events(said);
  const std::vector<Event> events = SocketLog::get().acts(name, pid, expected.size());
  ASSERT_EQ(events.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) compare(events[i], expected[i], pid);
}

Event base(std::string_view type, Entry entry, Op op, long error) {
  Event event;
  event["evt.type"] = type;
  event["evt.res"] = error < 0 ? ::strerrorname_np(static_cast<int>(-error)) : "SUCCESS";
  // By tracepoints a request is its submitter's, whoever serves it.
  const bool submitted = by_tracepoint() && entry == Entry::ring_worker;
  if (const std::string call = call_name(submitted ? Entry::ring : entry, op); !call.empty())
    event["evt.syscall"] = call;
  event["evt.is_compat"] = entry == Entry::call32 || entry == Entry::socketcall;
  event["evt.is_io_uring"] = is_ring(entry);
  if (!by_tracepoint()) event["evt.arg.user_memory"] = false;  // else see Stage::expect
  event["user.uid"] = ::geteuid();
  event["user.ruid"] = ::getuid();
  event["group.gid"] = ::getegid();
  event["group.rgid"] = ::getgid();
  return event;
}

void add_kind(Event& event, int fd) {
  const int domain = option(fd, SOL_SOCKET, SO_DOMAIN);
  const int type = option(fd, SOL_SOCKET, SO_TYPE);
  const int protocol = option(fd, SOL_SOCKET, SO_PROTOCOL);
  static const std::map<int, std::pair<std::string, std::string>> kinds{
      {AF_INET, {"ipv4", "4"}},
      {AF_INET6, {"ipv6", "6"}},
      {AF_UNIX, {"unix", "u"}},
      {AF_NETLINK, {"netlink", "n"}},
      {AF_PACKET, {"packet", "o"}}};
  const bool ip = domain == AF_INET || domain == AF_INET6;
  event["fd.type"] = kinds.at(domain).first;
  event["fd.typechar"] = kinds.at(domain).second;
  if (ip || domain == AF_UNIX) {
    event["fd.sockfamily"] = ip ? "ip" : "unix";
    event["fd.socket.state"] = state_of(fd, domain, type);
  }
  if (ip) event["fd.l4proto"] = type == SOCK_RAW ? "raw" : protocol_name(AF_INET, protocol);
  event["fd.socket.family"] = family_name(domain);
  event["fd.socket.type"] = type_name(type);
  event["fd.socket.protocol"] = protocol_name(domain, protocol);
}

Address local_of(int fd) {
  Address address;
  address.length = sizeof(address.bytes);
  must(::getsockname(fd, reinterpret_cast<sockaddr*>(&address.bytes), &address.length) == 0,
       "getsockname");
  // A raw socket has its protocol there.
  if (address.bytes.ss_family == AF_INET && option(fd, SOL_SOCKET, SO_TYPE) == SOCK_RAW)
    reinterpret_cast<sockaddr_in*>(&address.bytes)->sin_port = 0;
  return address;
}

int port_of(const Address& address) {
  return ip_of(address).port;
}

namespace {

void add_ip(Event& event, const Ip& ip, const std::string& whose, const std::string& role) {
  if (ip.family == AF_UNSPEC) return;
  event["fd." + whose + "ip"] = ip.text;
  event["fd." + whose + "port"] = ip.port;
  event["fd." + role + "ip"] = ip.text;
  event["fd." + role + "port"] = ip.port;
}

void add_name(Event& event, const Address& local, const Address* remote, Role role) {
  const Ip ours = ip_of(local);
  const Ip theirs = remote != nullptr ? ip_of(*remote) : Ip{};
  if (theirs.family != AF_UNSPEC) {
    const std::string zero = theirs.family == AF_INET6 ? "[::]:0" : "0.0.0.0:0";
    const std::string mine = is_bound(local) ? endpoint(ours) : zero;
    const bool client = role == Role::client;
    event["fd.name"] =
        (client ? mine : endpoint(theirs)) + "->" + (client ? endpoint(theirs) : mine);
    if (theirs.family == AF_INET) event["fd.type"] = "ipv4", event["fd.typechar"] = "4";
    return;
  }
  if (ours.family == AF_INET && is_bound(local))
    event["fd.type"] = "ipv4", event["fd.typechar"] = "4";
  if (local.bytes.ss_family != AF_UNIX) {
    if (is_bound(local))
      event["fd.name"] = ours.family != AF_UNSPEC ? endpoint(ours)
                         : remote != nullptr      ? written(local) + "->" + written(*remote)
                                                  : written(local);
    return;
  }
  const auto name = unix_name_of(local);
  const auto other = remote != nullptr ? unix_name_of(*remote) : std::nullopt;
  if (other)
    event["fd.name"] = shown(*other);
  else if (name)
    event["fd.name"] = shown(*name);
  if (name) event["fd.unix.local"] = *name;
  if (other) event["fd.unix.remote"] = *other;
}

}  // namespace

void add_ends(Event& event, int fd, Role role, const Address* remote) {
  const Address local = local_of(fd);
  const Peer peer = peer_of(fd);
  if (peer.there) remote = &peer.address;
  const bool client = role == Role::client;
  if (is_bound(local)) add_ip(event, ip_of(local), "l", client ? "c" : "s");
  if (remote != nullptr) add_ip(event, ip_of(*remote), "r", client ? "s" : "c");
  add_name(event, local, remote, role);
  event["fd.is_server"] = !client;
  event["fd.interface"] = option(fd, SOL_SOCKET, SO_BINDTOIFINDEX);
}

void add_local_end(Event& event, int fd) {
  const Address local = local_of(fd);
  if (is_bound(local)) add_ip(event, ip_of(local), "l", "s");
  add_name(event, local, nullptr, Role::server);
  event["fd.is_server"] = true;
  event["fd.interface"] = option(fd, SOL_SOCKET, SO_BINDTOIFINDEX);
}

void add_address(Event& event, const Address& asked) {
  if (by_tracepoint()) event["evt.arg.user_memory"] = true;
  if (asked.bytes.ss_family != AF_UNIX) {
    event["evt.arg.addr"] = written(asked);
  } else if (const auto name = unix_name_of(asked)) {
    event["evt.arg.addr"] = shown(*name);
  }
}

void add_peer(Event& event, pid_t pid, uid_t uid, gid_t gid) {
  event["fd.peer.pid"] = pid;
  event["fd.peer.uid"] = uid;
  event["fd.peer.gid"] = gid;
  const passwd* const user = ::getpwuid(uid);
  if (user != nullptr) event["fd.peer.user"] = user->pw_name;
  event["fd.peer.group"] = nullptr;
}

SocketLog& SocketLog::get() {
  static SocketLog log;
  return log;
}

SocketLog::SocketLog()
    : agent_(
          {"watch", "network", "--pid", std::to_string(::getpid()), "--children", "-o", "json"}) {}

void SocketLog::read_on() {
  std::ifstream file(agent_.output_path(), std::ios::binary);
  file.seekg(static_cast<std::streamoff>(offset_));
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  offset_ += bytes.size();
  partial_ += bytes;
  const std::size_t end = partial_.rfind('\n') + 1;
  for (Event& event : parse_events(partial_.substr(0, end)))
    if (text_of(event, "proc.name") == Stage::k_acting)
      acts_[static_cast<pid_t>(number_of(event, "proc.pid"))].push_back(std::move(event));
  partial_.erase(0, end);
}

std::vector<Event> SocketLog::acts(const std::string& name, pid_t pid, std::size_t count) {
  const auto limit = std::chrono::steady_clock::now() + k_limit;
  for (read_on(); acts_[pid].size() < count; read_on()) {
    if (std::chrono::steady_clock::now() > limit) {
      ADD_FAILURE() << name << ": " << acts_[pid].size() << " records instead of " << count;
      for (const Event& event : acts_[pid]) ADD_FAILURE() << event;
      break;
    }
    std::this_thread::sleep_for(20ms);
  }
  std::vector<Event> events = acts_[pid];
  std::ranges::stable_sort(events, {},
                           [](const Event& event) { return number_of(event, "evt.boottime"); });
  taken_[pid] += count;
  return events;
}

void SocketLog::finish() {
  const Ended ended = agent_.stop();
  EXPECT_EQ(ended.status, 0) << ended.error;
  std::map<pid_t, std::size_t> seen;
  for (const Event& event : ended.events) {
    if (text_of(event, "proc.name") != Stage::k_acting) continue;
    const auto pid = static_cast<pid_t>(number_of(event, "proc.pid"));
    EXPECT_LE(++seen[pid], taken_[pid]) << "no case expects " << event;
  }
  expect_balance(ended);
  EXPECT_EQ(account_of(ended, "bulk").lost(), 0);
}

}  // namespace gancho::test
