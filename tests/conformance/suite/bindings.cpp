// SPDX-License-Identifier: Apache-2.0
#include "conformance/suite/bindings.h"

#include <algorithm>
#include <cctype>
#include <stdexcept>

namespace gancho::test {
namespace {

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

void Bindings::set(const std::string& source, const std::string& field, long value) {
  values_[source + "." + lower(field)] = value;
}

bool Bindings::is_binding(std::string_view text) {
  return text.starts_with("${") && text.ends_with('}');
}

long Bindings::number(std::string_view text, Names names) const {
  if (!is_binding(text)) return read_number(text, names);
  const std::string name(text.substr(2, text.size() - 3));
  const std::size_t dot = name.find('.');
  const auto found = dot == std::string::npos
                         ? values_.end()
                         : values_.find(name.substr(0, dot) + lower(name.substr(dot)));
  if (found == values_.end()) throw std::runtime_error("bound to nothing: " + std::string(text));
  return found->second;
}

}  // namespace gancho::test
