// SPDX-License-Identifier: Apache-2.0
//
// The report for people.
#include <fmt/format.h>
#include <linux/capability.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "cli/check_report.h"
#include "load/attempt.h"

namespace gancho {
namespace {

constexpr std::size_t k_columns = 80;
constexpr std::size_t k_texts = 22;  // where the texts beside the names begin

constexpr std::string_view k_plain = "\033[0m";
constexpr std::string_view k_bold = "\033[1m";
constexpr std::string_view k_faint = "\033[2m";
constexpr std::string_view k_red = "\033[31m";
constexpr std::string_view k_green = "\033[32m";
constexpr std::string_view k_yellow = "\033[33m";

std::size_t width(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(
      utf8, [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; }));
}

// Puts paragraphs on a page. Everything printed goes through put(), so that no byte that came from
// elsewhere steers the terminal.
class Page {
 public:
  explicit Page(bool color) : color_(color) {}

  void title(std::string_view text) {
    if (!page_.empty()) page_ += '\n';
    put(text, k_bold);
    page_ += '\n';
  }

  // MARK and LABEL, then the text in a column of its own, wrapped.
  void row(std::string_view mark, std::string_view mark_color, std::string_view label,
           std::string_view text, std::string_view text_color = {}) {
    page_ += "  ";
    put(mark, mark_color);
    page_ += mark.empty() ? "" : " ";
    put(label);
    const std::size_t used = 2 + width(mark) + (mark.empty() ? 0 : 1) + width(label);
    wrap(used, k_texts, text, text_color);
  }

  // Text that starts at a column, wrapped under itself.
  void paragraph(std::size_t indent, std::string_view text, std::string_view color = {}) {
    wrap(0, indent, text, color);
  }

  void blank() { page_ += "\n"; }

  [[nodiscard]] std::string take() && { return std::move(page_); }

 private:
  void put(std::string_view text, std::string_view color = {}) {
    const bool colored = color_ && !color.empty() && !text.empty();
    if (colored) page_ += color;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const auto byte = static_cast<unsigned char>(text[i]);
      // U+0080 to U+009F are control characters too, two bytes each.
      const bool control =
          byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
      page_ += byte < 0x20 || byte == 0x7f || control ? '?' : text[i];
      if (control) ++i;
    }
    if (colored) page_ += k_plain;
  }

