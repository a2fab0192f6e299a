// SPDX-License-Identifier: Apache-2.0
#include "load/kernel_btf.h"

#include <fcntl.h>
#include <linux/btf.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "base/fd.h"

namespace gancho {
namespace {

constexpr const char* k_file = "/sys/kernel/btf/vmlinux";
constexpr std::uint32_t k_magic = 0xeb9f;

// What follows a type's fixed part; nullopt for a kind that we do not know, behind which we are
// lost.
std::optional<std::size_t> extra_bytes(const btf_type& type) {
  const std::size_t length = BTF_INFO_VLEN(type.info);
  switch (BTF_INFO_KIND(type.info)) {
    case BTF_KIND_INT:
    case BTF_KIND_VAR:
    case BTF_KIND_DECL_TAG:
      return sizeof(std::uint32_t);
    case BTF_KIND_ARRAY:
      return sizeof(btf_array);
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
      return length * sizeof(btf_member);
    case BTF_KIND_ENUM:
      return length * sizeof(btf_enum);
    case BTF_KIND_ENUM64:
      return length * sizeof(btf_enum64);
    case BTF_KIND_FUNC_PROTO:
      return length * sizeof(btf_param);
    case BTF_KIND_DATASEC:
      return length * sizeof(btf_var_secinfo);
    case BTF_KIND_PTR:
    case BTF_KIND_FWD:
    case BTF_KIND_TYPEDEF:
    case BTF_KIND_VOLATILE:
    case BTF_KIND_CONST:
    case BTF_KIND_RESTRICT:
    case BTF_KIND_FUNC:
    case BTF_KIND_FLOAT:
    case BTF_KIND_TYPE_TAG:
      return 0;
    default:
      return std::nullopt;
  }
}

// In one read: sysfs copies each page again for every call.
Result<std::string> read_whole(const char* path) {
  const Fd file(open(path, O_RDONLY | O_CLOEXEC));
  struct stat info{};
  if (!file.valid() || fstat(file.get(), &info) != 0) return fail_errno(path, errno);
  std::string text;
  int error = 0;
  text.resize_and_overwrite(static_cast<std::size_t>(info.st_size),
                            [&](char* to, std::size_t size) {
                              std::size_t have = 0;
                              while (have < size) {
                                const ssize_t got = read(file.get(), to + have, size - have);
                                if (got < 0) error = errno;
                                if (got <= 0) break;
                                have += static_cast<std::size_t>(got);
                              }
                              return have;
                            });
  if (error != 0) return fail_errno(path, error);
  return text;
}

}  // namespace

template <class Visit>
void KernelBtf::for_each(Visit visit) const {
  const char* at = raw_.data() + types_begin_;
  const char* const end = raw_.data() + types_end_;
  for (std::uint32_t id = 1; at + sizeof(btf_type) <= end; ++id) {
    // Four-byte aligned: BTF is made of 32-bit words, behind a header whose size parse() has
    // checked.
    const auto& type = *reinterpret_cast<const btf_type*>(at);
    const auto extra = extra_bytes(type);
    const auto left = static_cast<std::size_t>(end - at) - sizeof type;
    if (!extra || *extra > left || visit(id, type)) return;
    at += sizeof type + *extra;
  }
}

Result<KernelBtf> KernelBtf::create() {
  return parse(TRY(read_whole(k_file)));
}

Result<KernelBtf> KernelBtf::parse(std::string raw) {
  btf_header header{};
  if (raw.size() < sizeof header) return fail(Errc::input, "type information: no header");
  std::memcpy(&header, raw.data(), sizeof header);
  const std::uint64_t base = header.hdr_len;
  const std::uint64_t types_end = base + header.type_off + header.type_len;
  const std::uint64_t strings_end = base + header.str_off + header.str_len;
  if (header.magic != k_magic || base < sizeof header || base % 4 != 0 ||
      header.type_off % 4 != 0 || types_end > raw.size() || strings_end > raw.size() ||
      header.str_len == 0 || raw[strings_end - 1] != '\0') {
    return fail(Errc::input, "type information: its header makes no sense");
  }
  KernelBtf btf;
  btf.raw_ = std::move(raw);
  btf.types_begin_ = base + header.type_off;
  btf.types_end_ = types_end;
  btf.strings_begin_ = base + header.str_off;
  btf.strings_end_ = strings_end;
  return btf;
}

std::uint32_t KernelBtf::function(std::string_view name) const {
  return find(name, BTF_KIND_FUNC);
}

std::uint32_t KernelBtf::type_definition(std::string_view name) const {
  return find(name, BTF_KIND_TYPEDEF);
}

std::uint32_t KernelBtf::structure(std::string_view name) const {
  return find(name, BTF_KIND_STRUCT);
}

int KernelBtf::structure_member(std::string_view structure, std::string_view member) const {
  const btf_type* type = nullptr;
  if (find(structure, BTF_KIND_STRUCT, &type) == 0) return -1;
  const auto* members = reinterpret_cast<const btf_member*>(type + 1);
  for (int i = 0; i < static_cast<int>(BTF_INFO_VLEN(type->info)); ++i) {
    if (name_at(members[i].name_off) == member) return i;
  }
  return -1;
}

std::vector<std::pair<std::string, std::uint32_t>> KernelBtf::enumeration(
    std::string_view name) const {
  std::vector<std::pair<std::string, std::uint32_t>> values;
  const btf_type* type = nullptr;
  if (find(name, BTF_KIND_ENUM, &type) == 0) return values;
  const auto* all = reinterpret_cast<const btf_enum*>(type + 1);
  for (std::uint32_t i = 0; i < BTF_INFO_VLEN(type->info); ++i)
    values.emplace_back(name_at(all[i].name_off), static_cast<std::uint32_t>(all[i].val));
  return values;
}

std::vector<std::string> KernelBtf::struct_ops() const {
  // The kernel makes one such wrapper for each; what it wraps bears the rest of the name.
  constexpr std::string_view k_prefix = "bpf_struct_ops_";
  std::vector<std::string> names;
  for_each([&](std::uint32_t, const btf_type& type) {
    if (BTF_INFO_KIND(type.info) != BTF_KIND_STRUCT) return false;
    const std::string_view name = name_at(type.name_off);
    if (name.starts_with(k_prefix)) names.emplace_back(name.substr(k_prefix.size()));
    return false;
  });
  std::erase_if(names, [this](const std::string& name) { return structure(name) == 0; });
  std::ranges::sort(names);
  return names;
}

std::uint32_t KernelBtf::find(std::string_view name, std::uint32_t kind,
                              const btf_type** found) const {
  const std::uint32_t offset = offset_of(name);
  std::uint32_t found_id = 0;
  if (offset == 0) return found_id;
  for_each([&](std::uint32_t id, const btf_type& type) {
    if (type.name_off != offset || BTF_INFO_KIND(type.info) != kind) return false;
    found_id = id;
    if (found != nullptr) *found = &type;
    return true;
  });
  return found_id;
}

std::string_view KernelBtf::name_at(std::uint32_t offset) const {
  const std::string_view strings = this->strings();
  return offset < strings.size() ? strings.data() + offset : "";
}

std::uint32_t KernelBtf::offset_of(std::string_view name) const {
  // Each name is there once, between two zeros: the linker of BTF merges equal strings.
  std::string whole(1, '\0');
  whole += name;
  whole += '\0';
  const std::string_view strings = this->strings();
  const void* at = memmem(strings.data(), strings.size(), whole.data(), whole.size());
  if (name.empty() || at == nullptr) return 0;
  return static_cast<std::uint32_t>(static_cast<const char*>(at) - strings.data()) + 1;
}

std::string_view KernelBtf::strings() const {
  return std::string_view(raw_).substr(strings_begin_, strings_end_ - strings_begin_);
}

}  // namespace gancho
