// SPDX-License-Identifier: Apache-2.0
//
// The recorded form: what came out of the rings, and all that is needed to show it again on another
// machine exactly as it was shown live.
//
//   file      = preamble header-block items-block* end-block
//
//   preamble    0  8  magic: 89 'G' 'N' 'C' 0d 0a 1a 0a   (mangled by 7-bit and by text transfers)
//   (16 bytes)  8  4  byte order mark 0x01020304, in the order of the machine that wrote the file
//              12  4  format version
//
//   block       0  4  kind: 1 header, 2 items, 3 end
//   (16 bytes   4  4  length of the payload, bytes, a multiple of 8
//   + payload)  8  4  number of records in the payload
//              12  4  CRC-32C of the 12 bytes before and of the payload
//              16     payload
//
//   header      0  8  boot clock to time of day, ns (WallClock)
//   payload     8  4  number of events     12  4  number of users     16  4  number of groups   20
//   4  0
//              24     events: 2 type, 2 zero, 4 size of the fixed struct
//                     then writer, kernel release, host name: 4 length, bytes
//                     then users, groups: 4 id, 4 length, bytes
//                     then zeros up to a multiple of 8
//
//   items       one after the other, each from a multiple of 8 on, zeros between:
//                 a record as it came from the ring (struct ev_header first), or
//                 a notice, which a record's header cannot be: its type is 0 (EV_NONE)
//
//   notice      0  4  size = 40            4  2  type = 0              6  1  class   7  1  notice:
//   1 loss, 2 clock, 3 container (40 bytes)  8  8  time, boot clock, ns
//              16  8  loss: records lost; clock: the new distance to the time of day, ns
//              24  4  loss: CPU           28  4  loss: reason         32  8  zero
//                 container: size is more than 40; 16 its cgroup's id; 24 whether its state was
//                 found; 28 whether it is privileged: 0 not known, 1 no, 2 yes; then behind the 40
//                 bytes: 4 number of users, 4 of groups, its strings (recording_wire.h) as 4
//                 length, bytes; users and groups as in the header
//
//   end         0     for each class: 8 offered, 8 delivered, 8 lost for want of ring, 8 for want
//   of slot payload    64  8  records in the file
//
// All numbers are in the byte order of the machine that wrote the file; a reader of the other order
// refuses. The same version means the same layout of this file and of every record in it: whoever
// changes a wire struct raises k_recording_version (recording_test.cpp pins the sizes and the
// tables).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_sink.h"
#include "base/clock.h"
#include "base/result.h"
#include "event/container.h"
#include "event/id_name.h"
#include "event/loss.h"
#include "wire/event.h"

namespace gancho {

inline constexpr std::uint32_t k_recording_version = 6;

// What a replay must know besides the records.
struct RecordingInfo {
  WallClock clock;
  std::string writer;          // "gancho 0.1.0"
  std::string kernel_release;  // uname -r
  std::string host;
  std::vector<IdName> users;
  std::vector<IdName> groups;
};

// For each class: offered = delivered + lost_ring + lost_slot, once the rings are drained.
struct ClassTotals {
  std::uint64_t offered = 0;
  std::uint64_t delivered = 0;
  std::uint64_t lost_ring = 0;
  std::uint64_t lost_slot = 0;
  bool operator==(const ClassTotals&) const = default;
};
using RecordingTotals = std::array<ClassTotals, EV_CLASS_COUNT>;

// One thread at a time. The first error is final: the recording ends there, every later call
// returns the same error, and what was written before can be salvaged.
class RecordingWriter {
 public:
  static constexpr std::size_t k_block_size = 64 * 1024;  // payload, unless one record is larger

  // Writes preamble and header. `sink` must outlive the writer.
  [[nodiscard]] static Result<RecordingWriter> create(ByteSink& sink, const RecordingInfo& info);

  // Goes on with a recording whose writer was killed: `bytes` and `records` as they were after its
  // last flush(); what the file had behind them must have been cut off.
  [[nodiscard]] static RecordingWriter resume(ByteSink& sink, std::uint64_t bytes,
                                              std::uint64_t records);

  [[nodiscard]] Status append(std::span<const std::byte> record);
  [[nodiscard]] Status append(const Loss& loss);
  [[nodiscard]] Status append(WallClock clock, std::uint64_t time);  // the clock was set
  // What is known of a container from here on; its cgroup's id is what the records call it by.
  [[nodiscard]] Status append(std::uint64_t cgroup_id, const ContainerInfo& info,
                              std::uint64_t time);
  // Writes the block that has been begun; call it now and then, so that a crash costs little.
  [[nodiscard]] Status flush();
  // Ends the recording. A file without it is incomplete, and read with Salvage::yes only.
  [[nodiscard]] Status finish(const RecordingTotals& totals);

  [[nodiscard]] std::uint64_t records() const { return records_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }  // given to the sink

 private:
  explicit RecordingWriter(ByteSink& sink);
  [[nodiscard]] Status add(std::span<const std::byte> item, std::uint32_t records);
  [[nodiscard]] Status write_block(std::uint32_t kind);
  [[nodiscard]] Status write(std::span<const std::byte> bytes);

  ByteSink* sink_;
  std::vector<std::byte> block_;  // block head, then payload
  std::uint32_t block_records_ = 0;
  std::uint64_t records_ = 0;
  std::uint64_t bytes_ = 0;
  std::optional<Error> failed_;
};

enum class Salvage : bool { no, yes };

// A recording that has been checked from the first byte to the last: checksums, sizes, counts, and
// that every record is one that EventView::create() takes. Needs neither root nor a kernel. Any
// thread.
class Recording {
 public:
  // `file` must stay alive and unchanged. Refuses, in one line that says what, at which byte, and
  // how many complete records stand before it: a file that is foreign, of another version or byte
  // order, damaged, or incomplete. Salvage::yes accepts a file whose header is whole, and takes the
  // complete blocks before the first damage.
  [[nodiscard]] static Result<Recording> open(std::span<const std::byte> file,
                                              Salvage salvage = Salvage::no);

  [[nodiscard]] const RecordingInfo& info() const { return info_; }
  [[nodiscard]] std::uint64_t records() const { return records_; }
  // Absent from a salvaged file that has no end.
  [[nodiscard]] const std::optional<RecordingTotals>& totals() const { return totals_; }
  // Why the rest was left out; empty for a whole file.
  [[nodiscard]] const std::string& damage() const { return damage_; }

  enum class Kind : std::uint8_t { record, loss, clock, container };
  struct Item {
    Kind kind = Kind::record;
    std::span<const std::byte> record;  // record
    Loss loss;                          // loss
    WallClock clock;                    // clock: to be used from here on
    std::uint64_t cgroup_id = 0;        // container: whose
    ContainerInfo container;            // container: what is known from here on
  };

  // Walks the items in the order in which they were written.
  class Cursor {
   public:
    [[nodiscard]] bool next(Item& item);

   private:
    friend class Recording;
    explicit Cursor(std::span<const std::byte> blocks) : blocks_(blocks) {}
    std::span<const std::byte> blocks_;  // items-blocks not yet entered
    std::span<const std::byte> items_;   // rest of the present one
  };
  [[nodiscard]] Cursor items() const { return Cursor(blocks_); }

 private:
  Recording() = default;

  RecordingInfo info_;
  std::span<const std::byte> blocks_;  // the checked items-blocks
  std::uint64_t records_ = 0;
  std::optional<RecordingTotals> totals_;
  std::string damage_;
};

}  // namespace gancho
