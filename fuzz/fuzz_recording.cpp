// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a recording: refused, or every item of it can be read. The checksums are put right
// first, or nothing would ever get past them.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "event/recording.h"
#include "event/recording_wire.h"
#include "event/view.h"

namespace {

using namespace gancho;

void walk(std::span<const std::byte> file) {
  const bool whole = Recording::open(file).has_value();
  const auto recording = Recording::open(file, Salvage::yes);
  if (whole && !recording) abort();
  if (!recording) return;
  if (whole != recording->damage().empty()) abort();
  std::uint64_t records = 0;
  auto items = recording->items();
  Recording::Item item;
  while (items.next(item)) {
    if (item.kind != Recording::Kind::record) continue;
    ++records;
    if (!EventView::create(item.record)) abort();
  }
  if (records != recording->records()) abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::byte> file(size);
  if (size != 0) std::memcpy(file.data(), data, size);
  walk(file);

  recorded::BlockHead head{};
  for (std::size_t at = sizeof(recorded::Preamble); at + sizeof(head) <= size;) {
    std::memcpy(&head, file.data() + at, sizeof(head));
    if (head.length > size - at - sizeof(head)) break;
    head.crc = recorded::block_crc(head, std::span(file).subspan(at + sizeof(head), head.length));
    std::memcpy(file.data() + at, &head, sizeof(head));
    at += sizeof(head) + head.length;
  }
  walk(file);
  return 0;
}
