// SPDX-License-Identifier: Apache-2.0
#include "support/bpf_ids.h"

#include <bpf/bpf.h>

#include <boost/json.hpp>
#include <stdexcept>

namespace gancho::test {
namespace {

std::set<std::uint32_t> all(int (*next)(__u32, __u32*)) {
  std::set<std::uint32_t> ids;
  for (__u32 id = 0; next(id, &id) == 0;) ids.insert(id);
  return ids;
}

void collect(const boost::json::value& value, const std::set<std::string>& names,
             std::set<std::uint32_t>& found) {
  if (const auto* array = value.if_array()) {
    for (const auto& one : *array) collect(one, names, found);
  } else if (const auto* object = value.if_object()) {
    for (const auto& [name, inner] : *object)
      if (names.contains(std::string(name)) && inner.is_number())
        found.insert(inner.to_number<std::uint32_t>());
      else
        collect(inner, names, found);
  }
}

}  // namespace

BpfIds BpfIds::now() {
  return {.programs = all(bpf_prog_get_next_id),
          .maps = all(bpf_map_get_next_id),
          .links = all(bpf_link_get_next_id)};
}

std::set<std::uint32_t> numbers_in(const std::string& json, const std::set<std::string>& names) {
  std::set<std::uint32_t> found;
  boost::system::error_code error;
  const auto document = boost::json::parse(json, error);
  if (error) throw std::runtime_error("no JSON: " + json);
  collect(document, names, found);
  return found;
}

}  // namespace gancho::test
