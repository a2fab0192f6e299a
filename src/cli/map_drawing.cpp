// SPDX-License-Identifier: Apache-2.0
#include "cli/map_drawing.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "cli/columns.h"
#include "cli/map_style.h"

namespace gancho {
namespace {

constexpr std::size_t k_narrowest = 80;
constexpr std::size_t k_widest = 200;
constexpr std::size_t k_cell = 18;  // a label and its number
constexpr std::size_t k_gap = 3;    // between two of them
// Lines, at most, of the two boxes that share a column; where entries stand two in a line, all fit.
constexpr std::size_t k_short = 7;
constexpr std::size_t k_short_wide = 8;

// What is shown first where there is not room for all. Functions that refuse are no hooks.
constexpr auto k_order =
    std::to_array<Count>({Count::syscalls, Count::tracepoints, Count::lsm, Count::fentry,
                          Count::kprobe, Count::functions, Count::interfaces, Count::cgroup,
                          Count::netfilter, Count::iterators, Count::struct_ops, Count::perf_events,
                          Count::kfuncs, Count::raw_tracepoints, Count::btf_tracepoints});

constexpr Text k_applications{"applications", "aplicaciones"};
constexpr Text k_hardware{"hardware", "hardware"};
constexpr Text k_others{"others", "otros"};
constexpr Text k_attached{"attached", "enganchados"};
constexpr Text k_cost{"cost", "coste"};
constexpr Text k_missing{"Not known here", "No se sabe aquí"};
constexpr Text k_hint{"gancho map SUBSYSTEM opens one of them: ",
                      "gancho map SUBSISTEMA abre uno: "};

struct Entry {
  std::string_view label;
  std::size_t number;
  std::string_view colour = {};
  std::string text = {};  // instead of the number

  [[nodiscard]] std::string shown() const { return text.empty() ? std::to_string(number) : text; }
};

std::vector<Entry> entries_of(const MapFigures& figures, Subsystem subsystem, Language language) {
  const Counts& counts = figures.counts[static_cast<std::size_t>(subsystem)];
  std::vector<Entry> entries;
  if (figures.attached)
    entries.push_back({k_attached.in(language),
                       (*figures.attached)[static_cast<std::size_t>(subsystem)], k_green});
  if (figures.share) {
    constexpr double k_percent = 100;
    const double share = (*figures.share)[static_cast<std::size_t>(subsystem)];
    entries.push_back(
        {k_cost.in(language), 0, k_yellow, fmt::format("{:.2f} %", share * k_percent)});
  }
  // Where the kernel does not tell which functions can be hooked, how many there are.
  const bool told = counts[static_cast<std::size_t>(Count::fentry)] != 0 ||
                    counts[static_cast<std::size_t>(Count::kprobe)] != 0;
  for (const Count count : k_order) {
    if (count == Count::functions && told) continue;
    if (const std::size_t number = counts[static_cast<std::size_t>(count)]; number != 0)
      entries.push_back({text_of(count).in(language), number});
  }
  return entries;
}

// At most so many, with what is left as the last of them.
void merge(std::vector<Entry>& entries, std::size_t room, Language language) {
  if (entries.size() <= room) return;
  std::size_t rest = 0;
  for (std::size_t i = room - 1; i < entries.size(); ++i) rest += entries[i].number;
  entries.resize(room - 1);
  entries.push_back({k_others.in(language), rest});
}

class Drawing {
 public:
  Drawing(const MapFigures& figures, const MapView& view)
      : figures_(figures), view_(view), width_(std::min(view.width, k_widest)) {
    const std::size_t inner = width_ - 5;
    for (std::size_t i = 0; i < columns_.size(); ++i)
      columns_[i] = inner / 4 + (i < inner % 4 ? 1 : 0);
  }

  std::string draw() {
    centred(k_applications.in(view_.language));
    border("┌", "─", "┐");
    wide(Subsystem::syscalls);
    border("├", "┬", "┤");
    middle();
    border("├", "┴", "┤");
    wide(Subsystem::drivers);
    border("└", "─", "┘");
    centred(k_hardware.in(view_.language));
    return std::move(page_);
  }

 private:
  void centred(std::string_view text) {
    page_.append((width_ - columns_of(text)) / 2, ' ');
    put(page_, text, k_faint, view_.colour);
    page_ += '\n';
  }

  static std::string rule(std::size_t length) {
    std::string line;
    for (std::size_t i = 0; i < length; ++i) line += "─";
    return line;
  }

  void border(std::string_view left, std::string_view between, std::string_view right) {
    std::string line(left);
    for (std::size_t i = 0; i < columns_.size(); ++i)
      line.append(i == 0 ? "" : between).append(rule(columns_[i]));
    put(page_, line.append(right), k_faint, view_.colour);
    page_ += '\n';
  }

