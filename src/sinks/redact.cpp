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
#include "sinks/secret_names.h"

namespace gancho {
namespace {

constexpr std::size_t k_pattern_max = 1024;
constexpr std::string_view k_default = "default";

constexpr auto k_defaults = std::to_array<std::string_view>({
    // user=bob,password=x,ro: up to the next comma
    R"re((?i),[a-z0-9_.-]*(?:pass|password|passwd|passphrase|secret|token|api[-_]?key|access[-_]?key|secret[-_]?key|private[-_]?key)=("[^"]*"|'[^']*'|[^\s,\x00]+))re",
    // ?password=x&user=bob, Server=db;Pwd=x;Port=1
    R"re((?i)[?&;]\s*[a-z0-9_.-]*(?:pass|pwd|password|passwd|passphrase|secret|token|api[-_]?key|access[-_]?key|secret[-_]?key|private[-_]?key)=([^\s&;#"'\x00]+))re",
    // password=x, --db-password="x y", -Ddb.password=x. What it may hold is not known: up to a
    // blank.
    R"re((?i)(?:^|[^a-z0-9_.,?&;-])[a-z0-9_.-]*(?:password|passwd|passphrase|secret|token|api[-_]?key|access[-_]?key|secret[-_]?key|private[-_]?key)=("[^"]*"|'[^']*'|[^\s\x00]+))re",
    // --password x, -token "x y". Behind a blank stands no other option.
    R"re((?i)(?:^|\s)--?(?:[a-z0-9]+[-_])*(?:password|passwd|passphrase|secret|token|api[-_]?key|access[-_]?key|secret[-_]?key|private[-_]?key)\s+("[^"]*"|'[^']*'|[^\s\x00-][^\s\x00]*))re",
    // AWS_SECRET_ACCESS_KEY=x, PGPASSWORD=x, MYSQL_PWD=x, TOKEN_2=x
    R"re(\b[A-Z0-9_]*(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|ACCESS_KEY|PRIVATE_KEY|_PWD)[A-Z0-9_]*=("[^"]*"|'[^']*'|[^\s\x00]+))re",
    // {"password": "x"}, and with \" inside of other quotes; one that was cut off has no end.
    R"re((?is)["'][a-z0-9_.-]*(?:password|passwd|passphrase|secret|token|api[-_]?key|access[-_]?key|secret[-_]?key|private[-_]?key)["']\s*:\s*("(?:[^"\\]|\\.)*(?:"|\\?$)|'(?:[^'\\]|\\.)*(?:'|\\?$)|[^\s,}\]"'\\]+))re",
    R"re((?i)\\"[a-z0-9_.-]*(?:password|passwd|passphrase|secret|token|api[-_]?key|access[-_]?key|secret[-_]?key|private[-_]?key)\\"\s*:\s*\\"([^"\\]+))re",
    // X-Api-Key: x, Private-Token: x; of one word only behind curl's -H.
    R"re((?i)(?:(?:^|[\s"'=]|-H)(?:[a-z0-9]+[-_])+|-H\s*["']?|--header[\s=]+["']?)(?:password|passwd|passphrase|secret|token|api[-_]?key|access[-_]?key|secret[-_]?key|private[-_]?key)\s*:\s*([^\s"'\x00]+))re",
    R"re((?i)(?:^|[\s"'=]|-H)(?:set-)?cookie\s*:\s*([^\s;"'\x00]+(?:;\s*[^\s;"'\x00]+)*))re",
    // Elsewhere -p is a port.
    R"re((?:^|[\s/])(?:mysql|mysqldump|mysqladmin|mysqlimport|mysqlcheck|mysqlshow|mariadb|mariadb-dump|mariadb-admin)\s(?:.*?\s)?-p([^\s\x00]+))re",
    R"re((?:^|[\s/])sshpass\s(?:.*?\s)?-p\s*([^\s\x00]+))re",
    // openssl -passin pass:x
    R"re((?:^|\s)pass:([^\s\x00]+))re",
    R"re((?i)\b(?:proxy-)?authorization\s*[:=]\s*(?:(?:basic|bearer|digest|token|negotiate)\s+)?([^\s"'\x00]+))re",
    // curl -u name:x
    R"re((?:^|[\s/])curl\s(?:.*?\s)?(?:-u|--user)[\s=]*[^\s:\x00]+:([^\s\x00]+))re",
    // postgres://name:x@host
    R"re((?i)\b[a-z][a-z0-9+.-]*://[^\s/:@\x00]*:([^\s/@\x00]+)@)re",
});

// Where what is left of a text lies in that text.
class Places {
 public:
  // `hidden` in order, apart from each other; a marker stands for each.
  explicit Places(std::span<const SecretPart> hidden) {
    std::size_t shift = 0;  // by which what is shown is behind, modulo the size of numbers
    for (const SecretPart& part : hidden) {
      markers_.push_back({part.begin + shift, part});
      shift += k_redacted.size() - (part.end - part.begin);
    }
  }
  // Of a marker the text that it stands for, from the beginning or to the end.
  [[nodiscard]] std::size_t begin_of(std::size_t at) const { return find(at, false); }
  [[nodiscard]] std::size_t end_of(std::size_t at) const { return find(at, true); }

 private:
  struct Marker {
    std::size_t at = 0;
    SecretPart of;
  };

  [[nodiscard]] std::size_t find(std::size_t at, bool to_end) const {
    // As an end it is that of what is in front of a marker.
    const auto behind =
        std::ranges::upper_bound(markers_, to_end && at != 0 ? at - 1 : at, {}, &Marker::at);
    if (behind == markers_.begin()) return at;
    const Marker& marker = *std::prev(behind);
    if (at < marker.at + k_redacted.size()) return to_end ? marker.of.end : marker.of.begin;
    return marker.of.end + (at - marker.at - k_redacted.size());
  }

  std::vector<Marker> markers_;
};

std::string without(std::string_view text, std::span<const SecretPart> hidden) {
  std::string out;
  std::size_t from = 0;
  for (const SecretPart& part : hidden) {
    out += text.substr(from, part.begin - from);
    out += k_redacted;
    from = part.end;
  }
  out += text.substr(from);
  return out;
}

void put_in_order(std::vector<SecretPart>& parts) {
  std::ranges::sort(parts, {},
                    [](const SecretPart& part) { return std::pair(part.begin, part.end); });
  std::size_t kept = 0;
  for (const SecretPart& part : parts) {
    if (kept != 0 && part.begin < parts[kept - 1].end) {
      parts[kept - 1].end = std::max(parts[kept - 1].end, part.end);
      parts[kept - 1].follows = parts[kept - 1].follows || part.follows;
    } else {
      parts[kept++] = part;
    }
  }
  parts.resize(kept);
}

// What the pattern hides.
void find(const RE2& pattern, std::string_view text, const Places& places,
          std::vector<SecretPart>& parts) {
  std::array<re2::StringPiece, 2> groups;
  const std::size_t wanted = pattern.NumberOfCapturingGroups() > 0 ? 2 : 1;
  const re2::StringPiece all(text.data(), text.size());
  for (std::size_t from = 0;
       from <= text.size() && pattern.Match(all, from, text.size(), RE2::UNANCHORED, groups.data(),
                                            static_cast<int>(wanted));) {
    const re2::StringPiece& match = groups[0];
    const re2::StringPiece& secret =
        groups[wanted - 1].data() != nullptr ? groups[wanted - 1] : match;
    const auto at = static_cast<std::size_t>(match.data() - text.data());
    if (!secret.empty()) {
      const auto begin = static_cast<std::size_t>(secret.data() - text.data());
      parts.push_back({.begin = places.begin_of(begin),
                       .end = places.end_of(begin + secret.size()),
                       .follows = at < begin});
    }
    from = at + std::max<std::size_t>(match.size(), 1);
  }
}

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
  bool names = false;             // of variables tell, too
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
    made->names = made->names || pattern == k_default;
    if (!known) return fail(Errc::usage, in_quotes(pattern) + " is no pattern");
  }
  if (made->each.empty() || !made->any->Compile()) made->any.reset();
  return Redactor(std::move(made));
}

std::vector<SecretPart> Redactor::hidden(std::string_view text) const {
  std::vector<SecretPart> found;
  if (patterns_->each.empty()) return found;
  if (patterns_->any) {
    // A set that runs out of memory says so by an error, and "nothing" must not be taken for an
    // answer then.
    RE2::Set::ErrorInfo error{};
    if (!patterns_->any->Match(re2::StringPiece(text.data(), text.size()), nullptr, &error) &&
        error.kind == RE2::Set::kNoError)
      return found;
  }
  // Each sees what those before it have left.
  std::string left;
  std::string_view current = text;
  for (const auto& pattern : patterns_->each) {
    const std::size_t before = found.size();
    find(*pattern, current, Places(std::span(found).first(before)), found);
    if (found.size() == before) continue;
    put_in_order(found);
    left = without(text, found);
    current = left;
  }
  return found;
}

std::string_view Redactor::apply(std::string_view text, std::string& scratch) const {
  const std::vector<SecretPart> found = hidden(text);
  if (found.empty()) return text;
  scratch = without(text, found);
  return scratch;
}

std::string_view Redactor::apply_to_environment(std::string_view list, std::string& scratch) const {
  scratch.clear();
  for (std::string_view rest = list; !rest.empty();) {
    const std::string_view variable = rest.substr(0, rest.find('\0'));
    const bool is_cut = variable.size() == rest.size();
    scratch += without(variable, hidden_of_variable(variable, is_cut));
    rest.remove_prefix(variable.size());
    if (is_cut) break;
    scratch += '\0';
    rest.remove_prefix(1);
  }
  return scratch;
}

std::vector<SecretPart> Redactor::hidden_of_variable(std::string_view variable, bool is_cut) const {
  const std::size_t sign = variable.find('=');
  std::vector<SecretPart> found;
  if (sign == std::string_view::npos || sign + 1 == variable.size()) return hidden(variable);
  // Whatever blanks and quotes the value has: no shell has to read it any more.
  if (patterns_->names && is_secret_name(variable.substr(0, sign)))
    return {{.begin = sign + 1, .end = variable.size(), .follows = true}};
  found = hidden(variable);
  // A name and a password, as far as they are there, while the @ behind them is not.
  const std::size_t url = variable.find("://", sign);
  if (patterns_->names && is_cut && url != std::string_view::npos &&
      variable.find('@', url) == std::string_view::npos && url + 3 < variable.size())
    found.push_back({.begin = url + 3, .end = variable.size(), .follows = true});
  put_in_order(found);
  return found;
}

std::string_view Redactor::apply_to_list(std::string_view list, std::string& scratch) const {
  std::string joined(list);
  std::ranges::replace(joined, '\0', ' ');
  const std::vector<SecretPart> found = hidden(joined);
  if (found.empty()) return list;
  scratch.clear();
  std::size_t from = 0;
  for (const SecretPart& part : found) {
    if (part.end <= from) continue;  // in an element that is hidden already
    const std::size_t begin = std::max(part.begin, from);
    scratch += list.substr(from, begin - from);
    from = part.end;
    // What follows a name is the whole element, whatever blanks it has.
    const bool whole = part.follows && begin != 0 && list[begin - 1] == '\0';
    if (whole) from = std::max(from, std::min(list.find('\0', begin), list.size()));
    std::string_view rest = list.substr(begin, from - begin);
    while (!rest.empty()) {
      const std::size_t size = std::min(rest.find('\0'), rest.size());
      if (size != 0) scratch += k_redacted;
      if (size != rest.size()) scratch += '\0';
      rest.remove_prefix(std::min(size + 1, rest.size()));
    }
  }
  scratch += list.substr(from);
  return scratch;
}

rules::TextChange without_secrets(const Redactor& redactor, std::string& scratch) {
  return {.text = [&](std::string_view text) { return redactor.apply(text, scratch); },
          .list = [&](std::string_view list) { return redactor.apply_to_list(list, scratch); },
          .environment =
              [&](std::string_view list) { return redactor.apply_to_environment(list, scratch); }};
}

}  // namespace gancho
