// SPDX-License-Identifier: Apache-2.0
#include "rules/rule_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/read_file.h"
#include "rules/read_items.h"

namespace gancho::rules {
namespace {

namespace fs = std::filesystem;

// The rules of the world are a tenth of it; what is more takes seconds to read.
constexpr std::size_t k_most_bytes_of_all = std::size_t{4} << 20U;

Result<std::vector<std::string>> files_in(const fs::path& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename();
    const std::string extension = entry->path().extension();
    std::error_code ignored;
    // A dot: what editors leave beside a file.
    if ((extension == ".yaml" || extension == ".yml") && !name.starts_with('.') &&
        !entry->is_directory(ignored))
      files.push_back(entry->path());
  }
  if (error) return fail_errno(folder, error.value());
  if (files.empty())
    return fail(Errc::input, folder.string() + ": no rule files in this folder (*.yaml)");
  std::ranges::sort(files);
  return files;
}

// `read` is for the files that are named.
Result<std::vector<RuleFile>> read_all(std::span<const std::string> names,
                                       Result<std::string> (*read)(const std::string& path,
                                                                   std::size_t max_bytes)) {
  std::vector<RuleFile> files;
  std::size_t bytes = 0;
  const auto take_file = [&](const std::string& path, const auto& read_it) -> Status {
    std::string text = TRY(read_it(path, k_most_bytes));
    bytes += text.size();
    if (bytes > k_most_bytes_of_all)
      return fail(Errc::input, fmt::format("{}: the rule files are more than {} MiB together", path,
                                           k_most_bytes_of_all >> 20U));
    files.push_back({path == "-" ? "standard input" : path, std::move(text)});
    return {};
  };
  for (const std::string& name : names) {
    std::error_code ignored;
    if (fs::is_directory(name, ignored))
      for (const std::string& path : TRY(files_in(name))) TRY(take_file(path, read_regular_file));
    else
      TRY(take_file(name, read));
  }
  return files;
}

// "12\n" in front of what has 12 bytes.
bool take(std::string_view& bundle, std::string& out) {
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(bundle.data(), bundle.data() + bundle.size(), size);
  if (error != std::errc() || end == bundle.data() + bundle.size() || *end != '\n') return false;
  bundle.remove_prefix(static_cast<std::size_t>(end - bundle.data()) + 1);
  if (size > bundle.size()) return false;
  out = bundle.substr(0, size);
  bundle.remove_prefix(size);
  return true;
}

}  // namespace

Result<std::vector<RuleFile>> read_rule_files(std::span<const std::string> names) {
  return read_all(names, read_regular_file);
}

Result<std::vector<RuleFile>> read_rule_files_or_pipes(std::span<const std::string> names) {
  return read_all(names, read_file);
}

std::string write_bundle(std::span<const RuleFile> files) {
  std::string bundle;
  for (const RuleFile& file : files)
    bundle += fmt::format("{}\n{}{}\n{}", file.name.size(), file.name, file.text.size(), file.text);
  return bundle;
}

std::optional<std::vector<RuleFile>> read_bundle(std::string_view bundle) {
  std::vector<RuleFile> files;
  while (!bundle.empty()) {
    RuleFile& file = files.emplace_back();
    if (!take(bundle, file.name) || !take(bundle, file.text)) return std::nullopt;
  }
  return files;
}

}  // namespace gancho::rules
