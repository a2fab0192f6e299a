// SPDX-License-Identifier: Apache-2.0
#include "cli/ps_text.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <vector>

#include "base/bytes.h"
#include "base/utf8.h"
#include "event/text.h"

namespace gancho {
namespace {

constexpr std::size_t k_depth_max = 64;         // of a tree, as drawn
constexpr std::size_t k_recursion_max = 4'000;  // deeper ones are not shown

struct KeyHash {
  std::size_t operator()(const ProcessKey& key) const {
    return std::hash<std::uint64_t>()(key.start_time * 31 + key.pid);
  }
};

// A line of the tree: a process of the answer, or one that only its descendants know of.
struct Knot {
  ProcessKey process;
  const PsProcess* known = nullptr;
  std::string_view name;
  std::vector<std::size_t> children;
  bool has_parent = false;
  bool wanted = false;
};

// Columns that a code point takes on a terminal: two for East Asian wide ones and emoji.
std::size_t columns_of(char32_t code) {
  const bool wide = (code >= 0x1100 && code <= 0x115f) || (code >= 0x2e80 && code <= 0xa4cf) ||
                    (code >= 0xac00 && code <= 0xd7a3) || (code >= 0xf900 && code <= 0xfaff) ||
                    (code >= 0xfe30 && code <= 0xfe6f) || (code >= 0xff00 && code <= 0xff60) ||
                    (code >= 0xffe0 && code <= 0xffe6) || (code >= 0x1f300 && code <= 0x1faff) ||
                    (code >= 0x20000 && code <= 0x3fffd);
  return wide ? 2 : 1;
}

// Text in quotes where it needs them; no byte of it steers a terminal.
class Quoter final : public Facts {
 public:
  std::string operator()(std::string_view bytes) {
    buffer_.clear();
    TextLine(buffer_, *this, false).word(bytes);
    return std::string(buffer_.view());
  }
  [[nodiscard]] std::string_view user(std::uint32_t) const override { return {}; }
  [[nodiscard]] std::string_view group(std::uint32_t) const override { return {}; }

 private:
  ByteBuffer buffer_;
};

class Page {
 public:
  Page(const PsAnswer& answer, const PsTextOptions& options) : answer_(answer), options_(options) {}

  std::string print() {
    for (const PsProcess& process : answer_.processes) {
      user_width_ = std::max(user_width_, std::min<std::size_t>(process.user.size(), 16));
      tty_width_ = std::max(tty_width_, std::min<std::size_t>(process.tty.size(), 10));
    }
    begin_line();
    put(fmt::format("{:>7}  {:<{}}  {:<10}  {:<{}}  COMMAND", "PID", "USER", user_width_, "START",
                    "TTY", tty_width_),
        Ink::dim);
    end_line();
    if (options_.tree)
      print_tree();
    else
      print_list();
    return std::move(out_);
  }

 private:
  enum class Ink : std::uint8_t { plain, strong, dim };

  [[nodiscard]] bool shown(const PsProcess& process) const {
    return process.alive || options_.ended;
  }

  void print_list() {
    for (const PsProcess& process : answer_.processes) {
      if (options_.pid != 0 ? process.process.pid != options_.pid : !shown(process)) continue;
      put_columns(process.process, &process);
      put_command(&process, {});
      end_line();
    }
  }

  std::size_t knot(const ProcessKey& process, std::string_view name) {
    const auto [entry, is_new] = by_key_.try_emplace(process, knots_.size());
    if (is_new)
      knots_.push_back({.process = process, .known = nullptr, .name = name, .children = {}});
    if (knots_[entry->second].name.empty()) knots_[entry->second].name = name;
    return entry->second;
  }

  void print_tree() {
    for (const PsProcess& process : answer_.processes)
      if (shown(process)) knots_[knot(process.process, process.name)].known = &process;
    for (const PsProcess& process : answer_.processes) {
      if (!shown(process)) continue;
      std::size_t below = knot(process.process, process.name);
      for (const PsAncestor& ancestor : process.ancestors) {
        if (knots_[below].has_parent) break;  // and so have those above
        const std::size_t above = knot(ancestor.process, ancestor.name);
        if (above == below) break;
        knots_[below].has_parent = true;
        knots_[above].children.push_back(below);
        below = above;
      }
    }
    std::vector<std::size_t> roots;
    for (std::size_t i = 0; i < knots_.size(); ++i) {
      Knot& one = knots_[i];
      std::ranges::sort(one.children, {}, [&](std::size_t child) {
        return std::pair(knots_[child].process.start_time, knots_[child].process.pid);
      });
      if (!one.has_parent) roots.push_back(i);
    }
    std::ranges::sort(roots, {}, [&](std::size_t root) {
      return std::pair(knots_[root].process.start_time, knots_[root].process.pid);
    });
    for (const std::size_t root : roots) (void)mark(root, options_.pid == 0, 0);
    for (const std::size_t root : roots) print_branch(root, "", "", 0);
  }

