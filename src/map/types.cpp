// SPDX-License-Identifier: Apache-2.0
#include "map/types.h"

#include <bpf/btf.h>
#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "base/fd.h"
#include "load/libbpf_log.h"
#include "map/symbols.h"
#include "map/type_text.h"

namespace gancho {
namespace {

constexpr const char* k_folder = "/sys/kernel/btf";

std::string_view name_of(const btf* types, std::uint32_t offset) {
  const char* name = btf__name_by_offset(types, offset);
  return name == nullptr ? std::string_view{} : name;
}

// The names of the values of an enumeration of 32 or 64 bits.
std::vector<std::string_view> values_of(const btf* types, const btf_type* type) {
  std::vector<std::string_view> names;
  for (int i = 0; i < btf_vlen(type); ++i)
    names.push_back(name_of(
        types, btf_is_enum(type) ? btf_enum(type)[i].name_off : btf_enum64(type)[i].name_off));
  return names;
}

std::vector<std::string_view> members_of(const btf* types, const btf_type* type) {
  std::vector<std::string_view> names;
  for (int i = 0; i < btf_vlen(type); ++i)
    names.push_back(name_of(types, btf_members(type)[i].name_off));
  return names;
}

// From one part of the types into `names`.
class Walk {
 public:
  Walk(const btf* types, std::string_view module, TypeNames& names)
      : types_(types), module_(module), names_(names) {}

  void run(std::uint32_t begin) {
    const std::uint32_t end = btf__type_cnt(types_);
    for (std::uint32_t id = begin; id < end; ++id) visit(btf__type_by_id(types_, id));
    for (const std::string_view name : iterator_structs_)
      if (functions_.contains(name)) names_.iterators.push_back({name, module_});
    for (const std::string_view name : wrappers_)
      if (btf__find_by_name_kind(types_, std::string(name).c_str(), BTF_KIND_STRUCT) > 0)
        names_.struct_ops.push_back({name, module_});
  }

 private:
  void visit(const btf_type* type) {
    const std::string_view name = name_of(types_, type->name_off);
    switch (btf_kind(type)) {
      case BTF_KIND_FUNC:
        names_.functions.push_back({name, module_});
        // The function that iterator's programs are attached to in name.
        if (name.starts_with("bpf_iter_")) functions_.insert(name.substr(9));
        return;
      case BTF_KIND_TYPEDEF:
        if (name.starts_with("btf_trace_"))
          names_.btf_tracepoints.push_back({name.substr(10), module_});
        return;
      case BTF_KIND_STRUCT:
        if (name.starts_with("bpf_iter__")) iterator_structs_.push_back(name.substr(10));
        if (name.starts_with("bpf_struct_ops_")) wrappers_.push_back(name.substr(15));
        return;
      case BTF_KIND_UNION:
        if (name == "security_list_options") names_.lsm_hooks = members_of(types_, type);
        return;
      case BTF_KIND_ENUM:
      case BTF_KIND_ENUM64:
        if (name == "bpf_attach_type") names_.attach_types = values_of(types_, type);
        if (name == "netdev_xdp_act") names_.xdp_features = true;
        if (name == "nf_inet_hooks") names_.netfilter_hooks = values_of(types_, type);
        if (name == "perf_sw_ids") names_.software_events = values_of(types_, type);
        return;
      case BTF_KIND_DECL_TAG:
        if (name == "bpf_kfunc")
          names_.kfuncs.push_back(
              {name_of(types_, btf__type_by_id(types_, type->type)->name_off), module_});
        return;
      default:
        return;
    }
  }

