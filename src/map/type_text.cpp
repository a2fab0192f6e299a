// SPDX-License-Identifier: Apache-2.0
#include "map/type_text.h"

#include <bpf/btf.h>

#include <string_view>

namespace gancho {
namespace {

constexpr int k_depth = 16;  // deeper is not read by anybody, and BTF may be wrong

std::string_view name_of(const btf* types, const btf_type* type) {
  const char* name = btf__name_by_offset(types, type->name_off);
  return name == nullptr || *name == '\0' ? "(anonymous)" : std::string_view(name);
}

std::string joined(std::string_view keyword, std::string_view name) {
  return std::string(keyword).append(" ").append(name);
}

// `inside` is what stands where a name would: "*" for a pointer to the type.
std::string write(const btf* types, std::uint32_t id, std::string inside, int depth) {
  const auto with = [&inside](std::string_view text) {
    std::string whole(text);
    if (!inside.empty()) whole.append(" ").append(inside);
    return whole;
  };
  if (id == 0) return with("void");
  const btf_type* type = btf__type_by_id(types, id);
  if (type == nullptr || depth > k_depth) return with("...");
  switch (btf_kind(type)) {
    case BTF_KIND_STRUCT:
      return with(joined("struct", name_of(types, type)));
    case BTF_KIND_UNION:
      return with(joined("union", name_of(types, type)));
    case BTF_KIND_ENUM:
    case BTF_KIND_ENUM64:
      return with(joined("enum", name_of(types, type)));
    case BTF_KIND_FWD:
      return with(joined(btf_kflag(type) ? "union" : "struct", name_of(types, type)));
    case BTF_KIND_PTR:
      return write(types, type->type, "*" + inside, depth + 1);
    case BTF_KIND_CONST: {
      // Of a pointer behind its star, of anything else before its name.
      const btf_type* of = btf__type_by_id(types, type->type);
      if (of != nullptr && btf_is_ptr(of))
        return write(types, of->type, inside.empty() ? "*const" : "*const " + inside, depth + 1);
      return "const " + write(types, type->type, std::move(inside), depth + 1);
    }
    case BTF_KIND_VOLATILE:
      return "volatile " + write(types, type->type, std::move(inside), depth + 1);
    case BTF_KIND_RESTRICT:
    case BTF_KIND_TYPE_TAG:  // "user", "rcu": for checkers
      return write(types, type->type, std::move(inside), depth + 1);
    case BTF_KIND_ARRAY:
      return write(types, btf_array(type)->type,
                   (inside.starts_with('*') ? "(" + inside + ")" : inside) + "[" +
                       std::to_string(btf_array(type)->nelems) + "]",
                   depth + 1);
    case BTF_KIND_FUNC_PROTO: {
      std::string arguments;
      for (int i = 0; i < btf_vlen(type); ++i) {
        if (i != 0) arguments += ", ";
        const std::uint32_t argument = btf_params(type)[i].type;
        arguments += argument == 0 ? "..." : write(types, argument, "", depth + 1);
      }
      if (arguments.empty()) arguments = "void";
      return write(types, type->type, "(" + inside + ")(" + arguments + ")", depth + 1);
    }
    default:
      return with(name_of(types, type));
  }
}

}  // namespace

std::string type_text(const btf* types, std::uint32_t id) {
  return write(types, id, "", 0);
}

Prototype prototype_text(const btf* types, std::uint32_t id) {
  Prototype prototype;
  const btf_type* type = btf__type_by_id(types, id);
  if (type == nullptr || !btf_is_func_proto(type)) return prototype;
  prototype.returns = type_text(types, type->type);
  for (int i = 0; i < btf_vlen(type); ++i) {
    const btf_param& parameter = btf_params(type)[i];
    const char* name = btf__name_by_offset(types, parameter.name_off);
    // The last of a function with any number of them has neither name nor type.
    const bool open = parameter.type == 0 && parameter.name_off == 0;
    prototype.arguments.push_back(
        {name == nullptr ? "" : name, open ? "..." : type_text(types, parameter.type)});
  }
  return prototype;
}

}  // namespace gancho
