// SPDX-License-Identifier: Apache-2.0
//
// What a run of the agent is asked to do: plain data, filled by the command line and the
// configuration, read by the keeper.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "event/on_demand.h"
#include "rules/matching.h"
#include "sinks/options.h"

namespace gancho {

enum class OutputFormat : std::uint8_t { text, json };

// Decided in the kernel, before anything is collected. All that are set must hold.
struct Filter {
  std::uint32_t pid = 0;  // 0: any process
  bool children = false;  // with pid: its descendants too, also those whose parents died
  std::string cgroup;     // "" or a path: absolute below the cgroup mount, or as /sys/fs/cgroup/...
};

// Which files read and write are told of; any of these.
struct Io {
  std::vector<std::string> files;  // paths: of files, or of directories for all beneath them
  bool handed_over = false;  // by descriptors that a program inherited or received; so, too, when
                             // there are no files
};

// Which rules are in force. With any, `events` are theirs, and what is shown is alerts.
struct RuleOptions {
  std::vector<std::string> files;  // or folders of them; empty: no rules
  bool given = false;              // on the command line: a reload does not ask the configuration
  rules::Matching matching = rules::Matching::first;
};

// Caps on what the agent takes from the machine; defaults are the budget of docs/configuration.md.
struct Limits {
  std::uint32_t vital_ring_bytes = 2U << 20;  // a power of two, at least a page
  std::uint32_t bulk_ring_bytes = 1U << 20;   // each
  std::uint32_t bulk_rings = 0;               // a power of two; 0: one for each CPU, at most 8
  std::uint32_t args_max = 4096;              // argument bytes in a record, environment alike
  std::uint32_t processes = 16384;            // in the process table, 1024 to 1048576
  std::uint32_t containers_max = 4096;        // cgroups of containers, and containers, 16 to 65536
  std::chrono::milliseconds nap{20};  // between two drains while records keep coming, 1 to 1000
};

// Where `gancho run` listens and `gancho ps` asks, unless told otherwise.
inline constexpr const char* k_default_socket = "/run/gancho/agent.sock";

struct AgentOptions {
  std::vector<std::string> events{"exec"};  // names from the schema
  Filter filter;
  Io io;
  Limits limits;
  OutputFormat format = OutputFormat::text;
  std::string where;                // a checked condition on what is shown; "": everything
  std::vector<std::string> fields;  // shown of each event, in this order; empty: all
  bool color = false;
  std::string output_file;  // "" or "-": standard output; appended to, opened again on SIGHUP
  std::string record_file;  // "": no recording
  RuleOptions rules;
  AlertOptions alerts;
  // Of the condition or the rules: do they ask the process table, and what else?
  bool needs_processes = false;
  OnDemand asks_for;
  bool environment = false;  // of programs: also when nobody asks for it
  std::string socket;        // where clients such as `gancho ps` are answered; "": nowhere
  std::uint64_t count = 0;   // stop after so many events; 0: no limit
  std::optional<std::chrono::nanoseconds> duration;  // stop after so long
  bool failed_exec_by_syscall_tracepoint = false;    // dear: see SignalDesc "exec.failure"
  bool syscalls_by_tracepoint = false;               // dear, and sees less
  std::string config_file;                           // read again on SIGHUP; "": none
  bool banner = false;                               // say on stderr what this kernel cannot offer
  bool stats = false;  // the account as one line of JSON on stderr at the end
};

}  // namespace gancho