  const btf* types_;
  std::string_view module_;
  TypeNames& names_;
  std::set<std::string_view> functions_;
  std::vector<std::string_view> iterator_structs_;
  std::vector<std::string_view> wrappers_;
};

std::vector<std::string> module_names() {
  std::vector<std::string> names;
  if (DIR* folder = opendir(k_folder)) {
    while (const dirent* entry = readdir(folder))
      if (entry->d_name[0] != '.' && std::string_view(entry->d_name) != "vmlinux")
        names.emplace_back(entry->d_name);
    closedir(folder);
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace

Result<KernelTypes> KernelTypes::create() {
  capture_libbpf_log();
  const Fd folder(open(k_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid()) return fail_errno(k_folder, errno);
  KernelTypes types;
  const std::string base = TRY(read_long_file(folder.get(), "vmlinux"));
  btf* kernel = btf__new(base.data(), static_cast<std::uint32_t>(base.size()));
  if (kernel == nullptr) return fail_errno(std::string(k_folder) + "/vmlinux", errno);
  types.parts_.push_back({"", kernel});
  for (std::string& module : module_names()) {
    const auto raw = read_long_file(folder.get(), module.c_str());
    if (!raw) continue;  // unloaded meanwhile
    btf* part = btf__new_split(raw->data(), static_cast<std::uint32_t>(raw->size()), kernel);
    if (part != nullptr) types.parts_.push_back({std::move(module), part});
  }
  return types;
}

KernelTypes::KernelTypes(KernelTypes&& other) noexcept : parts_(std::exchange(other.parts_, {})) {}

KernelTypes& KernelTypes::operator=(KernelTypes&& other) noexcept {
  std::swap(parts_, other.parts_);
  return *this;
}

KernelTypes::~KernelTypes() {
  while (!parts_.empty()) {
    btf__free(parts_.back().types);
    parts_.pop_back();
  }
}

TypeNames KernelTypes::names() const {
  TypeNames names;
  std::uint32_t begin = 1;
  for (const Part& part : parts_) {
    Walk(part.types, part.module, names).run(begin);
    if (&part == &parts_.front()) begin = btf__type_cnt(part.types);
  }
  return names;
}

std::pair<const btf*, std::uint32_t> KernelTypes::find(std::string_view name,
                                                       std::uint32_t kind) const {
  const std::string text(name);
  for (const Part& part : parts_) {
    const int id = btf__find_by_name_kind(part.types, text.c_str(), kind);
    if (id > 0) return {part.types, static_cast<std::uint32_t>(id)};
  }
  return {nullptr, 0};
}

std::optional<Prototype> KernelTypes::function(std::string_view name) const {
  const auto [types, id] = find(name, BTF_KIND_FUNC);
  if (types == nullptr) return std::nullopt;
  return prototype_text(types, btf__type_by_id(types, id)->type);
}

std::optional<Prototype> KernelTypes::tracepoint(std::string_view name) const {
  const auto [types, id] = find("btf_trace_" + std::string(name), BTF_KIND_TYPEDEF);
  if (types == nullptr) return std::nullopt;
  // A pointer to a function whose first argument is what was registered with it.
  const btf_type* pointer = btf__type_by_id(types, btf__type_by_id(types, id)->type);
  if (!btf_is_ptr(pointer)) return std::nullopt;
  Prototype prototype = prototype_text(types, pointer->type);
  if (!prototype.arguments.empty()) prototype.arguments.erase(prototype.arguments.begin());
  // The typedef knows types only; the function that calls the programs has the names too.
  const auto caller = function("__traceiter_" + std::string(name));
  if (caller && caller->arguments.size() == prototype.arguments.size() + 1)
    for (std::size_t i = 0; i < prototype.arguments.size(); ++i)
      prototype.arguments[i].name = caller->arguments[i + 1].name;
  return prototype;
}

std::optional<Prototype> KernelTypes::iterator(std::string_view name) const {
  return structure("bpf_iter__" + std::string(name));
}

std::optional<Prototype> KernelTypes::structure(std::string_view name) const {
  const auto [types, id] = find(name, BTF_KIND_STRUCT);
  if (types == nullptr) return std::nullopt;
  const btf_type* type = btf__type_by_id(types, id);
  Prototype members;
  for (int i = 0; i < btf_vlen(type); ++i) {
    const btf_member* member = &btf_members(type)[i];
    // What is to be 64 bits on any machine is the first of a union without a name.
    const btf_type* of = btf__type_by_id(types, member->type);
    if (member->name_off == 0 && btf_is_union(of) && btf_vlen(of) != 0) member = btf_members(of);
    members.arguments.push_back(
        {std::string(name_of(types, member->name_off)), type_text(types, member->type)});
  }
  return members;
}

}  // namespace gancho
