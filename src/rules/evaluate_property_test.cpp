// SPDX-License-Identifier: Apache-2.0
//
// Generated conditions, as texts, and generated records: the evaluator and the reference agree on
// every pair, of the condition and of its negation, so that all three values are told apart.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <random>
#include <set>
#include <span>
#include <string>

#include "rules/check.h"
#include "rules/evaluate.h"
#include "rules/parser.h"
#include "rules/reference_evaluator.h"
#include "rules/rule_evaluator.h"
#include "support/facts.h"
#include "support/record_builder.h"
#include "support/sanitized.h"

namespace gancho::rules {
namespace {

using reference::Event;
using reference::Known;
using test::RecordBuilder;

// A sanitizer looks for other mistakes, and takes ten times as long.
constexpr std::size_t k_conditions = test::k_sanitized ? 250 : 2'500;
constexpr std::size_t k_events = 40;  // 100 000 pairs
constexpr std::size_t k_rule_sets = test::k_sanitized ? 50 : 500;
constexpr std::size_t k_rules = 80;

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_);
  }
  bool one_in(std::size_t count) { return below(count) == 0; }
  template <class T, std::size_t Count>
  const T& of(const std::array<T, Count>& all) {
    return all[below(Count)];
  }
  std::string word() {
    static constexpr std::array<const char*, 8> words{"sh",  "bash", "BASH", "curl",
                                                      "cat", "root", "x",    ""};
    return of(words);
  }
  std::string path() {
    static constexpr std::array<const char*, 9> paths{"/etc/shadow", "/etc/ssh/x",    "/etc",
                                                      "/usr/bin/sh", "/usr/bin/bash", "/",
                                                      "/tmp/a b",    "/ETC",          "/tmp/[x]"};
    return of(paths);
  }

 private:
  std::mt19937_64 random_;
};

// --- conditions ---

enum class Domain : std::uint8_t { word, path, number, truth, address, event, error };

struct Asked {
  const char* name;
  Domain domain;
  bool several = false;
};

constexpr auto k_asked = std::to_array<Asked>({
    {"evt.type", Domain::event, true},    {"evt.res", Domain::error},
    {"evt.failed", Domain::truth},        {"proc.name", Domain::word},
    {"proc.pid", Domain::number},         {"proc.exepath", Domain::path},
    {"proc.exe", Domain::word},           {"proc.args", Domain::word},
    {"proc.args[1]", Domain::word, true}, {"proc.cmdline", Domain::word},
    {"proc.cmdnargs", Domain::number},    {"proc.aname", Domain::word, true},
    {"proc.pname", Domain::word, true},   {"proc.aname[2]", Domain::word, true},
    {"proc.apid", Domain::number, true},  {"proc.is_suid", Domain::truth},
    {"user.uid", Domain::number},         {"user.name", Domain::word},
    {"fd.num", Domain::number},           {"fd.name", Domain::path},
    {"fd.directory", Domain::path},       {"fd.filename", Domain::path},
    {"fd.ip", Domain::address, true},     {"fd.rip", Domain::address},
    {"fd.port", Domain::number, true},    {"fd.rport", Domain::number},
    {"proc.exit_status", Domain::number},
});

