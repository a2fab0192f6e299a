// SPDX-License-Identifier: Apache-2.0
//
// Names in the running kernel's type information. libbpf has a reader too, which checks and indexes
// all 150 000 types for 20 ms; we look up a dozen names, for which a search is enough (2 ms to
// open, 0.3 ms a name). About 6 MB while it is open: open it, ask, and let it go.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

struct btf_type;

namespace gancho {

class KernelBtf {
 public:
  [[nodiscard]] static Result<KernelBtf> create();
  // From BTF as the kernel offers it. Errc::input when it is not that.
  [[nodiscard]] static Result<KernelBtf> parse(std::string raw);

  // Type ids; 0 when there is none of this name.
  [[nodiscard]] std::uint32_t function(std::string_view name) const;
  [[nodiscard]] std::uint32_t type_definition(std::string_view name) const;
  [[nodiscard]] std::uint32_t structure(std::string_view name) const;

  // Index of a member of a struct, -1 when there is none.
  [[nodiscard]] int structure_member(std::string_view structure, std::string_view member) const;

  // Names and values of an enumeration of 32 bits, in their order; empty when there is none of this
  // name.
  [[nodiscard]] std::vector<std::pair<std::string, std::uint32_t>> enumeration(
      std::string_view name) const;

  // What struct_ops programs can implement here: "tcp_congestion_ops", "sched_ext_ops" ...
  [[nodiscard]] std::vector<std::string> struct_ops() const;

 private:
  KernelBtf() = default;
  [[nodiscard]] std::uint32_t find(std::string_view name, std::uint32_t kind,
                                   const btf_type** type = nullptr) const;
  [[nodiscard]] std::string_view name_at(std::uint32_t offset) const;
  // Offset of a whole string; 0 when there is none.
  [[nodiscard]] std::uint32_t offset_of(std::string_view name) const;
  // visit(id, type) for each type until it returns true.
  template <class Visit>
  void for_each(Visit visit) const;

  [[nodiscard]] std::string_view strings() const;

  std::string raw_;
  std::size_t types_begin_ = 0;  // in raw_, as the others
  std::size_t types_end_ = 0;
  std::size_t strings_begin_ = 0;
  std::size_t strings_end_ = 0;
};

}  // namespace gancho
