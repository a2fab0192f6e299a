// SPDX-License-Identifier: Apache-2.0
//
// What keeper and worker say to each other, over a socket pair that keeps messages whole. The
// keeper does not trust what it hears: every message has a fixed size, a kind out of a list, and a
// text that is cut and cleaned before it is shown.
//
//   keeper -> worker   start, reload, client (descriptors attached), visited, finish, ping
//   worker -> keeper   ready, lost_track, pong, done, failed
//   both               container: a question, and its answer (descriptors attached); rules
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/container_question.h"
#include "agent/field_list.h"
#include "base/fd.h"
#include "base/result.h"

namespace gancho {

enum class MessageKind : std::uint32_t {
  start = 1,  // WorkerSettings; descriptors in the order of StartDescriptor
  reload,     // descriptors: users, groups, then the output file when there is one
  finish,     // drain what is left, write it, say done
  ping,
  client,   // descriptor: a connection of root's, to be answered
  visited,  // every process has been visited since `time`; status 0: all records of it are in the
            // ring
  ready,    // the sandbox is shut, the rings are being read
  pong,
  lost_track,  // lifecycle records were lost: the process table needs a new visit
  done,        // nothing is left to be written, or `count` events have been
  failed,      // text says why; nothing more will be written
  rules,  // keeper: descriptor of orders (agent/rule_orders.h), in force from `time` on. worker:
          // nothing is judged by the former ones any more
  container,  // what is known of a container: container_question, container_answer
};

struct WorkerSettings {
  std::uint32_t vital_ring_bytes;
  std::uint32_t bulk_ring_bytes;
  std::uint32_t bulk_rings;
  std::uint32_t cpus;
  std::uint32_t nap_ms;
  std::uint8_t json;
  std::uint8_t color;
  std::uint8_t record;  // a recording's descriptor follows the output's
  std::uint8_t resume;  // not the first worker of this run
  std::uint8_t rules;   // alerts are shown, instead of events
  std::uint8_t alerts;  // and handed to the courier
  std::uint8_t unused[6];
  std::uint64_t processes;       // in the process table; 0: none is kept
  std::uint64_t count;           // 0: no limit
  std::uint64_t containers_max;  // known at a time
  FieldList fields;              // that are shown
};

// The order of the descriptors of a start message; bulk rings follow the last.
enum StartDescriptor : std::uint8_t {
  k_fd_vital_ring,
  k_fd_account,
  k_fd_doorbell,
  k_fd_progress,
  k_fd_users,
  k_fd_groups,
  k_fd_output,
  k_fd_record,  // the output again when nothing is recorded
  k_fd_where,   // the text of a condition on what is shown; empty: everything
  k_fd_rules,   // orders about rules; empty: none
  k_fd_alerts,  // the courier's; the output again when there is none
  k_fd_bulk_rings,
};

inline constexpr std::size_t k_text_max = 512;
inline constexpr std::size_t k_fds_max =
    k_fd_bulk_rings + 64;  // the most bulk rings that there can be

struct Message {
  MessageKind kind{};
  std::uint32_t status = 0;   // failed: the Errc; visited, see there; else 0
  std::uint64_t time = 0;     // visited, rules: boot clock, ns
  WorkerSettings settings{};  // start; reload: json, processes, fields
  ContainerQuestion container_question{};
  ContainerAnswer container_answer{};
  std::array<char, k_text_max> text{};

  [[nodiscard]] static Message of(MessageKind kind) { return {.kind = kind}; }
  void set_text(std::string_view message);
  // Printable, whatever the other side sent.
  [[nodiscard]] std::string clean_text() const;
};

struct Received {
  Message message;
  std::vector<Fd> fds;
};

// Fails with Errc::system when the other side is gone; with MSG_DONTWAIT among the flags of send(2)
// also when it does not read.
[[nodiscard]] Status send_message(int socket, const Message& message, std::span<const int> fds = {},
                                  int flags = 0);
[[nodiscard]] Result<Received> receive_message(int socket);

}  // namespace gancho
