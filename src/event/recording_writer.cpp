// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "event/recording.h"
#include "event/recording_wire.h"
#include "event/room.h"

namespace gancho {

using namespace recorded;

static_assert(EV_CLASS_COUNT == std::tuple_size_v<decltype(End::classes)>);

namespace {

void put(std::vector<std::byte>& out, std::span<const std::byte> bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void put_string(std::vector<std::byte>& out, std::string_view text) {
  put(out, bytes_of(static_cast<std::uint32_t>(text.size())));
  put(out, std::as_bytes(std::span(text)));
}

void put_names(std::vector<std::byte>& out, const std::vector<IdName>& names) {
  for (const auto& [id, name] : names) {
    put(out, bytes_of(id));
    put_string(out, name);
  }
}

}  // namespace

RecordingWriter::RecordingWriter(ByteSink& sink) : sink_(&sink) {
  block_.reserve(sizeof(BlockHead) + k_block_size);
  block_.resize(sizeof(BlockHead));
}

Result<RecordingWriter> RecordingWriter::create(ByteSink& sink, const RecordingInfo& info) {
  RecordingWriter writer(sink);
  if (Status status = writer.write(bytes_of(Preamble{k_magic, k_byte_order, k_recording_version}));
      !status)
    return std::unexpected(status.error());

  std::vector<std::byte>& block = writer.block_;
  std::uint32_t events = 0;
  for (const Room* room : rooms()) events += static_cast<std::uint32_t>(room->events.size());
  put(block, bytes_of(HeaderHead{.wall_offset_ns = info.clock.offset_ns,
                                 .events = events,
                                 .users = static_cast<std::uint32_t>(info.users.size()),
                                 .groups = static_cast<std::uint32_t>(info.groups.size()),
                                 .zero = 0}));
  for (const Room* room : rooms())
    for (const EventDesc& event : room->events)
      put(block, bytes_of(HeaderEvent{.type = event.type, .zero = 0, .size = event.size}));
  put_string(block, info.writer);
  put_string(block, info.kernel_release);
  put_string(block, info.host);
  put_names(block, info.users);
  put_names(block, info.groups);
  block.resize(padded(block.size()));
  if (Status status = writer.write_block(k_header); !status) return std::unexpected(status.error());
  return writer;
}

Status RecordingWriter::write(std::span<const std::byte> bytes) {
  if (failed_) return std::unexpected(*failed_);
  if (Status status = sink_->write(bytes); !status) {
    failed_ = Error{status.error().code, "cannot write the recording: " + status.error().message};
    return std::unexpected(*failed_);
  }
  bytes_ += bytes.size();
  return {};
}

Status RecordingWriter::write_block(std::uint32_t kind) {
  const auto payload = std::span<const std::byte>(block_).subspan(sizeof(BlockHead));
  BlockHead head{.kind = kind,
                 .length = static_cast<std::uint32_t>(payload.size()),
                 .records = block_records_,
                 .crc = 0};
  head.crc = block_crc(head, payload);
  std::memcpy(block_.data(), &head, sizeof(head));
  // One write, so that a block is most often whole or absent.
  Status status = write(block_);
  block_.resize(sizeof(BlockHead));
  block_records_ = 0;
  return status;
}

Status RecordingWriter::add(std::span<const std::byte> item, std::uint32_t records) {
  if (failed_) return std::unexpected(*failed_);
  const std::size_t used = block_.size() - sizeof(BlockHead);
  if (used != 0 && used + padded(item.size()) > k_block_size)
    if (Status status = flush(); !status) return status;
  put(block_, item);
  block_.resize(padded(block_.size()));
  block_records_ += records;
  records_ += records;
  return {};
}

RecordingWriter RecordingWriter::resume(ByteSink& sink, std::uint64_t bytes,
                                        std::uint64_t records) {
  RecordingWriter writer(sink);
  writer.bytes_ = bytes;
  writer.records_ = records;
  return writer;
}

Status RecordingWriter::append(std::span<const std::byte> record) {
  return add(record, 1);
}

Status RecordingWriter::append(const Loss& loss) {
  return add(bytes_of(Notice{.size = sizeof(Notice),
                             .type = EV_NONE,
                             .class_id = static_cast<std::uint8_t>(loss.class_id),
                             .notice = k_loss,
                             .time = loss.time,
                             .value = loss.count,
                             .cpu = loss.cpu,
                             .reason = static_cast<std::uint32_t>(loss.reason),
                             .zero = 0}),
             0);
}

Status RecordingWriter::append(WallClock clock, std::uint64_t time) {
  return add(bytes_of(Notice{.size = sizeof(Notice),
                             .type = EV_NONE,
                             .class_id = 0,
                             .notice = k_clock,
                             .time = time,
                             .value = static_cast<std::uint64_t>(clock.offset_ns),
                             .cpu = 0,
                             .reason = 0,
                             .zero = 0}),
             0);
}

Status RecordingWriter::append(std::uint64_t cgroup_id, const ContainerInfo& info,
                               std::uint64_t time) {
  std::vector<std::byte> item;
  put(item, bytes_of(Notice{.size = 0,
                            .type = EV_NONE,
                            .class_id = 0,
                            .notice = k_container,
                            .time = time,
                            .value = cgroup_id,
                            .cpu = info.found ? 1U : 0U,
                            .reason = static_cast<std::uint32_t>(info.privileged),
                            .zero = 0}));
  put(item, bytes_of(static_cast<std::uint32_t>(info.users.size())));
  put(item, bytes_of(static_cast<std::uint32_t>(info.groups.size())));
  for (const std::string ContainerInfo::* text : k_container_texts) put_string(item, info.*text);
  put_names(item, info.users);
  put_names(item, info.groups);
  const auto size = static_cast<std::uint32_t>(item.size());
  std::memcpy(item.data(), &size, sizeof(size));
  return add(item, 0);
}

Status RecordingWriter::flush() {
  if (failed_) return std::unexpected(*failed_);
  if (block_.size() == sizeof(BlockHead)) return {};
  return write_block(k_items);
}

Status RecordingWriter::finish(const RecordingTotals& totals) {
  if (Status status = flush(); !status) return status;
  End end{};
  for (std::size_t i = 0; i < totals.size(); ++i)
    end.classes[i] = {totals[i].offered, totals[i].delivered, totals[i].lost_ring,
                      totals[i].lost_slot};
  end.records = records_;
  put(block_, bytes_of(end));
  return write_block(k_end);
}

}  // namespace gancho
