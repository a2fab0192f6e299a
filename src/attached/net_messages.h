// SPDX-License-Identifier: Apache-2.0
//
// What rtnetlink's messages say of programs. Bytes in, facts out: what is cut off or makes no sense
// is left out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gancho {

struct XdpProgram {
  std::string_view mode;  // "native", "generic", "offload"
  std::uint32_t program = 0;
};

struct NetInterface {
  int index = 0;
  std::string name;
  bool netkit = false;
  std::vector<XdpProgram> xdp;
};
[[nodiscard]] std::optional<NetInterface> parse_interface(std::string_view link_message);

struct Qdisc {
  int interface = 0;
  std::uint32_t handle = 0;
  std::uint32_t parent = 0;
  std::string kind;  // "clsact"
};
[[nodiscard]] std::optional<Qdisc> parse_qdisc(std::string_view qdisc_message);

// The class's number; 0 when it says none.
[[nodiscard]] std::uint32_t parse_class(std::string_view class_message);

// An action that is a BPF program.
struct BpfAction {
  std::uint32_t program = 0;
  std::uint32_t index = 0;  // in its namespace
};

struct Filter {
  std::string kind;           // "bpf", "matchall"
  std::uint32_t program = 0;  // 0: it is none itself
  bool direct_action = false;
  std::uint32_t handle = 0;
  std::uint32_t prio = 0;
  std::uint32_t chain = 0;
  std::vector<BpfAction> actions;
};
[[nodiscard]] std::optional<Filter> parse_filter(std::string_view filter_message);

// Of the answer to the question for all actions of a namespace.
[[nodiscard]] std::vector<BpfAction> parse_actions(std::string_view action_message);

}  // namespace gancho
