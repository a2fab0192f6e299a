// SPDX-License-Identifier: Apache-2.0
//
// One record as one line for people:
//
//   15:11:03.123  exec     4242  alice  /usr/bin/curl -s 'https://x y'  ← bash 4000 ← sshd 900
//
// Time of day (local), event, process id are the same in every line; what follows is written by the
// event's own function (EventDesc::text), or is "name=value ..." when the event has none or when
// fields were asked for.
//
// No byte of a record reaches the terminal as a control character, a terminal's escape sequence or
// a change of writing direction, and none can pass for the line's own words: names and arguments
// that hold more than letters, digits and plain punctuation stand in quotes, as a shell reads them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "event/loss.h"
#include "event/projection.h"
#include "event/room.h"
#include "event/time_of_day.h"
#include "event/view.h"

namespace gancho {

struct TextOptions {
  bool colour = false;
  bool utc = false;  // times of day in UTC instead of local time
};

enum class Ink : std::uint8_t { plain, strong, dim, red, yellow };

// What an event's text function writes into. Lives for one line.
class TextLine {
 public:
  // `event`: whose container's names of users are shown; nullptr: the machine's.
  TextLine(ByteBuffer& out, const Facts& facts, bool colour, const EventView* event = nullptr)
      : out_(out), facts_(facts), colour_(colour) {
    if (event == nullptr) return;
    container_ = event->container();
    container_id_ = event->string(container_.id);
  }

  // Our own words: written as they are.
  void plain(std::string_view ours) { out_.append(ours); }
  void plain(std::string_view ours, Ink ink);
  // A name, path or argument, in quotes when it needs them: alpha, 'two words', $'\x1b[31m'.
  void word(std::string_view bytes, Ink ink = Ink::plain);
  // The elements of an args value, from the element `first` on, each after a blank.
  void words(std::string_view args, std::size_t first = 0);
  void number(std::uint64_t value);
  void number(std::int64_t value);
  void user(std::uint32_t uid);  // its name, else the number; "-" when unset
  void group(std::uint32_t gid);
  void error(std::int64_t error);                                           // "ENOENT", in red
  void duration(std::uint64_t ns);                                          // "12.3ms"
  void named(NameTable names, std::uint64_t number, Ink ink = Ink::plain);  // "SIGKILL"
  void flags(NameTable names, std::uint64_t flags, Ink ink = Ink::plain);   // "MFD_CLOEXEC"
  void syscall(std::uint64_t id, Ink ink = Ink::plain);                     // "openat"
  void hex(std::uint64_t value);                                            // "0x7ffe", "0"
  void endpoint(const ev_address& address);  // "192.0.2.1:80"; not of a Unix socket
  void unix_name(std::string_view name);     // "/run/x", "@abstract"
  void upward(std::string_view components);
  // "  ← bash 4000 ← sshd 900"; nothing for an empty lineage.
  void lineage(std::string_view ancestors);
  void mark(std::string_view ours, Ink ink = Ink::dim);  // " [memfd]"
  void container();  // " [in web-1]", or its id; nothing on the machine itself
  // What a field of the event's container shows; false: nothing.
  [[nodiscard]] bool container_fact(ContainerFact fact, std::string_view& text) const;
  [[nodiscard]] bool container_unknown() const;
  [[nodiscard]] const ev_container& where() const { return container_; }

 private:
  void paint(Ink ink);
  void identity(std::string_view name, std::uint32_t id);

  ByteBuffer& out_;
  const Facts& facts_;
  bool colour_;
  ev_container container_{};
  std::string_view container_id_;
};

// One thread at a time. `facts` must outlive the renderer.
class TextRenderer {
 public:
  // With a projection, the fields of it instead of the event's own text.
  TextRenderer(const Facts& facts, WallClock clock, TextOptions options = {},
               std::optional<Projection> projection = std::nullopt);

  // Appends one line, with its newline.
  void render(const EventView& event, ByteBuffer& out);
  void render(const Loss& loss, ByteBuffer& out);

  void set_clock(WallClock clock) { clock_ = clock; }

 private:
  void put_time(std::uint64_t boot_ns, ByteBuffer& out);
  void put_fields(std::span<const Selected> fields, const EventView& event, TextLine& line) const;
  void put_value(const Value& value, TextLine& line) const;

  const Facts& facts_;
  WallClock clock_;
  TextOptions options_;
  std::optional<Projection> projection_;
  Projection all_ = Projection::all();
  TimeOfDay time_of_day_;
};

}  // namespace gancho
