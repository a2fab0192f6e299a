// SPDX-License-Identifier: Apache-2.0
#include "agent/host_lookup.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <memory>
#include <string_view>
#include <system_error>
#include <thread>

#include "agent/child_answer.h"
#include "agent/sandbox.h"
#include "base/read_file.h"

namespace gancho {
namespace {

constexpr std::size_t k_passwd_max = 1U << 20;
constexpr std::uint64_t k_limit_ns = 2'000'000'000;
// The child outlives the keeper no longer than that.
constexpr unsigned k_limit_s = 5;
// A line is written at once, so that threads do not write into each other's.
constexpr std::size_t k_line_max = PIPE_BUF;
constexpr std::size_t k_answer_max = rules::k_most_host_names * k_line_max;

// "db.example.org 192.0.2.1 2001:db8::1"
void find_one(const std::string& name, const HostResolver& resolve, int out) {
  std::string line = name;
  for (const std::string& address : resolve(name))
    if (line.size() + address.size() + 2 < k_line_max) line += " " + address;
  (void)write_whole(out, line + "\n");
}

[[noreturn]] void answer(const std::vector<std::string>& names, const HostResolver& resolve,
                         int out) {
  ::alarm(k_limit_s);
  if (::geteuid() == 0) {
    const auto passwd = read_file("/etc/passwd", k_passwd_max);
    const SandboxUser user = choose_courier_user(passwd ? *passwd : std::string());
    if (!enter_courier_sandbox(user, true)) ::_exit(2);
  }
  // One name that nobody answers for must not take the others' time.
  std::vector<std::thread> threads;
  for (const std::string& name : names) {
    try {
      threads.emplace_back([&name, &resolve, out] { find_one(name, resolve, out); });
    } catch (const std::system_error&) {
      find_one(name, resolve, out);
    }
  }
  for (std::thread& thread : threads) thread.join();
  ::_exit(0);
}

std::string_view take_until(std::string_view& text, char end) {
  const std::string_view taken = text.substr(0, text.find(end));
  text.remove_prefix(std::min(text.size(), taken.size() + 1));
  return taken;
}

}  // namespace

std::vector<std::string> resolve_host(const std::string& name) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;  // each address once
  addrinfo* found = nullptr;
  if (::getaddrinfo(name.c_str(), nullptr, &hints, &found) != 0) return {};
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, &::freeaddrinfo);
  std::vector<std::string> addresses;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (::getnameinfo(one->ai_addr, one->ai_addrlen, text.data(), text.size(), nullptr, 0,
                      NI_NUMERICHOST) == 0)
      addresses.emplace_back(text.data());
  }
  return addresses;
}

// What it says is not taken on trust.
Result<rules::HostNames> look_up_hosts(const std::vector<std::string>& names,
                                       const HostResolver& resolve) {
  rules::HostNames found;
  if (names.empty()) return found;
  const std::string answers =
      TRY(ask_child(k_limit_ns, k_answer_max, [&](int out) { answer(names, resolve, out); }));
  std::string_view rest = answers;
  while (!rest.empty()) {
    std::string_view line = take_until(rest, '\n');
    const std::string_view name = take_until(line, ' ');
    if (std::ranges::find(names, name) == names.end()) continue;
    while (!line.empty())
      if (const auto address = rules::parse_network(take_until(line, ' ')))
        found.add(name, address->address);
  }
  return found;
}

}  // namespace gancho
