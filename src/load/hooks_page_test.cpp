// SPDX-License-Identifier: Apache-2.0
//
// A program that a room misspells is never attached, and all that shows of it is records that do
// not come: so the rooms' tables are held to the BPF object of this build, and the page to the
// tables.
#include "load/hooks_page.h"

#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "config.bpf.h"
#include "load/signals.h"
#include "load/tested_kernels.h"
#include "probe_points.h"
#include "wire/account.h"

#include "gancho.skel.h"  // after the structs that it names

namespace gancho {
namespace {

using Names = std::set<std::string, std::less<>>;

// Each line of hooks.list by the name that rooms call it: KIND__TARGET.
Names lines_of_hooks_list() {
  Names names;
  Names shared;
  for (const ProbePoint& point : k_probe_points) {
    names.emplace(point.name);
    shared.emplace(point.program);
  }
  const std::unique_ptr<gancho_bpf, void (*)(gancho_bpf*)> object(gancho_bpf__open(),
                                                                  gancho_bpf__destroy);
  EXPECT_NE(object, nullptr) << "the BPF object cannot be opened";
  if (object == nullptr) return names;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object->obj) {
    const std::string_view name = bpf_program__name(program);
    if (!shared.contains(name)) names.emplace(name);
  }
  return names;
}

template <class Do>
void for_each_program(const Room& room, Do&& act) {
  for (const SignalDesc& signal : room.signals) {
    for (const HookCandidate& candidate : signal.candidates) {
      for (const std::string_view program : candidate.programs) act(signal, program);
      for (const std::string_view program : candidate.helpful) act(signal, program);
    }
  }
}

TEST(Signals, NameProgramsThatThereAre) {
  const Names lines = lines_of_hooks_list();
  for (const Room* room : rooms()) {
    for_each_program(*room, [&](const SignalDesc& signal, std::string_view program) {
      EXPECT_TRUE(lines.contains(program))
          << room->name << ", " << signal.name << ": no line of hooks.list makes " << program;
    });
  }
}

TEST(Signals, UseEveryLineOfHooksList) {
  Names unused = lines_of_hooks_list();
  for (const Room* room : rooms()) {
    for_each_program(*room, [&](const SignalDesc&, std::string_view program) {
      unused.erase(std::string(program));
    });
  }
  for (const std::string& program : unused)
    ADD_FAILURE() << "a line of hooks.list is never attached: no signal has " << program;
}

TEST(Signals, AreNamedOnce) {
  for (const Room* room : rooms()) {
    std::set<std::string_view> names;
    for (const SignalDesc& signal : room->signals)
      EXPECT_TRUE(names.insert(signal.name).second) << room->name << ": " << signal.name;
  }
}

TEST(Operations, ThereIsOneForEachEvent) {
  for (const Room* room : rooms()) {
    for (const EventDesc& event : room->events) {
      EXPECT_EQ(std::ranges::count(room->operations, event.type, &OperationDesc::event), 1)
          << room->name << ": " << event.name;
    }
    EXPECT_EQ(room->operations.size(), room->events.size()) << room->name;
  }
}

// Else `gancho watch` would wait for ever for what cannot come, instead of saying so.
TEST(Signals, SayWhenAnEventIsLostAltogether) {
  for (const Room* room : rooms()) {
    for (const OperationDesc& operation : room->operations) {
      const auto signals = signals_of(*room, operation);
      const auto choices_on_bare = [&] {
        std::vector<SignalChoice> choices;
        for (const SignalDesc* signal : signals)
          choices.push_back(choose({signal, 1}, available_on(TestedKernel::bare), {}).front());
        return choices;
      }();
      const auto is_lost = [](const SignalChoice& choice) { return choice.chosen == nullptr; };
      if (!std::ranges::all_of(choices_on_bare, is_lost)) continue;
      EXPECT_TRUE(std::ranges::any_of(signals, &SignalDesc::whole))
          << room->name << ": " << find_event(operation.event)->name;
    }
  }
}

bool attaches_to(const Room& room, const OperationDesc& operation, std::string_view function) {
  for (const SignalDesc* signal : signals_of(room, operation)) {
    for (const HookCandidate& candidate : signal->candidates) {
      for (const auto programs : {candidate.programs, candidate.helpful}) {
        for (const std::string_view program : programs)
          if (program.substr(program.find("__") + 2) == function) return true;
      }
    }
  }
  return false;
}

TEST(Operations, SayWhatCanBeTrue) {
  for (const Room* room : rooms()) {
    for (const OperationDesc& operation : room->operations) {
      const std::string name = fmt::format("{}, event {}", room->name, operation.event);
      EXPECT_NE(operation.entries, 0) << name;
      EXPECT_FALSE(operation.calls.empty()) << name;
      EXPECT_FALSE(operation.source.empty()) << name;
      EXPECT_FALSE(signals_of(*room, operation).empty()) << name << ": no signal brings it";
      for (const std::string_view signal : operation.signals) {
        EXPECT_EQ(std::ranges::count(room->signals, signal, &SignalDesc::name), 1)
            << name << ": " << signal;
      }
      if (operation.refusable.empty()) {
        EXPECT_EQ(operation.refusable_of, "") << name;
        continue;
      }
      // Where the kernel asks its security modules; and we are there.
      EXPECT_TRUE(operation.refusable.starts_with("security_")) << name;
      EXPECT_TRUE(attaches_to(*room, operation, operation.refusable))
          << name << ": " << operation.refusable << " is not hooked";
    }
  }
}

TEST(Absences, AreOfProgramsThatAreUsed) {
  for (const Room* room : rooms()) {
    std::set<std::string_view> used;
    for_each_program(*room,
                     [&](const SignalDesc&, std::string_view program) { used.insert(program); });
    for (const AbsentProgram& absent : room->absent)
      EXPECT_TRUE(used.contains(absent.program)) << room->name << ": " << absent.program;
  }
}

// The page in pieces, one for each room. Those of a room that this build lacks are left out: taking
// a room out must not break anything.
std::string without_other_rooms(const std::string& page) {
  std::string kept;
  for (std::size_t begin = 0; begin < page.size();) {
    const std::size_t end = std::min(page.find("\n## ", begin), page.size() - 1) + 1;
    const std::string section = page.substr(begin, end - begin);
    begin = end;
    const bool ours = std::ranges::any_of(rooms(), [&](const Room* room) {
      return section.starts_with(fmt::format("## Subsystem {}\n", room->name));
    });
    if (ours || !section.starts_with("## "))
      kept += section.substr(0, section.find_last_not_of('\n') + 1) + '\n';
  }
  return kept;
}

TEST(HooksPage, IsTheTables) {
  std::ifstream file(GANCHO_DOCS_DIR "/hooks.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  EXPECT_TRUE(without_other_rooms(page) == without_other_rooms(hooks_page()))
      << "docs/hooks.md is out of date; make it again with: gancho docs hooks > docs/hooks.md";
}

TEST(HooksPage, HasEveryEvent) {
  const std::string page = hooks_page();
  for (const Room* room : rooms()) {
    for (const EventDesc& event : room->events) {
      EXPECT_NE(page.find(fmt::format("| [{0}](#{0}) |", event.name)), std::string::npos)
          << event.name;
      EXPECT_NE(page.find(fmt::format("\n### {}\n", event.name)), std::string::npos) << event.name;
    }
    for (const SignalDesc& signal : room->signals)
      EXPECT_NE(page.find(fmt::format("| `{}` |", signal.name)), std::string::npos) << signal.name;
  }
}

}  // namespace
}  // namespace gancho
