// SPDX-License-Identifier: Apache-2.0
//
// What is expected of records of operations on sockets, and the one agent whose records all tests
// here read. A case runs in a child. Its stage, which makes sockets too, runs under one name, and
// the operation that it is about under another: of that, the records must be those that the case
// expects, field by field, and no others.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "support/agent.h"
#include "support/exec_stage.h"  // must()
#include "support/socket_calls.h"

namespace gancho::test {

// The child's side of a case.
class Stage {
 public:
  // Performs the operation that the case is about; what it returns.
  template <class Operation>
  long act(const Operation& operation) {
    rename(k_acting);
    const long result = operation();
    rename(k_staging);
    return result;
  }
  // A value that is an array: one of these, null for a field that is missing. null alone: whatever
  // there is.
  void expect(Event event);
  [[nodiscard]] const std::vector<Event>& expected() const { return expected_; }

  static constexpr const char* k_acting = "acting";
  static constexpr const char* k_staging = "staging";

 private:
  static void rename(const char* name);
  std::vector<Event> expected_;
};

// Runs the case in a child and checks its records.
void perform(const std::string& name, const std::function<void(Stage&)>& act);

// Fields that every record of this operation has. error: 0, or a negative errno.
[[nodiscard]] Event base(std::string_view type, Entry entry, Op op, long error);

// What the socket says of itself: family, type, protocol, state ...
void add_kind(Event& event, int fd);
// ... both of its ends, as getsockname(2) and getpeername(2) tell them; `remote` where there is no
// connection.
enum class Role { client, server };
void add_ends(Event& event, int fd, Role role, const Address* remote = nullptr);
void add_local_end(Event& event, int fd);
void add_address(Event& event, const Address& asked);
void add_peer(Event& event, pid_t pid, uid_t uid, gid_t gid);

// The socket's own address.
[[nodiscard]] Address local_of(int fd);
[[nodiscard]] int port_of(const Address& address);

// The agent, started at the first call.
class SocketLog {
 public:
  static SocketLog& get();
  // Records of what the process acted, in the order of time, `count` of them, waited for.
  std::vector<Event> acts(const std::string& name, pid_t pid, std::size_t count);
  void finish();

 private:
  SocketLog();
  void read_on();

  Agent agent_;
  std::string partial_;
  std::size_t offset_ = 0;
  std::map<pid_t, std::vector<Event>> acts_;
  std::map<pid_t, std::size_t> taken_;
};

}  // namespace gancho::test
