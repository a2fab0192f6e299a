// SPDX-License-Identifier: Apache-2.0
#include "rules/mode_names.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/bytes.h"
#include "event/capability_names.h"
#include "event/names.h"

namespace gancho::rules {
namespace {

constexpr auto k_modes = std::to_array<NamedNumber>({
    {S_ISUID, "S_ISUID"},
    {S_ISGID, "S_ISGID"},
    {S_ISVTX, "S_ISVTX"},
    {S_IRUSR, "S_IRUSR"},
    {S_IWUSR, "S_IWUSR"},
    {S_IXUSR, "S_IXUSR"},
    {S_IRGRP, "S_IRGRP"},
    {S_IWGRP, "S_IWGRP"},
    {S_IXGRP, "S_IXGRP"},
    {S_IROTH, "S_IROTH"},
    {S_IWOTH, "S_IWOTH"},
    {S_IXOTH, "S_IXOTH"},
});
static_assert(longest(k_modes) <= k_mode_names_max);

// Each with a blank; those without a name are seven bytes long.
static_assert([] {
  std::size_t all = k_decimal_max + (64 - k_capabilities.size()) * 7;
  for (const std::string_view name : k_capabilities) all += name.size() + 1;
  return all <= k_capability_names_max;
}());

}  // namespace

char* write_mode_names(char* out, std::uint32_t mode) {
  return write_named_flags(out, k_modes, mode & 07777U);
}

char* write_capability_names(char* out, std::uint64_t mask) {
  bool first = true;
  for (std::size_t i = 0; i < 64; ++i) {
    if ((mask >> i & 1) == 0) continue;
    if (!first) *out++ = ' ';
    first = false;
    if (i < k_capabilities.size()) {
      out += k_capabilities[i].copy(out, k_capabilities[i].size());
    } else {
      out += std::string_view("CAP_").copy(out, 4);
      out = write_decimal(out, std::uint64_t{i});
    }
  }
  return out;
}

}  // namespace gancho::rules