std::string in_double_quotes(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

std::string value_for(Generator& any, Domain domain) {
  static constexpr std::array<const char*, 5> types{"exec", "open", "openat", "execve", "connect"};
  static constexpr std::array<const char*, 3> errors{"SUCCESS", "ENOENT", "EPERM"};
  static constexpr std::array<const char*, 6> numbers{"-1", "0", "1", "2", "443", "1000"};
  static constexpr std::array<const char*, 6> addresses{
      "10.0.0.1", "10.0.0.0/8", "192.0.2.7", "0.0.0.0/0", "2001:db8::1", "2001:db8::/32"};
  switch (domain) {
    case Domain::word:
      return in_double_quotes(any.word());
    case Domain::path:
      return in_double_quotes(any.path());
    case Domain::number:
      return any.of(numbers);
    case Domain::truth:
      return any.one_in(2) ? "true" : "false";
    case Domain::address:
      return any.of(addresses);
    case Domain::event:
      return any.of(types);
    case Domain::error:
      return any.of(errors);
  }
  return "";
}

std::string list_for(Generator& any, Domain domain) {
  std::string list = "(";
  const std::size_t count = any.below(4);
  for (std::size_t i = 0; i < count; ++i) list += (i == 0 ? "" : ", ") + value_for(any, domain);
  return list + ")";
}

bool is_text(Domain domain) {
  return domain == Domain::word || domain == Domain::path || domain == Domain::event ||
         domain == Domain::error;
}

std::string text_comparison(Generator& any, const std::string& left, Domain domain) {
  static constexpr std::array<const char*, 4> words{"contains", "icontains", "startswith",
                                                    "endswith"};
  static constexpr std::array<const char*, 6> globs{"/etc/*", "*s?", "b[a-z]*", "/*/*", "*", "?*?"};
  static constexpr std::array<const char*, 5> regexes{"/etc/.*", "[a-z]+", ".*sh", "(a|b).*", ""};
  static constexpr std::array<const char*, 3> modifiers{" oneof ", " anyof ", " allof "};
  static constexpr std::array<const char*, 5> patterns{"/e?c", "/etc/*", "/*/*/*", "/[!u]*",
                                                       "/tmp/*b"};
  switch (any.below(6)) {
    case 0:
      return left + " glob " + in_double_quotes(any.of(globs));
    case 1:
      return left + " iglob " + in_double_quotes(any.of(globs));
    case 2:
      return left + " regex " + in_double_quotes(any.of(regexes));
    case 3:
      return left + " pmatch " +
             (any.one_in(2) ? list_for(any, Domain::path)
                            : "(/usr/*/sh, " + in_double_quotes(any.of(patterns)) + ")");
    case 4:
      return left + " " + any.of(words) + any.of(modifiers) + list_for(any, domain);
    default:
      return left + " " + any.of(words) + " " + value_for(any, domain);
  }
}

std::string comparison(Generator& any) {
  static constexpr std::array<const char*, 4> orders{" < ", " <= ", " > ", " >= "};
  static constexpr std::array<const char*, 4> transformers{"tolower", "toupper", "basename", "val"};
  const Asked& asked = any.of(k_asked);
  std::string left = asked.name;
  if (any.one_in(12)) return left + " exists";
  if (is_text(asked.domain) && any.one_in(5))
    left = std::string(any.of(transformers)) + "(" + left + ")";
  if (is_text(asked.domain) && !asked.several && any.one_in(12))
    return "len(" + left + ")" + any.of(orders) + value_for(any, Domain::number);
  if (asked.domain == Domain::word && !asked.several && any.one_in(12))
    return "concat(" + left +
           ", \"-\", proc.name) = " + in_double_quotes(any.word() + "-" + any.word());
  if (asked.domain == Domain::word && any.one_in(8))
    return left + (any.one_in(2) ? " = " : " != ") + "val(proc.aname)";
  if (asked.domain == Domain::number && any.one_in(3))
    return left + any.of(orders) + value_for(any, asked.domain);
  if (is_text(asked.domain) && any.one_in(2)) return text_comparison(any, left, asked.domain);
  switch (any.below(5)) {
    case 0:
      return left + " in " + list_for(any, asked.domain);
    case 1:
      return left + " intersects " + list_for(any, asked.domain);
    case 2:
      return left + (any.one_in(2) ? " = " : " != ") + (any.one_in(2) ? "anyof " : "allof ") +
             list_for(any, asked.domain);
    case 3:
      return left + " != " + value_for(any, asked.domain);
    default:
      return left + " = " + value_for(any, asked.domain);
  }
}

std::string condition(Generator& any, unsigned depth) {
  if (depth == 0 || any.one_in(3)) return (any.one_in(4) ? "not " : "") + comparison(any);
  std::string made = any.one_in(4) ? "not (" : "(";
  const std::string word = any.one_in(2) ? " and " : " or ";
  const std::size_t count = 2 + any.below(2);
  for (std::size_t i = 0; i < count; ++i) made += (i == 0 ? "" : word) + condition(any, depth - 1);
  return made + ")";
}

// --- records, and what is known of them ---

class Made {
 public:
  Made(Generator& any, const EventDesc& desc) : any_(any), desc_(desc), record_(desc) {
    for (const Asked& asked : k_asked) event_[asked.name] = {kind(asked.domain), std::nullopt};
    event_["proc.args, each"] = {};
    // Fields of one group are read together, or not.
    for (const FieldDesc& field : desc.fields)
      if (field.present != k_always && any.one_in(4)) missing_.insert(field.present);
  }

  void fill() {
    header();
    result();
    program();
    ancestors();
    user();
    descriptor();
    number("proc.exit_status", "proc.exit_status");
    file();
    ends();
    flag();
  }

  [[nodiscard]] EventView view() { return record_.view(); }
  [[nodiscard]] const Event& event() const { return event_; }

 private:
  static char kind(Domain domain) {
    if (is_text(domain)) return 't';
    return domain == Domain::number ? 'n' : domain == Domain::truth ? 'b' : 'a';
  }

  // nullptr: the event has no such field, or this record shall not have it.
  const FieldDesc* wanted(std::string_view name) {
    for (const FieldDesc& field : desc_.fields)
      if (field.name == name) {
        if (field.present != k_always) return missing_.contains(field.present) ? nullptr : &field;
        // In the tail, it may be absent by itself.
        const bool in_tail = field.type == FieldType::string || field.type == FieldType::path ||
                             field.type == FieldType::args || field.type == FieldType::lineage;
        return in_tail && any_.one_in(4) ? nullptr : &field;
      }
    return nullptr;
  }

  void know(const std::string& name, std::vector<std::string> values) {
    event_.at(name).values = std::move(values);
  }

  void header() {
    const std::string name = any_.word();
    const std::size_t pid = any_.below(4);
    record_.text("proc.name", name).number("proc.pid", pid);
    know("proc.name", {name});
    know("proc.pid", {std::to_string(pid)});
    std::vector<std::string> types{std::string(desc_.name)};
    if (desc_.name == "exec") types.insert(types.end(), {"execve", "execveat"});
    if (const FieldDesc* call = wanted("evt.syscall"); call != nullptr) {
      const bool at = any_.one_in(2);
      record_.number("evt.syscall", desc_.name == "open" ? (at ? 257 : 2) : 42);
      types.emplace_back(desc_.name == "open" ? (at ? "openat" : "open") : "connect");
    }
    know("evt.type", types);
  }

  void result() {
    if (wanted("evt.res") == nullptr) return;
    const std::size_t which = any_.below(3);
    static constexpr std::array<int, 3> errors{0, -ENOENT, -EPERM};
    static constexpr std::array<const char*, 3> names{"SUCCESS", "ENOENT", "EPERM"};
    record_.number("evt.res", static_cast<std::uint32_t>(errors[which]));
    know("evt.res", {names[which]});
    know("evt.failed", {which == 0 ? "false" : "true"});
  }

  void program() {
    if (wanted("proc.exepath") != nullptr) {
      const std::string path = any_.path();
      record_.text("proc.exepath", path);
      know("proc.exepath", {path});
    }
    if (wanted("proc.args") == nullptr) return;
    std::vector<std::string> args{any_.word()};
    const std::size_t count = any_.below(4);
    for (std::size_t i = 0; i < count; ++i) args.push_back(any_.word());
    std::string bytes;
    std::string rest;
    for (std::size_t i = 0; i < args.size(); ++i) {
      bytes += args[i] + '\0';
      if (i != 0) rest += (i == 1 ? "" : " ") + args[i];
    }
    record_.text("proc.args", bytes);
    know("proc.exe", {args[0]});
    know("proc.args", {rest});
    know("proc.args, each", {args.begin() + 1, args.end()});
    know("proc.args[1]", {});
    if (args.size() > 2) know("proc.args[1]", {args[2]});
    const std::string name = event_.at("proc.name").values->at(0);
    // The blank stands between two, and before what is behind an empty name there is none.
    know("proc.cmdline", {name + (name.empty() || count == 0 ? "" : " ") + rest});
    know("proc.cmdnargs", {std::to_string(count)});
  }

  void ancestors() {
    if (wanted("proc.lineage") == nullptr) return;
    std::string bytes;
    std::vector<std::string> names;
    std::vector<std::string> pids;
    const std::size_t count = any_.below(4);
    for (std::size_t i = 0; i < count; ++i) {
      names.push_back(any_.word());
      pids.push_back(std::to_string(100 + i));
      const ev_ancestor entry = test::ancestor(names.back(), static_cast<std::uint32_t>(100 + i));
      bytes.append(reinterpret_cast<const char*>(&entry), sizeof(entry));
    }
    record_.text("proc.lineage", bytes);
    know("proc.aname", names);
    know("proc.apid", pids);
    know("proc.pname", {});
    know("proc.aname[2]", {});
    if (count > 0) know("proc.pname", {names[0]});
    if (count > 1) know("proc.aname[2]", {names[1]});
  }

  void user() {
    if (wanted("user.uid") == nullptr) return;
    static constexpr std::array<std::uint32_t, 4> ids{0, 1, 1000, UINT32_MAX};
    const std::uint32_t uid = any_.of(ids);
    record_.number("user.uid", uid);
    know("user.uid", {uid == UINT32_MAX ? "-1" : std::to_string(uid)});
    if (uid == 0 || uid == 1000) know("user.name", {uid == 0 ? "root" : "alice"});
  }

  void number(const char* field, const char* name) {
    const FieldDesc* desc = wanted(field);
    if (desc == nullptr) return;
    const auto value = static_cast<std::int64_t>(any_.below(4)) - 1;
    record_.number(field, static_cast<std::uint64_t>(value));
    know(name, {std::to_string(value)});
  }

  // What could not be opened is -1, as in Falco.
  void descriptor() {
    if (desc_.name == "open" && event_.at("evt.failed").values == std::vector<std::string>{"true"})
      know("fd.num", {"-1"});
    number("fd.num", "fd.num");
  }

  void file() {
    const FieldDesc* desc = wanted("fd.name");
    if (desc == nullptr || desc->type != FieldType::path) return;
    const std::string path = any_.path();
    record_.text("fd.name", path);
    know("fd.name", {path});
    const std::size_t slash = path.rfind('/');
    know("fd.directory", {slash == 0 ? "/" : path.substr(0, slash)});
    know("fd.filename", {path.substr(slash + 1)});
  }

  void ends() {
    static constexpr std::array<const char*, 4> addresses{"10.0.0.1", "10.9.9.9", "192.0.2.7",
                                                          "2001:db8::1"};
    static constexpr std::array<std::uint16_t, 3> ports{80, 443, 1000};
    std::vector<std::string> all;
    std::vector<std::string> all_ports;
    for (const char* name : {"fd.lip", "fd.rip"}) {
      const FieldDesc* desc = wanted(name);
      if (desc == nullptr || desc_.name != "connect") continue;
      const std::string address = any_.of(addresses);
      ev_address wire{};
      wire.family = address.find(':') != std::string::npos ? AF_INET6 : AF_INET;
      wire.port = any_.of(ports);
      if (::inet_pton(wire.family, address.c_str(), wire.bytes) != 1) std::abort();
      record_.number(name, 0).put(desc->offset, wire);
      all.push_back(address);
      all_ports.push_back(std::to_string(wire.port));
      if (desc->name != "fd.rip") continue;
      know("fd.rip", {address});
      know("fd.rport", {all_ports.back()});
    }
    if (all.empty()) return;
    know("fd.ip", all);
    know("fd.port", all_ports);
    name_of_both();
  }

  // As it is shown, too.
  void name_of_both() {
    gancho::Value value;
    for (const FieldDesc& field : desc_.fields) {
      if (field.name != "fd.name" || !record_.view().get(field, value)) continue;
      const auto* wire = reinterpret_cast<const std::byte*>(value.bytes.data());
      std::array<char, k_connection_max> text;
      const char* const end = write_connection(text.data(), load_wire<ev_socket>(wire));
      know("fd.name", {std::string(static_cast<const char*>(text.data()), end)});
    }
  }

  void flag() {
    if (wanted("proc.is_suid") == nullptr) return;
    const bool on = any_.one_in(2);
    record_.number("proc.is_suid", on ? 1 : 0);
    know("proc.is_suid", {on ? "true" : "false"});
  }

  Generator& any_;
  const EventDesc& desc_;
  RecordBuilder record_;
  Event event_;
  std::set<std::uint8_t> missing_;
};

std::string shown(const Event& event) {
  std::string text;
  for (const auto& [name, known] : event) {
    if (!known.values) continue;
    text += "\n  " + name + " =";
    for (const std::string& value : *known.values) text += " [" + value + "]";
  }
  return text;
}

TEST(EvaluateProperty, AgreesWithTheReference) {
  const auto seed = std::getenv("GANCHO_SEED") != nullptr
                        ? std::strtoull(std::getenv("GANCHO_SEED"), nullptr, 10)
                        : 20'261'126ULL;
  SCOPED_TRACE("GANCHO_SEED=" + std::to_string(seed));
  Generator any(seed);
  const test::SampleFacts facts;
  constexpr std::array<const char*, 4> events{"exec", "open", "connect", "exit"};
  std::array<std::size_t, 3> seen{};
  for (std::size_t i = 0; i < k_conditions; ++i) {
    const std::string text = condition(any, 3);
    Problems problems;
    const auto parsed = parse_condition(RuleText(text), problems);
    ASSERT_TRUE(parsed) << text << ": " << problems.kept()[0].message;
    auto typed = check_condition(*parsed, problems);
    ASSERT_TRUE(typed) << text << ": " << problems.kept()[0].message;
    const auto turned = parse_condition(RuleText("not (" + text + ")"), problems);
    auto turned_typed = check_condition(*turned, problems);
    ASSERT_TRUE(turned_typed) << text;
    Evaluator evaluator(std::move(*typed), facts);
    Evaluator turned_evaluator(std::move(*turned_typed), facts);
    for (std::size_t k = 0; k < k_events; ++k) {
      Made made(any, *find_event(any.of(events)));
      made.fill();
      const Truth truth = reference::evaluate(*parsed, made.event());
      ++seen[static_cast<std::size_t>(truth)];
      const EventView view = made.view();
      ASSERT_EQ(evaluator.matches(view), truth == Truth::yes) << text << shown(made.event());
      ASSERT_EQ(turned_evaluator.matches(view), truth == Truth::no) << text << shown(made.event());
    }
  }
  // Nobody could fail a test that asks for nothing.
  for (const std::size_t count : seen) EXPECT_GT(count, 2 * k_conditions);
}

// Rules on common terms, behind an index, and each condition alone.
TEST(EvaluateProperty, RulesTogetherAreRulesAlone) {
  Generator any(20'261'126);
  const test::SampleFacts facts;
  constexpr std::array<const char*, 4> events{"exec", "open", "connect", "exit"};
  std::size_t fired = 0;
  for (std::size_t i = 0; i < k_rule_sets; ++i) {
    RuleSet set;
    std::vector<Evaluator> alone;
    std::string all;
    for (std::size_t k = 0; k < k_rules; ++k) {
      // Most rules of the world are a row of demands, and many of them are the same.
      std::string text = condition(any, any.one_in(4) ? 3 : 0);
      for (const char* demand : {"proc.name in (bash, curl)", "user.uid = 1000", "proc.name = sh",
                                 "not proc.name in (sshd)", "fd.name = /etc/passwd"})
        if (any.one_in(3)) text = std::string(demand) + " and (" + text + ")";
      all += text + "\n";
      Problems problems;
      auto parsed = parse_condition(RuleText(text), problems);
      ASSERT_TRUE(parsed) << text << ": " << problems.kept()[0].message;
      alone.emplace_back(*check_condition(*parsed, problems), facts);
      Rule rule;
      rule.name = std::to_string(k);
      rule.condition = std::move(*parsed);
      set.rules.push_back(std::move(rule));
    }
    Problems problems;
    auto typed = type_rules(set, problems);
    ASSERT_TRUE(typed);
    RuleEvaluator first(*typed, Matching::first, facts);
    RuleEvaluator together(std::move(*typed), Matching::all, facts);
    for (std::size_t k = 0; k < k_events; ++k) {
      Made made(any, *find_event(any.of(events)));
      made.fill();
      const EventView view = made.view();
      std::vector<Index> expected;
      for (Index rule = 0; rule < alone.size(); ++rule)
        if (alone[rule].matches(view)) expected.push_back(rule);
      fired += expected.size();
      const auto found = together.evaluate(view);
      ASSERT_EQ(std::vector<Index>(found.begin(), found.end()), expected)
          << all << shown(made.event());
      const auto one = first.evaluate(view);
      ASSERT_EQ(one.empty(), expected.empty());
      if (!one.empty()) {
        ASSERT_EQ(one.front(), expected.front());
      }
    }
  }
  EXPECT_GT(fired, 10 * k_rule_sets);
}

}  // namespace
}  // namespace gancho::rules
