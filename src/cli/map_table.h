// SPDX-License-Identifier: Apache-2.0
//
// Rows of cells in columns. A column is as wide as its cells are, but a name that is longer than
// names mostly are does not widen it: what follows it goes to the next line, below its column. On a
// narrow page the widest columns give way, and at last the last cells, each to a line of its own.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace gancho {

class MapTable {
 public:
  // Of so many columns of a terminal, the first `indent` of them blank.
  explicit MapTable(std::size_t width, std::size_t indent = 2) : width_(width), indent_(indent) {}

  // As many cells as in every other row. The last one is wrapped under itself, `below` under the
  // second.
  void row(std::vector<std::string> cells, std::string below = {});
  // Whole lines between two rows, as they are.
  void text(std::string lines);

  [[nodiscard]] std::string draw() const;

 private:
  struct Row {
    std::vector<std::string> cells;
    std::string below;  // of text(): the lines
  };
  struct Layout {
    std::vector<std::size_t> starts;  // where each column begins
    std::vector<std::size_t> widths;  // of all but the last
    bool stacked = false;             // last cells have lines of their own
  };
  [[nodiscard]] std::vector<std::size_t> sizes() const;
  [[nodiscard]] Layout layout() const;
  void draw_row(std::string& out, const Row& row, const Layout& layout) const;

  std::size_t width_;
  std::size_t indent_;
  std::vector<Row> rows_;
};

}  // namespace gancho
