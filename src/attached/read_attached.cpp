// SPDX-License-Identifier: Apache-2.0
#include "attached/read_attached.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "attached/places.h"
#include "attached/reading.h"
#include "load/libbpf_log.h"

namespace gancho {

void Reading::blank(std::string sentence) {
  if (std::ranges::find(attached.blanks, sentence) == attached.blanks.end())
    attached.blanks.push_back(std::move(sentence));
}

std::uint32_t Reading::type_of_program(std::uint32_t id) const {
  const auto found = attached.programs.find(id);
  return found == attached.programs.end() ? 0 : found->second.type;
}

Result<Attached> read_attached() {
  capture_libbpf_log();
  Reading reading;
  TRY(read_objects(reading));
  read_holders(reading);
  read_pins(reading);
  add_link_places(reading);
  add_perf_places(reading);
  add_map_places(reading);
  add_struct_ops_places(reading);
  Attached attached = std::move(reading.attached);
  add_places(attached);

  // Of a program that was loaded after the programs were listed.
  std::erase_if(attached.attachments,
                [&](const Attachment& one) { return !attached.programs.contains(one.program); });
  std::ranges::sort(attached.attachments, {}, [](const Attachment& one) {
    return std::tie(one.program, one.place, one.network, one.how, one.link, one.detail);
  });
  return attached;
}

}  // namespace gancho
