// SPDX-License-Identifier: Apache-2.0
//
// The inventory's chapters. Each adds its kinds of places; what it cannot know it adds as a gap.
#pragma once

#include "map/inventory.h"

namespace gancho {

void add_functions(Inventory& inventory, KernelWords& words);    // and the gap of kprobes
void add_tracepoints(Inventory& inventory, KernelWords& words);  // raw and BTF ones too
void add_calls(Inventory& inventory, KernelWords& words);        // system calls
// LSM hooks, iterators, kfuncs, struct_ops, cgroup types.
void add_programs(Inventory& inventory, KernelWords& words);
void add_network(Inventory& inventory, KernelWords& words);
void add_perf(Inventory& inventory, KernelWords& words);

// The text is kept by the inventory as long as it lives.
[[nodiscard]] std::string_view keep(Inventory& inventory, std::string text);

}  // namespace gancho