  void wrap(std::size_t column, std::size_t indent, std::string_view text, std::string_view color) {
    while (!text.empty()) {
      // A label that reaches into the column of texts still keeps its distance.
      page_.append(column < indent ? indent - column : (column == 0 ? 0 : 1), ' ');
      const std::size_t start = column < indent ? indent : column + (column == 0 ? 0 : 1);
      const std::string_view line = fitting(text, start < k_columns ? k_columns - start : 1);
      put(line, color);
      page_ += '\n';
      column = 0;
      text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
    if (column != 0) page_ += '\n';
  }

  // As many whole words as fit into `room` columns, and at least one.
  static std::string_view fitting(std::string_view text, std::size_t room) {
    std::size_t end = text.find(' ');
    if (width(text) <= room || end == std::string_view::npos) return text;
    for (;;) {
      const std::size_t next = text.find(' ', end + 1);
      if (width(text.substr(0, next)) > room) return text.substr(0, end);
      end = next;
    }
  }

  bool color_;
  std::string page_;
};

void fact(Page& page, std::string_view label, std::string_view text) {
  page.row("", "", label, text);
}

std::string number_or_unknown(const std::optional<int>& value) {
  return value ? std::to_string(*value) : "unknown";
}

std::string security_text(const KernelFacts& facts) {
  if (!facts.security_modules) {
    return "cannot be seen (mount -t securityfs securityfs /sys/kernel/security)";
  }
  return fmt::format("{}", fmt::join(*facts.security_modules, ", "));
}

std::string cgroup_text(const KernelFacts& facts) {
  switch (facts.cgroup) {
    case CgroupVersion::none:
      return "none mounted (mount -t cgroup2 cgroup2 /sys/fs/cgroup)";
    case CgroupVersion::v1:
      return "v1 only: no cgroup ids and paths";
    case CgroupVersion::hybrid:
      return "hybrid, v2 at " + facts.cgroup2_at;
    case CgroupVersion::v2:
      return "v2 at " + facts.cgroup2_at;
  }
  return "unknown";
}

std::string jit_text(const KernelFacts& facts) {
  if (!facts.jit_enable) return "unknown";
  if (*facts.jit_enable == 0) return "off: programs are interpreted, and slow";
  return facts.jit_harden.value_or(0) == 0 ? "on"
                                           : fmt::format("on, hardened ({})", *facts.jit_harden);
}

std::string mount_text(std::string_view at, std::string_view command) {
  return at.empty() ? fmt::format("not mounted ({})", command) : std::string(at);
}

std::string capability_text(const KernelFacts& facts) {
  constexpr std::array<std::pair<unsigned, std::string_view>, 5> k_useful{{
      {CAP_BPF, "CAP_BPF"},
      {CAP_PERFMON, "CAP_PERFMON"},
      {CAP_NET_ADMIN, "CAP_NET_ADMIN"},
      {CAP_SYS_ADMIN, "CAP_SYS_ADMIN"},
      {CAP_SYS_RESOURCE, "CAP_SYS_RESOURCE"},
  }};
  std::string have;
  for (const auto& [number, name] : k_useful) {
    if (has_capability(facts, number)) have += (have.empty() ? "" : ", ") + std::string(name);
  }
  if (have.empty()) have = "none of those that matter";
  return facts.initial_user_namespace ? have : have + ", in a user namespace: they do not count";
}

void facts_section(Page& page, const KernelFacts& facts) {
  page.title(
      fmt::format("Linux {} {}, {} CPUs", facts.release, facts.architecture, facts.possible_cpus));
  fact(page, "type information",
       facts.btf_bytes != 0 ? fmt::format("{:.1f} MB", static_cast<double>(facts.btf_bytes) / 1e6)
                            : "none: use a kernel with CONFIG_DEBUG_INFO_BTF");
  fact(page, "security modules", security_text(facts));
  fact(page, "lockdown", facts.lockdown.value_or("unknown"));
  fact(page, "cgroups", cgroup_text(facts));
  fact(page, "JIT", jit_text(facts));
  fact(page, "preemption", facts.preemption.empty() ? "unknown" : facts.preemption);
  fact(page, "tracefs",
       mount_text(facts.tracefs_at, "mount -t tracefs tracefs /sys/kernel/tracing"));
  fact(page, "bpffs", mount_text(facts.bpffs_at, "mount -t bpf bpf /sys/fs/bpf"));
  fact(page, "securityfs",
       mount_text(facts.securityfs_at, "mount -t securityfs securityfs /sys/kernel/security"));
  fact(page, "capabilities", capability_text(facts));
  fact(page, "locked memory",
       facts.memlock == ~0ULL ? "unlimited" : fmt::format("{} kB", facts.memlock / 1024));
  fact(page, "unprivileged BPF",
       facts.unprivileged_bpf_disabled.value_or(1) != 0 ? "off" : "on: anybody may load programs");
  fact(page, "perf_event_paranoid", number_or_unknown(facts.perf_event_paranoid));
}

struct Mark {
  std::string_view sign;
  std::string_view color;
};
constexpr Mark k_good{"✓", k_green};
constexpr Mark k_bad{"✗", k_red};
constexpr Mark k_half{"~", k_yellow};
constexpr Mark k_unknown{"?", k_yellow};

void hook_row(Page& page, const HookResult& hook) {
  const HookKindDesc& desc = describe(hook.kind);
  if (hook.outcome == Outcome::works) {
    page.row(k_good.sign, k_good.color, desc.name, hook.tried, k_faint);
    return;
  }
  const Mark mark = hook.outcome == Outcome::refused ? k_bad : k_unknown;
  std::string text = hook.reason;
  if (hook.error != 0) text = error_name(hook.error) + ", " + text;
  page.row(mark.sign, mark.color, desc.name, text);
  if (hook.remedy.empty()) {
    page.paragraph(k_texts, fmt::format("needs {}", desc.needs), k_faint);
  } else {
    page.paragraph(k_texts, fmt::format("-> {}", hook.remedy));
  }
}

void hooks_section(Page& page, const CheckReport& report) {
  std::string_view group;
  for (const HookResult& hook : report.hooks) {
    const std::string_view now = describe(hook.kind).group;
    if (now != group) {
      std::string title(now);
      if (!title.empty() && title[0] >= 'a' && title[0] <= 'z')
        title[0] = static_cast<char>(title[0] - 'a' + 'A');
      page.title(title);
    }
    group = now;
    hook_row(page, hook);
  }
}

// Each remedy once: several candidates often fail for the same reason.
std::vector<std::string_view> remedies_of(const SignalChoice& choice) {
  std::vector<std::string_view> remedies;
  const auto add = [&remedies](std::string_view remedy) {
    if (!remedy.empty() && std::ranges::find(remedies, remedy) == remedies.end()) {
      remedies.push_back(remedy);
    }
  };
  if (choice.complete()) return remedies;
  for (const Refusal& refusal : choice.refused) add(refusal.remedy);
  add(choice.remedy);
  return remedies;
}

void signal_row(Page& page, const SignalChoice& choice) {
  const bool got = choice.chosen != nullptr;
  const Mark mark = !got ? k_bad : choice.lost.empty() ? k_good : k_half;
  page.row(mark.sign, mark.color, choice.signal->name,
           got ? choice.chosen->name : "no hook for it");
  for (const Refusal& refusal : choice.refused) {
    page.paragraph(k_texts, fmt::format("not {}: {}", refusal.name, refusal.why), k_faint);
  }
  for (const Refusal& program : choice.absent) {
    page.paragraph(k_texts, fmt::format("without {}: {}", program.name, program.why), k_faint);
  }
  if (!choice.lost.empty()) page.paragraph(k_texts, fmt::format("lost: {}", choice.lost), k_yellow);
  for (const std::string_view remedy : remedies_of(choice)) {
    page.paragraph(k_texts, fmt::format("-> {}", remedy));
  }
}

// A signal that stands for an event of its name, and that nothing but one cause takes away, or
// leaves to what hangs on every system call.
bool is_like_others(const SignalChoice& choice) {
  return (choice.chosen == nullptr || choice.chosen->on_every_call) && choice.signal->whole &&
         choice.refused.size() == 1 && !choice.refused.front().cause.empty();
}

bool same_cause(const SignalChoice& a, const SignalChoice& b) {
  if (!is_like_others(a) || !is_like_others(b)) return false;
  if (a.refused.front().cause != b.refused.front().cause || remedies_of(a) != remedies_of(b))
    return false;
  if (a.chosen == nullptr || b.chosen == nullptr) return a.chosen == b.chosen;
  return a.chosen->name == b.chosen->name && a.lost == b.lost;
}

// On a kernel without kprobes all that is taken from them is lost, and that is one thing to say.
void group_row(Page& page, std::span<const SignalChoice* const> group) {
  const SignalChoice& first = *group.front();
  std::vector<std::string_view> names;
  for (const SignalChoice* choice : group) names.push_back(choice->signal->name);
  const bool got = first.chosen != nullptr;
  const Mark mark = got ? k_half : k_bad;
  page.row(mark.sign, mark.color, fmt::format("{} signals", group.size()),
           got ? first.chosen->name : "no hook for them");
  page.paragraph(k_texts, first.refused.front().cause, k_faint);
  if (got) {
    page.paragraph(k_texts, fmt::format("these: {}", fmt::join(names, ", ")));
    page.paragraph(k_texts, fmt::format("lost: {}", first.lost), k_yellow);
  } else {
    page.paragraph(k_texts, fmt::format("lost: {}", fmt::join(names, ", ")), k_yellow);
  }
  for (const std::string_view remedy : remedies_of(first)) {
    page.paragraph(k_texts, fmt::format("-> {}", remedy));
  }
}

void signals_section(Page& page, const RoomSignals& room) {
  page.title(fmt::format("Signals: {}", room.room));
  for (auto choice = room.signals.begin(); choice != room.signals.end(); ++choice) {
    const auto is_like = [&](const SignalChoice& other) { return same_cause(*choice, other); };
    if (std::any_of(room.signals.begin(), choice, is_like)) continue;  // told with the first
    std::vector<const SignalChoice*> group;
    for (const SignalChoice& other : room.signals)
      if (is_like(other)) group.push_back(&other);
    if (group.size() > 1) {
      group_row(page, group);
    } else {
      signal_row(page, *choice);
    }
  }
}

void no_privilege_section(Page& page) {
  page.title("Hooks");
  page.paragraph(2, "Not tried. Run as root, or with CAP_BPF, CAP_PERFMON and CAP_SYS_RESOURCE.");
}

std::string_view color_of(CheckStatus status) {
  switch (status) {
    case CheckStatus::complete:
      return k_green;
    case CheckStatus::degraded:
      return k_yellow;
    case CheckStatus::cannot_run:
      return k_red;
  }
  return k_red;
}

}  // namespace

std::string render_check_text(const CheckReport& report, bool color) {
  Page page(color);
  facts_section(page, report.facts);
  if (report.missing_privilege.empty()) {
    hooks_section(page, report);
    for (const RoomSignals& room : report.rooms) signals_section(page, room);
  } else {
    no_privilege_section(page);
  }
  const CheckVerdict verdict = verdict_of(report);
  page.blank();
  page.paragraph(0, verdict.summary + '.', color_of(verdict.status));
  return std::move(page).take();
}

}  // namespace gancho
