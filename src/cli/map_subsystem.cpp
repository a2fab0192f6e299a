// SPDX-License-Identifier: Apache-2.0
#include "cli/map_subsystem.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <utility>

#include "cli/columns.h"
#include "cli/map_page.h"

namespace gancho {
namespace {

constexpr Text k_hooks{"Where one can hook", "Dónde se puede enganchar"};
constexpr Text k_used{"What Gancho hooks here, where the kernel has it, and for what",
                      "Lo que Gancho engancha aquí, si el núcleo lo tiene, y para qué"};
constexpr Text k_unused{"Gancho hooks nothing here yet.", "Gancho aún no engancha nada aquí."};
constexpr Text k_hangs{"What is attached here", "Lo que está enganchado aquí"};
constexpr Text k_networks{"Interfaces of other network namespaces, and where XDP runs there",
                          "Interfaces de otros espacios de red, y dónde funciona XDP en ellas"};
constexpr Text k_try{"Try", "Pruebe"};
constexpr Text k_names{"Names", "Nombres"};
constexpr Text k_none{"None is called so.", "Ninguno se llama así."};
constexpr std::size_t k_label = 14;
constexpr std::size_t k_number = 7;

void put_counts(MapPage& page, const Counts& counts, Language language) {
  for (std::size_t i = 0; i < k_counts; ++i) {
    if (counts[i] == 0) continue;
    const auto count = static_cast<Count>(i);
    page.row("  " + pad_right(text_of(count).in(language), k_label) +
                 pad_left(std::to_string(counts[i]), k_number) + "  ",
             meaning_of(count).in(language));
  }
}

void put_uses(MapPage& page, const std::vector<HookUse>& uses, Subsystem subsystem,
              Language language) {
  const bool any =
      std::ranges::any_of(uses, [&](const HookUse& use) { return use.subsystem == subsystem; });
  if (!any) {
    page.title(k_unused.in(language));
    return;
  }
  page.title(k_used.in(language));
  MapTable table = page.rows();
  for (const HookUse& use : uses)
    if (use.subsystem == subsystem)
      table.row({fmt::format("{} {}", use.how, use.target),
                 fmt::format("{}", fmt::join(use.serves, ", "))});
  page.table(table);
}

void put_attached(MapPage& page, const Inventory& inventory, const AttachedView& seen,
                  Subsystem subsystem, Language language) {
  std::vector<const Attachment*> here;
  for (const Attachment& one : seen.attached.attachments)
    if (subsystem_of(inventory, one) == subsystem) here.push_back(&one);
  if (here.empty()) return;
  page.title(k_hangs.in(language));
  MapTable table = page.rows();
  put_attachments(table, seen, here, true, language);
  page.table(table);
}

// The counts above are those of our own.
void put_networks(MapPage& page, const std::vector<NetworkNamespace>& networks, Language language) {
  if (networks.empty()) return;
  page.title(k_networks.in(language));
  MapTable table = page.rows();
  for (const NetworkNamespace& network : networks) {
    std::string text;
    for (const Interface& one : network.interfaces)
      text +=
          fmt::format("{}{} ({}{}{})", text.empty() ? "" : ", ", harmless(one.name), xdp_modes(one),
                      one.driver.empty() ? "" : "; driver ", harmless(one.driver));
    table.row({network_label(network), std::move(text)});
  }
  page.table(table);
}

// "fentry, kprobe" of a function; the module, the function behind a call.
std::string remarks(const Place& place) {
  std::string text;
  const auto add = [&text](std::string_view word) {
    if (!word.empty()) text.append(text.empty() ? "" : ", ").append(word);
  };
  if (place.kind == PlaceKind::function) {
    if (takes_fentry(place)) add("fentry");
    if (takes_kprobe(place)) add("kprobe");
  }
  add(harmless(place.detail));
  if (!place.module.empty()) add("[" + harmless(place.module) + "]");
  return text;
}

void put_names(MapPage& page, const Inventory& inventory, Subsystem subsystem,
               const SubsystemView& view) {
  page.title(k_names.in(view.map.language));
  MapTable table = page.rows();
  bool any = false;
  for (const Place& place : inventory.places) {
    if (place.subsystem != subsystem) continue;
    const std::string name(place.name);
    if (!view.filter.empty() && fnmatch(view.filter.c_str(), name.c_str(), 0) != 0) continue;
    any = true;
    table.row({std::string(place_kind_name(place.kind)), harmless(name), remarks(place)});
  }
  page.table(table);
  if (!any) page.text(k_none.in(view.map.language), 2);
}

}  // namespace

std::string subsystem_page(const Inventory& inventory, const std::vector<HookUse>& uses,
                           Subsystem subsystem, const SubsystemView& view) {
  const Language language = view.map.language;
  const SubsystemText& text = text_of(subsystem);
  MapPage page(view.map);
  page.title(fmt::format("{} ({})", text.title.in(language), subsystem_name(subsystem)));
  page.text(text.says.in(language));
  page.title(k_hooks.in(language));
  put_counts(page, count_places(inventory)[static_cast<std::size_t>(subsystem)], language);
  for (const Gap gap : inventory.gaps) page.text(text_of(gap).in(language), 2);
  put_uses(page, uses, subsystem, language);
  if (view.seen != nullptr) {
    put_attached(page, inventory, *view.seen, subsystem, language);
    if (subsystem == Subsystem::network) put_networks(page, view.seen->attached.networks, language);
  }
  page.title(fmt::format("{}: {}", k_try.in(language), text.example.in(language)));
  page.code(text.command);
  if (view.names || !view.filter.empty()) put_names(page, inventory, subsystem, view);
  return page.take();
}

}  // namespace gancho
