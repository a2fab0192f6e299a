// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "event/recording.h"
#include "event/recording_wire.h"
#include "event/room.h"
#include "event/view.h"

namespace gancho {

using namespace recorded;

namespace {

using Bytes = std::span<const std::byte>;

// Takes values off the front of bytes that are not believed.
class Input {
 public:
  explicit Input(Bytes bytes) : bytes_(bytes) {}

  [[nodiscard]] std::size_t left() const { return bytes_.size(); }

  template <class T>
  [[nodiscard]] bool take(T& value) {
    if (bytes_.size() < sizeof(T)) return false;
    std::memcpy(&value, bytes_.data(), sizeof(T));
    bytes_ = bytes_.subspan(sizeof(T));
    return true;
  }

  [[nodiscard]] bool take(std::size_t size, Bytes& part) {
    if (bytes_.size() < size) return false;
    part = bytes_.first(size);
    bytes_ = bytes_.subspan(size);
    return true;
  }

  [[nodiscard]] bool take_string(std::string& text) {
    std::uint32_t length = 0;
    Bytes part;
    if (!take(length) || !take(length, part)) return false;
    text.assign(reinterpret_cast<const char*>(part.data()), part.size());
    return true;
  }

  [[nodiscard]] bool take_names(std::uint32_t count, std::vector<IdName>& names) {
    for (std::uint32_t i = 0; i < count; ++i) {  // ends with the bytes, whatever count says
      IdName& entry = names.emplace_back();
      if (!take(entry.id) || !take_string(entry.name)) return false;
    }
    return true;
  }

