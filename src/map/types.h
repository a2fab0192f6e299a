// SPDX-License-Identifier: Apache-2.0
//
// The types of the running kernel and of its modules (BTF): what there is to hook, and the
// arguments that are to be had there. Names are valid as long as the object. The one file that
// reads BTF through libbpf, which indexes all of it; who needs a dozen names uses
// load/kernel_btf.h.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

struct btf;

namespace gancho {

struct NamedType {
  std::string_view name;
  std::string_view module;  // "" for the kernel's own
};

// What the types say of hooks, found in one walk.
struct TypeNames {
  std::vector<NamedType> functions;
  std::vector<NamedType> btf_tracepoints;         // without "btf_trace_"
  std::vector<NamedType> kfuncs;                  // marked so: not by the tools of every kernel
  std::vector<NamedType> iterators;               // "task_file"
  std::vector<NamedType> struct_ops;              // "tcp_congestion_ops"
  std::vector<std::string_view> lsm_hooks;        // "file_open"
  std::vector<std::string_view> attach_types;     // "BPF_CGROUP_DEVICE"
  std::vector<std::string_view> netfilter_hooks;  // "NF_INET_PRE_ROUTING"
  bool xdp_features = false;                      // the kernel tells what XDP drivers can do (6.3)
  std::vector<std::string_view> software_events;  // "PERF_COUNT_SW_CPU_CLOCK"
};

struct Argument {
  std::string name;  // "" when the kernel says none
  std::string type;  // "struct file *", as C has it
};

struct Prototype {
  std::vector<Argument> arguments;
  std::string returns;  // "ssize_t"
};

class KernelTypes {
 public:
  [[nodiscard]] static Result<KernelTypes> create();
  KernelTypes(KernelTypes&& other) noexcept;
  KernelTypes& operator=(KernelTypes&& other) noexcept;
  KernelTypes(const KernelTypes&) = delete;
  KernelTypes& operator=(const KernelTypes&) = delete;
  ~KernelTypes();

  [[nodiscard]] TypeNames names() const;

  // Of a function; of a BTF tracepoint, without the context that stands before its arguments; what
  // a program for an iterator gets. nullopt when there is none of this name.
  [[nodiscard]] std::optional<Prototype> function(std::string_view name) const;
  [[nodiscard]] std::optional<Prototype> tracepoint(std::string_view name) const;
  [[nodiscard]] std::optional<Prototype> iterator(std::string_view name) const;
  // Functions that a struct_ops program implements: the members of the structure.
  [[nodiscard]] std::optional<Prototype> structure(std::string_view name) const;

 private:
  struct Part {
    std::string module;
    btf* types;
  };

  KernelTypes() = default;
  // Of that kind and name, with the part that it is in.
  [[nodiscard]] std::pair<const btf*, std::uint32_t> find(std::string_view name,
                                                          std::uint32_t kind) const;

  std::vector<Part> parts_;  // the kernel's own first: the others stand on it
};

}  // namespace gancho
