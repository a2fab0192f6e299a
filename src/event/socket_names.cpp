// SPDX-License-Identifier: Apache-2.0
#include "event/socket_names.h"

#include <linux/if_ether.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <initializer_list>

#include "base/bytes.h"
#include "event/view.h"

namespace gancho {
namespace {

static_assert(k_socket_families[AF_INET6].name == "AF_INET6" &&
              k_socket_families[AF_VSOCK].name == "AF_VSOCK" &&
              k_socket_families[AF_XDP].name == "AF_XDP");

constexpr std::uint32_t k_type_mask = 0xf;  // linux/net.h: SOCK_TYPE_MASK
constexpr auto k_types = std::to_array<NamedNumber>({
    {SOCK_STREAM, "SOCK_STREAM"},
    {SOCK_DGRAM, "SOCK_DGRAM"},
    {SOCK_RAW, "SOCK_RAW"},
    {SOCK_RDM, "SOCK_RDM"},
    {SOCK_SEQPACKET, "SOCK_SEQPACKET"},
    {SOCK_DCCP, "SOCK_DCCP"},
    {SOCK_PACKET, "SOCK_PACKET"},
});
constexpr auto k_type_flags = std::to_array<NamedNumber>({
    {SOCK_NONBLOCK, "SOCK_NONBLOCK"},
    {SOCK_CLOEXEC, "SOCK_CLOEXEC"},
});

constexpr std::uint32_t k_mptcp = 262;  // IPPROTO_MPTCP, newer than some headers
constexpr auto k_ip_protocols = std::to_array<NamedNumber>({
    {IPPROTO_IP, "ip"},         {IPPROTO_ICMP, "icmp"},     {IPPROTO_IGMP, "igmp"},
    {IPPROTO_IPIP, "ipip"},     {IPPROTO_TCP, "tcp"},       {IPPROTO_EGP, "egp"},
    {IPPROTO_PUP, "pup"},       {IPPROTO_UDP, "udp"},       {IPPROTO_IDP, "idp"},
    {IPPROTO_TP, "tp"},         {IPPROTO_DCCP, "dccp"},     {IPPROTO_IPV6, "ipv6"},
    {IPPROTO_RSVP, "rsvp"},     {IPPROTO_GRE, "gre"},       {IPPROTO_ESP, "esp"},
    {IPPROTO_AH, "ah"},         {IPPROTO_ICMPV6, "icmpv6"}, {IPPROTO_MTP, "mtp"},
    {IPPROTO_BEETPH, "beetph"}, {IPPROTO_ENCAP, "encap"},   {IPPROTO_PIM, "pim"},
    {IPPROTO_COMP, "comp"},     {IPPROTO_SCTP, "sctp"},     {IPPROTO_UDPLITE, "udplite"},
    {IPPROTO_MPLS, "mpls"},     {IPPROTO_RAW, "raw"},       {k_mptcp, "mptcp"},
});

constexpr auto k_netlink_protocols = std::to_array<NamedNumber>({
    {NETLINK_ROUTE, "NETLINK_ROUTE"},
    {NETLINK_USERSOCK, "NETLINK_USERSOCK"},
    {NETLINK_FIREWALL, "NETLINK_FIREWALL"},
    {NETLINK_SOCK_DIAG, "NETLINK_SOCK_DIAG"},
    {NETLINK_NFLOG, "NETLINK_NFLOG"},
    {NETLINK_XFRM, "NETLINK_XFRM"},
    {NETLINK_SELINUX, "NETLINK_SELINUX"},
    {NETLINK_ISCSI, "NETLINK_ISCSI"},
    {NETLINK_AUDIT, "NETLINK_AUDIT"},
    {NETLINK_FIB_LOOKUP, "NETLINK_FIB_LOOKUP"},
    {NETLINK_CONNECTOR, "NETLINK_CONNECTOR"},
    {NETLINK_NETFILTER, "NETLINK_NETFILTER"},
    {NETLINK_IP6_FW, "NETLINK_IP6_FW"},
    {NETLINK_DNRTMSG, "NETLINK_DNRTMSG"},
    {NETLINK_KOBJECT_UEVENT, "NETLINK_KOBJECT_UEVENT"},
    {NETLINK_GENERIC, "NETLINK_GENERIC"},
    {NETLINK_SCSITRANSPORT, "NETLINK_SCSITRANSPORT"},
    {NETLINK_ECRYPTFS, "NETLINK_ECRYPTFS"},
    {NETLINK_RDMA, "NETLINK_RDMA"},
    {NETLINK_CRYPTO, "NETLINK_CRYPTO"},
    {NETLINK_SMC, "NETLINK_SMC"},
});

constexpr auto k_ether_protocols = std::to_array<NamedNumber>({
    {ETH_P_ALL, "ETH_P_ALL"},
    {ETH_P_LOOP, "ETH_P_LOOP"},
    {ETH_P_IP, "ETH_P_IP"},
    {ETH_P_ARP, "ETH_P_ARP"},
    {ETH_P_IPV6, "ETH_P_IPV6"},
    {ETH_P_8021Q, "ETH_P_8021Q"},
    {ETH_P_PAE, "ETH_P_PAE"},
    {ETH_P_LLDP, "ETH_P_LLDP"},
});

// include/net/tcp_states.h, from 1 on
constexpr auto k_states = std::to_array<std::string_view>({
    "ESTABLISHED",
    "SYN_SENT",
    "SYN_RECV",
    "FIN_WAIT1",
    "FIN_WAIT2",
    "TIME_WAIT",
    "CLOSE",
    "CLOSE_WAIT",
    "LAST_ACK",
    "LISTEN",
    "CLOSING",
    "NEW_SYN_RECV",
    "BOUND_INACTIVE",
});

char* put(char* out, std::string_view text) {
  return out + text.copy(out, text.size());
}

std::string_view find(NameTable names, std::uint32_t number) {
  for (const auto& [known, name] : names)
    if (known == number) return name;
  return {};
}

std::vector<std::string_view> names_of(std::initializer_list<NameTable> tables) {
  std::vector<std::string_view> names;
  for (const NameTable table : tables)
    for (const NamedNumber& one : table) names.push_back(one.name);
  return names;
}

bool is_inet(std::uint32_t family) {
  return family == AF_INET || family == AF_INET6;
}

// A socket of IPv6 that talks to, or is bound to, an address of IPv4.
bool is_mapped(const ev_socket& socket) {
  const ev_address& end = socket.remote.family != AF_UNSPEC ? socket.remote : socket.local;
  return socket.kind.family == AF_INET6 && end.family == AF_INET;
}

}  // namespace

char* write_socket_type(char* out, std::uint32_t type) {
  constexpr int digits = 8;
  const std::uint32_t flags = type & ~k_type_mask;
  const std::string_view base = find(k_types, type & k_type_mask);
  if (base.empty()) return write_named_flags(out, k_type_flags, type, digits);
  out = put(out, base);
  if (flags == 0) return out;
  *out++ = '|';
  return write_named_flags(out, k_type_flags, flags, digits);
}

char* write_socket_protocol(char* out, std::uint32_t family, std::uint32_t protocol) {
  if (is_inet(family)) return write_named(out, k_ip_protocols, protocol);
  if (family == AF_NETLINK) return write_named(out, k_netlink_protocols, protocol);
  // As the packet has it: in network order.
  if (family == AF_PACKET)
    return write_named(out, k_ether_protocols,
                       protocol > 0xffff ? protocol : ntohs(static_cast<std::uint16_t>(protocol)));
  return write_decimal(out, std::uint64_t{protocol});
}

std::vector<std::string_view> socket_type_names() {
  return names_of({k_types, k_type_flags});
}

std::vector<std::string_view> socket_protocol_names() {
  return names_of({k_ip_protocols, k_netlink_protocols, k_ether_protocols});
}

std::string_view socket_type_word(const std::byte* at) {
  const auto socket = load_wire<ev_socket>(at);
  switch (socket.kind.family) {
    case AF_INET:
      return "ipv4";
    case AF_INET6:
      return is_mapped(socket) ? "ipv4" : "ipv6";
    case AF_UNIX:
      return "unix";
    case AF_NETLINK:
      return "netlink";
    case AF_PACKET:
      return "packet";
    case AF_VSOCK:
      return "vsock";
    default:
      return "unknown";
  }
}

std::string_view socket_type_letter(const std::byte* at) {
  const auto socket = load_wire<ev_socket>(at);
  switch (socket.kind.family) {
    case AF_INET:
      return "4";
    case AF_INET6:
      return is_mapped(socket) ? "4" : "6";
    case AF_UNIX:
      return "u";
    case AF_NETLINK:
      return "n";
    default:
      return "o";
  }
}

std::string_view socket_family_word(const std::byte* at) {
  const std::uint32_t family = load_wire<ev_socket>(at).kind.family;
  if (is_inet(family)) return "ip";
  return family == AF_UNIX ? "unix" : "";
}

std::string_view socket_l4_protocol(const std::byte* at) {
  const ev_socket_kind kind = load_wire<ev_socket>(at).kind;
  if (!is_inet(kind.family)) return {};
  if ((kind.type & k_type_mask) == SOCK_RAW) return "raw";
  switch (kind.protocol) {
    case IPPROTO_TCP:
    case k_mptcp:  // is TCP to the network
      return "tcp";
    case IPPROTO_UDP:
      return "udp";
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
      return "icmp";
    default:
      return find(k_ip_protocols, kind.protocol);
  }
}

std::string_view socket_state_word(const std::byte* at) {
  const auto socket = load_wire<ev_socket>(at);
  if (!is_inet(socket.kind.family) && socket.kind.family != AF_UNIX) return {};
  return socket.state - 1 < k_states.size() ? k_states[socket.state - 1] : "";
}

std::span<const std::string_view> socket_state_words() {
  return k_states;
}

}  // namespace gancho