 private:
  Bytes bytes_;
};

// "" when this program reads records of those layouts, else why not.
std::string check_layout(HeaderEvent event) {
  const EventDesc* desc = find_event(event.type);
  if (desc == nullptr)
    return fmt::format("it holds events of type {}, which this program does not know", event.type);
  if (desc->size != event.size)
    return fmt::format("its {} records have {} bytes, those of this program {}", desc->name,
                       event.size, desc->size);
  return {};
}

std::string read_header(Bytes payload, RecordingInfo& info) {
  Input input(payload);
  HeaderHead head{};
  if (!input.take(head)) return "the header is too short";
  info.clock.offset_ns = head.wall_offset_ns;
  for (std::uint32_t i = 0; i < head.events; ++i) {
    HeaderEvent event{};
    if (!input.take(event)) return "the header's table of events is cut off";
    if (std::string why = check_layout(event); !why.empty()) return why;
  }
  if (!input.take_string(info.writer) || !input.take_string(info.kernel_release) ||
      !input.take_string(info.host) || !input.take_names(head.users, info.users) ||
      !input.take_names(head.groups, info.groups))
    return "the header's names are cut off";
  if (input.left() >= 8) return "the header is longer than its content";
  return {};
}

// The part of a container's notice that follows its head. False when it is cut off.
bool read_container(Bytes rest, ContainerInfo& info) {
  Input input(rest);
  std::uint32_t users = 0;
  std::uint32_t groups = 0;
  if (!input.take(users) || !input.take(groups)) return false;
  for (std::string ContainerInfo::* text : k_container_texts)
    if (!input.take_string(info.*text)) return false;
  if (!input.take_names(users, info.users) || !input.take_names(groups, info.groups)) return false;
  // They are looked up by halving.
  return std::ranges::is_sorted(info.users, {}, &IdName::id) &&
         std::ranges::is_sorted(info.groups, {}, &IdName::id) && input.left() == 0;
}

// Checks the items of one block. "" or why not.
std::string check_items(Bytes payload, std::uint32_t expected_records) {
  std::uint32_t records = 0;
  while (!payload.empty()) {
    // Every item, and so what is left, is a multiple of 8; the fields below are in the first 8
    // bytes.
    Notice notice{};
    std::memcpy(&notice, payload.data(), 8);
    if (notice.size < 8 || padded(notice.size) > payload.size())
      return fmt::format("an item of {} bytes does not fit into its block", notice.size);
    if (notice.type != EV_NONE) {
      if (auto view = EventView::create(payload.first(notice.size)); !view)
        return view.error().message;
      ++records;
    } else {
      const bool about_container = notice.notice == k_container;
      if (about_container ? notice.size < sizeof(Notice) : notice.size != sizeof(Notice))
        return "a notice has the wrong size";
      const Bytes rest = payload.first(notice.size).subspan(sizeof(notice));
      std::memcpy(&notice, payload.data(), sizeof(notice));
      if (ContainerInfo info; about_container && !read_container(rest, info))
        return "a notice about a container is cut off";
      const bool loss = notice.notice == k_loss && notice.class_id < EV_CLASS_COUNT &&
                        notice.reason < k_loss_reasons;
      if (!loss && !about_container && notice.notice != k_clock)
        return "a notice says nothing that is known";
    }
    payload = payload.subspan(padded(notice.size));
  }
  if (records != expected_records)
    return fmt::format("a block says that it has {} records, but has {}", expected_records,
                       records);
  return {};
}

struct Block {
  BlockHead head;
  Bytes payload;
};

// The block at the front of `rest`, checksum included. "" or why not.
std::string take_block(Bytes rest, Block& block) {
  Input input(rest);
  if (!input.take(block.head)) return rest.empty() ? "there is no end block" : "a block is cut off";
  if (block.head.kind < k_header || block.head.kind > k_end || block.head.length % 8 != 0)
    return "what should be a block is none";
  if (!input.take(block.head.length, block.payload))
    return fmt::format("a block is cut off: it has {} bytes, {} are there",
                       block.head.length + sizeof(BlockHead), rest.size());
  if (block_crc(block.head, block.payload) != block.head.crc) return "a block's checksum is wrong";
  return {};
}

// Whether `file` is a recording that this program can read at all. "" or why not.
std::string check_preamble(Bytes file) {
  Preamble preamble{};
  const std::size_t magic = std::min(file.size(), k_magic.size());
  if (file.empty()) return "the file is empty";
  if (std::memcmp(file.data(), k_magic.data(), magic) != 0) {
    const bool mangled = file.size() >= 4 && std::memcmp(file.data() + 1, "GNC", 3) == 0;
    return mangled ? "it was changed on the way, as a text transfer does; copy it again as binary"
                   : "it is not a recording made by gancho";
  }
  if (file.size() < sizeof(preamble)) return "the file is cut off in its first 16 bytes";
  std::memcpy(&preamble, file.data(), sizeof(preamble));
  if (preamble.byte_order == k_foreign_byte_order)
    return "it was made on a machine of the other byte order; replay it on one of that kind";
  if (preamble.byte_order != k_byte_order) return "its byte order mark is damaged";
  if (preamble.version > k_recording_version)
    return fmt::format(
        "it has format version {}, and this program reads up to {}; use a newer gancho",
        preamble.version, k_recording_version);
  if (preamble.version != k_recording_version)
    return fmt::format(
        "it has format version {}, and this program reads {} only; use an older gancho",
        preamble.version, k_recording_version);
  return {};
}

}  // namespace

Result<Recording> Recording::open(Bytes file, Salvage salvage) {
  if (std::string why = check_preamble(file); !why.empty())
    return fail(Errc::input, "cannot read the recording: " + why);

  Recording recording;
  Bytes rest = file.subspan(sizeof(Preamble));
  const auto offset = [&] { return file.size() - rest.size(); };

  Block block{};
  std::string why = take_block(rest, block);
  if (why.empty() && block.head.kind != k_header) why = "the header block is missing";
  if (why.empty()) why = read_header(block.payload, recording.info_);
  if (!why.empty())
    return fail(Errc::input,
                fmt::format("cannot read the recording: {} (byte {}, no records before it)", why,
                            offset()));
  rest = rest.subspan(sizeof(BlockHead) + block.payload.size());

  const Bytes blocks = rest;
  for (;;) {
    why = take_block(rest, block);
    if (why.empty() && block.head.kind == k_header) why = "a second header block";
    if (why.empty() && block.head.kind == k_items)
      why = check_items(block.payload, block.head.records);
    if (why.empty() && block.head.kind == k_end) {
      End end{};
      if (!Input(block.payload).take(end) || block.payload.size() != sizeof(end)) {
        why = "the end block has the wrong size";
      } else if (end.records != recording.records_) {
        why = fmt::format("the end block counts {} records, but {} are there", end.records,
                          recording.records_);
      } else if (rest.size() != sizeof(BlockHead) + sizeof(end)) {
        why = fmt::format("{} bytes follow the end block",
                          rest.size() - sizeof(BlockHead) - sizeof(end));
      }
      if (!why.empty()) break;
      RecordingTotals& totals = recording.totals_.emplace();
      for (std::size_t i = 0; i < totals.size(); ++i)
        totals[i] = {end.classes[i].offered, end.classes[i].delivered, end.classes[i].lost_ring,
                     end.classes[i].lost_slot};
    }
    if (!why.empty() || block.head.kind == k_end) break;
    recording.records_ += block.head.records;
    rest = rest.subspan(sizeof(BlockHead) + block.payload.size());
  }
  recording.blocks_ = blocks.first(blocks.size() - rest.size());
  if (why.empty()) return recording;

  recording.damage_ = fmt::format("{} at byte {}; {} complete records stand before it", why,
                                  offset(), recording.records_);
  if (salvage == Salvage::yes) return recording;
  return fail(Errc::input,
              "the recording is damaged: " + recording.damage_ + "; --salvage replays them");
}

bool Recording::Cursor::next(Item& item) {
  while (items_.empty()) {
    if (blocks_.empty()) return false;
    BlockHead head{};
    std::memcpy(&head, blocks_.data(), sizeof(head));
    items_ = blocks_.subspan(sizeof(head), head.length);
    blocks_ = blocks_.subspan(sizeof(head) + head.length);
  }
  Notice notice{};
  std::memcpy(&notice, items_.data(), 8);
  item = {};
  if (notice.type != EV_NONE) {
    item.record = items_.first(notice.size);
  } else {
    std::memcpy(&notice, items_.data(), sizeof(notice));
    if (notice.notice == k_loss) {
      item.kind = Kind::loss;
      item.loss = {.class_id = static_cast<ev_class>(notice.class_id),
                   .reason = static_cast<LossReason>(notice.reason),
                   .cpu = notice.cpu,
                   .count = notice.value,
                   .time = notice.time};
    } else if (notice.notice == k_container) {
      item.kind = Kind::container;
      item.cgroup_id = notice.value;
      item.container.found = notice.cpu != 0;
      if (notice.reason <= static_cast<std::uint32_t>(Privileged::yes))
        item.container.privileged = static_cast<Privileged>(notice.reason);
      (void)read_container(items_.first(notice.size).subspan(sizeof(notice)), item.container);
    } else {
      item.kind = Kind::clock;
      item.clock = {static_cast<std::int64_t>(notice.value)};
    }
  }
  items_ = items_.subspan(padded(notice.size));
  return true;
}

}  // namespace gancho
