// SPDX-License-Identifier: Apache-2.0
#include "cli/map_hook.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "attached/attached_json.h"
#include "cli/map_page.h"
#include "cli/map_since.h"
#include "load/tested_kernels.h"
#include "map/find.h"
#include "map/map_json.h"
#include "map/since.h"

namespace gancho {
namespace {

constexpr Text k_of{"Subsystem", "Subsistema"};
constexpr Text k_module{"Module", "Módulo"};
constexpr Text k_behind{"Function", "Función"};
constexpr Text k_state{"Here", "Aquí"};
constexpr Text k_attach{"Attached as", "Se engancha como"};
constexpr Text k_nothing{"nothing: ftrace cannot patch it, or the kernel forbids it",
                         "nada: ftrace no puede modificarla, o el núcleo lo prohíbe"};
constexpr Text k_not_told{
    "not known: tracefs does not tell (gancho check tries what this kernel takes)",
    "no se sabe: tracefs no lo dice (gancho check prueba qué admite este núcleo)"};
constexpr Text k_called{"called, not attached to", "se la llama, no se engancha"};
constexpr Text k_by_function{"see its function and its tracepoints below",
                             "véanse abajo su función y sus tracepoints"};
constexpr Text k_link_only{"a program only from Linux 6.4 on; here nftables alone",
                           "un programa solo desde Linux 6.4; aquí únicamente nftables"};
constexpr Text k_arguments{"Arguments", "Argumentos"};
constexpr Text k_members{"Members", "Miembros"};
constexpr Text k_no_arguments{"not known here: tracefs (root) or BTF has to tell",
                              "no se conocen aquí: lo tienen que decir tracefs (root) o BTF"};
constexpr Text k_none{"none", "ninguno"};
constexpr Text k_returns{"returns", "devuelve"};
constexpr Text k_hangs{"Attached now", "Enganchado ahora"};
constexpr Text k_gancho{"Gancho", "Gancho"};
constexpr Text k_kernels{"Found on Debian's", "Está en Debian"};
constexpr Text k_example{"Example", "Ejemplo"};

// Where nothing can be attached, why.
std::string why_nothing(const Place& place, Language language) {
  switch (place.kind) {
    case PlaceKind::syscall:
      return std::string(k_by_function.in(language));
    case PlaceKind::kfunc:
      return fmt::format("{}: {}", k_called.in(language),
                         with_releases(std::array<std::string_view, 1>{"kfunc"}, language));
    case PlaceKind::netfilter:
      return std::string(k_link_only.in(language));
    default:
      return std::string(((place.ways & way::told) != 0 ? k_nothing : k_not_told).in(language));
  }
}

void put_arguments(MapPage& page, const Inventory& inventory, const Place& place,
                   Language language) {
  const bool members = place.kind == PlaceKind::struct_ops || place.kind == PlaceKind::iterator;
  const std::string_view label = (members ? k_members : k_arguments).in(language);
  switch (place.kind) {
    case PlaceKind::cgroup:
    case PlaceKind::xdp:
    case PlaceKind::tc:
    case PlaceKind::tcx:
    case PlaceKind::netkit:
    case PlaceKind::netfilter:
    case PlaceKind::perf_event:
      return;  // what a program gets there is its kind's, not the place's
    default:
      break;
  }
  const auto prototype = arguments_of(inventory, place);
  if (!prototype) {
    page.fact(label, k_no_arguments.in(language));
    return;
  }
  if (prototype->arguments.empty()) page.fact(label, k_none.in(language));
  MapTable arguments = page.facts();
  for (const Argument& argument : prototype->arguments)
    arguments.row({argument.name, argument.type});
  page.fact(label, arguments);
  if (!prototype->returns.empty() && prototype->returns != "void")
    page.fact(k_returns.in(language), prototype->returns);
}

// Which of the kernels that we test on have the hook: known of those that Gancho uses.
std::string tested_on(const HookUse& use) {
  const std::string program = fmt::format("{}__{}", use.how, use.target);
  std::string kernels;
  for (const TestedKernel kernel : {TestedKernel::debian_6_1, TestedKernel::debian_6_12})
    if (available_on(kernel)(program).works)
      kernels.append(kernels.empty() ? "" : ", ").append(short_name(kernel));
  return kernels;
}

void put_uses(MapPage& page, const Place& place, const std::vector<HookUse>& uses,
              Language language) {
  std::string kernels;
  for (const HookUse& use : uses) {
    if (!hooks(use, place)) continue;
    page.fact(k_gancho.in(language), fmt::format("{}: {}", use.how, fmt::join(use.serves, ", ")));
    kernels = tested_on(use);
  }
  if (!kernels.empty()) page.fact(k_kernels.in(language), kernels);
}

void put_attached(MapPage& page, const AttachedView& seen, const Place& place, Language language) {
  const auto here = attached_at(seen.attached, place);
  if (here.empty()) {
    page.fact(k_hangs.in(language), k_none.in(language));
    return;
  }
  page.fact(k_hangs.in(language), "");
  // Those for a cgroup's LSM hooks are at other places too.
  const bool with_place = here.front()->kind != place.kind;
  MapTable table = page.rows(4);
  put_attachments(table, seen, here, with_place, language);
  page.table(table);
}

// "ingress" of "tc eth0 ingress"
std::string_view word(std::string_view name, std::size_t number) {
  for (; number > 0; --number) {
    const std::size_t blank = name.find(' ');
    name = blank == std::string_view::npos ? std::string_view{} : name.substr(blank + 1);
  }
  return name.substr(0, name.find(' '));
}

std::string parameters(const Inventory& inventory, const Place& place) {
  const auto prototype = arguments_of(inventory, place);
  std::string text;
  if (!prototype) return text;
  for (const Argument& argument : prototype->arguments) {
    const bool star = argument.type.ends_with('*');
    text += fmt::format(", {}{}{}", argument.type, star ? "" : " ", argument.name);
  }
  return text;
}

// Lines to be copied. bpftrace where it can, else the head of a program in C.
std::vector<std::string> example_of(const Inventory& inventory, const Place& place) {
  const std::string name = harmless(place.name);
  switch (place.kind) {
    case PlaceKind::syscall:
      return {fmt::format("gancho watch syscall:{}", name)};
    case PlaceKind::tracepoint:
      return {fmt::format("bpftrace -e 'tracepoint:{} {{ @[comm] = count(); }}'", name)};
    case PlaceKind::raw_tracepoint:
      return {fmt::format("bpftrace -e 'rawtracepoint:{} {{ @[comm] = count(); }}'", name)};
    case PlaceKind::btf_tracepoint:
      return {fmt::format("SEC(\"tp_btf/{}\") int BPF_PROG(seen{})", name,
                          parameters(inventory, place))};
    case PlaceKind::lsm:
      return {fmt::format("SEC(\"lsm/{}\") int BPF_PROG(may{}, int ret)", name,
                          parameters(inventory, place))};
    case PlaceKind::function: {
      std::vector<std::string> lines;
      if (takes_fentry(place))
        lines.push_back(fmt::format("bpftrace -e 'fentry:{} {{ @[comm] = count(); }}'", name));
      if (takes_kprobe(place))
        lines.push_back(fmt::format("bpftrace -e 'kprobe:{} {{ @[comm] = count(); }}'", name));
      return lines;
    }
    case PlaceKind::iterator:
      return {fmt::format("SEC(\"iter/{0}\") int each(struct bpf_iter__{0} *ctx)", name),
              "bpftool iter pin PROGRAM.o /sys/fs/bpf/NAME && cat /sys/fs/bpf/NAME"};
    case PlaceKind::kfunc: {
      const auto prototype = arguments_of(inventory, place);
      if (!prototype) return {};
      std::string list = parameters(inventory, place);
      return {fmt::format("extern {} {}({}) __ksym;", prototype->returns, name,
                          list.empty() ? "void" : list.substr(2))};
    }
    case PlaceKind::struct_ops:
      return {fmt::format("SEC(\".struct_ops.link\") struct {} mine = {{ ... }};", name),
              "bpftool struct_ops register PROGRAM.o"};
    case PlaceKind::cgroup:
      return {fmt::format("bpftool cgroup attach /sys/fs/cgroup/NAME {} pinned PROGRAM", name)};
    case PlaceKind::xdp:
      return {fmt::format("ip link set dev {} xdp obj PROGRAM.o sec xdp", word(name, 1))};
    case PlaceKind::tc:
      return {fmt::format("tc qdisc add dev {} clsact", word(name, 1)),
              fmt::format("tc filter add dev {} {} bpf direct-action obj PROGRAM.o sec tc",
                          word(name, 1), word(name, 2))};
    case PlaceKind::tcx:
      return {fmt::format("bpftool net attach tcx_{} pinned PROGRAM dev {}", word(name, 2),
                          word(name, 1))};
    case PlaceKind::netkit:
      return {fmt::format("SEC(\"netkit/{}\") int each(struct __sk_buff *skb)", word(name, 2))};
    case PlaceKind::netfilter:
      return {"SEC(\"netfilter\") int each(struct bpf_nf_ctx *ctx)"};
    case PlaceKind::perf_event:
      if (name.starts_with("software:"))
        return {fmt::format("bpftrace -e '{}:1 {{ @[comm] = count(); }}'", name)};
      return {};
  }
  return {};
}

}  // namespace

std::string hook_page(const Inventory& inventory, const std::vector<const Place*>& places,
                      const std::vector<HookUse>& uses, const AttachedView* seen,
                      const MapView& view) {
  const Language language = view.language;
  MapPage page(view);
  for (const Place* place : places) {
    page.title(harmless(place->name));
    page.text(text_of(place->kind).in(language), 2);
    page.fact(k_of.in(language),
              fmt::format("{} ({})", text_of(place->subsystem).title.in(language),
                          subsystem_name(place->subsystem)));
    if (!place->module.empty()) page.fact(k_module.in(language), harmless(place->module));
    if (!place->detail.empty())
      page.fact((place->kind == PlaceKind::syscall ? k_behind : k_state).in(language),
                harmless(place->detail));
    const auto kinds = program_kinds(*place);
    page.fact(k_attach.in(language),
              kinds.empty() ? why_nothing(*place, language) : with_releases(kinds, language));
    put_arguments(page, inventory, *place, language);
    if (seen != nullptr) put_attached(page, *seen, *place, language);
    put_uses(page, *place, uses, language);
    const auto example = example_of(inventory, *place);
    if (!example.empty()) page.fact(k_example.in(language), "");
    for (const std::string& line : example) {
      // C can be broken at blanks, a command cannot.
      if (line.starts_with("SEC(") || line.starts_with("extern "))
        page.text(line, 4);
      else
        page.code("  " + line);
    }
  }
  return page.take();
}

std::string hook_json(const Inventory& inventory, const std::vector<const Place*>& places,
                      const AttachedView* seen) {
  std::string out = "{\"format\":1,\"places\":[";
  for (const Place* place : places) {
    out += place == places.front() ? "\n" : ",\n";
    put_place(out, *place);
    out.pop_back();
    out += ",\"programs\":[";
    for (std::size_t i = 0; const std::string_view kind : program_kinds(*place)) {
      out += i++ == 0 ? "" : ",";
      put_text(out, kind);
    }
    out += "],\"since\":{";
    for (std::size_t i = 0; const std::string_view kind : program_kinds(*place)) {
      if (linux_since(kind).empty()) continue;
      out += i++ == 0 ? "" : ",";
      put_text(out, kind);
      out += ':';
      put_text(out, linux_since(kind));
    }
    out += '}';
    if (seen != nullptr) {
      out += ",\"attached\":[";
      std::string_view separator;
      for (const Attachment* one : attached_at(seen->attached, *place)) {
        out += separator;
        put_attachment(out, inventory, *one);
        separator = ",";
      }
      out += ']';
    }
    if (const auto prototype = arguments_of(inventory, *place)) {
      out += ",\"arguments\":[";
      for (std::size_t i = 0; const Argument& argument : prototype->arguments) {
        out += i++ == 0 ? "{\"name\":" : ",{\"name\":";
        put_text(out, argument.name);
        out += ",\"type\":";
        put_text(out, argument.type);
        out += '}';
      }
      out += "],\"returns\":";
      put_text(out, prototype->returns);
    }
    out += '}';
  }
  out += "]}\n";
  return out;
}

}  // namespace gancho
