// SPDX-License-Identifier: Apache-2.0
#include "cli/map_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <thread>

#include "attached/attached_json.h"
#include "attached/read_attached.h"
#include "base/clock.h"
#include "cli/map_attached.h"
#include "cli/print.h"

namespace gancho {
namespace {

using Clock = std::chrono::steady_clock;

constexpr Text k_watching{
    "{} programs, attached at {} places. What comes (+) and goes (-) from now on:\n",
    "{} programas, enganchados en {} sitios. Lo que viene (+) y se va (-):\n"};

std::string time_now() {
  std::array<char, k_rfc3339_length> time{};
  (void)write_rfc3339(time.data(), WallClock::now().unix_ns(boot_now_ns()));
  return {time.data(), time.size()};
}

// A line for each, as people read it or as machines do.
std::string changes_json(const Inventory& inventory, const Attached& earlier, const Attached& later,
                         std::string_view time) {
  const Changes changes = changes_between(earlier, later);
  std::string lines;
  const auto begin = [&](std::string_view what) {
    fmt::format_to(std::back_inserter(lines), "{{\"time\":\"{}\",\"what\":\"{}\"", time, what);
  };
  const auto put_programs = [&](std::string_view what, const auto& programs) {
    for (const ProgramFacts* one : programs) {
      begin(what);
      lines += ",\"program\":";
      put_program(lines, *one);
      lines += "}\n";
    }
  };
  const auto put_attachments = [&](std::string_view what, const auto& attachments) {
    for (const Attachment* one : attachments) {
      begin(what);
      lines += ",\"attachment\":";
      put_attachment(lines, inventory, *one);
      lines += "}\n";
    }
  };
  put_programs("unloaded", changes.unloaded);
  put_attachments("detached", changes.gone);
  put_programs("loaded", changes.loaded);
  put_attachments("attached", changes.come);
  if (changes.unseen != 0) {
    begin("unseen");
    fmt::format_to(std::back_inserter(lines), ",\"programs\":{}}}\n", changes.unseen);
  }
  return lines;
}

}  // namespace

Result<int> watch_map(const MapView& view, bool json) {
  const Inventory inventory = json ? read_inventory() : Inventory{};
  Attached earlier = TRY(read_attached());
  if (!json)
    TRY(print(fmt::format(fmt::runtime(k_watching.in(view.language)), earlier.programs.size(),
                          earlier.attachments.size())));
  for (Clock::duration took{};;) {
    // At most a twentieth of the time is spent in looking.
    std::this_thread::sleep_for(std::max<Clock::duration>(std::chrono::seconds(1), took * 19));
    const auto begin = Clock::now();
    Attached later = TRY(read_attached());
    took = Clock::now() - begin;
    const std::string time = time_now();
    constexpr std::size_t k_clock = 11;  // "15:11:03" of a date and time
    const std::string lines =
        json ? changes_json(inventory, earlier, later, time)
             : changes_text(earlier, later, std::string_view(time).substr(k_clock, 8), view);
    if (!lines.empty()) TRY(print(lines));
    earlier = std::move(later);
  }
}

}  // namespace gancho
