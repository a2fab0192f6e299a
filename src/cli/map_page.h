// SPDX-License-Identifier: Apache-2.0
//
// Titles, paragraphs and rows, as wide as the view.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "cli/columns.h"
#include "cli/map_drawing.h"
#include "cli/map_style.h"
#include "cli/map_table.h"

namespace gancho {

class MapPage {
 public:
  explicit MapPage(const MapView& view) : view_(view) {}

  void title(std::string_view text) {
    if (!page_.empty()) page_ += '\n';
    page_ += title_line(text);
  }
  // For a title that stands between the rows of a table.
  [[nodiscard]] std::string title_line(std::string_view text) const {
    std::string line;
    put(line, text, k_bold, view_.colour);
    return line + '\n';
  }
  void text(std::string_view text, std::size_t indent = 0) {
    page_.append(indent, ' ');
    page_ += wrapped(text, indent, view_.width);
  }
  // A row whose last column is wrapped under itself.
  void row(const std::string& head, std::string_view rest) {
    const std::size_t indent = columns_of(head);
    page_ += head;
    page_ += wrapped(rest, indent, std::max(view_.width, indent + 20));
    if (rest.empty()) trim();
  }
  // What is known of the page's subject, behind what it is.
  void fact(std::string_view label, std::string_view text) { row(label_of(label), text); }
  // Several of the same, as `facts` has them.
  void fact(std::string_view label, const MapTable& facts) {
    std::string lines = facts.draw();
    if (!lines.empty()) lines.replace(0, k_label, label_of(label));
    page_ += lines;
  }
  // For those: a table beside a label.
  [[nodiscard]] MapTable facts() const { return rows(k_label); }
  void table(const MapTable& rows) { page_ += rows.draw(); }
  // A table as wide as the page.
  [[nodiscard]] MapTable rows(std::size_t indent = 2) const {
    return MapTable(view_.width, indent);
  }
  // The blanks at the end of the last line.
  void trim() {
    const std::size_t last = page_.find_last_not_of(" \n");
    page_.resize(last == std::string::npos ? 0 : last + 1);
    page_ += '\n';
  }
  void blank() { page_ += '\n'; }
  // As it is: to be copied.
  void code(std::string_view line) { page_.append("  ").append(line).append("\n"); }
  [[nodiscard]] std::string take() { return std::move(page_); }

 private:
  static constexpr std::size_t k_label = 20;  // columns of a fact's label, two blank ones before it
  static std::string label_of(std::string_view label) {
    return "  " + pad_right(label, k_label - 2);
  }

  const MapView& view_;
  std::string page_;
};

}  // namespace gancho
