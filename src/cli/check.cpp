// SPDX-License-Identifier: Apache-2.0
#include "cli/check.h"

#include <cstdio>
#include <string>

#include "cli/check_report.h"
#include "event/room.h"
#include "load/probe.h"

namespace gancho {
namespace {

CheckReport make_report() {
  KernelProbe probe;
  CheckReport report;
  report.facts = probe.facts();
  report.missing_privilege = missing_privilege(report.facts);
  report.hooks = probe.attach_all();
  // Without privilege every answer would be "not tried": nothing was chosen, and nothing is lost
  // yet.
  if (!report.missing_privilege.empty()) return report;
  const Available available = [&probe](std::string_view program) {
    Result<Availability> answer = probe.available(program);
    if (answer) return *std::move(answer);
    return Availability{.works = false, .why = answer.error().message, .remedy = {}};
  };
  for (const Room* room : rooms()) {
    report.rooms.push_back({room->name, choose(room->signals, available, {})});
  }
  return report;
}

}  // namespace

int run_check(bool json, bool color) {
  const CheckReport report = make_report();
  const std::string text = json ? render_check_json(report) : render_check_text(report, color);
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    std::perror("gancho check");
    return 1;
  }
  return static_cast<int>(verdict_of(report).status);
}

}  // namespace gancho