  // The inside of a box: its title and what there is, in as many columns as have room.
  std::vector<std::string> box(Subsystem subsystem, std::size_t inner, std::size_t lines) {
    const std::size_t text = inner - 2;
    const std::size_t across = Drawing::across(inner);
    std::vector<Entry> entries = entries_of(figures_, subsystem, view_.language);
    merge(entries, across * (lines - 1), view_.language);
    const std::size_t cell = across == 1 ? text : (text - k_gap * (across - 1)) / across;
    std::vector<std::string> rows;
    std::string title = " ";
    put(title, text_of(subsystem).title.in(view_.language), k_bold, view_.colour);
    title.append(inner - 1 - columns_of(text_of(subsystem).title.in(view_.language)), ' ');
    rows.push_back(std::move(title));
    for (std::size_t at = 0; at < entries.size(); at += across) {
      std::string row = " ";
      std::size_t used = 1;
      for (std::size_t i = at; i < std::min(at + across, entries.size()); ++i) {
        const std::string number = entries[i].shown();
        if (i != at) row.append(k_gap, ' ');
        // The number is what one looks for: the label gives way (they are ASCII).
        row +=
            pad_right(entries[i].label.substr(0, cell - number.size() - 1), cell - number.size());
        put(row, number, entries[i].colour, view_.colour);
        used += cell + (i == at ? 0 : k_gap);
      }
      rows.push_back(row.append(inner - used, ' '));
    }
    while (rows.size() < lines) rows.emplace_back(inner, ' ');
    return rows;
  }

  void wide(Subsystem subsystem) {
    for (const std::string& row : box(subsystem, width_ - 2, 3)) {
      put(page_, "│", k_faint, view_.colour);
      page_ += row;
      put(page_, "│", k_faint, view_.colour);
      page_ += '\n';
    }
  }

  [[nodiscard]] static std::size_t across(std::size_t inner) {
    return std::max<std::size_t>(1, (inner - 2 + k_gap) / (k_cell + k_gap));
  }

  // Lines that a box needs for all that there is.
  [[nodiscard]] std::size_t needs(Subsystem subsystem, std::size_t inner) const {
    const std::size_t entries = entries_of(figures_, subsystem, view_.language).size();
    return 1 + (entries + across(inner) - 1) / across(inner);
  }

  void middle() {
    const std::size_t tallest =
        std::max({needs(Subsystem::process, columns_[0]), needs(Subsystem::memory, columns_[1]),
                  needs(Subsystem::network, columns_[3])});
    const std::size_t higher =
        std::max(needs(Subsystem::vfs, columns_[2]), needs(Subsystem::block, columns_[2]));
    const std::size_t low =
        std::min(across(columns_[2]) == 1 ? k_short : k_short_wide, std::max(higher, tallest / 2));
    const std::size_t tall = 2 * low + 1;
    const auto process = box(Subsystem::process, columns_[0], tall);
    const auto memory = box(Subsystem::memory, columns_[1], tall);
    const auto network = box(Subsystem::network, columns_[3], tall);
    const auto vfs = box(Subsystem::vfs, columns_[2], low);
    const auto block = box(Subsystem::block, columns_[2], low);
    for (std::size_t i = 0; i < tall; ++i) {
      const auto bar = [&](std::string_view sign) { put(page_, sign, k_faint, view_.colour); };
      bar("│");
      page_ += process[i];
      bar("│");
      page_ += memory[i];
      bar(i == low ? "├" : "│");
      if (i == low)
        bar(rule(columns_[2]));
      else
        page_ += i < low ? vfs[i] : block[i - low - 1];
      bar(i == low ? "┤" : "│");
      page_ += network[i];
      bar("│");
      page_ += '\n';
    }
  }

  const MapFigures& figures_;
  const MapView& view_;
  std::size_t width_;
  std::array<std::size_t, 4> columns_{};
  std::string page_;
};

// "kernel core: tracepoints 18, fentry 6120, ..."
void put_list(std::string& page, const MapFigures& figures, const MapView& view,
              Subsystem subsystem) {
  std::string line(text_of(subsystem).title.in(view.language));
  std::string_view separator = ": ";
  for (const Entry& entry : entries_of(figures, subsystem, view.language)) {
    line += fmt::format("{}{} {}", separator, entry.label, entry.shown());
    separator = ", ";
  }
  if (separator == ", ") page += wrapped(line, 0, view.width);
}

}  // namespace

MapFigures figures_of(const Inventory& inventory) {
  return {.kernel = fmt::format("Linux {} {}", harmless(inventory.release), inventory.architecture),
          .counts = count_places(inventory),
          .gaps = inventory.gaps};
}

std::string draw_map(const MapFigures& figures, const MapView& view) {
  std::string page;
  put(page, figures.kernel.substr(0, view.width), k_bold, view.colour);
  page += "\n\n";
  if (view.width < k_narrowest) {
    for (const Subsystem subsystem : k_the_seven) put_list(page, figures, view, subsystem);
  } else {
    page += Drawing(figures, view).draw() + "\n";
  }
  put_list(page, figures, view, Subsystem::core);
  put_list(page, figures, view, Subsystem::unknown);
  if (!figures.gaps.empty()) page += '\n';
  for (const Gap gap : figures.gaps)
    page +=
        wrapped(fmt::format("{}: {}", k_missing.in(view.language), text_of(gap).in(view.language)),
                0, view.width);
  std::string hint(k_hint.in(view.language));
  for (std::size_t i = 0; i < k_the_seven.size(); ++i)
    hint += fmt::format("{}{}", i == 0 ? "" : " ", subsystem_name(k_the_seven[i]));
  page += "\n" + wrapped(hint, 0, view.width);
  return page;
}

}  // namespace gancho
