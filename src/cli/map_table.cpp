// SPDX-License-Identifier: Apache-2.0
#include "cli/map_table.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "cli/columns.h"

namespace gancho {
namespace {

constexpr std::size_t k_long = 48;  // a cell that is longer does not widen its column
constexpr std::size_t k_narrow =
    20;  // columns give way to last cells beside them until they are so
constexpr std::size_t k_narrowest = 12;  // and to nothing when they are so
constexpr std::size_t k_last = 24;       // what last cells want beside the others
constexpr std::size_t k_below = 4;       // by how much a line of its own is further right
constexpr std::size_t k_gap = 2;         // between columns

std::size_t longest_word(std::string_view text) {
  std::size_t longest = 0;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    longest = std::max(longest, columns_of(word));
  }
  return longest;
}

std::size_t sum_of(const std::vector<std::size_t>& widths, std::size_t most) {
  std::size_t sum = 0;
  for (const std::size_t width : widths) sum += std::min(width, most);
  return sum;
}

}  // namespace

void MapTable::row(std::vector<std::string> cells, std::string below) {
  rows_.push_back({std::move(cells), std::move(below)});
}

void MapTable::text(std::string lines) {
  rows_.push_back({{}, std::move(lines)});
}

std::vector<std::size_t> MapTable::sizes() const {
  std::vector<std::size_t> widths;
  std::vector<bool> outgrown;
  for (const Row& row : rows_) {
    widths.resize(std::max(widths.size(), row.cells.size()));
    outgrown.resize(widths.size());
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      const std::size_t size = columns_of(row.cells[i]);
      if (size <= k_long || i + 1 == row.cells.size())
        widths[i] = std::max(widths[i], size);
      else
        outgrown[i] = true;
    }
  }
  for (std::size_t i = 0; i < widths.size(); ++i)
    if (outgrown[i]) widths[i] = std::max(widths[i], k_narrowest);
  return widths;
}

MapTable::Layout MapTable::layout() const {
  Layout layout{.starts = {}, .widths = sizes()};
  if (layout.widths.empty()) return layout;
  const std::size_t last = std::min(layout.widths.back(), k_last);
  layout.widths.pop_back();
  const auto used = static_cast<std::size_t>(
      std::ranges::count_if(layout.widths, [](std::size_t width) { return width != 0; }));
  const auto fit = [&](std::size_t taken, std::size_t least) {
    std::size_t most = k_long;
    while (most > least && sum_of(layout.widths, most) + taken > width_) --most;
    return most;
  };
  const std::size_t taken = indent_ + used * k_gap;
  std::size_t most = fit(taken + last, k_narrow);
  layout.stacked = sum_of(layout.widths, most) + taken + last > width_;
  if (layout.stacked) most = fit(taken, k_narrowest);
  std::size_t at = indent_;
  for (std::size_t i = 0; i < layout.widths.size(); ++i) {
    std::size_t& width = layout.widths[i];
    width = std::min(width, most);
    layout.starts.push_back(at);
    if (width != 0) at += width + k_gap;
  }
  layout.starts.push_back(at);
  return layout;
}

void MapTable::draw_row(std::string& out, const Row& row, const Layout& layout) const {
  const std::size_t last = row.cells.size() - 1;
  const std::size_t second = last > 1 ? layout.starts[1] : indent_ + k_below;
  std::size_t column = 0;
  const auto go_to = [&](std::size_t start) {
    out.append(start - column, ' ');
    column = start;
  };
  const auto break_line = [&] {
    out += '\n';
    column = 0;
  };
  for (std::size_t i = 0; i < last; ++i) {
    const std::string& cell = row.cells[i];
    if (cell.empty()) continue;
    const std::size_t size = columns_of(cell);
    const bool fits = layout.starts[i] + size <= width_;
    const std::size_t start = fits ? layout.starts[i] : std::min(layout.starts[i], second);
    // One before it stands out of its column, or it does itself.
    if (column != 0 && column + k_gap > start) break_line();
    go_to(start);
    if (start + size <= width_) {
      out += cell;
      column += size;
    } else {
      out += wrapped(cell, start, width_);
      column = 0;
    }
  }
  if (!row.cells[last].empty()) {
    std::size_t start = layout.starts[last];
    const std::size_t word = longest_word(row.cells[last]);
    if (layout.stacked || (start + word > width_ && second + word < start + word)) start = second;
    if (column != 0 && column + k_gap > start) break_line();
    go_to(start);
    out += wrapped(row.cells[last], start, width_);
  } else if (column != 0) {
    break_line();
  }
  if (row.below.empty()) return;
  out.append(second, ' ');
  out += wrapped(row.below, second, width_);
}

std::string MapTable::draw() const {
  const Layout layout = this->layout();
  std::string out;
  for (const Row& row : rows_) {
    if (row.cells.empty())
      out += row.below;
    else
      draw_row(out, row, layout);
  }
  return out;
}

}  // namespace gancho
