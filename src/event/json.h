// SPDX-License-Identifier: Apache-2.0
//
// One record as one line of JSON (docs/json.md). The line is valid JSON and valid UTF-8 whatever
// bytes the record holds, and no byte is lost: what is not UTF-8 is added in hexadecimal.
//
// A renderer is made once and used for every record; it allocates nothing while the buffer that it
// is given is large enough. Any number of threads, each with a buffer of its own.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "event/loss.h"
#include "event/projection.h"
#include "event/room.h"
#include "event/view.h"

namespace gancho {

class JsonRenderer {
 public:
  // `facts` must outlive the renderer.
  JsonRenderer(const Facts& facts, WallClock clock,
               const Projection& projection = Projection::all());

  // Appends one line, with its newline. A record that has none of the fields asked for is "{}".
  void render(const EventView& event, ByteBuffer& out) const;
  void render(const Loss& loss, ByteBuffer& out) const;

  void set_clock(WallClock clock) { clock_ = clock; }

 private:
  // A key with all that stands around it, ready to be copied in one go: ,"proc.pid":
  struct Key {
    static constexpr std::size_t k_room = 48;
    char text[k_room] = {};
    std::uint8_t length = 0;

    Key() = default;
    explicit Key(std::string_view name);
    char* write(char* out) const;      // ,"name":
    char* write_hex(char* out) const;  // ,"name.hex":
  };
  struct Column {
    const FieldDesc* field;
    bool value;
    bool joined;
    Key key;
    Key joined_key;
  };
  // Most events are of no container, and most of what can be said of one is not looked at then.
  struct Plan {
    std::vector<Column> outside;
    std::vector<Column> inside;
  };

  static void put_names(const Key& key, const Value& value, ByteBuffer& out);
  static void put_string(const Key& key, std::string_view bytes, ByteBuffer& out);
  static void put_unix_name(const Key& key, std::string_view bytes, ByteBuffer& out);
  static void put_args(const Key& key, std::string_view bytes, ByteBuffer& out);
  static void put_upward(const Key& key, std::string_view bytes, ByteBuffer& out);
  static void put_lineage(const Key& key, std::string_view bytes, ByteBuffer& out);

  const Facts& facts_;
  WallClock clock_;
  std::vector<Plan> plans_;  // by event type
};

// The inside of a JSON string: at most k_json_expansion bytes for each byte of `bytes`. `exact`
// becomes false when a byte was not UTF-8 and U+FFFD stands for it.
inline constexpr std::size_t k_json_expansion = 6;
char* write_json_escaped(char* out, std::string_view bytes, bool& exact);

}  // namespace gancho