  // The one that was asked for, those below it, and those above it.
  bool mark(std::size_t index, bool wanted, std::size_t depth) {
    if (depth > k_recursion_max) return false;
    wanted = wanted || knots_[index].process.pid == options_.pid;
    bool any = wanted;
    for (const std::size_t child : knots_[index].children)
      any = mark(child, wanted, depth + 1) || any;
    knots_[index].wanted = any;
    return any;
  }

  void print_branch(std::size_t index, const std::string& lead, const std::string& indent,
                    std::size_t depth) {
    const Knot& one = knots_[index];
    if (!one.wanted || depth > k_recursion_max) return;
    put_columns(one.process, one.known);
    put(lead, Ink::dim);
    put_command(one.known, one.name);
    end_line();
    std::size_t last = one.children.size();
    for (std::size_t i = 0; i < one.children.size(); ++i)
      if (knots_[one.children[i]].wanted) last = i;
    // Deeper than a terminal is wide, it stays where it is.
    const bool deep = depth >= k_depth_max;
    for (std::size_t i = 0; i < one.children.size(); ++i) {
      const bool is_last = i == last;
      print_branch(one.children[i], indent + (is_last ? "└─ " : "├─ "),
                   deep ? indent : indent + (is_last ? "   " : "│  "), depth + 1);
    }
  }

  void put_columns(const ProcessKey& process, const PsProcess* known) {
    begin_line();
    put(fmt::format("{:>7}  ", process.pid), Ink::plain);
    put_padded(known == nullptr || known->user.empty() ? "-" : quote_(known->user), user_width_);
    put(fmt::format("  {:<10}  ", start_of(process.start_time)), Ink::plain);
    put_padded(known == nullptr || known->tty.empty() ? "" : quote_(known->tty), tty_width_);
    put("  ", Ink::plain);
  }

  void put_command(const PsProcess* known, std::string_view name) {
    if (known == nullptr || !known->alive) {
      const std::string_view called = known == nullptr ? name : std::string_view(known->name);
      put(fmt::format("[{}]", called.empty() ? "?" : quote_(called)), Ink::dim);
      return;
    }
    put(quote_(known->name), known->kernel ? Ink::dim : Ink::strong);
    // A title that a process gives itself may leave empty words behind it.
    std::size_t count = known->args.size();
    while (count > 0 && known->args[count - 1].empty()) --count;
    if (count == 0 && !known->exepath.empty()) put("  " + quote_(known->exepath), Ink::plain);
    for (std::size_t i = 0; i < count; ++i)
      put((i == 0 ? "  " : " ") + quote_(known->args[i]), Ink::plain);
  }

  // The time of day of what started today, else the day.
  std::string start_of(std::uint64_t boot_ns) {
    const std::int64_t unix_ns = options_.clock.unix_ns(boot_ns);
    const time_t when = unix_ns / k_ns_per_second;
    const time_t now = options_.clock.unix_ns(options_.now) / k_ns_per_second;
    tm then{};
    tm today{};
    if (options_.utc) {
      ::gmtime_r(&when, &then);
      ::gmtime_r(&now, &today);
    } else {
      ::localtime_r(&when, &then);
      ::localtime_r(&now, &today);
    }
    std::array<char, 32> text{};
    const bool same_day = then.tm_year == today.tm_year && then.tm_yday == today.tm_yday;
    const std::size_t n =
        ::strftime(text.data(), text.size(), same_day ? "%H:%M:%S" : "%Y-%m-%d", &then);
    return {text.data(), n};
  }

  // ---- one line ----

  void begin_line() { column_ = 0; }
  void end_line() {
    while (out_.ends_with(' ')) out_.pop_back();
    out_ += '\n';
  }

  // As much of it as the line has room for. `text` holds no control character.
  void put(std::string_view text, Ink ink) {
    const bool painted = options_.colour && ink != Ink::plain && !text.empty();
    if (painted) out_ += ink == Ink::strong ? "\x1b[1m" : "\x1b[2m";
    while (!text.empty()) {
      const Utf8 decoded = decode_utf8(text);
      const std::size_t length = decoded.length == 0 ? 1 : decoded.length;
      const std::size_t columns = columns_of(decoded.code);
      if (options_.width != 0 && column_ + columns > options_.width) {
        column_ = options_.width;
        break;
      }
      out_ += text.substr(0, length);
      column_ += columns;
      text.remove_prefix(length);
    }
    if (painted) out_ += "\x1b[0m";
  }

  void put_padded(std::string_view text, std::size_t width) {
    const std::size_t begin = column_;
    put(text, Ink::plain);
    const std::size_t used = column_ - begin;
    if (used < width) put(std::string(width - used, ' '), Ink::plain);
  }

  const PsAnswer& answer_;
  const PsTextOptions& options_;
  Quoter quote_;
  std::string out_;
  std::size_t column_ = 0;
  std::size_t user_width_ = 4;
  std::size_t tty_width_ = 3;
  std::vector<Knot> knots_;
  boost::unordered_flat_map<ProcessKey, std::size_t, KeyHash> by_key_;
};

}  // namespace

std::string ps_text(const PsAnswer& answer, const PsTextOptions& options) {
  return Page(answer, options).print();
}

}  // namespace gancho
