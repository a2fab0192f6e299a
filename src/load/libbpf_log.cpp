// SPDX-License-Identifier: Apache-2.0
#include "load/libbpf_log.h"

#include <bpf/libbpf.h>

#include <cstdarg>
#include <cstdio>
#include <utility>

namespace gancho {
namespace {

constexpr std::size_t k_kept = 64U << 10;
thread_local std::string t_log;

[[gnu::format(printf, 2, 0)]] int keep(libbpf_print_level level, const char* format,
                                       va_list arguments) {
  if (level == LIBBPF_DEBUG) return 0;
  va_list again;
  va_copy(again, arguments);
  const int length = std::vsnprintf(nullptr, 0, format, arguments);
  if (length > 0) {
    // The verifier's whole walk may come as one message, and its end is the reason.
    std::string line(static_cast<std::size_t>(length), '\0');
    (void)std::vsnprintf(line.data(), line.size() + 1, format, again);
    t_log += line;
  }
  va_end(again);
  if (t_log.size() > k_kept) t_log.erase(0, t_log.size() - k_kept);
  return 0;
}

}  // namespace

void capture_libbpf_log() {
  libbpf_set_print(keep);
}

std::string take_libbpf_log() {
  return std::exchange(t_log, {});
}

}  // namespace gancho
