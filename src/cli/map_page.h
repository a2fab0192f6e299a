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

namespace gancho {

class MapPage {
 public:
  explicit MapPage(const MapView& view) : view_(view) {}

  void title(std::string_view text) {
    if (!page_.empty()) page_ += '\n';
    put(page_, text, k_bold, view_.colour);
    page_ += '\n';
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
  void fact(std::string_view label, std::string_view text) {
    constexpr std::size_t k_label = 18;
    row("  " + pad_right(label, k_label), text);
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
  const MapView& view_;
  std::string page_;
};

}  // namespace gancho
