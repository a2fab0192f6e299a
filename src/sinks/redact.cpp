// SPDX-License-Identifier: Apache-2.0
#include "sinks/redact.h"

#include <fmt/format.h>
#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/quote.h"

namespace gancho {
namespace {

constexpr std::size_t k_pattern_max = 1024;
constexpr std::string_view k_default = "default";

constexpr auto k_defaults = std::to_array<std::string_view>({
    // --password=x, --db-password "x y", -token x. Behind a blank stands no other option.
    R"re((?i)(?:^|\s)--?(?:[a-z0-9]+[-_])*(?:password|passwd|passphrase|secret|token|api[-_]?key|access[-_]?key|secret[-_]?key|private[-_]?key)=("[^"]*"|'[^']*'|[^\s\x00]+))re",
    R"re((?i)(?:^|\s)--?(?:[a-z0-9]+[-_])*(?:password|passwd|passphrase|secret|token|api[-_]?key|access[-_]?key|secret[-_]?key|private[-_]?key)\s+("[^"]*"|'[^']*'|[^\s\x00-][^\s\x00]*))re",
    // AWS_SECRET_ACCESS_KEY=x, PGPASSWORD=x, MYSQL_PWD=x
    R"re(\b[A-Z0-9_]*(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|ACCESS_KEY|PRIVATE_KEY|_PWD)[A-Z0-9_]*=("[^"]*"|'[^']*'|[^\s\x00]+))re",
    // Elsewhere -p is a port.
    R"re((?:^|[\s/])(?:mysql|mysqldump|mysqladmin|mysqlimport|mysqlcheck|mysqlshow|mariadb|mariadb-dump|mariadb-admin)\s(?:.*?\s)?-p([^\s\x00]+))re",
    R"re((?:^|[\s/])sshpass\s(?:.*?\s)?-p\s*([^\s\x00]+))re",
    R"re((?i)\b(?:proxy-)?authorization\s*[:=]\s*(?:(?:basic|bearer|digest|token|negotiate)\s+)?([^\s"'\x00]+))re",
    // curl -u name:x
    R"re((?:^|[\s/])curl\s(?:.*?\s)?(?:-u|--user)[\s=]*[^\s:\x00]+:([^\s\x00]+))re",
    // postgres://name:x@host
    R"re((?i)\b[a-z][a-z0-9+.-]*://[^\s/:@\x00]*:([^\s/@\x00]+)@)re",
});

RE2::Options options() {
  RE2::Options options(RE2::Latin1);  // bytes: arguments need not be UTF-8
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  return options;
}

}  // namespace

std::span<const std::string_view> default_redactions() {
  return k_defaults;
}

Status check_redaction(std::string_view pattern) {
  if (pattern == k_default) return {};
  if (pattern.empty()) return fail(Errc::usage, "an empty pattern would match everywhere");
  if (pattern.size() > k_pattern_max)
    return fail(Errc::usage, fmt::format("a pattern has at most {} bytes", k_pattern_max));
  const RE2 expression(re2::StringPiece(pattern.data(), pattern.size()), options());
  if (!expression.ok())
    return fail(Errc::usage, fmt::format("{} is no pattern: {}", in_quotes(pattern),
                                         in_quotes(expression.error())));
  if (RE2::FullMatch("", expression))
    return fail(Errc::usage, fmt::format("{} matches the empty text", in_quotes(pattern)));
  return {};
}

struct Redactor::Patterns {
  std::vector<std::unique_ptr<RE2>> each;
  std::unique_ptr<RE2::Set> any;  // asked first: as a rule nothing matches
};

Redactor::Redactor(std::unique_ptr<Patterns> patterns) : patterns_(std::move(patterns)) {}
Redactor::Redactor(Redactor&&) noexcept = default;
Redactor& Redactor::operator=(Redactor&&) noexcept = default;
Redactor::~Redactor() = default;

Result<Redactor> Redactor::create(std::span<const std::string> patterns) {
  auto made = std::make_unique<Patterns>();
  RE2::Options set_options = options();
  set_options.set_max_mem(8 << 20);
  made->any = std::make_unique<RE2::Set>(set_options, RE2::UNANCHORED);
  const auto add = [&](std::string_view pattern) {
    const re2::StringPiece piece(pattern.data(), pattern.size());
    made->each.push_back(std::make_unique<RE2>(piece, options()));
    return made->any->Add(piece, nullptr) >= 0;
  };
  for (const std::string& pattern : patterns) {
    TRY(check_redaction(pattern));
    const bool known =
        pattern == k_default ? std::ranges::all_of(default_redactions(), add) : add(pattern);
    if (!known) return fail(Errc::usage, in_quotes(pattern) + " is no pattern");
  }
  if (made->each.empty() || !made->any->Compile()) made->any.reset();
  return Redactor(std::move(made));
}

std::string_view Redactor::apply(std::string_view text, std::string& scratch) const {
  if (patterns_->each.empty()) return text;
  if (patterns_->any) {
    // A set that runs out of memory says so by an error, and "nothing" must not be taken for an
    // answer then.
    RE2::Set::ErrorInfo error{};
    if (!patterns_->any->Match(re2::StringPiece(text.data(), text.size()), nullptr, &error) &&
        error.kind == RE2::Set::kNoError)
      return text;
  }
  std::string current(text);
  bool changed = false;
  for (const auto& pattern : patterns_->each) {
    std::array<re2::StringPiece, 2> groups;
    const std::size_t wanted = pattern->NumberOfCapturingGroups() > 0 ? 2 : 1;
    const re2::StringPiece all(current);
    std::size_t from = 0;
    std::size_t copied = 0;
    std::string out;
    while (from <= current.size() && pattern->Match(all, from, current.size(), RE2::UNANCHORED,
                                                    groups.data(), static_cast<int>(wanted))) {
      const re2::StringPiece& match = groups[0];
      const re2::StringPiece& secret =
          groups[wanted - 1].data() != nullptr ? groups[wanted - 1] : match;
      const auto end = static_cast<std::size_t>(match.data() + match.size() - current.data());
      if (!secret.empty()) {
        const auto begin = static_cast<std::size_t>(secret.data() - current.data());
        out.append(current, copied, begin - copied);
        out += k_redacted;
        copied = begin + secret.size();
        changed = true;
      }
      // The blank at an end may be the one in front of the next.
      from = std::max(match.empty() ? end + 1 : end, copied);
    }
    if (copied == 0) continue;
    out.append(current, copied);
    current = std::move(out);
  }
  if (!changed) return text;
  scratch = std::move(current);
  return scratch;
}

}  // namespace gancho
